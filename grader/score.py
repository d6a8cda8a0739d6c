"""Readings and weights into 0-100 with an interval: pure arithmetic.

A concept is worth +1 where covered, `half` where partial, 0 where missing and -`harm` where
contradicted; its value is the expectation of that over the verifier's probabilities. The score is
the weighted mean of the values, stretched so that near-certain answers reach the ends. Every
constant is fitted on held-out folds by `models/recipes` and read from `calibration.json`.
"""

import math
from collections.abc import Sequence

import msgspec

from grader.domain import Flag, Reading, Status, Verdict

CERTAIN = {
    Status.covered: Reading(1.0, 0.0, 0.0, 0.0),
    Status.partial: Reading(0.0, 1.0, 0.0, 0.0),
    Status.missing: Reading(0.0, 0.0, 1.0, 0.0),
    Status.contradicted: Reading(0.0, 0.0, 0.0, 1.0),
}
# The bands are the words of the score; they are a convention, not a measurement.
STRONG, GOOD, PARTIAL = 85.0, 70.0, 40.0


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """The fitted constants."""

    half: float = 0.5
    harm: float = 1.0
    sharpen: float = 1.0  # exponent on the probabilities; above 1 trusts the likeliest status more
    slope: float = 100.0
    offset: float = 0.0
    spread: float = 1.6  # half the 90 % interval, in predicted standard deviations
    floor: float = 2.0  # added to the predicted standard deviation, in points
    sure: float = 4.0  # logistic: confidence = 1 / (1 + exp(-(sure - doubt * deviation)))
    doubt: float = 0.3
    review_below: float = 0.6
    stated: float = 0.97  # probability of covered that a plainly stated concept gets


class Score(msgspec.Struct, frozen=True):
    """A number, its interval, and how sure we are of it."""

    points: float
    low: float
    high: float
    confidence: float
    coverage: float


def score(readings: Sequence[Reading], weights: Sequence[float], scale: Scale) -> Score:
    """The score of an answer from the readings of its concepts."""
    # fsum is exact to the last bit, so that the order of concepts cannot matter.
    total = math.fsum(weights)
    mean = math.fsum(w * value(r, scale) for r, w in zip(readings, weights, strict=True)) / total
    deviation = scale.floor + 100 * math.sqrt(
        math.fsum((w / total) ** 2 * variance(r, scale) for r, w in zip(readings, weights, strict=True))
    )
    points = _clamp(scale.offset + scale.slope * mean)
    covered = math.fsum(w * {Status.covered: 1.0, Status.partial: 0.5}.get(r.status, 0.0)
                        for r, w in zip(readings, weights, strict=True))
    return Score(
        points=round(points, 1),
        low=round(_clamp(points - scale.spread * deviation), 1),
        high=round(_clamp(points + scale.spread * deviation), 1),
        confidence=round(1 / (1 + math.exp(-(scale.sure - scale.doubt * deviation))), 3),
        coverage=round(covered / total, 3),
    )


def gains(readings: Sequence[Reading], weights: Sequence[float], scale: Scale) -> tuple[float, ...]:
    """For each concept, the points that saying it right would add; 0 where it is covered."""
    now = score(readings, weights, scale).points
    left = 1 - scale.stated
    said = Reading(scale.stated, 0.0, left, 0.0)
    result = []
    for i, reading in enumerate(readings):
        if reading.status is Status.covered:
            result.append(0.0)
            continue
        better = [*readings[:i], said, *readings[i + 1 :]]
        result.append(round(max(0.0, score(better, weights, scale).points - now), 1))
    return tuple(result)


def verdict(points: float, flags: Sequence[Flag]) -> Verdict:
    """The score in one word."""
    if Flag.empty in flags:
        return Verdict.empty
    if Flag.off_topic in flags:
        return Verdict.off_topic
    if points >= STRONG:
        return Verdict.strong
    if points >= GOOD:
        return Verdict.good
    return Verdict.partial if points >= PARTIAL else Verdict.weak


def value(reading: Reading, scale: Scale) -> float:
    """What a concept is expected to be worth, between -harm and 1."""
    c, p, _, x = _sharp(reading, scale.sharpen)
    return c + scale.half * p - scale.harm * x


def variance(reading: Reading, scale: Scale) -> float:
    """How far a concept's worth may be from the expected one, squared; from the plain probabilities."""
    worths = (1.0, scale.half, 0.0, -scale.harm)
    p = (reading.covered, reading.partial, reading.missing, reading.contradicted)
    mean = sum(a * b for a, b in zip(p, worths, strict=True))
    return max(0.0, sum(a * b * b for a, b in zip(p, worths, strict=True)) - mean * mean)


def _sharp(r: Reading, exponent: float) -> tuple[float, float, float, float]:
    p = tuple(x**exponent for x in (r.covered, r.partial, r.missing, r.contradicted))
    total = sum(p) or 1.0
    return p[0] / total, p[1] / total, p[2] / total, p[3] / total


def _clamp(x: float) -> float:
    return min(100.0, max(0.0, x))
