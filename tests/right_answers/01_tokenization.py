# Right answers to lesson 01, in styles other than the lesson's own. Every one must get full marks.

# %% split_words | character by character
def split_words(text):
    tokens, word = [], ""
    for c in text:
        if c.isalnum() or c == "_":
            word += c
            continue
        if word:
            tokens.append(word)
            word = ""
        if not c.isspace():
            tokens.append(c)
    if word:
        tokens.append(word)
    return tokens


# %% split_words | spaces around marks, then split
def split_words(text):
    return re.sub(r"([^\w\s])", r" \1 ", text).split()


# %% split_words | a mark is what is no space and no word
def split_words(text):
    return [found.group() for found in re.finditer(r"\w+|\S", text)]


# %% split_words | re.split, then without the gaps, as a tuple
def split_words(text):
    return tuple(piece for piece in re.split(r"(\w+|\W)", text) if piece and not piece.isspace())


# %% split_words | itertools.groupby
from itertools import groupby


def split_words(text):
    tokens = []
    for is_word, run in groupby(text, key=lambda c: c.isalnum() or c == "_"):
        tokens += ["".join(run)] if is_word else [c for c in run if not c.isspace()]
    return tokens


# %% build_vocabulary | two sorts, of which the second keeps the order of the first
def build_vocabulary(tokens, max_size):
    counts = {}
    for token in tokens:
        if token != "<unk>":
            counts[token] = counts.get(token, 0) + 1
    ranked = sorted(sorted(counts), key=counts.get, reverse=True)
    vocabulary = {"<unk>": 0}
    for token in ranked[: max_size - 1]:
        vocabulary[token] = len(vocabulary)
    return vocabulary


# %% build_vocabulary | most_common of the sorted tokens
def build_vocabulary(tokens, max_size):
    counts = Counter(sorted(tokens))
    counts.pop("<unk>", None)
    names = ["<unk>"] + [token for token, _ in counts.most_common(max_size - 1)]
    return dict(zip(names, range(len(names))))


# %% build_vocabulary | `<unk>` counted as the most frequent
def build_vocabulary(tokens, max_size):
    counts = Counter(tokens)
    counts["<unk>"] = len(tokens) + 1
    items = sorted(((-count, token) for token, count in counts.items()))
    return {token: i for i, (_, token) in enumerate(items) if i < max_size}


