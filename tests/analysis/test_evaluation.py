"""Evaluations of reading: which files they take, and what their figures mean."""

import pytest

from analysis.engine import INTENTS
from analysis.measures import f1_scores, macro
from tests.evaluation import intent, sentiment


def written(tmp_path, text):
    path = tmp_path / "data.tsv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("header", ["", "lang\tlabel\ttext\n"])
@pytest.mark.parametrize(("bad", "good"), [("-1", "1"), ("negative", "positive")])
def test_a_file_of_feelings_may_have_a_header_and_numbers(tmp_path, capsys, header, bad, good):
    path = written(tmp_path, f"{header}en\t{bad}\tI hate this, terrible\nen\t{good}\tI love this, wonderful\n")
    assert sentiment.main(["--data", str(path)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-2:] == ["figure sentiment_macro_f1_en 100.0", "figure sentiment_macro_f1 100.0"]


def test_a_file_of_intents_gives_f1_of_each_and_two_figures_last(tmp_path, capsys):
    path = written(
        tmp_path,
        "lang\tsentiment\tintent\ttext\n"
        "en\tneutral\tjob\tHi, are you hiring? I would like to apply, my CV is attached\n"
        "en\tneutral\tnone\tthe sky over the harbour this morning\n",
    )
    assert intent.main(["--data", str(path)]) == 0
    figures = dict(line.split()[1:] for line in capsys.readouterr().out.splitlines() if line.startswith("figure "))
    assert set(figures) == {"intent_macro_f1", "sentiment_accuracy"}
    assert float(figures["intent_macro_f1"]) == 100


@pytest.mark.parametrize("line", ["en\tglad\thello", "en\tneutral", "no tabs at all"])
def test_a_line_that_cannot_be_read_ends_the_evaluation_with_a_message(tmp_path, line):
    with pytest.raises(SystemExit) as ended:
        sentiment.read(written(tmp_path, line + "\n"))
    assert "data.tsv" in str(ended.value)


def test_an_unknown_intent_ends_the_evaluation_with_a_message(tmp_path):
    with pytest.raises(SystemExit, match="gossip"):
        intent.read(written(tmp_path, "en\tneutral\tgossip\thello\n"))


def test_a_text_may_hold_quotes_and_tabs(tmp_path):
    assert sentiment.read(written(tmp_path, 'en\t0\t"so\tso\n'))[0].text == '"so\tso'


def test_f1_is_the_harmonic_mean_of_precision_and_recall():
    wanted = [{"job"}, {"job"}, {"job"}, set()]
    told = [{"job"}, {"job"}, set(), {"job", "spam"}]
    scores = f1_scores(wanted, told, INTENTS)
    assert scores["job"] == pytest.approx(100 * 2 * (2 / 3) * (2 / 3) / (4 / 3))
    assert scores["spam"] is None


def test_what_no_text_has_is_left_out_of_the_mean():
    assert macro({"job": 50.0, "spam": None}) == 50
    assert macro({"spam": None}) is None
