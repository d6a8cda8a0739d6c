"""What a learner knows, believes wrongly, and is asked next."""

import itertools
import json
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.bank import Bank
from grader.domain import Flag, Level, Status
from grader.errors import BadInput
from grader.progress import Mode, Summary, choose, cohort, disputed, fold, progress, rebuild
from grader.progress.beta import intervals
from grader.progress.gaps import gaps
from grader.progress.mastery import estimate
from tests.attempts import NOON, SAID, attempt, plain_question, square_bank
from tests.fakes import DENY, FIREWALLS, STATEFUL, STATELESS, TEA, TINY

LATER = NOON + timedelta(days=1)


def mastery(*attempts, bank=TINY, topic="networking", now=LATER):
    found = progress(rebuild(attempts), bank, now)
    return next(t for t in found.topics if t.topic == topic)


def concept(*attempts, name="stateful", now=LATER):
    found = estimate(rebuild(attempts), TINY, now.timestamp())
    return found.concepts["sg-vs-nacl"][name].mean


def open_ones(*attempts, bank=TINY):
    return [m for m in progress(rebuild(attempts), bank, NOON + timedelta(days=30)).misconceptions if m.open]


# ---------------------------------------------------------------- mastery


def test_a_learner_without_answers_has_every_topic_and_knows_nothing_for_sure():
    found = progress(Summary(), TINY, NOON)

    assert [t.topic for t in found.topics] == ["kitchen", "networking"]
    assert all(t.answers == 0 and t.high - t.low > 0.5 for t in found.topics)
    assert found.weak[0].reason == "Never asked yet."
    assert found.misconceptions == () and found.concepts == () and found.days == ()


def test_one_answer_moves_the_mastery_and_leaves_it_wide():
    before, one = mastery(), mastery(attempt("ccc"))

    assert one.mastery > before.mastery
    assert one.high - one.low > 0.3
    assert one.answers == 1 and one.asked == 1 and one.attempts == (attempt("ccc").id,)


def test_two_right_answers_make_no_master():
    assert mastery(attempt("ccc"), attempt("ccc", days=3), now=NOON + timedelta(days=3)).low < 0.75


def test_evidence_narrows_the_interval():
    many = [attempt("ccc", days=d) for d in range(0, 60, 6)]

    narrow, wide = mastery(*many, now=NOON + timedelta(days=55)), mastery(many[0])
    assert narrow.high - narrow.low < wide.high - wide.low


def test_a_contradiction_weighs_more_than_a_gap():
    assert concept(attempt("xcc")) < concept(attempt("mcc")) < concept(attempt("pcc")) < concept(attempt("ccc"))


def test_the_newest_answer_counts_most():
    better, worse = [attempt("mmm"), attempt("ccc", days=5)], [attempt("ccc"), attempt("mmm", days=5)]

    assert concept(*better, now=NOON + timedelta(days=6)) > concept(*worse, now=NOON + timedelta(days=6))


def test_what_was_said_right_is_slowly_forgotten():
    right = attempt("ccc")

    knowing = [concept(right, now=NOON + timedelta(days=d)) for d in (0, 10, 100, 1000)]
    assert knowing == sorted(knowing, reverse=True)


@pytest.mark.parametrize("help_", [{"hint": True}, {"revealed": True}, {"flags": (Flag.copied_reference,)}])
def test_help_makes_a_right_answer_count_less(help_):
    assert concept(attempt("ccc", **help_)) < concept(attempt("ccc"))


def test_a_reveal_shows_less_than_a_hint():
    assert concept(attempt("ccc", revealed=True)) < concept(attempt("ccc", hint=True))


def test_a_right_answer_minutes_after_the_correction_is_an_echo():
    wrong = attempt("mmm")

    echo = attempt("ccc", at=NOON + timedelta(minutes=5))
    recalled = attempt("ccc", at=NOON + timedelta(hours=20))
    assert concept(wrong, echo) < concept(wrong, recalled)


def test_an_unsure_verdict_moves_less():
    assert concept(attempt("mmm", confidence=0.5)) > concept(attempt("mmm", confidence=0.99))


def test_topics_come_weakest_first_and_say_why():
    found = progress(rebuild([attempt("mxm"), attempt("cc", question=TEA)]), TINY, LATER)

    assert [t.topic for t in found.topics] == ["networking", "kitchen"]
    assert found.weak[0].topic == "networking"
    assert found.weak[0].reason == ("0 of 3 points said right when last asked, 1 said wrongly, in 1 answer: "
                                    "too few to be sure.")


