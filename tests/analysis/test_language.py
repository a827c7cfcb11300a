"""In which language somebody wrote, however short, noisy or hostile, and whatever the network says about it."""

import doctest
import threading
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import language
from analysis.function_words import WORDS
from analysis.language import LANGUAGES, LEAST, Detector, detector, words_of

CORPUS = Path(language.__file__).parent / "corpus"


def told(text, hint=""):
    """The language of one text."""
    return detector().detect_many([text], [hint])[0][0]


def test_documentation_examples():
    assert doctest.testmod(language).failed == 0


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "¿Dónde está mi pedido?"),
        ("es", "no me funciona la aplicación"),
        ("es", "TODAVÍA NO ME HAN CONTESTADO"),
        ("en", "Where is my order?"),
        ("en", "love this place"),
        ("pt", "Ainda não recebi a encomenda"),
        ("pt", "muito obrigado pela ajuda"),
        ("fr", "Je n'ai toujours rien reçu"),
        ("fr", "C’est nul"),
        ("de", "Wann kommt mein Paket?"),
        ("de", "das geht gar nicht"),
        ("it", "Non mi hanno ancora risposto"),
        ("it", "che schifo di servizio"),
        ("ca", "Encara no m'ha arribat la comanda"),
        ("ca", "això no funciona gens"),
    ],
)
def test_a_short_post_is_told(code, text):
    assert told(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "\n", "ok", "OK!!", "lol", "LOOOL", "jajajaja", "hahaha", "kkkk", "xD", "wow", "hmm", "123", "...",
        "😂", "👍🏽👍🏽", "❤️", "¿?", "https://acme.example/donde/esta/mi/pedido", "www.acme.example", "@maria @jose",
        "#graciasatodos #felizlunes", "RT @acme", "ok @acme 😂 https://acme.example #genial", "&nbsp;&amp;",
        "\0", "\ud83d",
    ],
)  # fmt: skip
def test_noise_is_in_no_language(text):
    assert detector().detect_many([text]) == [("", 0.0)]
    assert told(text, "es") == ""


def test_a_link_or_a_tag_in_another_language_changes_nothing():
    text = "El paquete ha llegado abierto y falta una pieza"
    around = f"@the_best_shop_ever {text} https://shop.example/where-is-my-order-please #customerservice #fail"
    assert detector().detect_many([text])[0] == detector().detect_many([around])[0]


def test_shouting_and_decomposed_accents_change_nothing():
    text = "Después de tres años aún no contestáis ningún correo"
    answers = detector().detect_many([text, text.upper(), unicodedata.normalize("NFD", text)])
    assert [code for code, _confidence in answers] == ["es"] * 3
    assert answers[0] == answers[1] == answers[2]


# -------------------------------------------------------------------------------------------------------- hints


@pytest.mark.parametrize("hint", ["pt", "pt-BR", "PT_br", "pt-Latn-BR"])
def test_what_the_network_says_decides_where_the_text_does_not(hint):
    assert told("Banco Acme fatura") != "pt"
    assert told("Banco Acme fatura", hint) == "pt"


@pytest.mark.parametrize("hint", ["en", "de", "nl", "ja"])
def test_a_network_that_lies_does_not_overturn_a_clear_text(hint):
    assert told("No he recibido la factura de este mes y nadie me coge el teléfono", hint) == "es"


@pytest.mark.parametrize("hint", ["und", "zxx", "xx", "-", "_", "español", "e", "\0", "\ud800", "en" * 10_000, " "])
def test_a_hint_that_means_nothing_is_as_none(hint):
    text = "Mi pedido"
    assert detector().detect_many([text], [hint]) == detector().detect_many([text])


def test_hints_belong_to_their_texts():
    texts = ["", "Banco Acme fatura", "ok", "Banco Acme fatura"] * 50
    answers = detector().detect_many(texts, ["es", "pt", "", ""] * 50)
    assert [code for code, _confidence in answers[1::4]] == ["pt"] * 50
    assert answers[3] == detector().detect_many(["Banco Acme fatura"])[0]


