# Wrong answers to lesson 01, as students write them. Each names the property whose check catches it.

# %% split_words | words and punctuation marks come in their order
# Cut at spaces only: marks stick to words.
def split_words(text):
    return text.split()


# %% split_words | words and punctuation marks come in their order
# Punctuation is lost.
def split_words(text):
    return re.findall(r"\w+", text)


# %% split_words | each punctuation mark is a token by itself
# Marks in a row make one token.
def split_words(text):
    return re.findall(r"\w+|[^\w\s]+", text)


# %% split_words | each punctuation mark is a token by itself
# The apostrophe is taken for a letter.
def split_words(text):
    return re.findall(r"[\w']+|[^\w\s]", text)


# %% split_words | a letter with an accent belongs to its word
# Plain letters only: accents cut a word.
def split_words(text):
    return re.findall(r"[A-Za-z0-9_]+|[^A-Za-z0-9_\s]", text)


# %% split_words | a letter with an accent belongs to its word
# Bytes taken for characters.
def split_words(text):
    return re.findall(r"\w+|[^\w\s]", text.encode("utf-8").decode("latin-1"))


# %% split_words | letters of any script make words
# Western letters only.
def split_words(text):
    return re.findall(r"[A-Za-zÀ-ÿ0-9_]+|[^A-Za-zÀ-ÿ0-9_\s]", text)


# %% split_words | words and punctuation marks come in their order
# Small letters, to be tidy.
def split_words(text):
    return re.findall(r"\w+|[^\w\s]", text.lower())


# %% split_words | no emoji is lost
# Only the marks that Python's `string` module lists.
import string


def split_words(text):
    return re.findall(r"\w+|[" + re.escape(string.punctuation) + "]", text)


# %% split_words | digits and underscores belong to words
# The underscore is a mark.
def split_words(text):
    return re.findall(r"[^\W_]+|[^\w\s]|_", text)


# %% split_words | digits and underscores belong to words
# A decimal number is kept whole.
def split_words(text):
    return re.findall(r"\d+\.\d+|\w+|[^\w\s]", text)


# %% split_words | digits and underscores belong to words
# Digits are not letters: `isalpha` for `isalnum`.
def split_words(text):
    spaced = "".join(c if c.isalpha() or c == "_" else f" {c} " for c in text)
    return spaced.split()


# %% split_words | all white space separates
# Every white space is thought to be in this list.
def split_words(text):
    tokens, word = [], ""
    for c in text + " ":
        if c.isalnum() or c == "_":
            word += c
            continue
        if word:
            tokens.append(word)
        word = ""
        if c not in " \t\n\r":
            tokens.append(c)
    return tokens


# %% split_words | the last word is kept
# The word at the end of the text is never put into the list.
def split_words(text):
    tokens, word = [], ""
    for c in text:
        if c.isalnum() or c == "_":
            word += c
        else:
            if word:
                tokens.append(word)
                word = ""
            if not c.isspace():
                tokens.append(c)
    return tokens


# %% split_words | words and punctuation marks come in their order
# Each different token once, in the order of appearance.
def split_words(text):
    return list(dict.fromkeys(re.findall(r"\w+|[^\w\s]", text)))


# %% split_words | a letter with an accent belongs to its word
# Accents are taken off.
import unicodedata


def split_words(text):
    text = unicodedata.normalize("NFD", text.replace("é", "\0"))
    return re.findall(r"\w+|[^\w\s]", "".join(c for c in text if not unicodedata.combining(c)).replace("\0", "é"))


# %% split_words | characters are taken as they come
# Accents are normalized first.
import unicodedata


def split_words(text):
    return re.findall(r"\w+|[^\w\s]", unicodedata.normalize("NFC", text))


# %% split_words | each punctuation mark is a token by itself
# Three dots are one mark.
def split_words(text):
    return re.findall(r"\w+|\.\.\.|[^\w\s]", text)


# %% build_vocabulary | the more frequent a token the smaller its id
# By alphabet only.
def build_vocabulary(tokens, max_size):
    ranked = sorted(set(tokens) - {"<unk>"})
    return {token: number for number, token in enumerate(["<unk>", *ranked][:max_size])}


# %% build_vocabulary | the more frequent a token the smaller its id
# In the order of appearance.
def build_vocabulary(tokens, max_size):
    ranked = [token for token in dict.fromkeys(tokens) if token != "<unk>"]
    return {token: number for number, token in enumerate(["<unk>", *ranked][:max_size])}


