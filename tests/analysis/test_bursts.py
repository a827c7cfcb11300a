"""Bursts are noticed once, rhythms and growth are not, and a stored detector goes on as if it had never stopped."""

import doctest
import json
import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from analysis import bursts
from analysis.bursts import BurstDetector
from tests.evaluation import crisis

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = 3600


def poisson(source, mean):
    """A Poisson number (sums of exponential gaps; a rounded normal number where that is long)."""
    if mean > 50:
        return max(0, round(source.gauss(mean, math.sqrt(mean))))
    count, gone = 0, source.expovariate(1)
    while gone < mean:
        count, gone = count + 1, gone + source.expovariate(1)
    return count


def series(mean, days, *, seed=1, bucket=HOUR):
    """[(moment, count), ...] with mean(moment) or a fixed mean a bucket."""
    source = random.Random(seed)
    moments = [START + timedelta(seconds=n * bucket) for n in range(days * 86400 // bucket)]
    return [(moment, poisson(source, mean(moment) if callable(mean) else mean)) for moment in moments]


def feed(detector, rows):
    return [detector.update(moment, count) for moment, count in rows]


def alerts(rows, bucket=HOUR):
    """Moments of the alerts."""
    readings = feed(BurstDetector(bucket), rows)
    return [moment for (moment, _count), reading in zip(rows, readings, strict=True) if reading.alert]


def with_burst(rows, begin, hours, extra):
    """The rows with more posts from a moment on."""
    end = begin + timedelta(hours=hours)
    return [(moment, count + extra if begin <= moment < end else count) for moment, count in rows]


def rhythm(moment):
    """Busy days, still nights, half at weekends."""
    return (30 + 25 * math.sin((moment.hour - 8) / 24 * 2 * math.pi)) * (0.5 if moment.weekday() > 4 else 1)


def test_documentation_examples():
    assert doctest.testmod(bursts).failed == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("mean", "extra", "bucket"), [(0.2, 8, HOUR), (1, 12, HOUR), (0.05, 3, 300), (40, 200, HOUR), (20, 100, 300)]
)
def test_a_burst_alerts_once_and_soon(mean, extra, bucket, seed):
    begin = START + timedelta(days=20, hours=9)
    rows = with_burst(series(mean, 24, seed=seed, bucket=bucket), begin, 8, extra)
    found = [moment for moment in alerts(rows, bucket) if moment >= begin]
    assert len(found) == 1
    assert found[0] - begin <= timedelta(hours=2)


def test_the_evidence_says_what_was_expected_and_seen():
    begin = START + timedelta(days=20)
    readings = feed(BurstDetector(HOUR), with_burst(series(20, 21), begin, 3, 200))
    reading = next(reading for reading in readings if reading.alert)
    assert 15 < reading.expected < 25
    assert 200 < reading.seen < 250
    assert reading.z > 10
    assert 0 < reading.score <= 1
    assert reading.event


def test_a_second_burst_alerts_after_the_first_is_over():
    first, second = START + timedelta(days=20), START + timedelta(days=24)
    rows = with_burst(with_burst(series(20, 28), first, 5, 200), second, 5, 200)
    found = [moment for moment in alerts(rows) if moment >= first]
    assert len(found) == 2
    assert found[0] < first + timedelta(hours=2)
    assert second <= found[1] < second + timedelta(hours=2)


@pytest.mark.parametrize("seed", range(5))
def test_rhythms_of_day_and_week_are_learned(seed):
    found = [moment for moment in alerts(series(rhythm, 70, seed=seed)) if moment >= START + timedelta(days=28)]
    assert len(found) <= 1
    detector = BurstDetector(HOUR)
    feed(detector, series(rhythm, 70, seed=seed))
    monday = START + timedelta(days=70)
    for hour in (4, 14):
        for day in (0, 5):
            moment = monday + timedelta(days=day, hours=hour)
            assert detector.expected(moment) == pytest.approx(rhythm(moment), rel=0.4, abs=3)


def test_what_is_usual_at_noon_is_a_burst_at_night():
    rows = series(rhythm, 42)
    night = START + timedelta(days=38, hours=2)
    found = alerts(with_burst(rows, night, 3, 50))
    assert any(night <= moment < night + timedelta(hours=3) for moment in found)


@pytest.mark.parametrize("seed", range(3))
def test_slow_growth_is_learned(seed):
    def growing(moment):
        return 20 * 1.03 ** ((moment - START) / timedelta(days=1))

    rows = series(growing, 60, seed=seed)
    assert len([moment for moment in alerts(rows) if moment >= START + timedelta(days=7)]) <= 2
    detector = BurstDetector(HOUR)
    feed(detector, rows)
    assert detector.expected(rows[-1][0]) == pytest.approx(growing(rows[-1][0]), rel=0.25)


def test_a_lasting_new_level_becomes_normal():
    begin = START + timedelta(days=20)
    rows = with_burst(series(20, 60), begin, 24 * 40, 60)
    found = [moment for moment in alerts(rows) if moment >= begin]
    assert 1 <= len(found) <= 3
    assert found[0] < begin + timedelta(hours=3)
    assert not [moment for moment in found if moment > begin + timedelta(days=21)]


@pytest.mark.parametrize("hours", [1, 30, 24 * 30])
def test_gaps_are_neither_silence_nor_a_burst(hours):
    gap = START + timedelta(days=14)
    end = gap + timedelta(hours=hours)
    rows = [row for row in series(20, 60) if not gap <= row[0] < end]
    found = [moment for moment in alerts(rows) if gap <= moment < end + timedelta(days=1)]
    assert not found
    detector = BurstDetector(HOUR)
    feed(detector, [row for row in rows if row[0] < end])
    assert detector.expected(end) == pytest.approx(20, rel=0.2)
    assert any(
        moment >= end + timedelta(days=2) for moment in alerts(with_burst(rows, end + timedelta(days=2), 4, 200))
    )


@pytest.mark.parametrize("cut", [0, 1, 100, 24 * 20 + 1, 24 * 21])
def test_resuming_from_stored_state_changes_nothing(cut):
    rows = with_burst(series(3, 30), START + timedelta(days=20), 30, 30)
    whole = BurstDetector(HOUR)
    expected = feed(whole, rows)
    first = BurstDetector(HOUR)
    readings = feed(first, rows[:cut])
    second = BurstDetector(HOUR, json.loads(json.dumps(first.state(), allow_nan=False)))
    readings += feed(second, rows[cut:])
    assert readings == expected
    assert second.state() == whole.state()
    assert any(reading.alert for reading in expected)


def test_the_state_does_not_grow():
    detector = BurstDetector(HOUR)
    sizes = []
    rows = series(20, 60)
    for part in (rows[:48], rows[48:]):
        feed(detector, part)
        sizes.append(len(json.dumps(detector.state())))
    assert sizes[1] < 2000
    assert sizes[1] < sizes[0] * 1.2


def test_a_state_of_another_bucket_is_refused():
    with pytest.raises(ValueError, match="another"):
        BurstDetector(300, BurstDetector(HOUR).state())


@pytest.mark.parametrize("bucket", [0, -1, math.nan, math.inf, 86401])
def test_absurd_buckets_are_refused(bucket):
    with pytest.raises(ValueError, match="bucket"):
        BurstDetector(bucket)


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, -1])
def test_what_is_no_count_teaches_nothing(value):
    detector = BurstDetector(HOUR)
    feed(detector, series(20, 10))
    before = detector.state()
    reading = detector.update(START + timedelta(days=10), value)
    assert (reading.score, reading.alert, reading.seen) == (0.0, False, None)
    assert detector.state() == before