# %% build_vocabulary | np.unique
def build_vocabulary(tokens, max_size):
    tokens = [token for token in tokens if token != "<unk>"]
    names, counts = np.unique(np.array(tokens, dtype=object), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {"<unk>": np.int64(0)} | {str(names[place]): rank + 1 for rank, place in enumerate(order[: max_size - 1])}


# %% encode | a loop with `in`
def encode(tokens, vocabulary):
    ids = []
    for token in tokens:
        if token in vocabulary:
            ids.append(vocabulary[token])
        else:
            ids.append(vocabulary["<unk>"])
    return ids


# %% encode | try and except
def encode(tokens, vocabulary):
    def id_of(token):
        try:
            return vocabulary[token]
        except KeyError:
            return 0

    return list(map(id_of, tokens))


# %% encode | a NumPy array
def encode(tokens, vocabulary):
    return np.array([vocabulary.get(token, vocabulary["<unk>"]) for token in tokens], dtype=int)


# %% encode | a defaultdict, as a tuple
from collections import defaultdict


def encode(tokens, vocabulary):
    ids = defaultdict(int, vocabulary)
    return tuple(ids[token] for token in tokens)


# %% decode | a list of tokens by id
def decode(ids, vocabulary):
    tokens = [""] * len(vocabulary)
    for token, number in vocabulary.items():
        tokens[number] = token
    return [tokens[number] for number in ids]


# %% decode | sorted by id, as a tuple
def decode(ids, vocabulary):
    tokens = sorted(vocabulary, key=vocabulary.get)
    return tuple(tokens[i] for i in ids)


# %% decode | two lists
def decode(ids, vocabulary):
    names, numbers = list(vocabulary.keys()), list(vocabulary.values())
    return [names[numbers.index(i)] for i in ids]


# %% decode | a NumPy array indexed by the ids
def decode(ids, vocabulary):
    table = np.empty(len(vocabulary), dtype=object)
    table[list(vocabulary.values())] = list(vocabulary)
    return table[np.array(ids, dtype=int)].tolist()


# %% count_pairs | places by number, a plain dictionary
def count_pairs(words):
    counts = {}
    for word in words:
        for i in range(len(word) - 1):
            pair = (word[i], word[i + 1])
            if pair not in counts:
                counts[pair] = 0
            counts[pair] += words[word]
    return counts


# %% count_pairs | a defaultdict and pairwise
from collections import defaultdict
from itertools import pairwise


def count_pairs(words):
    counts = defaultdict(int)
    for symbols, frequency in words.items():
        for left, right in pairwise(symbols):
            counts[left, right] += frequency
    return counts


# %% count_pairs | a sum of Counters
def count_pairs(words):
    total = Counter()
    for symbols, frequency in words.items():
        of_word = Counter(zip(symbols[:-1], symbols[1:]))
        total.update({pair: count * frequency for pair, count in of_word.items()})
    return dict(total)


# %% count_pairs | NumPy numbers
def count_pairs(words):
    pairs = [(pair, frequency) for symbols, frequency in words.items() for pair in zip(symbols, symbols[1:])]
    return {pair: np.sum([frequency for other, frequency in pairs if other == pair]) for pair, _ in pairs}


# %% merge_pair | a regular expression with edges, as in the paper
def merge_pair(symbols, pair):
    bigram = re.escape(" ".join(pair))
    pattern = re.compile(r"(?<!\S)" + bigram + r"(?!\S)")
    return tuple(pattern.sub(lambda found: "".join(pair), " ".join(symbols)).split())


# %% merge_pair | recursion
def merge_pair(symbols, pair):
    if len(symbols) < 2:
        return symbols
    if symbols[:2] == pair:
        return ("".join(pair),) + merge_pair(symbols[2:], pair)
    return symbols[:1] + merge_pair(symbols[1:], pair)


# %% merge_pair | a list that is shortened in place
def merge_pair(symbols, pair):
    symbols, i = list(symbols), 0
    while i < len(symbols) - 1:
        if symbols[i] == pair[0] and symbols[i + 1] == pair[1]:
            symbols[i] += symbols.pop(i + 1)
        i += 1
    return tuple(symbols)


# %% merge_pair | an iterator that waits with the last symbol
def merge_pair(symbols, pair):
    done, waiting = [], None
    for symbol in symbols:
        if waiting is not None and (waiting, symbol) == pair:
            done.append(waiting + symbol)
            waiting = None
            continue
        if waiting is not None:
            done.append(waiting)
        waiting = symbol
    return tuple(done if waiting is None else done + [waiting])


# %% merge_pair | index, from one left symbol to the next
def merge_pair(symbols, pair):
    left, right = pair
    out, i = [], 0
    while i < len(symbols):
        try:
            j = symbols.index(left, i)
        except ValueError:
            out.extend(symbols[i:])
            break
        out.extend(symbols[i:j])
        if j + 1 < len(symbols) and symbols[j + 1] == right:
            out.append(left + right)
            i = j + 2
        else:
            out.append(left)
            i = j + 1
    return tuple(out)


# %% train_bpe | only the words that changed are counted again
def train_bpe(text, n_merges):
    words = Counter(tuple(word) for word in split_words(text))
    counts = Counter(count_pairs(words))
    merges = []
    while len(merges) < n_merges and counts:
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        before = {word: n for word, n in words.items() if best in zip(word, word[1:])}
        after = {merge_pair(word, best): n for word, n in before.items()}
        for word in before:
            del words[word]
        words.update(after)
        counts.subtract(count_pairs(before))
        counts.update(count_pairs(after))
        counts = +counts
    return merges


# %% train_bpe | words as text with spaces, as in the paper
def train_bpe(text, n_merges):
    vocabulary = Counter(" ".join(word) for word in split_words(text))
    merges = []
    for _ in range(n_merges):
        pairs = {}
        for word, frequency in vocabulary.items():
            symbols = word.split()
            for i in range(len(symbols) - 1):
                pairs[symbols[i], symbols[i + 1]] = pairs.get((symbols[i], symbols[i + 1]), 0) + frequency
        if not pairs:
            break
        highest = max(pairs.values())
        best = min(pair for pair in pairs if pairs[pair] == highest)
        merges.append(best)
        pattern = re.compile(r"(?<!\S)" + re.escape(" ".join(best)) + r"(?!\S)")
        vocabulary = {pattern.sub(lambda found: "".join(best), word): frequency for word, frequency in vocabulary.items()}
    return merges


# %% train_bpe | sorted, with lists in place of tuples
def train_bpe(text, n_merges):
    counted = Counter(split_words(text))
    state = {word: tuple(word) for word in counted}
    merges = []
    for _ in range(n_merges):
        counts = count_pairs({state[word]: counted[word] for word in state})
        if len(counts) == 0:
            return merges
        best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[0][0]
        merges.append(list(best))
        state = {word: merge_pair(symbols, best) for word, symbols in state.items()}
    return merges


# %% train_bpe | a maximum over the sorted pairs
def train_bpe(text, n_merges):
    words, merges = dict(Counter(map(tuple, split_words(text)))), []
    counts = count_pairs(words)
    while counts and len(merges) < n_merges:
        best = max(sorted(counts), key=counts.get)
        merges += [best]
        for word in [word for word in words if best[0] in word and best[1] in word]:
            words[merge_pair(word, best)] = words.pop(word)
        counts = count_pairs(words)
    return tuple(merges)


# %% bpe | the lowest rank, again and again
def bpe(word, merges):
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    symbols = tuple(word)
    while len(symbols) > 1:
        best = min(zip(symbols, symbols[1:]), key=lambda pair: ranks.get(pair, float("inf")))
        if best not in ranks:
            break
        symbols = merge_pair(symbols, best)
    return list(symbols)


# %% bpe | reduce
from functools import reduce


def bpe(word, merges):
    return reduce(merge_pair, merges, tuple(word))


# %% bpe | a list, shortened in place
def bpe(word, merges):
    symbols = list(word)
    for left, right in merges:
        i = 0
        while i < len(symbols) - 1:
            if symbols[i] == left and symbols[i + 1] == right:
                symbols[i : i + 2] = [left + right]
            i += 1
    return symbols


# %% bpe | a regular expression
def bpe(word, merges):
    text = " ".join(word)
    for left, right in merges:
        text = re.sub(rf"(?<!\S){re.escape(left)} {re.escape(right)}(?!\S)", lambda found: found.group().replace(" ", ""), text)
    return text.split(" ")