def test_a_topic_that_another_builds_on_comes_before_it():
    basics, advanced = plain_question("basics", "zeta"), plain_question("advanced", "alpha", requires=("zeta",))
    bank = Bank((basics, advanced))
    answers = [attempt("xxx", question=advanced), attempt("cmm", question=basics)]

    found = progress(rebuild(answers), bank, LATER)
    assert [t.topic for t in found.topics] == ["alpha", "zeta"]
    assert [w.topic for w in found.weak] == ["zeta", "alpha"]
    assert found.weak[0].reason.endswith("Alpha builds on it, so it comes first.")


def test_the_trend_compares_the_newer_half_with_the_older():
    up = [attempt(said, days=d) for d, said in enumerate(["mmm", "mmm", "ccc", "ccc"])]

    assert mastery(*up).trend == 1.0
    assert mastery(*up[:3]).trend == 0.0


def test_concepts_are_listed_weakest_first_with_the_attempts_they_come_from():
    answers = [attempt("cmx"), attempt("cmx", days=2)]

    found = progress(rebuild(answers), TINY, NOON + timedelta(days=3)).concepts
    assert [c.concept for c in found] == ["deny", "stateless", "stateful"]
    assert found[0].attempts == (answers[1].id, answers[0].id)
    assert (found[0].said, found[0].asked, found[0].last) == (0, 2, Status.contradicted)


def test_progress_has_the_shape_of_the_contract():
    shape = json.loads(msgspec.json.encode(progress(rebuild([attempt("cmx")]), TINY, LATER)))

    assert {"topics", "concepts", "misconceptions"} <= shape.keys()
    assert {"topic", "mastery", "low", "high", "answers", "trend", "due"} <= shape["topics"][0].keys()
    assert shape["days"] == [{"day": "2026-03-02", "answers": 1, "score": 20.0}]


# ---------------------------------------------------------------- misconceptions


def test_a_misconception_keeps_the_learners_words_and_the_correction():
    (wrong,) = open_ones(attempt("xcc"))

    assert (wrong.concept, wrong.words, wrong.times) == ("stateful", SAID, 1)
    assert wrong.correction == "No: Security groups are stateful."


def test_it_is_closed_when_said_right_on_two_days():
    wrong, once, again = attempt("xcc"), attempt("ccc", days=1), attempt("ccc", days=2)

    assert [m.right_on for m in open_ones(wrong, once)] == [("2026-03-03",)]
    assert open_ones(wrong, once, again) == []


@pytest.mark.parametrize("second", [
    attempt("ccc", days=1.2),  # the same day
    attempt("ccc", days=2, revealed=True),  # read off
    attempt("pcc", days=2),  # half said
    attempt("mcc", days=2),
])
def test_it_stays_open_without_a_second_day_of_right_sayings_from_memory(second):
    assert len(open_ones(attempt("xcc"), attempt("ccc", days=1), second)) == 1


def test_midnight_is_no_short_cut():
    late = NOON + timedelta(days=1, hours=11, minutes=50)

    answers = [attempt("xcc"), attempt("ccc", at=late), attempt("ccc", at=late + timedelta(minutes=70))]
    assert len(open_ones(*answers)) == 1


def test_saying_it_wrongly_again_starts_over():
    answers = [attempt("xcc"), attempt("ccc", days=1), attempt("xcc", days=2), attempt("ccc", days=3)]

    (wrong,) = open_ones(*answers)
    assert (wrong.times, wrong.right_on, wrong.first[:10]) == (2, ("2026-03-05",), "2026-03-02")
    assert open_ones(*answers, attempt("ccc", days=4)) == []


def test_a_closed_one_is_still_shown():
    answers = [attempt("xcc"), attempt("ccc", days=1), attempt("ccc", days=2)]

    (wrong,) = progress(rebuild(answers), TINY, NOON + timedelta(days=9)).misconceptions
    assert not wrong.open


def test_an_improved_answer_right_after_the_correction_settles_nothing():
    improved = attempt("ccc", at=NOON + timedelta(minutes=3))

    assert open_ones(attempt("xcc"), improved)[0].right_on == ()


def test_gaps_name_what_is_wrong_and_what_is_not_said():
    found = gaps(rebuild([attempt("xmp")]), TINY)

    assert found == {"sg-vs-nacl": (f"You wrote “{SAID}”. Right is: No: Security groups are stateful.",
                                    "Not said: Network ACLs are stateless.",
                                    "Only half said: Only ACLs know deny rules.")}


# ---------------------------------------------------------------- a bank that changed


