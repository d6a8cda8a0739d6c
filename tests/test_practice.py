"""The terminal twin of the page: what is asked, kept and shown."""

import builtins
import sys
from types import SimpleNamespace

import pytest

from grader.cli.main import run
from grader.engine import Grader
from grader.store import Store

SAID = "Security groups are stateful."


@pytest.fixture
def practise(fake, monkeypatch, tmp_path, capsys):
    """Runs the command with some lines typed at it; gives what it printed and what is stored."""
    monkeypatch.setattr(Grader, "load", classmethod(lambda cls: fake))
    monkeypatch.setenv("COLUMNS", "100")
    path = tmp_path / "learners.db"

    def practising(*lines, options=(), person=True):
        left = list(lines)

        def typed(prompt=""):
            if not left:
                raise EOFError
            return left.pop(0)

        monkeypatch.setattr(builtins, "input", typed)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: person))
        assert run(["practice", "--db", str(path), *options]) == 0
        told = capsys.readouterr().out
        store = Store(path)
        attempts = store.history("local/me")
        store.close()
        return told, attempts

    return practising


def test_an_answer_is_graded_and_kept(practise):
    told, attempts = practise(SAID, "", "q")

    assert "of 100" in told
    assert "A model answer" in told
    assert [a.answer for a in attempts] == [SAID]
    assert attempts[0].grade.id == attempts[0].id
    assert not attempts[0].hint_used
    assert not attempts[0].revealed


def test_help_is_given_and_noted(practise):
    told, attempts = practise("?", "=", SAID, "", "q")

    assert attempts[0].hint_used
    assert attempts[0].revealed
    assert told.count(attempts[0].question_id) == 0


def test_an_answer_improved_shows_what_changed(practise):
    told, attempts = practise("Nothing comes to mind.", "", "i", SAID, "", "q")

    assert "since your last answer" in told
    assert len({a.question_id for a in attempts}) == 1
    assert len(attempts) == 2


def test_a_skipped_question_makes_way_for_another(practise, fake):
    told, attempts = practise(">", SAID, "", "q")

    shown = sorted((told.index(q.question), q.id) for q in fake.bank)
    assert [a.question_id for a in attempts] == [shown[1][1]]


def test_progress_is_a_letter_away(practise):
    told, _ = practise("p", SAID, "", "p", "q")

    assert "No answers yet" in told
    assert "1 answer to 1 of" in told


def test_a_pipe_answers_one_question_after_another(practise):
    _, attempts = practise(SAID, "", SAID, person=False)

    assert len(attempts) == 2


def test_a_topic_that_is_not_there_is_told_with_those_that_are(fake, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(Grader, "load", classmethod(lambda cls: fake))

    assert run(["practice", "--db", str(tmp_path / "l.db"), "--topic", "cooking"]) == 2
    assert "topics: " in capsys.readouterr().err
