"""Make phrases.tsv: English sentences, each with its French translation and with the words that belong together.

    python datasets/make_phrases.py

The same bytes each time, on every system. The card beside it, phrases.md, says what is in it and what it is not good for.
"""

import random
from itertools import pairwise
from pathlib import Path

FILE = Path(__file__).with_name("phrases.tsv")
TRAIN, HELD_OUT = 4000, 500
# What the lessons quote; held out. (English, French, alignment)
QUOTED = [
    ("the cat sat on the mat", "le chat était assis sur le tapis", "0 1 2 2 3 4 5"),
    ("she ate an apple and an orange", "elle mangeait une pomme et une orange", "0 1 2 3 4 5 6"),
    ("the small black cat slept under the old tree", "le petit chat noir dormait sous le vieil arbre", "0 1 3 2 4 5 6 7 8"),
]

# English singular and plural, French singular and plural, gender.
NOUNS = {
    "animal": """
        cat cats chat chats m|dog dogs chien chiens m|bird birds oiseau oiseaux m|mouse mice souris souris f
        horse horses cheval chevaux m|cow cows vache vaches f|rabbit rabbits lapin lapins m|fox foxes renard renards m
        owl owls hibou hiboux m|hedgehog hedgehogs hérisson hérissons m|goose geese oie oies f|donkey donkeys âne ânes m
        bee bees abeille abeilles f|tortoise tortoises tortue tortues f|squirrel squirrels écureuil écureuils m""",
    "person": """
        man men homme hommes m|woman women femme femmes f|king kings roi rois m|queen queens reine reines f""",
    "place": """
        house houses maison maisons f|garden gardens jardin jardins m|tree trees arbre arbres m|table tables table tables f
        chair chairs chaise chaises f|mat mats tapis tapis m|bed beds lit lits m|boat boats bateau bateaux m
        car cars voiture voitures f|bridge bridges pont ponts m|hotel hotels hôtel hôtels m|school schools école écoles f""",
    "thing": """
        hat hats chapeau chapeaux m|book books livre livres m|box boxes boîte boîtes f|key keys clé clés f
        umbrella umbrellas parapluie parapluies m|computer computers ordinateur ordinateurs m|flower flowers fleur fleurs f""",
    "food": "apple apples pomme pommes f|orange oranges orange oranges f|cake cakes gâteau gâteaux m|egg eggs œuf œufs m",
}
# English, then French: masculine and feminine singular, masculine and feminine plural.
BEFORE = """
    small petit petite petits petites|large grand grande grands grandes|beautiful beau belle beaux belles
    old vieux vieille vieux vieilles|new nouveau nouvelle nouveaux nouvelles|young jeune jeune jeunes jeunes
    pretty joli jolie jolis jolies|good bon bonne bons bonnes"""
AFTER = """
    black noir noire noirs noires|white blanc blanche blancs blanches|red rouge rouge rouges rouges
    green vert verte verts vertes|blue bleu bleue bleus bleues|grey gris grise gris grises
    hungry affamé affamée affamés affamées|tired fatigué fatiguée fatigués fatiguées|sad triste triste tristes tristes
    happy heureux heureuse heureux heureuses|curious curieux curieuse curieux curieuses|clean propre propre propres propres
    heavy lourd lourde lourds lourdes|strange étrange étrange étranges étranges|expensive cher chère chers chères"""
ADJECTIVES = {
    "animal": "small large beautiful beautiful old old young pretty black white grey hungry tired sad happy curious strange",
    "person": "old young beautiful tired sad happy curious strange",
    "place": "small large beautiful beautiful old old new new pretty white red green blue grey clean strange",
    "thing": "small large beautiful beautiful old old new pretty black white red green blue grey clean heavy strange expensive",
    "food": "small large beautiful good red green expensive heavy",
}
ONLY_AT_A_NOUN = {"new", "good", "large"}  # "était nouveau" and "était grand" would say something else
# English past and infinitive, French masculine and feminine singular, masculine and feminine plural.
RESTS = """
    slept sleep dormait dormait dormaient dormaient|waited wait attendait attendait attendaient attendaient
    sat sit était_assis était_assise étaient_assis étaient_assises|played play jouait jouait jouaient jouaient
    lay lie était_couché était_couchée étaient_couchés étaient_couchées|sang sing chantait chantait chantaient chantaient"""
WAS = "was be était était étaient étaient"
# English past and infinitive, French singular and plural, and what may stand after it.
DOES = """
    saw see voyait voyaient animal person place thing|watched watch regardait regardaient animal person place thing
    wanted want voulait voulaient animal thing food|looked_for look_for cherchait cherchaient animal person thing
    drew draw dessinait dessinaient animal person place thing food|washed wash lavait lavaient animal thing
    ate eat mangeait mangeaient food|bought buy achetait achetaient thing food|hid hide cachait cachaient thing food
    liked like aimait aimaient animal place food"""