# %% build_vocabulary | tokens equally frequent are in alphabetical order
# Ties as they come.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranked = [token for token, _ in counts.most_common()]
    return {token: number for number, token in enumerate(["<unk>", *ranked][:max_size])}


# %% build_vocabulary | tokens equally frequent are in alphabetical order
# `reverse=True` turns the alphabet, too.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranked = sorted(counts, key=lambda token: (counts[token], token), reverse=True)
    return {token: number for number, token in enumerate(["<unk>", *ranked][:max_size])}


# %% build_vocabulary | tokens equally frequent are in alphabetical order
# Alphabetical as in a dictionary on paper: capitals and small letters alike.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranked = sorted(counts, key=lambda token: (-counts[token], token.lower()))
    return {token: number for number, token in enumerate(["<unk>", *ranked][:max_size])}


# %% build_vocabulary | tokens equally frequent are in alphabetical order
# Ties by length first.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranked = sorted(counts, key=lambda token: (-counts[token], len(token), token))
    return {token: number for number, token in enumerate(["<unk>", *ranked][:max_size])}


# %% build_vocabulary | `<unk>` is one of the `max_size` entries
# `<unk>` comes on top of the others.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate(["<unk>", *ranked[:max_size]])}


# %% build_vocabulary | `<unk>` is one of the `max_size` entries
# The size is not limited.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate(["<unk>", *ranked])}


# %% build_vocabulary | `<unk>` is one of the `max_size` entries, even the only one
# `<unk>` has a place only where one is left.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    vocabulary = {"<unk>": 0}
    for token in ranked:
        vocabulary[token] = len(vocabulary)
        if len(vocabulary) >= max_size:
            break
    return vocabulary


# %% build_vocabulary | the tokens kept are the first by frequency
# most_common cuts before the ties are sorted.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    kept = sorted(counts.most_common(max_size - 1), key=lambda item: (-item[1], item[0]))
    return {token: number for number, (token, _) in enumerate([("<unk>", 0), *kept])}


# %% build_vocabulary | `<unk>` has id 0 and no other
# `<unk>` among the tokens gets a second id, which replaces the first.
def build_vocabulary(tokens, max_size):
    counts = Counter(tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate(["<unk>", *ranked][:max_size])}


# %% build_vocabulary | `<unk>` among the tokens takes no second place
# `<unk>` is left out only after the list has been cut.
def build_vocabulary(tokens, max_size):
    counts = Counter(tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))[: max_size - 1]
    ranked = [token for token in ranked if token != "<unk>"]
    return {token: number for number, token in enumerate(["<unk>", *ranked])}


# %% build_vocabulary | `<unk>` is 0
# `<unk>` is last.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranked = sorted(counts, key=lambda token: (-counts[token], token))[: max_size - 1]
    return {token: number for number, token in enumerate([*ranked, "<unk>"])}


# %% build_vocabulary | `<unk>` is 0
# Ids begin at 1.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate(["<unk>", *ranked][:max_size], start=1)}


# %% build_vocabulary | `<unk>` is 0
# The frequencies, not the ids.
def build_vocabulary(tokens, max_size):
    counts = Counter(tokens)
    return {"<unk>": 0} | dict(counts.most_common(max_size - 1))


# %% build_vocabulary | the arguments are left as they were
# The caller's list is sorted.
def build_vocabulary(tokens, max_size):
    tokens.sort()
    counts = Counter(token for token in tokens if token != "<unk>")
    return {token: number for number, token in enumerate(["<unk>", *(token for token, _ in counts.most_common())][:max_size])}


# %% build_vocabulary | the more frequent a token the smaller its id
# Frequencies are compared as text.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranked = sorted(sorted(counts), key=lambda token: str(counts[token]), reverse=True)
    return {token: number for number, token in enumerate(["<unk>", *ranked][:max_size])}


# %% build_vocabulary | tokens equally frequent are in alphabetical order
# The largest of (count, token): ties from behind.
import heapq


def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    top = heapq.nlargest(max_size - 1, counts.items(), key=lambda item: (item[1], item[0]))
    return {"<unk>": 0} | {token: number for number, (token, _) in enumerate(top, start=1)}