def test_a_moment_that_is_not_later_teaches_nothing():
    detector = BurstDetector(HOUR)
    feed(detector, series(20, 10))
    before = detector.state()
    for moment in (START, START + timedelta(days=10, hours=-1)):
        reading = detector.update(moment, 10_000)
        assert (reading.score, reading.alert, reading.seen) == (0.0, False, 10_000)
    assert detector.state() == before


def test_absurd_counts_stay_finite_and_are_forgotten():
    detector = BurstDetector(HOUR)
    feed(detector, series(20, 10))
    odd = [1e308, 0, 1e12, 5e-324, 10**30, 0]
    readings = feed(detector, [(START + timedelta(days=10, hours=n), value) for n, value in enumerate(odd)])
    assert all(0 <= reading.score <= 1 and math.isfinite(reading.z) for reading in readings)
    json.dumps(detector.state(), allow_nan=False)
    later = [(moment + timedelta(days=11), count) for moment, count in series(20, 40)]
    feed(detector, later)
    assert detector.expected(later[-1][0]) == pytest.approx(20, rel=0.5)


@pytest.mark.parametrize("value", [0, 7])
def test_a_constant_topic_never_alerts(value):
    assert not alerts([(START + timedelta(hours=n), value) for n in range(24 * 60)])


@pytest.mark.parametrize("bucket", [300, HOUR])
def test_one_post_on_a_silent_topic_is_no_burst(bucket):
    rows = [(START + timedelta(seconds=n * bucket), 0) for n in range(20 * 86400 // bucket)]
    rows[-10] = (rows[-10][0], 1)
    assert not alerts(rows, bucket)


def test_scale_does_not_matter_to_busy_topics():
    rows = with_burst(series(rhythm, 30), START + timedelta(days=25), 5, 150)
    large = [(moment, count * 1000) for moment, count in rows]
    larger = [(moment, count * 64_000) for moment, count in rows]
    for one, other in zip(feed(BurstDetector(HOUR), large), feed(BurstDetector(HOUR), larger), strict=True):
        assert one.alert == other.alert
        assert one.score == pytest.approx(other.score, rel=0.01, abs=1e-3)
    assert set(alerts(large)) & {START + timedelta(days=25, hours=n) for n in range(3)}


def test_scores_depend_on_the_past_alone():
    rows = series(20, 20)
    changed = [*rows[:240], *((moment, count * 9) for moment, count in rows[240:])]
    assert feed(BurstDetector(HOUR), rows)[:240] == feed(BurstDetector(HOUR), changed)[:240]


def test_evaluation_scores_every_row(tmp_path, capsys):
    begin = START + timedelta(days=20)
    rows = [(moment.replace(tzinfo=None), count) for moment, count in with_burst(series(20, 24), begin, 5, 200)]
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    lines = ["timestamp,value", *(f"{moment},{count}" for moment, count in rows)]
    (data / "topic.csv").write_text("\n".join(lines) + "\n")
    (data / "windows.json").write_text(json.dumps({"any/topic.csv": [[str(rows[480][0]), str(rows[490][0])]]}))
    assert crisis.main(["--data", str(data), "--out", str(out)]) == 0
    written = (out / "topic.csv").read_text().splitlines()
    assert written[0] == "timestamp,value,anomaly_score"
    assert [line.rsplit(",", 1)[0] for line in written[1:]] == lines[1:]
    scores = [float(line.rsplit(",", 1)[1]) for line in written[1:]]
    assert all(0 <= score <= 1 for score in scores)
    assert max(scores) == max(scores[480:484])
    figures = dict(line.split()[1:] for line in capsys.readouterr().out.splitlines() if line.startswith("figure "))
    assert figures["rows"] == "576"
    assert figures["crisis_recall"] == "100.0"
    with pytest.raises(SystemExit):
        crisis.main(["--data", str(data), "--out", str(data)])