WHERE = "on sur|under sous|behind derrière|in_front_of devant|near près_de"
# English singular and plural, French masculine and feminine singular, plural. "'s" stands for a name: anna's cat, le chat d'anna.
DETERMINERS = {
    "the": "the the le la les",
    "a": "a some un une des",
    "my": "my my mon ma mes",
    "this": "this these ce cette ces",
    "two": "two two deux deux deux",
    "'s": "'s 's le la les",
    "no": "a a de de de",  # after a negation
}
ANY = "the the the a a my this two 's".split()
OF_A_PERSON = "the the the a a this two".split()  # "ma femme" would be a wife
AFTER_NOT = "no no no the my this two".split()
NAMES = {"anna": "f", "ben": "m", "omar": "m", "julie": "f"}
ASPIRATED = ("hibou", "hérisson")  # before these "le" and "de" stay whole
AT_A_VOWEL = {"ce": "cet", "ma": "mon", "beau": "bel", "vieux": "vieil", "nouveau": "nouvel"}
SHORT = {"le": "l'", "la": "l'", "de": "d'", "ne": "n'"}
DROPPED = {("de", "des"): "de", ("de", "de"): "de"}  # "près de" and "des maisons": près de maisons
JOINED = {("de", "le"): "du", ("de", "les"): "des"}

_random = random.Random(0).random  # of Python's generator, only `random()` promises the same numbers in every version


def chance(share: float) -> bool:
    return _random() < share


def one_of(items):
    return items[int(_random() * len(items))]


def rows(table: str) -> list[list[str]]:
    """The entries of a table, each as its words."""
    return [entry.split() for line in table.strip().splitlines() for entry in line.split("|") if entry.strip()]


ADJECTIVE = {english: (forms, "before") for english, *forms in rows(BEFORE)}
ADJECTIVE |= {english: (forms, "after") for english, *forms in rows(AFTER)}


class Phrase:
    """English words, French words, and for each French word the place of the English one that it translates."""

    def __init__(self, english: str = "", french: str = "", to: list[int] | None = None):
        self.english, self.french = english.split(), french.split()
        self.to = [0] * len(self.french) if to is None else to

    def __add__(self, other: "Phrase") -> "Phrase":
        both = Phrase()
        both.english, both.french = self.english + other.english, self.french + other.french
        both.to = self.to + [place + len(self.english) for place in other.to]
        return both


def words(english: str, french: str) -> Phrase:
    """Words that belong together as a whole; an underscore joins those of one entry."""
    return Phrase(english.replace("_", " "), french.replace("_", " "))


def form(forms: list[str], gender: str, plural: bool) -> str:
    """One of: masculine and feminine singular, masculine and feminine plural."""
    return forms[(gender == "f") + 2 * plural]


def noun_phrase(kind: str, adjectives: int, determiners: list[str] = ANY) -> tuple[Phrase, str, bool]:
    """(a noun with what belongs to it, its gender, whether it is a plural)."""
    noun, nouns, nom, noms, gender = one_of(rows(NOUNS[kind]))
    key = one_of(OF_A_PERSON if kind == "person" and determiners is ANY else determiners)
    plural = key == "two" or (key != "no" and chance(0.35))
    before, after = _adjectives(kind, adjectives, gender, plural)
    english = [word for word, _ in before + after] + [nouns if plural else noun]
    french = [word for _, word in before] + [noms if plural else nom] + [word for _, word in after]
    to = [*range(len(before)), len(english) - 1, *range(len(before), len(before) + len(after))]
    one, many, *articles = DETERMINERS[key].split()
    article = articles[2] if plural else articles[gender == "f"]
    if article == "des" and before:
        article = "de"  # de petits chats, but des chats noirs
    if not plural:
        article, *french = _at_vowels([article, *french])
    first = many if plural else _a(english) if one == "a" else one
    whole = Phrase(first, article) + Phrase(" ".join(english), " ".join(french), to)
    return (_of(one_of(list(NAMES)), whole) if key == "'s" else whole), gender, plural


def _of(name: str, owned: Phrase) -> Phrase:
    """The name comes first in English and last in French."""
    whole = words(name, "") + owned
    return Phrase(" ".join(whole.english), " ".join([*whole.french, "de", name]), [*whole.to, 1, 0])


def _at_vowels(french: list[str]) -> list[str]:
    """The words of a singular with those exchanged that have a form of their own before a vowel."""
    before = [AT_A_VOWEL.get(word, word) if _opens_with_a_vowel(after) else word for word, after in pairwise(french)]
    return [*before, french[-1]]


def _adjectives(kind: str, count: int, gender: str, plural: bool) -> tuple[list, list]:
    """At most one before the noun and one after it, each as (English, French)."""
    sides = {"before": [], "after": []}
    for _ in range(count):
        english = one_of(ADJECTIVES[kind].split())
        forms, side = ADJECTIVE[english]
        if not sides[side]:
            sides[side].append((english, form(forms, gender, plural)))
    return sides["before"], sides["after"]