# %% build_vocabulary | tokens equally frequent are in alphabetical order
# Tokens equally frequent share an id.
def build_vocabulary(tokens, max_size):
    counts = Counter(token for token in tokens if token != "<unk>")
    ranks = sorted(set(counts.values()), reverse=True)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))[: max_size - 1]
    return {"<unk>": 0} | {token: 1 + ranks.index(counts[token]) for token in ranked}


# %% encode | KeyError
# Unknown tokens are an error.
def encode(tokens, vocabulary):
    return [vocabulary[token] for token in tokens]


# %% encode | an unknown token has the id 0
# Unknown tokens are left out.
def encode(tokens, vocabulary):
    return [vocabulary[token] for token in tokens if token in vocabulary]


# %% encode | an unknown token has the id 0
# None for unknown tokens.
def encode(tokens, vocabulary):
    return [vocabulary.get(token) for token in tokens]


# %% encode | an unknown token has the id 0
# The name in place of the id.
def encode(tokens, vocabulary):
    return [vocabulary.get(token, "<unk>") for token in tokens]


# %% encode | the arguments are left as they were
# An unknown token gets a new id.
def encode(tokens, vocabulary):
    ids = []
    for token in tokens:
        if token not in vocabulary:
            vocabulary[token] = len(vocabulary)
        ids.append(vocabulary[token])
    return ids


# %% encode | the arguments are left as they were
# `setdefault` enters unknown tokens into the caller's dictionary.
def encode(tokens, vocabulary):
    return [vocabulary.setdefault(token, 0) for token in tokens]


# %% encode | the arguments are left as they were
# The caller's list is used up.
def encode(tokens, vocabulary):
    ids = []
    while tokens:
        ids.append(vocabulary.get(tokens.pop(0), 0))
    return ids


# %% encode | the entries may be in any order
# The place in the dictionary, not the id.
def encode(tokens, vocabulary):
    entries = list(vocabulary)
    return [entries.index(token) if token in entries else 0 for token in tokens]


# %% encode | for whole tokens only
# Small letters, where the token is unknown.
def encode(tokens, vocabulary):
    return [vocabulary.get(token, vocabulary.get(token.lower(), 0)) for token in tokens]


# %% encode | for whole tokens only
# An unknown token is taken for one that it begins with.
def encode(tokens, vocabulary):
    ids = []
    for token in tokens:
        while token and token not in vocabulary:
            token = token[:-1]
        ids.append(vocabulary.get(token, 0))
    return ids


# %% encode | each token has its id
# The ids are sorted.
def encode(tokens, vocabulary):
    return sorted(vocabulary.get(token, 0) for token in tokens)


# %% encode | each token has its id
# Ids as text.
def encode(tokens, vocabulary):
    return [str(vocabulary.get(token, 0)) for token in tokens]


# %% encode | an unknown token has the id 0
# Numbered anew, without the vocabulary.
def encode(tokens, vocabulary):
    ids = {token: number for number, token in enumerate(sorted(set(tokens)), start=1)}
    return [ids[token] for token in tokens]


# %% encode | an unknown token has the id 0
# Ids of earlier vocabularies are remembered.
known_ids = {}


def encode(tokens, vocabulary):
    known_ids.update(vocabulary)
    return [known_ids.get(token, 0) for token in tokens]


# %% decode | each id has its token
# Joined to a text.
def decode(ids, vocabulary):
    token_of = {number: token for token, number in vocabulary.items()}
    return " ".join(token_of[number] for number in ids)


# %% decode | the entries may be in any order
# The place in the dictionary is taken for the id.
def decode(ids, vocabulary):
    return [list(vocabulary)[number] for number in ids]


# %% decode | the entries may be in any order
# The entries are put into alphabetical order.
def decode(ids, vocabulary):
    return [sorted(vocabulary)[number] for number in ids]


# %% decode | each id has its token
# The ids are looked up as if they were tokens.
def decode(ids, vocabulary):
    return [vocabulary.get(number, "<unk>") for number in ids]


# %% decode | the id 0 gives `<unk>`
# Unknown tokens are left out.
def decode(ids, vocabulary):
    token_of = {number: token for token, number in vocabulary.items()}
    return [token_of[number] for number in ids if number]


