import json
from pathlib import Path

import msgspec
import pytest

from grader.bank import Bank, load_bank
from grader.check import Known, check, read_known
from grader.domain import Concept, Question, Reject, Status
from grader.engine import Grader
from grader.labels import expected, in_step, label_flaws
from tests.fakes import FakeEncoder, FakeVerifier

STEEP = Question(
    id="tea", topic="kitchen", question="Why do you steep tea?",
    reference="Hot water draws flavour. Long steeping makes bitter tea.",
    concepts=(
        Concept(id="flavour", statement="Hot water draws flavour.", weight=2,
                accept=("hot water, it draws the flavour out", "leaves give taste"),
                reject=(Reject(claim="Hot water never draws flavour.", correction="It does."),)),
        Concept(id="bitter", statement="Long steeping makes bitter tea.", weight=2,
                accept=("long steeping makes it a bitter tea, and hot water draws flavour",),
                reject=(Reject(claim="Cold brews are bitter.", correction="They are mild."),))))
AGAIN = msgspec.structs.replace(STEEP, id="tea-again")
ROUX = Question(
    id="roux", topic="kitchen", question="Why is it that flour binds a sauce?",
    reference="It is brown.", concepts=(Concept(id="bind", statement="Flour binds a sauce."),))


def grader_of(*questions):
    return Grader(Bank(questions), FakeEncoder(), FakeVerifier())


def doubts_of(*questions, known=(), cache=None):
    return check(grader_of(*questions), questions, known, cache)


def keys(result):
    return [(d.question, d.check, d.concept, d.text) for d in result.doubts]


# ---------------------------------------------------------------- content


def test_each_check_finds_what_the_grader_does_not_share():
    result = doubts_of(STEEP)

    assert keys(result) == [
        ("tea", "accept", "flavour", "leaves give taste"),
        ("tea", "separate", "bitter", "long steeping makes it a bitter tea, and hot water draws flavour"),
        ("tea", "reject", "bitter", "Cold brews are bitter.")]
    assert [d.message for d in result.doubts] == [
        "flavour reads as missing: leaves give taste",
        "bitter's wording covers flavour too: long steeping makes it a bitter tea, and hot water draws flavour",
        "bitter reads as missing: Cold brews are bitter."]


def test_a_weak_reference_and_a_telling_question_are_doubted():
    result = doubts_of(ROUX)

    assert [(d.check, d.concept) for d in result.doubts] == [("reference", ""), ("question", "bind")]
    assert result.doubts[0].message.endswith(": bind missing")
    assert result.doubts[1].message == "the bare question covers bind"


def test_questions_that_ask_the_same_are_doubted_once():
    assert [(d.question, d.text) for d in doubts_of(STEEP, AGAIN).doubts if d.check == "near"] == [("tea-again", "tea")]


def test_drafts_are_passed_over():
    assert doubts_of(msgspec.structs.replace(STEEP, draft=True)).doubts == []


def test_the_numbers_add_up():
    by_check = {t.check: (t.texts, t.doubted, t.known) for t in doubts_of(STEEP).tallies}

    assert by_check == {"reference": (1, 0, 0), "accept": (3, 1, 0), "separate": (3, 1, 0), "reject": (2, 1, 0),
                        "question": (1, 0, 0), "near": (1, 0, 0)}


def test_the_surest_doubts_come_first():
    found = [d.sure for d in doubts_of(STEEP, AGAIN).doubts if d.check == "accept"]

    assert found == sorted(found, reverse=True)


def test_known_doubts_are_counted_apart_and_settled_ones_told():
    known = (Known(question="tea", check="accept", concept="flavour", text="leaves give taste", why="People say so."),
             Known(question="tea", check="reject", concept="bitter", why="Any claim of it."),
             Known(question="tea", check="accept", concept="bitter", why="No doubt any more."))
    result = doubts_of(STEEP, known=known)

    assert [d.check for d in result.doubts] == ["separate"]
    assert {t.check: t.known for t in result.tallies if t.known} == {"accept": 1, "reject": 1}
    assert result.settled == [known[2]]


def test_what_did_not_change_is_not_graded_again(tmp_path):
    first, second, third = (grader_of(STEEP, ROUX) for _ in range(3))
    before = check(first, [STEEP, ROUX], (), tmp_path)
    again = check(second, [STEEP, ROUX], (), tmp_path)
    changed = msgspec.structs.replace(ROUX, reference="Flour binds a sauce by its starch.")
    check(third, [STEEP, changed], (), tmp_path)

    assert before == again
    assert second._verifier.asked == 0
    assert third._verifier.asked == 2  # the reference and the question of the changed one


