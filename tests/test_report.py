"""The report page and, beside it, the run that feeds it."""

from html.parser import HTMLParser

import pytest

from grader.bank import Bank
from grader.domain import Concept, Fault, Feedback, Finding, Grade, Item, Question, Status, Ungraded, Verdict
from grader.evaluate.labelled import Block, LabelledAnswer
from grader.evaluate.metrics import Row, measure
from grader.evaluate.report import WORST, html_report
from grader.evaluate.run import evaluate, text_table

C, M, X = Status.covered, Status.missing, Status.contradicted
VOID = {"meta", "br"}
KINDS = {"full": 100, "terse": 90, "mixed": 40, "swapped": 0, "stuffed": 5}


def grade(score=50.0, statuses=None, **more):
    findings = tuple(Finding(id=i, statement=f"Statement {i}.", weight=1, status=s, confidence=0.9, gain=0)
                     for i, s in (statuses or {}).items())
    fields = {"id": "", "question_id": None, "score": score, "score_low": max(0, score - 9),
              "score_high": min(100, score + 9), "verdict": Verdict.partial, "confidence": 0.8, "needs_review": False,
              "similarity": 0.5, "coverage": 0.5, "concepts": findings, "misconceptions": (),
              "feedback": Feedback(summary=""), "flags": (), "engine": "test"}
    return Grade(**{**fields, **more})


def rows(questions=3):
    return [
        Row(question_id=f"tea-{n}", question=f"Why tea {n}?", kind=kind, score=label, answer=f"Tea {kind} {n}.",
            statuses={"c1": C if label > 50 else X, "c2": M},
            grade=grade(label * 0.8 + 3 * n, {"c1": C, "c2": M}, confidence=0.5 + n / 10))
        for n in range(questions) for kind, label in KINDS.items()
    ]


def page(found, title="Tea"):
    return html_report(found, measure(found), title)