def _a(following: list[str]) -> str:
    return "an" if following[0][0] in "aeiou" else "a"


def subject(kind: str) -> tuple[Phrase, str, bool]:
    if kind in ("animal", "person") and chance(0.2):
        name, nom, gender = one_of([("she", "elle", "f"), ("he", "il", "m"), *((name, name, NAMES[name]) for name in NAMES)])
        return words(name, nom), gender, False
    return noun_phrase(kind, one_of([0, 0, 1, 1, 2, 2]))


def verb(past: str, infinitive: str, french: str, negated: bool) -> Phrase:
    """did not sleep: ne dormait pas; was not: n'était pas."""
    if not negated:
        return words(past, french)
    first, *rest = french.split("_")
    english = f"{past} not" if past in ("was", "were") else f"did not {infinitive}".replace("_", " ")
    no, place = (1, 0) if past in ("was", "were") else (1, 2)
    return Phrase(english, " ".join(["ne", first, "pas", *rest]), [no, place, no, *[place] * len(rest)])


def place() -> Phrase:
    return words(*one_of(rows(WHERE))) + noun_phrase("place", one_of([0, 1]))[0]


def sentence() -> Phrase:
    kind = one_of(["rest", "rest", "do", "do", "do", "be", "be", "lie", "and"])
    negated = chance(0.2) and kind != "and"
    who = one_of(["thing", "food"]) if kind == "lie" else one_of(["animal", "animal", "person"])
    if kind == "be":
        who = one_of(["animal", "animal", "person", "thing", "food", "place"])
    begin, gender, plural = subject(who)
    if kind in ("be", "lie"):
        forms = WAS.split()
        was = verb("were" if plural else "was", "be", form(forms[2:], gender, plural), negated)
        if kind == "lie":
            return begin + was + place()
        english = one_of([word for word in ADJECTIVES[who].split() if word not in ONLY_AT_A_NOUN])
        return begin + was + words(english, form(ADJECTIVE[english][0], gender, plural))
    if kind == "rest":
        past, infinitive, *forms = one_of(rows(RESTS))
        whole = begin + verb(past, infinitive, form(forms, gender, plural), negated)
        return whole + place() if chance(0.75) else whole
    past, infinitive, one, many, *objects = one_of(rows(DOES))
    did = verb(past, infinitive, many if plural else one, negated)
    which = ["the", "my", "this"] if past == "liked" else AFTER_NOT if negated else ANY
    if kind == "and":
        first, second = (noun_phrase(one_of(objects), one_of([0, 0, 1]), which)[0] for _ in range(2))
        return begin + did + first + words("and", "et") + second
    return begin + did + noun_phrase(one_of(objects), one_of([0, 1, 1, 2]), which)[0]


def spelled(phrase: Phrase) -> tuple[str, str, str]:
    """(English, French, alignment) as written: elided, contracted, with apostrophes closed up."""
    pairs = _contracted(list(zip(phrase.french, phrase.to, strict=True)), DROPPED)
    for at, (word, place) in enumerate(pairs[:-1]):
        if _opens_with_a_vowel(pairs[at + 1][0]):
            pairs[at] = SHORT.get(word, word), place
    pairs = _contracted(pairs, JOINED)
    french = " ".join(word for word, _ in pairs).replace("' ", "'")
    return " ".join(phrase.english).replace(" 's", "'s"), french, " ".join(str(place) for _, place in pairs)


def _contracted(pairs: list[tuple[str, int]], table: dict) -> list[tuple[str, int]]:
    """Two words as one where the table says so; it translates what the second did."""
    done = pairs[:1]
    for word, place in pairs[1:]:
        joined = table.get((done[-1][0], word))
        done[-1:] = [(joined, place)] if joined else [done[-1], (word, place)]
    return done


def _opens_with_a_vowel(word: str) -> bool:
    return word[0] in "aeiouhéâœ" and not word.startswith(ASPIRATED)


def lines() -> list[tuple[str, str, str, str]]:
    """All lines of the data set, held-out ones first; no English sentence comes twice, and no French one."""
    made = [(*quoted, "held-out") for quoted in QUOTED]
    seen = {text for english, french, *_ in made for text in (english, french)}
    while len(made) < HELD_OUT + TRAIN:
        english, french, to = spelled(sentence())
        if seen.isdisjoint((english, french)):
            seen.update((english, french))
            made.append((english, french, to, "held-out" if len(made) < HELD_OUT else "train"))
    return made


def content() -> bytes:
    table = [("english", "french", "alignment", "split"), *lines()]
    return "".join("\t".join(line) + "\n" for line in table).encode()


if __name__ == "__main__":
    FILE.write_bytes(content())
    print(f"{FILE.name}: {HELD_OUT + TRAIN} sentences, {FILE.stat().st_size:,} bytes")