def test_a_broken_cache_is_made_again(tmp_path):
    before = doubts_of(STEEP, cache=tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(b"{")

    assert doubts_of(STEEP, cache=tmp_path) == before


@pytest.mark.parametrize(("entry", "expected"), [
    ({"question": "coffee", "check": "accept", "why": "x"}, "$.question: no question 'coffee' in the bank"),
    ({"question": "tea", "check": "accept", "concept": "c9", "why": "x"}, "$.concept: tea has no concept 'c9'"),
    ({"question": "tea", "check": "accept", "text": "gone", "why": "x"}, "$.text: tea has no such text any more"),
    ({"question": "tea", "check": "smell", "why": "x"}, "$.check: 'smell'; known are reference, accept"),
    ({"question": "tea", "check": "accept", "why": " "}, "$.why: say why the author is right"),
    ({"question": "tea", "check": "accept"}, "$.why: missing"),
    ({"question": "tea", "check": "accept", "why": "x", "who": "me"}, "$.who: unknown field"),
    ("no json", "not JSON"),
])
def test_what_is_wrong_with_the_known_doubts_is_told(tmp_path, entry, expected):
    good = json.dumps({"question": "tea", "check": "accept", "why": "x"})
    (tmp_path / "known.jsonl").write_text(f"{good}\n\n{entry if isinstance(entry, str) else json.dumps(entry)}\n")
    known, wrong = read_known(tmp_path, {"tea": STEEP})

    assert len(known) == 1
    assert str(wrong[0]).startswith("known.jsonl:3: ")
    assert expected in str(wrong[0])


def test_without_a_list_nothing_is_known(tmp_path):
    assert read_known(tmp_path, {}) == ([], [])


def test_a_second_field_is_graded_as_well_as_the_first():
    sql = load_bank(Path(__file__).parent / "second_domain")
    grader = Grader.load(bank=sql)
    question = sql.get("where-vs-having")
    right = ("WHERE works on single rows and throws them out before the grouping, HAVING works on whole groups once "
             "they exist, so a test on a count or a sum has to stand in HAVING.")
    wrong = ("WHERE is applied to the finished groups and HAVING removes single rows before anything is grouped. A "
             "count can only be tested in WHERE.")
    points = {text: grader.grade(question_id=question.id, answer=text).score
              for text in (question.reference, right, wrong, "I like tea and long walks in the evening.")}

    assert min(points[question.reference], points[right]) >= max(list(points.values())[2:]) + 30


# ---------------------------------------------------------------- labelled answers

BLOCK = {
    "qid": "tea", "topic": "kitchen", "question": STEEP.question, "reference": STEEP.reference,
    "concepts": [{"id": c.id, "statement": c.statement, "weight": int(c.weight)} for c in STEEP.concepts],
    "answers": [{"kind": "full", "answer": "All of it.", "score": 100,
                 "concepts": {"flavour": "covered", "bitter": "covered"}},
                {"kind": "one", "answer": "Half of it.", "score": 50,
                 "concepts": {"flavour": "covered", "bitter": "missing"}}]}


def labels_in(tmp_path, *blocks):
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "kitchen.jsonl").write_text("".join(json.dumps(b) + "\n" for b in blocks))
    return [str(f) for f in label_flaws(tmp_path, Bank((STEEP,)))]


def answered(**changes):
    return {**BLOCK, "answers": [BLOCK["answers"][0], {**BLOCK["answers"][1], **changes}]}


def test_answers_in_step_have_no_flaw(tmp_path):
    assert labels_in(tmp_path, BLOCK) == []


def test_a_bank_without_answers_has_no_flaw(tmp_path):
    assert label_flaws(tmp_path, Bank((STEEP,))) == []


@pytest.mark.parametrize(("block", "expected"), [
    ({**BLOCK, "qid": "coffee"}, "$.qid: no question 'coffee' in the bank"),
    ({**BLOCK, "question": "Why?"}, "$.question: tea: not as in the bank"),
    ({**BLOCK, "reference": "Because."}, "$.reference: tea: not as in the bank"),
    ({**BLOCK, "concepts": [BLOCK["concepts"][0], {**BLOCK["concepts"][1], "weight": 1}]}, "$.concepts: tea: not as"),
    (answered(kind="nice"), "$.answers[1].kind: tea: 'nice'; known are full, terse"),
    (answered(score=60), "$.answers[1].score: tea: 60, and its labels give 50"),
    (answered(concepts={"flavour": "covered"}), "$.answers[1].concepts: tea: labels for flavour; concepts are flavour"),
    (answered(answer="all of it"), "$.answers[1].answer: tea: the same words as tea, answer 1"),
    (answered(concepts={"flavour": "covered", "bitter": "maybe"}), "'maybe' is no status"),
    (answered(score=101), "$.answers[1].score"),
])
def test_what_is_wrong_with_labelled_answers_is_told(tmp_path, block, expected):
    told = labels_in(tmp_path, block)

    assert told[0].startswith("answers/kitchen.jsonl:1: ")
    assert any(expected in t for t in told), told


def test_a_score_may_differ_a_little_from_its_labels(tmp_path):
    assert labels_in(tmp_path, answered(score=57)) == []


def test_labels_give_a_score():
    weights = {"a": 2.0, "b": 1.0, "c": 1.0}

    assert expected(dict.fromkeys(weights, Status.covered), weights) == 100
    assert expected({"a": Status.partial, "b": Status.contradicted, "c": Status.covered}, weights) == 25
    assert expected(dict.fromkeys(weights, Status.contradicted), weights) == 0


def test_copies_of_rubrics_are_brought_into_step_where_the_concepts_are_the_same(tmp_path):
    stale = {**BLOCK, "reference": "Ünlike."}
    other = {**BLOCK, "qid": "tea", "concepts": BLOCK["concepts"][:1]}
    labels_in(tmp_path, stale, other)
    path = tmp_path / "answers" / "kitchen.jsonl"
    lines = in_step(path, Bank((STEEP,))).decode().splitlines()

    assert json.loads(lines[0]) == BLOCK
    assert json.loads(lines[1]) == other