class Reader(HTMLParser):
    """What a page is made of; fails on a tag that is left open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *a) for a in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *a) for a in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_is_well_formed_and_stands_alone():
    text = page(rows())
    read = Reader(text)

    assert not {"script", "link", "img", "iframe", "a"} & set(read.tags)
    assert not [a for a in read.attributes if a[1] in ("src", "href") or a[1].startswith("on")]
    assert "://" not in text
    assert "url(" not in text


def test_the_page_suits_dark_rooms_and_narrow_screens():
    text = page(rows())

    assert "prefers-color-scheme:dark" in text
    assert '<meta name="viewport"' in text


def test_every_picture_has_a_name_and_its_numbers_as_a_table():
    read = Reader(page(rows()))

    assert read.tags.count("svg") == 4
    assert read.tags.count("figure") == 5
    assert read.attributes.count(("svg", "role", "img")) == 4
    assert len([a for a in read.attributes if a[:2] == ("svg", "aria-label") and a[2]]) == 4
    assert read.tags.count("details") == 4


@pytest.mark.parametrize("nasty", ["<script>alert(1)</script>", '"><b onclick="x">', "&lt;", "</title></svg>", "'"])
def test_text_from_data_is_never_markup(nasty):
    finding = Finding(id=nasty, statement=nasty, weight=1, status=C, confidence=1, gain=0)
    found = [Row(question_id=nasty, question=nasty, kind=nasty, score=0, answer=nasty, statuses={nasty: X},
                 grade=grade(90, concepts=(finding,)))]

    text = page(found, title=nasty)
    read = Reader(text)

    assert "script" not in read.tags
    assert "onclick" not in {name for _, name, _ in read.attributes}
    assert "".join(read.words).count(nasty) >= 5


def test_a_lone_surrogate_does_not_keep_the_page_from_being_written():
    found = [Row(question_id="q", kind="full", score=0, answer="tea \ud800", grade=grade(90))]

    assert page(found).encode()


def test_the_worst_twenty_come_worst_first_with_both_verdicts():
    found = [Row(question_id="q", kind="hard", score=0, answer=f"Answer {n}.", statuses={"c1": X, "c2": C},
                 grade=grade(float(n), {"c1": C, "c2": C})) for n in range(30)]

    text = page(found)

    assert text.count("<article>") == WORST == 20
    assert text.index("Answer 29.") < text.index("Answer 28.") < text.index("Answer 10.")
    assert "Answer 9." not in text
    first = text[text.index("<article>"):text.index("</article>")]
    assert "label <b>0</b>, grade <b>29</b>" in first
    assert '<tr class="apart"><td>Statement c1. <small>c1</small></td><td>contradicted</td><td>≠ covered' in first
    assert "<tr><td>Statement c2. <small>c2</small></td><td>covered</td><td>covered" in first


def test_perfect_grades_have_no_worst_answer():
    text = page([Row(question_id="q", kind="full", score=50, answer="Tea.", grade=grade(50))])

    assert "<article>" not in text
    assert "Every grade is its label." in text


def test_without_labelled_concepts_only_scores_are_shown():
    found = [Row(question_id="q", kind="other", score=10, answer="Tea.", grade=grade(50, {"c1": C}))]

    text = page(found)
    table = text_table(measure(found))

    for absent in ("Macro F1", "Verdicts on concepts", "Is confidence earned?"):
        assert absent not in text
    assert "<td>–</td>" in text
    assert "macro F1" not in table
    assert "precision" not in table
    assert "right order" not in table


def test_a_page_and_a_table_of_nothing_can_be_read():
    assert "0 labelled answers" in page([])
    assert "0 labelled answers" in text_table(measure([]))


def test_the_terminal_table_is_aligned_and_explained():
    table = text_table(measure(rows()))
    lines = table.splitlines()

    assert lines[0] == "15 labelled answers to 3 questions, 30 labelled concepts"
    assert max(map(len, lines)) <= 100
    assert not [line for line in lines if line != line.rstrip()]
    pearson = next(line for line in lines if line.startswith("correlation (Pearson)"))
    error = next(line for line in lines if line.startswith("mean absolute error"))
    assert pearson.index("1 agrees") == error.index("points of 100")
    for kind in KINDS:
        assert any(line.startswith(kind) for line in lines)


# ---------------------------------------------------------------- the run


class FakeGrader:
    """Gives every answer the score it names; cannot grade one that names none."""

    def __init__(self, *questions):
        self.bank = Bank(questions)
        self.asked = []

    def grade_many(self, items):
        self.asked = list(items)
        return [self._grade(i) for i in self.asked]

    def _grade(self, item: Item):
        if not item.answer.isdigit():
            return Ungraded(id=item.id, error=Fault(code="bad_input", message="no number"))
        derived = {} if item.concepts or item.question_id else {"derived": True}
        return grade(float(item.answer), {"c1": C}, **derived)


def block(qid="tea", **more):
    answers = tuple(LabelledAnswer(kind="hard", answer=a, score=50, concepts={"c1": X}) for a in ("40", "?", "70"))
    return Block(qid=qid, answers=answers, question="Why tea?", **more)


def test_evaluate_sets_labels_beside_grades_and_counts_what_could_not_be_graded():
    own = block(concepts=(Concept(id="c1", statement="Tea is good."),))

    found = evaluate(FakeGrader(), [own])

    assert [(r.answer, r.score, r.grade.score, r.kind, r.question_id) for r in found.rows] == [
        ("40", 50, 40, "hard", "tea"), ("70", 50, 70, "hard", "tea")]
    assert [r.statuses for r in found.rows] == [{"c1": X}, {"c1": X}]
    assert [u.id for u in found.ungraded] == ["tea/2"]
    assert (found.figures["answers"], found.figures["ungraded"], found.figures["mae"]) == (2, 1, 15)
    assert "could not be graded: 1" in text_table(found.figures)
    assert "could not be graded: 1" in html_report(found.rows, found.figures, "Tea")


def test_labels_are_not_compared_with_concepts_that_were_derived():
    found = evaluate(FakeGrader(), [block(reference="Tea is good.")])

    assert {r.statuses for r in found.rows} == {None}
    assert found.figures["concept_labels"] == 0


def test_evaluate_by_question_id_where_the_bank_has_it():
    question = Question(id="tea", question="Why?", reference="So.", concepts=(Concept(id="c1", statement="So."),))
    grader = FakeGrader(question)

    evaluate(grader, [block(reference="So."), block("milk", reference="So.")], by_question_id=True)

    assert [i.question_id for i in grader.asked] == ["tea"] * 3 + [None] * 3