def test_answers_to_a_removed_question_are_counted_and_nothing_else():
    found = progress(rebuild([attempt("xcc"), attempt("cc", question=TEA)]), Bank((TEA,)), LATER)

    assert (found.answers, found.removed, found.asked, found.questions) == (2, 1, 1, 1)
    assert [t.topic for t in found.topics] == ["kitchen"]
    assert [m.open for m in found.misconceptions] == [False]
    assert choose(rebuild([attempt("xcc")]), Bank((TEA,)), LATER).question == TEA


def reworded(statement):
    concepts = (msgspec.structs.replace(STATEFUL, statement=statement), STATELESS, DENY)
    return Bank((msgspec.structs.replace(FIREWALLS, concepts=concepts), TEA))


def test_evidence_for_a_reworded_concept_counts_half_and_for_another_claim_not_at_all():
    summary = rebuild([attempt("ccc")])

    def known(bank):
        return estimate(summary, bank, LATER.timestamp()).concepts["sg-vs-nacl"]["stateful"].mean

    same, typo = reworded("Security groups are stateful!"), reworded("The security groups are stateful.")
    other = reworded("An Elastic IP is a fixed public address.")
    assert known(same) == known(TINY)
    assert known(TINY) > known(typo) > known(other)


def test_a_misconception_about_another_claim_is_no_longer_open():
    other = reworded("An Elastic IP is a fixed public address.")

    assert len(open_ones(attempt("xcc"))) == 1
    assert open_ones(attempt("xcc"), bank=other) == []


def test_an_answer_to_the_new_wording_starts_afresh():
    bank = reworded("An Elastic IP is a fixed public address.")
    new = attempt("mcc", days=1, question=bank.get("sg-vs-nacl"))

    assert rebuild([attempt("ccc"), new]).questions["sg-vs-nacl"].concepts["stateful"].said == (0, 0, 1, 0)


# ---------------------------------------------------------------- what to ask next


def after(*attempts, bank, mode=Mode.weakest, now=None, **wanted):
    return choose(rebuild(attempts), bank, now or LATER, mode, **wanted)


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_gives_a_question_and_a_reason_to_a_new_learner(mode):
    found = after(bank=TINY, mode=mode)

    assert found.question.id in TINY.questions
    assert found.why.endswith(".")


@pytest.mark.parametrize("mode", Mode)
def test_the_same_seed_gives_the_same_choices(mode):
    def run(seed):
        summary, bank, chosen = Summary(), square_bank(), []
        for n in range(12):
            now = NOON + timedelta(hours=n)
            question = choose(summary, bank, now, mode, seed=seed).question
            chosen.append(question.id)
            summary = fold(summary, attempt("cmx", at=now, question=question))
        return chosen

    assert run(3) == run(3)
    assert run(3) != run(4)


@given(st.lists(st.tuples(st.sampled_from(list(Mode)), st.text("cmxp", min_size=3, max_size=3)), max_size=15))
def test_never_the_same_question_twice_in_a_row(steps):
    bank, summary, last = square_bank(2, 2), Summary(), None
    for n, (mode, said) in enumerate(steps):
        question = choose(summary, bank, NOON + timedelta(hours=n), mode).question
        assert question.id != last
        last = question.id
        summary = fold(summary, attempt(said, at=NOON + timedelta(hours=n), question=question))


def test_weakest_goes_to_the_weakest_topic_and_mixes_topics():
    bank, summary, topics = square_bank(4, 10), Summary(), []
    for n in range(40):
        now = NOON + timedelta(hours=n)
        question = choose(summary, bank, now).question
        topics.append(question.topic)
        summary = fold(summary, attempt("mmm" if question.topic == "topic-2" else "ccc", at=now, question=question))

    counts = Counter(topics[8:])
    assert counts.most_common(1)[0][0] == "topic-2"
    assert all(a != b for a, b in itertools.pairwise(topics)) or max(counts.values()) < 30
    assert len(counts) == 4


def test_an_open_misconception_is_asked_again_on_the_next_day():
    bank = square_bank(3, 4)
    answers = [attempt("ccm", days=n / 100, question=q) for n, q in enumerate(bank)]
    wrong = bank.get("q-1-2")
    answers.append(attempt("xcc", days=0.5, question=wrong))
    answers.append(attempt("ccm", days=0.6, question=bank.get("q-0-0")))

    for mode in (Mode.weakest, Mode.due):
        found = after(*answers, bank=bank, mode=mode, now=NOON + timedelta(days=1.6))
        assert found.question.id == "q-1-2"
        assert found.why.startswith("You said something wrong here")


