"""What reading a text costs beyond the bare libraries that could do it.

``ratio reading_vs_bare``: the first pass over a page of texts (``Analyst.read``: language, feeling, intents, tags,
links, MinHash bands; words and phrases; 10,000 keywords) ÷ the sum of these calls on the same texts, each in its
customary form:

* ``LanguageIdentifier.classify`` of py3langid, restricted to the same languages
* ``HashingVectorizer`` (words and pairs, and letters within words: 2 to 5) and ``decision_function`` of scikit-learn,
  13 outputs, in batches
* pyahocorasick over case- and accent-folded text, 10,000 keywords
* MinHash of 64 permutations over pieces of 5 characters by ``rensa``, and 16 band values
* a regular expression for tags and links, another one for words

Lower is better; the target is at most 1.25.  What the product remembers of words helps it, so each round has new texts,
and one word in fourteen is invented: about as many as are new to a worker that has read some ten thousand real posts.

``ratio keywords_vs_bare``: ``Matcher.match`` ÷ pyahocorasick with folding, the same texts; the target is at most 1.5.

``ratio hostile_vs_normal``: cost per character of the worst hostile text, read for the first time, ÷ that of ordinary
texts; at most 10.

Everything runs on one thread, in turns; processor time is measured, and the median of the rounds counts.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import gc
import random
import re
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "community_manager"))
sys.path.insert(0, str(Path(__file__).parents[2]))
from analysis import terms
from analysis.engine import INTENTS, Analyst
from analysis.language import LANGUAGES
from analysis.matching import Keyword, Matcher
from tests.benchmarks.matching import bare_fold, name

#: The first rounds warm up.
WARM, ROUNDS, PAGE, PAGES = 5, 9, 50, 20
CORPUS = Path(__file__).parents[2] / "community_manager" / "analysis" / "corpus"
SYLLABLES = re.findall(r"\w+", "ba ce di fo gu la me ni po ru sa te vi xo zu tra blo cre ón ér mos ndo ing ed ly")
TAGS = re.compile(r"#(\w+)|(https?://\S+)")
WORDS = re.compile(r"\w+")


def sentences():
    """Texts as people write them: those the classifier is trained on."""
    found = []
    for path in sorted(CORPUS.glob("*.tsv")):
        found += [line.split("\t")[3] for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return found


def post(rng, texts, keywords):
    """A sentence or two in which some words are invented, with a keyword, a tag, a link or a handle."""
    words = " ".join(rng.sample(texts, rng.choice((1, 1, 2)))).split()
    for place in range(len(words)):
        if rng.random() < 1 / 14:
            words[place] = "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4)))
    if rng.random() < 0.33:
        words[rng.randrange(len(words))] = rng.choice(keywords).title()
    if rng.random() < 0.4:
        words.append("#" + rng.choice(words).strip("#.,!?¿¡").title())
    if rng.random() < 0.3:
        words.append(f"https://t.example/{rng.getrandbits(40):x}")
    if rng.random() < 0.3:
        words.insert(0, f"@{rng.choice(SYLLABLES)}{rng.randrange(1000)}")
    return " ".join(words)


class Bare:
    """The libraries as they come."""

    def __init__(self, texts, keywords):
        import ahocorasick
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
        from rensa import RMinHash
        from sklearn.feature_extraction.text import HashingVectorizer
        from sklearn.linear_model import SGDClassifier

        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._identifier.set_languages(LANGUAGES)
        self._words = HashingVectorizer(ngram_range=(1, 2), n_features=2**18)
        self._letters = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=2**18)
        rng = random.Random(1)
        labels = [rng.randrange(3 + len(INTENTS)) for _text in texts]
        self._models = [
            SGDClassifier(max_iter=1, tol=None).fit(vectorizer.transform(texts), labels)
            for vectorizer in (self._words, self._letters)
        ]
        self._automaton = ahocorasick.Automaton()
        for number, text in enumerate(keywords):
            self._automaton.add_word(bare_fold(text), number)
        self._automaton.make_automaton()
        self._minhash = RMinHash

    def language(self, texts):
        """py3langid."""
        for text in texts:
            self._identifier.classify(text)

    def classes(self, texts):
        """scikit-learn."""
        for vectorizer, model in zip((self._words, self._letters), self._models, strict=True):
            model.decision_function(vectorizer.transform(texts))

    def keywords(self, texts):
        """pyahocorasick."""
        for text in texts:
            list(self._automaton.iter(bare_fold(text)))

    def copies(self, texts):
        """rensa."""
        for text in texts:
            folded = bare_fold(text)
            signature = self._minhash(num_perm=64, seed=1)
            signature.update([folded[place : place + 5] for place in range(max(len(folded) - 4, 1))])
            digest = signature.digest()
            [hash(tuple(digest[place : place + 4])) for place in range(0, 64, 4)]

    def terms(self, texts):
        """re."""
        for text in texts:
            TAGS.findall(text)
            set(WORDS.findall(text.lower()))


def hostile():
    """Kind → text that somebody sends to make the reader slow."""
    rng = random.Random(4)
    return {
        "100 kB of words": " ".join("".join(rng.choices("aeioulnrst", k=rng.randint(2, 9))) for _ in range(16_000)),
        "100 kB without a space": "x" * 100_000,
        "letters under heaps of marks": "".join(c + "\u0301\u0316\u0489" * 15 for c in "hello world" * 200),
        "10,000 emoji": "😂😡👍🏽" * 2_500,
        "nested addresses": "https://a.example/" * 5_000,
        "addresses and brackets": ("https://a.example/" + ")" * 1_900 + " ") * 50,
        "tags": "#a" * 20_000 + " #b" * 20_000,
        "handles": "@a" * 20_000 + " @b" * 20_000,
        "NUL": "\0" * 50_000 + "a\0" * 25_000,
        "halves of surrogate pairs": "\ud83d" * 50_000,
        "signs": "!?¿¡…" * 10_000,
        "line breaks": "\n" * 50_000,
        "a short one under marks": "e" + "\u0301" * 300,
        "5,000 different letters": "".join(map(chr, range(0x4E00, 0x4E00 + 5_000))),
    }


def seconds_of(work, *args):
    """How long it takes."""
    started = time.process_time()
    work(*args)
    return time.process_time() - started


def main():
    """Print the figures."""
    rng = random.Random(2)
    names = [name(rng) if n % 3 else f"{name(rng)} {name(rng)}" for n in range(10_000)]
    known = sentences()
    rounds = [[[post(rng, known, names) for _ in range(PAGE)] for _ in range(PAGES)] for _ in range(WARM + ROUNDS)]
    bare = Bare(rounds[0][0], names)
    analyst, matcher = Analyst(), Matcher(Keyword(n % 50, text) for n, text in enumerate(names))

    def read(texts):
        for text, reading in zip(texts, analyst.read(texts), strict=True):
            terms.words(text, reading.language)

    def match(texts):
        for _found in matcher.match_many(texts):
            pass

    # What the other half of the comparison holds in memory is not to slow this half's collector down.
    gc.collect()
    gc.freeze()
    works = {
        "read": read, "match": match, "language": bare.language, "classes": bare.classes, "keywords": bare.keywords,
        "copies": bare.copies, "terms": bare.terms,
    }  # fmt: skip
    spent = {key: [] for key in works}
    for number, pages in enumerate(rounds):
        for key, work in works.items():
            if number >= WARM or key in ("read", "match"):
                spent[key].append(sum(seconds_of(work, page) for page in pages))
    spent = {key: times[-ROUNDS:] for key, times in spent.items()}
    count = PAGE * PAGES
    for key, times in spent.items():
        print(f"{key:<10}{count / statistics.median(times):>10,.0f} texts/s")
    floor = [sum(times) for times in zip(*(spent[key] for key in list(works)[2:]), strict=True)]
    ours = [a + b for a, b in zip(spent["read"], spent["match"], strict=True)]
    print(f"all of it: {count / statistics.median(ours):,.0f} texts/s; bare {count / statistics.median(floor):,.0f}")
    normal = statistics.median(ours) / sum(len(text) for page in rounds[-1] for text in page)
    worst = 0.0
    for kind, text in hostile().items():
        cost = (seconds_of(read, [text]) + seconds_of(match, [text])) / len(text)
        worst = max(worst, cost / normal)
        print(f"{kind:<30}{cost / normal:>8.2f} times the cost of a character")
    print(f"ratio reading_vs_bare {statistics.median(a / b for a, b in zip(ours, floor, strict=True)):.2f}")
    texts = [text for pages in rounds[-2:] for page in pages for text in page]
    pairs = [(seconds_of(match, texts), seconds_of(bare.keywords, texts)) for _round in range(1 + ROUNDS)][1:]
    print(f"ratio keywords_vs_bare {statistics.median(a / b for a, b in pairs):.2f}")
    print(f"ratio hostile_vs_normal {worst:.2f}")


if __name__ == "__main__":
    main()