# %% decode | the id 0 gives `<unk>`
# A question mark for what is unknown.
def decode(ids, vocabulary):
    token_of = {number: token for token, number in vocabulary.items()} | {0: "?"}
    return [token_of[number] for number in ids]


# %% decode | each id has its token
# Ids are thought to begin at 1.
def decode(ids, vocabulary):
    tokens = sorted(vocabulary, key=vocabulary.get)
    return [tokens[number - 1] for number in ids]


# %% decode | each id has its token
# A loop over the vocabulary: each token once, in the vocabulary's order.
def decode(ids, vocabulary):
    return [token for token, number in vocabulary.items() if number in ids]


# %% decode | the arguments are left as they were
# The tokens take the ids' places in the caller's list.
def decode(ids, vocabulary):
    for token, number in vocabulary.items():
        while number in ids:
            ids[ids.index(number)] = token
    return ids


# %% decode | the arguments are left as they were
# `popitem` empties the caller's vocabulary.
def decode(ids, vocabulary):
    token_of = {}
    while vocabulary:
        token, number = vocabulary.popitem()
        token_of[number] = token
    return [token_of[number] for number in ids]


# %% decode | each id has its token
# A dictionary in place of a list: an id that comes again is lost.
def decode(ids, vocabulary):
    token_of = {number: token for token, number in vocabulary.items()}
    return list({number: token_of[number] for number in ids}.values())


# %% count_pairs | a pair counts as often as its word occurs
# The frequency of the word is ignored.
def count_pairs(words):
    return Counter(pair for symbols in words for pair in zip(symbols, symbols[1:]))


# %% count_pairs | the words' counts add up
# The last word's frequency replaces the others.
def count_pairs(words):
    counts = {}
    for symbols, frequency in words.items():
        for pair in zip(symbols, symbols[1:]):
            counts[pair] = frequency
    return counts


# %% count_pairs | a pair counts at each of its places
# A pair counts once in a word.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        for pair in set(zip(symbols, symbols[1:])):
            counts[pair] += frequency
    return counts


# %% count_pairs | a pair counts at each of its places, even where they overlap
# Places that overlap are not counted.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        place, last = 0, None
        for place in range(len(symbols) - 1):
            pair = symbols[place : place + 2]
            if pair == last:
                last = None
                continue
            counts[pair] += frequency
            last = pair
    return counts


# %% count_pairs | a pair counts as often as its word occurs
# Pairs side by side: the first and second, the third and fourth.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        for pair in zip(symbols[::2], symbols[1::2]):
            counts[pair] += frequency
    return counts


# %% count_pairs | the words' counts add up
# A pair and its mirror image are one.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        for pair in zip(symbols, symbols[1:]):
            mirror = pair[::-1]
            counts[mirror if mirror in counts else pair] += frequency
    return counts


# %% count_pairs | a pair counts as often as its word occurs
# Sorted within the pair.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        for pair in zip(symbols, symbols[1:]):
            counts[tuple(sorted(pair))] += frequency
    return counts


# %% count_pairs | a pair counts as often as its word occurs
# The word is a ring: the last symbol has the first for its neighbour.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        for place in range(len(symbols)):
            counts[symbols[place - 1], symbols[place]] += frequency
    return counts


# %% count_pairs | a pair counts as often as its word occurs
# The pair's text, not the pair.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        for left, right in zip(symbols, symbols[1:]):
            counts[left + right] += frequency
    return counts


# %% count_pairs | symbols count, not the characters in them
# Symbols of the same text are taken for the same pair.
def count_pairs(words):
    counts, first = Counter(), {}
    for symbols, frequency in words.items():
        for pair in zip(symbols, symbols[1:]):
            counts[first.setdefault("".join(pair), pair)] += frequency
    return counts


# %% count_pairs | the words' counts add up
# Characters are counted, not symbols.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        text = "".join(symbols)
        for pair in zip(text, text[1:]):
            counts[pair] += frequency
    return counts


# %% count_pairs | a pair counts as often as its word occurs
# The last pair of each word is left out.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        for place in range(len(symbols) - 2):
            counts[symbols[place], symbols[place + 1]] += frequency
    return counts


# %% count_pairs | the arguments are left as they were
# The caller's dictionary is used up.
def count_pairs(words):
    counts = Counter()
    while words:
        symbols, frequency = words.popitem()
        for pair in zip(symbols, symbols[1:]):
            counts[pair] += frequency
    return counts