def test_level_and_topic_are_respected():
    bank = Bank(tuple(plain_question(f"{topic}-{level}-{n}", topic, level=level)
                      for topic in ("one", "two") for level in Level for n in range(2)))

    for mode in Mode:
        found = after(bank=bank, mode=mode, topic="two", level=Level.advanced).question
        assert (found.topic, found.level) == ("two", Level.advanced)


def test_a_new_learner_is_not_begun_with_the_hardest():
    bank = Bank(tuple(plain_question(f"q-{level}-{n}", "one", level=level) for level in Level for n in range(3)))

    assert {after(bank=bank, seed=n).question.level for n in range(20)} == {Level.beginner}


def test_a_topic_waits_for_those_it_builds_on():
    bank = Bank((*(plain_question(f"a-{n}", "alpha", requires=("zeta",)) for n in range(3)),
                 *(plain_question(f"z-{n}", "zeta") for n in range(3))))

    assert {after(bank=bank, seed=n).question.topic for n in range(20)} == {"zeta"}


def test_the_only_question_that_fits_is_not_repeated_but_widened():
    bank = Bank((plain_question("a", "one", level=Level.advanced), plain_question("b", "one"),
                 plain_question("c", "two")))
    last = attempt(question=bank.get("a"))

    other_level = after(last, bank=bank, topic="one", level=Level.advanced)
    assert (other_level.question.id, "another level" in other_level.why) == ("b", True)
    last = attempt(question=bank.get("c"))
    other_topic = after(last, bank=bank, topic="two")
    assert other_topic.question.topic == "one" and "another topic" in other_topic.why


def test_a_bank_of_one_question_says_that_it_has_no_other():
    bank = Bank((TEA,))

    assert after(attempt("cc", question=TEA), bank=bank).why.startswith("The bank has no other question.")


@pytest.mark.parametrize(("wanted", "message"), [
    ({"topic": "astrology"}, "no topic 'astrology'; there are networking, kitchen"),
    ({"topic": "kitchen", "level": Level.advanced}, "topic 'kitchen' has no advanced question"),
])
def test_a_wish_that_no_question_fits_is_a_clear_fault(wanted, message):
    with pytest.raises(BadInput, match=message):
        choose(Summary(), TINY, NOON, **wanted)


def test_drafts_are_never_asked():
    bank = Bank((msgspec.structs.replace(TEA, draft=True), FIREWALLS))

    assert {after(bank=bank, mode=mode, seed=n).question.id for mode in Mode for n in range(5)} == {"sg-vs-nacl"}
    with pytest.raises(BadInput, match="no question to ask"):
        after(bank=Bank((msgspec.structs.replace(TEA, draft=True),)))


def test_due_gives_what_is_due_and_else_says_what_it_does():
    bank = square_bank(1, 3)
    one, two = (attempt("mmm", question=bank.get(f"q-0-{n}"), days=n / 10) for n in range(2))

    due = after(one, two, bank=bank, mode=Mode.due)
    assert due.question.id == "q-0-0"
    assert due.why == "You answered this a day ago; it is due now, before it is forgotten."
    fresh = after(attempt("ccc", question=bank.get("q-0-0")), bank=bank, mode=Mode.due)
    assert fresh.why == "Nothing is due now, so here is one you have not been asked yet."
    answers = [attempt("ccc", question=q, days=n / 100) for n, q in enumerate(bank)]
    soon = after(*answers, bank=bank, mode=Mode.due)
    assert soon.why.startswith("Nothing is due now; this one comes up next, on ")


def test_new_asks_what_was_never_asked_and_then_the_oldest():
    bank = square_bank(1, 3)
    answers = [attempt("ccc", question=bank.get(f"q-0-{n}"), days=n / 10) for n in range(3)]

    assert after(*answers[:2], bank=bank, mode=Mode.new).question.id == "q-0-2"
    again = after(*answers, bank=bank, mode=Mode.new)
    assert (again.question.id, again.why) == (
        "q-0-0", "You have answered every question here; this one longest ago, a day ago.")


# ---------------------------------------------------------------- the summary


def test_folding_one_by_one_is_rebuilding_in_any_order():
    answers = [attempt(said, days=d) for d, said in enumerate(["xcc", "mmm", "ccc", "ccp", "ccc"])]
    live = Summary()
    for one in answers:
        live = fold(live, one)

    assert rebuild(answers[::-1]) == live
    assert rebuild([*answers, answers[2]]) == live


def test_folding_leaves_the_old_summary_as_it_was():
    old = rebuild([attempt("xcc")])
    kept = msgspec.msgpack.encode(old)

    fold(old, attempt("ccc", days=1))
    assert msgspec.msgpack.encode(old) == kept


