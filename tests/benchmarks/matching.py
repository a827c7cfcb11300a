"""What finding keywords costs beyond folding a text and running a bare automaton over it.

``ratio matching_vs_bare`` is the time of ``Matcher.match`` ÷ the time of the least that could be done: case and accents
folded by the standard library and one pass of pyahocorasick, without word boundaries, owners, exclusions or places in
the original text.  Lower is better; the target is at most 1.5.  Both run in the same process, in turns, and the median
of the rounds counts; of a thousand and ten thousand keywords the worse is the figure.
"""

import random
import re
import statistics
import sys
import time
import unicodedata
from pathlib import Path

import ahocorasick

sys.path.insert(0, str(Path(__file__).parents[2] / "community_manager"))
from analysis.matching import Keyword, Matcher

TEXTS, ROUNDS = 5_000, 15
ACCENTS = re.compile("[\u0300-\u036f]+")
WORDS = re.findall(
    r"\w+",
    "el la de que y en un una los las por con para del al lo como más pero sus le ya este sí porque esta entre cuando "
    "muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra otros ese eso ante "
    "the of and to in is you that it he was for on are as with his they at be this have from or one had by word but "
    "not what all were we when your can said there use an each which she do how their if will up other about out many "
    "canción reunión española montaña camión pingüino años mañana corazón after coffee service store support phone "
    "pedido tienda atención cliente producto llegó gracias roto nuevo precio ayuda teléfono envío tarde semana",
)
SYLLABLES = re.findall(r"\w+", "ba ce di fo gu la me ni po ru sa te vi xo zu tra blo cre ón ér")


def name(rng):
    """An invented brand."""
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(3, 4)))


def post(rng, keywords):
    """Ten to sixty words with some punctuation, a tag or an emoji; every third names one of the keywords."""
    words = [rng.choice(WORDS) for _ in range(rng.randint(10, 60))]
    for place in range(0, len(words), 9):
        words[place] = words[place].capitalize() + rng.choice([",", ".", "", "", "!"])
    if rng.random() < 0.33:
        words[rng.randrange(len(words))] = rng.choice(keywords).title()
    if rng.random() < 0.4:
        words.append("#" + rng.choice(WORDS).title())
    if rng.random() < 0.2:
        words.append(rng.choice(["😂", "❤️", "👍🏽"]))
    if rng.random() < 0.3:
        words.insert(len(words) // 2, "\n\n")
    return " ".join(words)


def bare_fold(text):
    """The quickest folding of case and accents with the standard library."""
    if text.isascii():
        return text.lower()
    return ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())


def measure(count):
    """Return (texts per second, the same bare, ratio) for ``count`` keywords."""
    rng = random.Random(count)
    names = [name(rng) if n % 3 else f"{name(rng)} {name(rng)}" for n in range(count)]
    texts = [post(rng, names) for _ in range(TEXTS)]
    matcher = Matcher(Keyword(n % 50, text) for n, text in enumerate(names))
    automaton = ahocorasick.Automaton()
    for n, text in enumerate(names):
        automaton.add_word(bare_fold(text), n)
    automaton.make_automaton()

    def bare():
        return sum(1 for text in texts if list(automaton.iter(bare_fold(text))))

    def full():
        return sum(1 for found in matcher.match_many(texts) if found)

    seconds = {bare: [], full: []}
    for _round in range(ROUNDS):
        for work in (bare, full):
            start = time.perf_counter()
            hits = work()
            seconds[work].append(time.perf_counter() - start)
            if not TEXTS * 0.25 < hits < TEXTS * 0.9:
                raise SystemExit(f"{hits} of {TEXTS} texts matched: the comparison would mean nothing")
    middle = {work: statistics.median(times) for work, times in seconds.items()}
    return TEXTS / middle[full], TEXTS / middle[bare], middle[full] / middle[bare]


def main():
    """Print the figures."""
    ratios = []
    for count in (1_000, 10_000):
        speed, bare, ratio = measure(count)
        print(f"{count} keywords: {speed:,.0f} texts/s; bare {bare:,.0f} texts/s; {ratio:.2f} times the time")
        ratios.append(ratio)
    print(f"ratio matching_vs_bare {max(ratios):.2f}")


if __name__ == "__main__":
    main()