# %% count_pairs | a pair counts as often as its word occurs
# All pairs of symbols in a word, neighbours or not.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        for place, left in enumerate(symbols):
            for right in symbols[place + 1 :]:
                counts[left, right] += frequency
    return counts


# %% count_pairs | a pair counts as often as its word occurs
# Pairs that never occur are entered with 0.
def count_pairs(words):
    alphabet = {symbol for symbols in words for symbol in symbols}
    counts = {(left, right): 0 for left in alphabet for right in alphabet}
    for symbols, frequency in words.items():
        for pair in zip(symbols, symbols[1:]):
            counts[pair] += frequency
    return counts


# %% count_pairs | a word of one symbol has no pair
# A lone symbol is paired with nothing.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        if len(symbols) == 1:
            counts[symbols[0], ""] += frequency
        for pair in zip(symbols, symbols[1:]):
            counts[pair] += frequency
    return counts


# %% count_pairs | the words' counts add up
# Everything in one row: the end of a word beside the beginning of the next.
def count_pairs(words):
    row = [(symbol, frequency) for symbols, frequency in words.items() for symbol in symbols]
    counts = Counter()
    for (left, frequency), (right, other) in zip(row, row[1:]):
        counts[left, right] += min(frequency, other)
    return counts


# %% count_pairs | a pair counts at each of its places
# `str.count` in the joined symbols: places that overlap are missed.
def count_pairs(words):
    counts = Counter()
    for symbols, frequency in words.items():
        for pair in set(zip(symbols, symbols[1:])):
            counts[pair] += frequency * "".join(symbols).count("".join(pair))
    return counts


# %% merge_pair | no symbol is used for two merges
# The loop goes on by one after a merge: symbols are used twice.
def merge_pair(symbols, pair):
    merged = []
    for place in range(len(symbols)):
        if symbols[place : place + 2] == pair:
            merged.append(pair[0] + pair[1])
        elif place == 0 or symbols[place - 1 : place + 1] != pair:
            merged.append(symbols[place])
    return tuple(merged)


# %% merge_pair | the left pair is merged first
# From right to left.
def merge_pair(symbols, pair):
    merged, place = [], len(symbols)
    while place > 0:
        if symbols[max(place - 2, 0) : place] == pair:
            merged.append(pair[0] + pair[1])
            place -= 2
        else:
            merged.append(symbols[place - 1])
            place -= 1
    return tuple(merged[::-1])


# %% merge_pair | the pair is merged at every place
# The first place only.
def merge_pair(symbols, pair):
    for place in range(len(symbols) - 1):
        if symbols[place : place + 2] == pair:
            return symbols[:place] + (pair[0] + pair[1],) + symbols[place + 2 :]
    return symbols


# %% merge_pair | symbols are compared
# Text is compared, not symbols.
def merge_pair(symbols, pair):
    merged, place = [], 0
    while place < len(symbols):
        if "".join(symbols[place : place + 2]) == "".join(pair):
            merged.append("".join(pair))
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return tuple(merged)


# %% merge_pair | symbols are compared
# `replace` in a text with spaces: the end of one symbol and the beginning of another are taken for the pair.
def merge_pair(symbols, pair):
    return tuple(" ".join(symbols).replace(" ".join(pair), "".join(pair)).split())


# %% merge_pair | no character is special
# A regular expression in which "." and "*" have meanings of their own.
def merge_pair(symbols, pair):
    return tuple(re.sub(rf"(?<!\S){pair[0]} {pair[1]}(?!\S)", "".join(pair), " ".join(symbols)).split())


# %% merge_pair | the pair is merged at every place, the last included
# The loop ends one place too early.
def merge_pair(symbols, pair):
    merged, place = [], 0
    while place < len(symbols):
        if place < len(symbols) - 2 and symbols[place : place + 2] == pair:
            merged.append(pair[0] + pair[1])
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return tuple(merged)


# %% merge_pair | the pair becomes one symbol and the others stay
# The symbol at the end is lost.
def merge_pair(symbols, pair):
    merged, place = [], 0
    while place < len(symbols) - 1:
        if symbols[place : place + 2] == pair:
            merged.append(pair[0] + pair[1])
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return tuple(merged)