# ---------------------------------------------------------------------------------------------- other languages


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("nl", "Waarom krijg ik geen antwoord op mijn vraag over de bestelling?"),
        ("tr", "Siparişim hâlâ gelmedi, ne zaman göndereceksiniz?"),
        ("pl", "Dlaczego nikt nie odpowiada na moje wiadomości?"),
        ("ru", "Почему никто не отвечает на мои сообщения?"),
        ("ja", "注文した商品がまだ届きません。"),
        ("ar", "لماذا لا يرد أحد على رسائلي؟"),
    ],
)
def test_a_language_that_is_not_read_is_not_taken_for_one_that_is(code, text):
    assert told(text) == ""
    assert told(text, code) == code


def test_other_languages_can_be_configured():
    reader = Detector(("nl", "en"))
    answers = reader.detect_many(
        ["Waar blijft mijn bestelling?", "Where is my order?", "¿Dónde está mi pedido, por favor?"]
    )
    assert [code for code, _confidence in answers] == ["nl", "en", ""]


def test_a_language_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="tlh"):
        Detector(("es", "tlh"))


# ------------------------------------------------------------------------------------------------------- figures


def held_out():
    """(language, text) of all lines of the corpus."""
    for path in sorted(CORPUS.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            code, _sentiment, _intent, text = line.split("\t")
            yield code, text


def test_posts_of_customers_are_told_in_all_languages():
    rows = list(held_out())
    answers = detector().detect_many([text for _code, text in rows])
    for code in LANGUAGES:
        right = [guess == code for (wanted, _text), (guess, _p) in zip(rows, answers, strict=True) if wanted == code]
        assert len(right) >= 100
        assert sum(right) / len(right) >= 0.97, code
    unsure = sum(guess == "" for guess, _confidence in answers)
    assert unsure / len(rows) < 0.02


def test_summing_up_words_says_what_the_library_says_of_the_text():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    library = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    library.set_languages(LANGUAGES)
    texts = [text for _code, text in held_out()][::10]
    same = [
        guess == library.classify(" ".join(filter(None, words_of(text))))[0]
        for text, (guess, _confidence) in zip(texts, detector().guess_many(texts), strict=True)
    ]
    assert sum(same) / len(same) >= 0.98


def test_confidence_is_a_probability_that_can_be_relied_on():
    rows = [(code, " ".join(text.split()[:3])) for code, text in held_out()]
    answers = detector().guess_many([text for _code, text in rows])
    for low, high in ((0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        right = [
            guess == code
            for (code, _text), (guess, confidence) in zip(rows, answers, strict=True)
            if low <= confidence < high
        ]
        assert len(right) > 50
        assert sum(right) / len(right) >= low - 0.1, (low, high)


# ------------------------------------------------------------------------------------------ shared, bounded, safe


def test_a_text_gets_the_same_answer_in_any_company():
    texts = [text for _code, text in held_out()][::30] + ["", "ok", "😂"]
    together = detector().detect_many(texts)
    for text, (code, confidence) in zip(texts, together, strict=True):
        ((alone, sure),) = detector().detect_many([text])
        assert (alone, sure) == (code, pytest.approx(confidence, abs=1e-4))


def test_words_that_were_forgotten_are_learned_again(monkeypatch):
    texts = [text for _code, text in held_out()][::20]
    expected = detector().detect_many(texts)
    monkeypatch.setattr(language, "_ROOM", 50)
    reader = Detector()
    assert reader.detect_many(texts) == expected
    assert reader.detect_many(texts) == expected
    most = language._BATCH * language._MOST_WORDS
    assert len(reader._known) <= most


def test_threads_that_meet_load_one_model(monkeypatch):
    made = []

    class Slow(Detector):
        def __init__(self, languages):
            made.append(languages)
            threading.Event().wait(0.05)

    monkeypatch.setattr(language, "Detector", Slow)
    monkeypatch.setattr(language, "_detectors", {})
    barrier, found = threading.Barrier(8), []

    def ask():
        barrier.wait()
        found.append(detector())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [LANGUAGES]
    assert len(set(map(id, found))) == 1


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=())), max_size=5), st.text(max_size=5))
def test_no_text_and_no_hint_makes_it_fail(texts, hint):
    for code, confidence in detector().detect_many(texts, [hint] * len(texts)):
        assert 0 <= confidence <= 1
        assert code == "" or confidence >= LEAST


def test_function_words_are_lower_case_and_no_phrases():
    assert set(WORDS) == set(LANGUAGES)
    for code, words in WORDS.items():
        assert len(words) > 100, code
        for word in words:
            assert word == word.lower().strip() and " " not in word and len(word) < 15
