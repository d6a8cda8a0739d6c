import pytest

from grader.text import words
from grader.verbs import begins_with_verb, many, verb


@pytest.mark.parametrize(("clause", "expected"), [
    ("the queue keeps a message", "keeps"),
    ("scaling policies watch the metrics", "watch"),
    ("I put the data in S3", "put"),
    ("instances can boot", "can"),
    ("a launch template says what it looks like", "says"),
    ("the queue of messages", None),
    ("stored data by KMS keys", None),
    ("a list of requests", None),
    ("", None),
])
def test_the_finite_verb_is_found(clause, expected):
    at = verb(words(clause))

    assert (words(clause)[at] if at is not None else None) == expected


@pytest.mark.parametrize(("clause", "begins"), [
    ("are durable", True), ("sees far fewer requests", True), ("runs on two cores", True),
    ("requests per target", False), ("the queue", False), ("", False)])
def test_a_verb_at_the_start(clause, begins):
    assert begins_with_verb(words(clause)) is begins


@pytest.mark.parametrize(("clause", "plural"), [
    ("policies are shared", True), ("CloudFront is a network", False), ("Outposts is hardware", False),
    ("keys expire", True), ("groups can nest", True), ("a role can nest", False)])
def test_the_number_of_the_subject(clause, plural):
    said = words(clause)

    assert many(said, verb(said)) is plural