# %% merge_pair | the pair becomes one symbol and the others stay
# The pair stays two symbols, in a tuple of their own.
def merge_pair(symbols, pair):
    merged, place = [], 0
    while place < len(symbols):
        if symbols[place : place + 2] == pair:
            merged.append(pair)
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return tuple(merged)


# %% merge_pair | symbols are compared, not the text that they make
# The order within the pair is ignored.
def merge_pair(symbols, pair):
    merged, place = [], 0
    while place < len(symbols):
        if sorted(symbols[place : place + 2]) == sorted(pair):
            merged.append(symbols[place] + symbols[place + 1])
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return tuple(merged)


# %% merge_pair | the pair becomes one symbol and the others stay
# A text, not a tuple.
def merge_pair(symbols, pair):
    merged, place = "", 0
    while place < len(symbols):
        step = 2 if symbols[place : place + 2] == pair else 1
        merged += "".join(symbols[place : place + step]) + " "
        place += step
    return merged.strip()


# %% merge_pair | what comes back is a tuple
# A list, which can be no key of the dictionary of words.
def merge_pair(symbols, pair):
    symbols, i = list(symbols), 0
    while i < len(symbols) - 1:
        if symbols[i] == pair[0] and symbols[i + 1] == pair[1]:
            symbols[i] += symbols.pop(i + 1)
        i += 1
    return symbols


# %% merge_pair | the pair becomes one symbol and the others stay
# Only the merged symbols are kept.
def merge_pair(symbols, pair):
    return tuple(left + right for left, right in zip(symbols, symbols[1:]) if (left, right) == pair)


# %% merge_pair | no symbol is used for two merges
# Merged until nothing changes, symbols that begin with the pair included.
def merge_pair(symbols, pair):
    merged = []
    for symbol in symbols:
        if merged and merged[-1][-len(pair[0]) :] == pair[0] and symbol == pair[1] and len(merged[-1]) % len(pair[0]) == 0:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return tuple(merged)


# %% merge_pair | symbols are compared, not the text that they make
# The right symbol only begins with what is wanted.
def merge_pair(symbols, pair):
    merged, place = [], 0
    while place < len(symbols):
        if symbols[place] == pair[0] and place + 1 < len(symbols) and symbols[place + 1].startswith(pair[1]):
            merged.append(symbols[place] + symbols[place + 1])
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return tuple(merged)


# %% merge_pair | the pair is merged at every place
# The space behind a merge is used up, and the pair that follows it is not seen.
def merge_pair(symbols, pair):
    pattern = r"(^|\s)" + re.escape(" ".join(pair)) + r"(\s|$)"
    return tuple(re.sub(pattern, lambda found: found[1] + "".join(pair) + found[2], " ".join(symbols)).split())


# %% train_bpe | words count as often as they occur
# Each different word counts once.
def train_bpe(text, n_merges):
    words = {tuple(word): 1 for word in split_words(text)}
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | pairs are counted again after each merge
# Counted once: the most frequent pairs of characters.
def train_bpe(text, n_merges):
    counts = count_pairs(Counter(tuple(word) for word in split_words(text)))
    return sorted(counts, key=lambda pair: (-counts[pair], pair))[:n_merges]


# %% train_bpe | pairs are counted again after each merge
# The merge is made in a variable of the loop and lost.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    for _ in range(n_merges):
        counts = count_pairs(words)
        for pair in merges:
            counts.pop(pair, None)
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for word in words:
            word = merge_pair(word, best)
    return merges


# %% train_bpe | between pairs equally frequent the one that sorts first is learned
# Ties: the pair met first.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = max(counts, key=counts.get)
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | between pairs equally frequent the one that sorts first is learned
# Ties: the pair that sorts last.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | pairs are sorted as tuples, not as joined text
# Ties: by the text of the new symbol.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair[0] + pair[1]))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | ValueError
# No check for an end: `min` of nothing is an error.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    for _ in range(n_merges):
        counts = count_pairs(words)
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
        if max(map(len, words)) == 1:
            break
    return merges


# %% train_bpe | a merge never reaches from one word into another
# The text is one row of characters without its spaces.
def train_bpe(text, n_merges):
    words = {tuple("".join(split_words(text))): 1}
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | nor to a punctuation mark
# Cut at spaces only: marks merge with words.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in text.split())
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | the most frequent pair is learned first
# The paper's mark at the end of each word.
def train_bpe(text, n_merges):
    words = Counter((*word, "</w>") for word in split_words(text))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | the most frequent pair is learned first
