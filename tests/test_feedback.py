import pytest

from grader.domain import Finding, Flag, Misconception, Span, Status
from grader.feedback import QUOTED, feedback, quote


def finding(status, statement="Groups are stateful.", gain=0.0, said="they remember"):
    spans = (Span(start=0, end=len(said), text=said),) if said and status is not Status.missing else ()
    return Finding(id="c1", statement=statement, weight=1, status=status, confidence=0.9, gain=gain, evidence=spans)


def wrong(said="groups forget"):
    return Misconception(concept="c1", claim=said, correction="Groups remember connections.",
                         evidence=(Span(start=0, end=len(said), text=said),))


def test_right_things_then_missing_ones_by_gain_then_wrong_ones():
    told = feedback([
        finding(Status.missing, "Small matter.", 5), finding(Status.covered),
        finding(Status.partial, "Half a thing.", 10), finding(Status.missing, "Big matter.", 30),
        finding(Status.contradicted, gain=40)], [wrong()], ())

    assert told.strengths == ("“they remember” says it: Groups are stateful.",)
    assert told.gaps == (
        "Not said: Big matter. (about +30)",
        "“they remember” is only half of it: Half a thing. (about +10)",
        "Not said: Small matter. (about +5)")
    assert told.corrections == ("You wrote “groups forget”. Groups remember connections.",)


def test_the_summary_counts_and_names_the_next_step():
    told = feedback([finding(Status.covered), finding(Status.missing, "Lists know deny rules.", 25.4)], [], ())

    assert told.summary == "1 of 2 points right and 1 missing. Most to gain, about 25 points: Lists know deny rules."


def test_setting_something_right_may_be_what_helps_most():
    told = feedback([finding(Status.contradicted, gain=60), finding(Status.missing, "Less.", 20)], [wrong()], ())

    assert told.summary == ("0 of 2 points right, 1 missing and 1 said wrongly. "
                            "Setting one thing right would gain most, about 60 points: Groups are stateful.")


def test_nothing_left_to_gain_is_not_made_up():
    assert feedback([finding(Status.covered)], [], ()).summary == "1 of 1 points right."


@pytest.mark.parametrize(("flag", "remark"), [
    (Flag.off_topic, "another question"), (Flag.keyword_list, "list of terms"), (Flag.restates_question, "repeats"),
    (Flag.not_english, "English"), (Flag.too_short, "few words"), (Flag.copied_reference, "your own")])
def test_what_is_odd_is_said_in_the_summary(flag, remark):
    assert remark in feedback([finding(Status.missing, gain=50)], [], (flag,)).summary


def test_an_empty_answer_is_told_so_and_what_it_would_take():
    told = feedback([finding(Status.missing, gain=50)], [], (Flag.empty,))

    assert told.summary == "There is nothing here to grade yet."
    assert told.gaps == ("Not said: Groups are stateful. (about +50)",)


def test_no_sentence_comes_from_nowhere():
    told = feedback([finding(Status.missing)], [], ())

    assert (told.strengths, told.corrections) == ((), ())


@pytest.mark.parametrize(("text", "quoted"), [
    ("two\n  words", "“two words”"),
    ("x" * QUOTED, f"“{'x' * QUOTED}”"),
    ("many words " * 20, "“" + ("many words " * 20)[:QUOTED].rsplit(" ", 1)[0] + " …”"),
    ("x" * 200, "“" + "x" * QUOTED + " …”"),
])
def test_quotations_are_short_and_end_at_a_word(text, quoted):
    assert quote(text) == quoted
