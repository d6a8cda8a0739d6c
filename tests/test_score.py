import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain import Flag, Reading, Status, Verdict
from grader.score import CERTAIN, Scale, gains, score, value, variance, verdict
from tests.fakes import reading

WORST_FIRST = (Status.contradicted, Status.missing, Status.partial, Status.covered)
SCALES = st.builds(Scale, half=st.floats(0.2, 0.8), harm=st.floats(0, 2), sharpen=st.floats(0.5, 3),
                   slope=st.floats(50, 150), offset=st.floats(-20, 20), spread=st.floats(0.5, 3),
                   floor=st.floats(0, 10), stated=st.floats(0.8, 1))
WEIGHTS = st.lists(st.floats(0.1, 100), min_size=1, max_size=8)
SURE = st.floats(0.5, 1)


@st.composite
def readings(draw):
    parts = draw(st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(sum))
    return Reading(*(p / sum(parts) for p in parts))


@st.composite
def rubrics(draw):
    weights = draw(WEIGHTS)
    return [draw(readings()) for _ in weights], weights


@given(rubrics(), SCALES)
def test_the_score_lies_in_its_interval_and_both_in_range(rubric, scale):
    result = score(*rubric, scale)

    assert 0 <= result.low <= result.points <= result.high <= 100
    assert 0 <= result.confidence <= 1
    assert 0 <= result.coverage <= 1


@given(rubrics(), st.randoms(use_true_random=False), SCALES)
def test_the_order_of_concepts_does_not_matter(rubric, random, scale):
    pairs = list(zip(*rubric, strict=True))
    random.shuffle(pairs)

    assert score(*zip(*pairs, strict=True), scale) == score(*rubric, scale)


@given(rubrics(), SURE, st.sampled_from(WORST_FIRST), st.sampled_from(WORST_FIRST), SCALES)
def test_a_better_status_never_lowers_the_score(rubric, sure, one, other, scale):
    (_, *rest), weights = rubric
    worse, better = sorted((one, other), key=WORST_FIRST.index)

    assert (score([reading(worse, sure), *rest], weights, scale).points
            <= score([reading(better, sure), *rest], weights, scale).points)


@given(rubrics(), SURE, SCALES)
def test_contradicted_never_beats_missing(rubric, sure, scale):
    (_, *rest), weights = rubric

    assert (score([reading(Status.contradicted, sure), *rest], weights, scale).points
            <= score([reading(Status.missing, sure), *rest], weights, scale).points)


@given(rubrics(), SCALES)
def test_gains_are_what_saying_it_would_add(rubric, scale):
    now, weights = rubric
    before = score(now, weights, scale).points

    for i, (gain, old) in enumerate(zip(gains(now, weights, scale), now, strict=True)):
        said = [*now[:i], Reading(scale.stated, 0, 1 - scale.stated, 0), *now[i + 1 :]]
        added = score(said, weights, scale).points - before
        assert gain == (0 if old.status is Status.covered else pytest.approx(max(0, added), abs=0.051))


@given(readings(), SCALES)
def test_worth_and_its_doubt_are_bounded(one, scale):
    assert -scale.harm - 1e-9 <= value(one, scale) <= 1 + 1e-9
    assert 0 <= variance(one, scale) <= (1 + scale.harm) ** 2


@given(WEIGHTS)
def test_the_weight_is_a_share(weights):
    doubled = [2 * w for w in weights]
    seen = [reading(Status.covered), *(reading(Status.missing) for _ in weights[1:])]

    assert score(seen, weights, Scale()).points == pytest.approx(score(seen, doubled, Scale()).points, abs=0.1)


@pytest.mark.parametrize(("statuses", "points", "coverage"), [
    ((Status.covered, Status.covered), 100, 1),
    ((Status.missing, Status.missing), 0, 0),
    ((Status.covered, Status.missing), 75, 0.75),
    ((Status.missing, Status.covered), 25, 0.25),
    ((Status.partial, Status.missing), 37.5, 0.375),
    ((Status.covered, Status.contradicted), 50, 0.75),  # 3/4 right, 1/4 taken off again
    ((Status.contradicted, Status.covered), 0, 0.25),  # never below 0
])
def test_what_a_certain_verifier_would_give(statuses, points, coverage):
    result = score([CERTAIN[s] for s in statuses], (3, 1), Scale())

    assert (result.points, result.coverage) == (points, coverage)


def test_doubt_widens_the_interval_and_lowers_the_confidence():
    sure, unsure = (score([reading(Status.covered, p)], [1], Scale()) for p in (0.99, 0.6))

    assert unsure.high - unsure.low > sure.high - sure.low
    assert unsure.confidence < sure.confidence


@pytest.mark.parametrize(("points", "flags", "word"), [
    (100, (), Verdict.strong), (85, (), Verdict.strong), (84.9, (), Verdict.good), (70, (), Verdict.good),
    (69.9, (), Verdict.partial), (40, (), Verdict.partial), (39.9, (), Verdict.weak), (0, (), Verdict.weak),
    (0, (Flag.empty,), Verdict.empty), (3, (Flag.off_topic, Flag.not_english), Verdict.off_topic),
    (90, (Flag.copied_reference,), Verdict.strong),
])
def test_verdicts(points, flags, word):
    assert verdict(points, flags) is word


def test_the_shipped_constants_keep_the_laws(weights):
    scale = msgspec.convert(msgspec.json.decode(weights.read("calibration.json"))["score"], Scale)

    assert 0 < scale.half < 1
    assert scale.harm >= 0
    assert scale.slope > 0
    assert [score([CERTAIN[s]], [1], scale).points for s in WORST_FIRST] == sorted(
        score([CERTAIN[s]], [1], scale).points for s in WORST_FIRST)
    assert score([CERTAIN[Status.covered]], [1], scale).points >= 90
    assert score([CERTAIN[Status.missing]], [1], scale).points <= 10