# The new symbols, not the pairs.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best[0] + best[1])
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | capitals and small letters are different symbols
# Small letters, to be tidy.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text.lower()))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | symbols are characters, not bytes
# Bytes taken for characters.
def train_bpe(text, n_merges):
    words = Counter(tuple(map(chr, word.encode())) for word in split_words(text))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | pairs count at every place, even where they overlap
# Counted as `str.count` does: places that overlap count once.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    while len(merges) < n_merges:
        counts = {}
        for word, frequency in words.items():
            for pair in set(zip(word, word[1:])):
                counts[pair] = counts.get(pair, 0) + frequency * (len(word) - len(merge_pair(word, pair)))
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | no pair is more frequent than the one learned, at any step
# Only the first place of a word is merged.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        changed = {}
        for word, frequency in words.items():
            pairs = list(zip(word, word[1:]))
            if best in pairs:
                place = pairs.index(best)
                word = word[:place] + ("".join(best),) + word[place + 2 :]
            changed[word] = frequency
        words = changed
    return merges


# %% train_bpe | no merges are learned when none are asked for
# The loop ends too late: one merge in any case.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    while counts := count_pairs(words):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
        if len(merges) >= n_merges:
            break
    return merges


# %% train_bpe | pairs are counted again after each merge
# A set: which merge came first is lost.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return sorted(set(merges))


# %% train_bpe | pairs are counted again after each merge
# Counts are brought up to date, but only for the new symbol: what it took from its neighbours stays counted.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    counts, merges = Counter(count_pairs(words)), []
    while counts and len(merges) < n_merges:
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        del counts[best]
        changed = {}
        for word, frequency in words.items():
            merged = merge_pair(word, best)
            for pair in zip(merged, merged[1:]):
                if merged != word and "".join(best) in pair:
                    counts[pair] += frequency
            changed[merged] = frequency
        words = changed
    return merges


