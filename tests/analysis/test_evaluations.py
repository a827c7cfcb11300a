"""The evaluations of language, duplicates and keywords take the files that people have and count rightly."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.evaluation import duplicates, keywords, language
from tests.evaluation._rows import read

ROOT = Path(__file__).parents[2]
SPANISH, ENGLISH, DUTCH = (
    "¿Dónde está mi pedido?",
    "Where on earth is my order, please?",
    "Waar blijft mijn bestelling toch?",
)
COMPLAINT = "El pedido 4711 llegó roto y nadie contesta al teléfono"
PRAISE = "Love my new bike, the delivery was quick and everybody was kind"


@pytest.fixture
def run(tmp_path, capsys):
    """Function: run an evaluation over files that hold these texts; returns its figures and what it printed."""

    def evaluate(module, **files):
        words = []
        for option, text in files.items():
            path = tmp_path / f"{option}.tsv"
            path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
            words += [f"--{option}", str(path)]
        assert module.main(words) == 0
        printed = capsys.readouterr().out
        lines = printed.splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith("figure "))
        assert first > 0 and all(line.startswith("figure ") for line in lines[first:])
        return {name: float(value) for _word, name, value in map(str.split, lines[first:])}, printed

    return evaluate


# --------------------------------------------------------------------------------------------------------- files


def test_files_may_have_a_header_or_none_marks_of_windows_and_rows_of_any_length(tmp_path):
    path = tmp_path / "file.tsv"
    path.write_bytes('\ufefflang\ttext\r\nes\thola "tú"\r\n\r\nen\r\n'.encode())
    assert read(path, {"lang", "text"}) == ([["es", 'hola "tú"'], ["en", ""]], {"lang": 0, "text": 1})
    path.write_bytes(b"es\thola\x85\xff\n")
    rows, header = read(path, {"lang", "text"})
    assert len(rows) == 1 and header == {}
    path.write_bytes(b"")
    assert read(path, {"text"}) == ([], {})


# ------------------------------------------------------------------------------------------------------ language


@pytest.mark.parametrize(
    "form",
    ["lang\ttext\n{rows}", "{rows}", "text\tlang\n{turned}", "{turned}", "lang\tlabel\ttext\n{labelled}"],
    ids=["header", "no header", "other order", "other order without header", "more columns"],
)
def test_languages_are_counted_in_files_of_several_forms(run, form):
    pairs = [("es", SPANISH), ("en", ENGLISH), ("en", SPANISH), ("es", "ok")]
    text = form.format(
        rows="\n".join(f"{code}\t{text}" for code, text in pairs),
        turned="\n".join(f"{text}\t{code}" for code, text in pairs),
        labelled="\n".join(f"{code}\t1\t{text}" for code, text in pairs),
    )
    figures, printed = run(language, data=text)
    assert figures["language_texts"] == 4
    assert figures["language_macro_accuracy"] == 50
    assert figures["language_short_texts"] == 4
    assert figures["language_short_accuracy"] == 50
    assert figures["language_determined"] == 75
    assert figures["language_determined_accuracy"] == pytest.approx(66.67)
    assert "es" in printed and "en" in printed


def test_the_mean_over_languages_counts_and_not_that_over_texts(run):
    rows = [f"es\t{SPANISH}"] * 9 + [f"pt\t{SPANISH}"]
    assert run(language, data="\n".join(rows))[0]["language_macro_accuracy"] == 50


def test_texts_in_other_languages_are_counted_apart(run):
    figures, _printed = run(language, data=f"es\t{SPANISH}\nnl\t{DUTCH}\nnl\t{SPANISH}")
    assert figures["language_texts"] == 1 and figures["language_macro_accuracy"] == 100
    assert figures["language_foreign_texts"] == 2
    assert figures["language_foreign_undetermined"] == 50


def test_a_file_without_languages_is_refused(run):
    with pytest.raises(SystemExit, match="no column of languages"):
        run(language, data="just a text\nand another one")


# ---------------------------------------------------------------------------------------------------- duplicates


@pytest.mark.parametrize(
    ("base", "queries"),
    [
        ("a7\t{complaint}\nb8\t{praise}", "RT @x: {complaint}\ta7\n{praise}!!\tb8\n{stranger}\t"),
        ("id\ttext\na7\t{complaint}\nb8\t{praise}", "text\toriginal\n{complaint}\ta7\n{praise}\tb8\n{stranger}\t"),
        ("text\tid\n{complaint}\ta7\n{praise}\tb8", "id\ttext\na7\t{complaint}\nb8\t{praise}\n-\t{stranger}"),
        ("{complaint}\ta7\n{praise}\tb8", "a7\t{complaint}\nb8\t{praise}\nnone\t{stranger}"),
        ("{complaint}\n{praise}", "{complaint}\t1\n{praise}\t2\n{stranger}\t0"),
    ],
    ids=["as documented", "headers", "other headers", "other order", "one text a line"],
)
def test_copies_are_counted_in_files_of_several_forms(run, base, queries):
    texts = {"complaint": COMPLAINT, "praise": PRAISE, "stranger": "Nothing of the kind was ever said before here"}
    figures, _printed = run(duplicates, base=base.format(**texts), queries=queries.format(**texts))
    assert figures["duplicates_recall"] == 100 and figures["bands_recall"] == 100
    assert figures["duplicates_false_per_1000"] == 0


def test_missed_copies_and_false_ones_are_counted(run):
    figures, printed = run(
        duplicates,
        base=f"a\t{COMPLAINT}\nb\t{PRAISE}",
        queries=f"{COMPLAINT}\ta\n{COMPLAINT}\tb\n{PRAISE.upper()}\t\nquite another text altogether, not in it\t\nx\tc",
    )
    assert figures["duplicates_recall"] == 50
    assert figures["duplicates_false_per_1000"] == 500
    assert "1 queries name an original that is not in the base" in printed


def test_candidates_that_are_not_alike_are_no_copies(run, monkeypatch):
    monkeypatch.setattr(duplicates, "ALIKE", 1.1)
    figures, _printed = run(duplicates, base=f"a\t{COMPLAINT}", queries=f"{COMPLAINT}\ta\n{COMPLAINT}\t")
    assert (figures["bands_recall"], figures["duplicates_recall"]) == (100, 0)
    assert (figures["bands_false_per_1000"], figures["duplicates_false_per_1000"]) == (1000, 0)


def test_queries_without_originals_are_only_looked_for(run):
    figures, _printed = run(
        duplicates, base=f"{COMPLAINT}\n{PRAISE}", queries=f"{COMPLAINT}\nnothing like it at all, really"
    )
    assert figures["duplicates_found"] == 1
    assert "duplicates_recall" not in figures


# ------------------------------------------------------------------------------------------------------ keywords


def test_keywords_are_counted_by_text_with_exclusions_and_examples(run):
    figures, printed = run(
        keywords,
        keywords="acme\nbici*\n-sorteo\nllegó ~3 roto\n###",
        texts="Las bicicletas de ACME, ácme\nSorteo de acme\nLa bici llegó ayer y rota\nAcme: llegó algo roto\nnada",
    )
    assert figures["keywords"] == 4
    assert figures["keywords_texts"] == 5
    assert figures["keywords_matched"] == 60
    assert figures["keywords_found"] == 3
    assert "left out" in printed
    counts = {
        line[:28].strip(): int(line[28:36])
        for line in printed.splitlines()
        if line[36:38] == "  " and line[28:36].strip().isdigit()
    }
    assert counts == {"acme": 2, "bici*": 2, "llegó ~3 roto": 1}


def test_keywords_of_topics_are_excluded_topic_by_topic(run):
    rows = "keyword\ttopic\nacme\tbrand\n-sorteo\tbrand\nsorteo\tcontests"
    figures, _printed = run(keywords, keywords=rows, texts="id\ttext\n1\tSorteo de acme\n2\tacme")
    assert figures["keywords_matched"] == 100
    assert figures["keywords_found"] == 2


def test_hostile_texts_do_not_spoil_the_table(run):
    figures, printed = run(keywords, keywords="acme", texts=b"acme \x00\x1b[31m\xff\xed\xa0\x80 \xe2\x80\xae\n")
    assert figures["keywords_matched"] == 100
    assert "\x1b" not in printed and "\x00" not in printed


def test_they_are_run_as_modules(tmp_path):
    path = tmp_path / "file.tsv"
    path.write_text(f"es\t{SPANISH}\n", encoding="utf-8")
    command = [sys.executable, "-m", "tests.evaluation.language", "--data", str(path)]
    environment = {"PYTHONPATH": str(ROOT / "community_manager"), "PATH": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "figure language_macro_accuracy 100.00" in done.stdout