def test_a_summary_survives_storage():
    summary = rebuild([attempt("xcp"), attempt("ccc", days=3)])

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(summary), type=Summary) == summary
    assert msgspec.json.decode(msgspec.json.encode(summary), type=Summary) == summary


def test_a_clock_that_goes_back_breaks_nothing():
    backwards = [attempt("ccc", days=5), attempt("xcc", days=3), attempt("mmm", days=4)]
    live = Summary()
    for one in backwards:
        live = fold(live, one)

    assert live.answers == 3 and live.until[0] == backwards[0].created
    found = progress(live, TINY, NOON)  # and now lies before all of them
    assert all(0 <= t.low <= t.mastery <= t.high <= 1 for t in found.topics)
    assert choose(live, TINY, NOON, Mode.due).why


verdicts = st.lists(st.tuples(st.text("cpmx", min_size=3, max_size=3), st.floats(0, 400), st.booleans(),
                              st.floats(0.25, 1)), max_size=12)


@given(verdicts, st.floats(-10, 2000))
def test_masteries_are_shares_within_their_intervals(answers, later):
    given_ = [attempt(said, days=d, hint=hint, confidence=sure) for said, d, hint, sure in answers]

    found = progress(rebuild(given_), TINY, NOON + timedelta(days=later))
    for share in (*found.topics, *found.concepts):
        assert 0 <= share.low <= share.mastery <= share.high <= 1


@given(verdicts, st.integers(0, 2), st.sampled_from(["xm", "mp", "pc", "xc"]))
def test_a_better_verdict_never_lowers_a_mastery(answers, which, step):
    worse, better = step
    earlier = [attempt(said, days=d) for said, d, _, _ in answers]

    def known(verdict):
        said = "".join(verdict if n == which else "m" for n in range(3))
        found = estimate(rebuild([*earlier, attempt(said, days=500)]), TINY, NOON.timestamp() + 501 * 86400)
        return found.topics["networking"].mean

    assert known(better) >= known(worse)


@pytest.mark.parametrize(("right", "wrong", "low", "high"), [
    (1, 1, 0.025, 0.975), (2, 1, 0.025**0.5, 0.975**0.5), (1, 4, 1 - 0.975**0.25, 1 - 0.025**0.25),
    (1, 20, 1 - 0.975**0.05, 1 - 0.025**0.05),
])
def test_intervals_are_those_of_the_beta_distribution(right, wrong, low, high):
    total = right + wrong
    ((a, b),) = intervals([right / total], [right * wrong / (total**2 * (total + 1))])

    assert a == pytest.approx(low, abs=2e-3) and b == pytest.approx(high, abs=2e-3)


# ---------------------------------------------------------------- a group


def test_a_group_is_seen_without_anybodys_words():
    known = STATEFUL.reject[0]
    wrong = attempt("xcx")
    named = msgspec.structs.replace(wrong.grade.misconceptions[0], claim=known.claim)
    grade = msgspec.structs.replace(wrong.grade, misconceptions=(named, *wrong.grade.misconceptions[1:]))
    ann = rebuild([msgspec.structs.replace(wrong, grade=grade)])
    bob = rebuild([attempt("xcc"), attempt("ccc", days=1), attempt("ccc", days=2)])

    found = cohort([ann, bob, Summary()], TINY, LATER)
    assert (found.learners, found.answers) == (2, 4)
    assert [(t.topic, t.learners, t.answers) for t in found.topics] == [("networking", 2, 4)]
    first, second = found.misconceptions
    assert (first.concept, first.learners, first.open, first.claims) == ("stateful", 2, 1, (known.claim,))
    assert (second.concept, second.claims) == ("deny", ())
    assert SAID not in msgspec.json.encode(found).decode()


def test_a_group_of_nobody_is_empty():
    assert cohort([], TINY, NOON).topics == ()


def test_disputes_are_ranked_by_their_share_of_the_answers():
    disputes = [SimpleNamespace(attempt=a, question_id=q, concept=c) for a, q, c in [
        ("a1", "sg-vs-nacl", "deny"), ("a2", "sg-vs-nacl", "deny"), ("a2", "sg-vs-nacl", "deny"),  # a2's said twice
        ("a3", "tea-steeping", "bitter"), ("a4", "gone", "c1")]]

    found = disputed(disputes, {"sg-vs-nacl": 40, "tea-steeping": 3}, TINY)
    assert [(d.question_id, d.disputes, d.share) for d in found] == [
        ("gone", 1, 0.5), ("tea-steeping", 1, 0.25), ("sg-vs-nacl", 2, 0.049)]
    assert found[1].statement == "Long steeping makes bitter tea." and found[0].statement == ""