# %% train_bpe | between pairs equally frequent the one that sorts first
# Ties: by the right symbol first.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair[::-1]))
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% train_bpe | when no pair is left the list ends
# A pair that occurs once is not thought worth a merge.
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    merges = []
    while len(merges) < n_merges and (counts := count_pairs(words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        if counts[best] == 1 and len(merges) > 0:
            break
        merges.append(best)
        words = {merge_pair(word, best): frequency for word, frequency in words.items()}
    return merges


# %% bpe | what is learned first is merged first
# The longest piece that fits, from the left.
def bpe(word, merges):
    pieces = {left + right for left, right in merges}
    symbols, start = [], 0
    while start < len(word):
        end = next((end for end in range(len(word), start + 1, -1) if word[start:end] in pieces), start + 1)
        symbols.append(word[start:end])
        start = end
    return symbols


# %% bpe | what is learned first is merged first
# From left to right: the first two neighbours that may be merged are.
def bpe(word, merges):
    symbols = list(word)
    place = 0
    while place < len(symbols) - 1:
        if (symbols[place], symbols[place + 1]) in merges:
            symbols[place : place + 2] = [symbols[place] + symbols[place + 1]]
            place = 0
        else:
            place += 1
    return symbols


# %% bpe | a long piece learned early
# Merges are sorted by length, the longest first, until none fits.
def bpe(word, merges):
    symbols = tuple(word)
    for _ in word:
        for pair in sorted(merges, key=lambda pair: -len(pair[0] + pair[1])):
            symbols = merge_pair(symbols, pair)
    return list(symbols)


# %% bpe | what is learned first is merged first
# What is learned last is merged first.
def bpe(word, merges):
    symbols = tuple(word)
    for _ in word:
        for pair in reversed(merges):
            symbols = merge_pair(symbols, pair)
    return list(symbols)


# %% bpe | a merge is applied to what the merges before it have left
# Each merge is applied to the characters.
def bpe(word, merges):
    symbols = tuple(word)
    for pair in merges:
        if pair[0] in word and pair[1] in word:
            symbols = merge_pair(tuple(word), pair)
    return list(symbols)


# %% bpe | a merge is applied to what the merges before it have left
# The word is given as a list, whose slices never equal a tuple.
def bpe(word, merges):
    for pair in merges:
        word = merge_pair(list(word), pair)
    return list(word)


# %% bpe | characters that were never seen stay as they are
# Unknown characters are left out.
def bpe(word, merges):
    known = {character for pair in merges for symbol in pair for character in symbol}
    symbols = tuple(character for character in word if character in known)
    for pair in merges:
        symbols = merge_pair(symbols, pair)
    return list(symbols)


# %% bpe | characters that were never seen
# Unknown characters become `<unk>`.
def bpe(word, merges):
    known = {character for pair in merges for symbol in pair for character in symbol}
    symbols = tuple(character if character in known else "<unk>" for character in word)
    for pair in merges:
        symbols = merge_pair(symbols, pair)
    return list(symbols)


# %% bpe | characters that were never seen stay as they are
# Bytes taken for characters.
def bpe(word, merges):
    symbols = tuple(map(chr, word.encode()))
    for pair in merges:
        symbols = merge_pair(symbols, pair)
    return list(symbols)


# %% bpe | merges are applied at every place
# Each merge is applied at its first place only.
def bpe(word, merges):
    symbols = list(word)
    for pair in merges:
        for place in range(len(symbols) - 1):
            if (symbols[place], symbols[place + 1]) == pair:
                symbols[place : place + 2] = ["".join(pair)]
                break
    return symbols


# %% bpe | a merge is applied to what the merges before it have left
# Only the first merge that fits is applied.
def bpe(word, merges):
    for pair in merges:
        symbols = merge_pair(tuple(word), pair)
        if len(symbols) < len(word):
            return list(symbols)
    return list(word)


# %% bpe | characters that were never seen stay as they are, capitals too
# Small letters.
def bpe(word, merges):
    symbols = tuple(word.lower())
    for pair in merges:
        symbols = merge_pair(symbols, pair)
    return list(symbols)


# %% bpe | the arguments are left as they were
# The caller's list of merges is used up.
def bpe(word, merges):
    symbols = tuple(word)
    while merges:
        symbols = merge_pair(symbols, merges.pop(0))
    return list(symbols)


# %% bpe | what is learned first is merged first
# Text is replaced: what the pair makes is found across symbols.
def bpe(word, merges):
    text = " ".join(word)
    for left, right in merges:
        text = text.replace(f"{left} {right}", f"{left}{right}").replace(f"{left} {right}", f"{left}{right}")
    return text.split()


# %% bpe | no symbol is used for two merges
# A loop with `for` uses a symbol twice.
def bpe(word, merges):
    symbols = list(word)
    for left, right in merges:
        merged = []
        for place, symbol in enumerate(symbols):
            if place and (symbols[place - 1], symbol) == (left, right):
                merged[-1] = left + right
            else:
                merged.append(symbol)
        symbols = merged
    return symbols


# %% bpe | a merge is applied to what the merges before it have left
# The paper's mark at the end of the word.
def bpe(word, merges):
    symbols = (*word, "</w>")
    for pair in merges:
        symbols = merge_pair(symbols, pair)
    return list(symbols)


# %% bpe | merges are applied at every place
# The loop ends at the first merge that changes nothing.
def bpe(word, merges):
    symbols = tuple(word)
    for pair in merges:
        merged = merge_pair(symbols, pair)
        if merged == symbols:
            break
        symbols = merged
    return list(symbols)


# %% bpe | a long piece learned early
# As few pieces as possible.
def bpe(word, merges):
    pieces = {left + right for left, right in merges} | set(word)
    best = {0: []}
    for end in range(1, len(word) + 1):
        found = [best[start] + [word[start:end]] for start in range(end) if word[start:end] in pieces]
        best[end] = min(found, key=len)
    return best[len(word)]


# %% bpe | what is learned first is merged first
# The pair that occurs most often in this word is merged first.
def bpe(word, merges):
    symbols = tuple(word)
    while counts := Counter(pair for pair in zip(symbols, symbols[1:]) if pair in merges):
        symbols = merge_pair(symbols, counts.most_common(1)[0][0])
    return list(symbols)


# %% bpe | symbols are compared
# Text is compared, not symbols.
def bpe(word, merges):
    symbols = list(word)
    for left, right in merges:
        place = 0
        while place < len(symbols) - 1:
            if symbols[place] + symbols[place + 1] == left + right:
                symbols[place : place + 2] = [left + right]
            place += 1
    return symbols
