import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli.main import run

ROOT = Path(__file__).parent.parent
BANK = """\
topic: networking
questions:
  - id: firewalls
    question: What sets a security group apart [in a VPC] from a network ACL?
    reference: Security groups are stateful, network ACLs are stateless.
    concepts:
      - id: stateful
        statement: "Security groups are stateful: replies to allowed traffic pass automatically."
        weight: 2
        accept: [replies pass by themselves]
      - id: stateless
        statement: "Network ACLs are stateless: return traffic needs a rule of its own."
"""
ANSWER = ("Security groups are stateful: replies to allowed traffic pass automatically. "
          "Network ACLs are stateless: return traffic needs a rule of its own.")


@pytest.fixture(autouse=True)
def small_bank(tmp_path, monkeypatch):
    """A bank of one question, and no trace in the user's folders."""
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "networking.yaml").write_text(BANK)
    monkeypatch.setenv("GRADER_BANK", str(tmp_path / "bank"))
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def typed(monkeypatch, data):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


def test_grade_for_eyes(capsys):
    assert run(["grade", "firewalls", ANSWER]) == 0
    out, err = capsys.readouterr()

    assert "What sets a security group apart [in a VPC] from a network ACL?" in out
    assert "of 100" in out
    assert "✓ said" in out
    assert "2 of 2 points right." in out
    assert err == ""


def test_grade_shows_the_reference_only_when_asked(capsys):
    run(["grade", "firewalls", "No idea at all, sorry."])
    assert "A model answer" not in capsys.readouterr().out
    run(["grade", "firewalls", "No idea at all, sorry.", "--reveal"])
    assert "A model answer" in capsys.readouterr().out


def test_grade_as_json(capsys):
    assert run(["grade", "firewalls", ANSWER, "--json"]) == 0
    grade = json.loads(capsys.readouterr().out)

    assert grade["question_id"] == "firewalls"
    assert [c["status"] for c in grade["concepts"]] == ["covered", "covered"]
    assert all(ANSWER[e["start"] : e["end"]] == e["text"] for c in grade["concepts"] for e in c["evidence"])


def test_grade_reads_standard_input(capsys, monkeypatch):
    typed(monkeypatch, ANSWER.encode())

    assert run(["grade", "firewalls", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] > 50


def test_an_answer_that_would_steer_the_terminal_does_not(capsys):
    assert run(["grade", "firewalls", "\x1b[2J\x07 Groups [bold]remember[/] all [/nonsense] ⏎"]) == 0
    out = capsys.readouterr().out

    assert "\x1b" not in out
    assert "[bold]remember[/] all [/nonsense]" in out


@pytest.mark.parametrize(("arguments", "stdin", "told"), [
    (["grade", "firewals", "x"], b"", "did you mean firewalls?"),
    (["grade", "nothing like it", "x"], b"", "no question 'nothing like it' in the bank"),
    (["grade", "firewalls"], b"caf\xe9", "standard input: not UTF-8 at byte 3"),
    (["score", "missing.jsonl"], b"", "missing.jsonl: No such file"),
    (["score", "-o", "no/such/folder/out.jsonl"], b"", "No such file"),
    (["score", "--workers", "0"], b"", "'0' is not a number from 1 to 256"),
    (["score", "--engine", "cloud"], b"", "invalid choice"),
    (["grade"], b"", "QUESTION_ID"),
    (["nonsense"], b"", "invalid choice"),
])
def test_wrong_usage_is_exit_2_and_says_what_is_wrong(arguments, stdin, told, capsys, monkeypatch):
    typed(monkeypatch, stdin)

    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert told in err
    assert "Traceback" not in err
    assert out == ""


def test_no_command_prints_the_help_and_is_wrong_usage(capsys):
    assert run([]) == 2
    assert "usage: grader" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--help"], ["grade", "--help"], ["score", "--help"], ["--version"]])
def test_help_and_version_are_fine(arguments, capsys):
    assert run(arguments) == 0
    assert "grader" in capsys.readouterr().out


def test_a_model_file_that_was_altered_is_a_fault_of_ours(capsys, monkeypatch, tmp_path):
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("GRADER_MODELS", str(tmp_path / "models"))

    assert run(["grade", "firewalls", "x"]) == 1
    assert "manifest.json is missing. To repair:" in capsys.readouterr().err


def test_a_setting_that_makes_no_sense_names_itself(capsys, monkeypatch):
    monkeypatch.setenv("GRADER_BANK", "/no/such/folder")

    assert run(["grade", "firewalls", "x"]) == 2
    assert "GRADER_BANK=/no/such/folder" in capsys.readouterr().err


def score(tmp_path, lines, *more):
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    code = run(["score", str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out.jsonl"), *more])
    return code, [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]


def test_score_from_file_to_file(tmp_path, capsys):
    item = {"id": "1", "question_id": "firewalls", "answer": ANSWER}
    code, results = score(tmp_path, [json.dumps({**item, "id": str(n)}).encode() for n in range(3)], "--workers", "1")

    assert code == 0
    assert [r["id"] for r in results] == ["0", "1", "2"]
    assert not list(tmp_path.glob("*.part"))
    assert capsys.readouterr() == ("", "")


def test_score_with_lines_that_cannot_be_graded_is_exit_3(tmp_path, capsys):
    item = {"id": "ok", "reference": "Security groups are stateful.", "answer": ANSWER}
    code, results = score(tmp_path, [b"{", b"\xff\xfe", json.dumps(item).encode(), b'{"id": "no-answer"}'])

    assert code == 3
    assert [r.get("error", {}).get("code") for r in results] == ["not_json", "not_utf8", None, "bad_input"]
    assert results[2]["concepts"][0]["derived"] is True
    assert "3 could not be graded" in capsys.readouterr().err


def test_score_through_pipes(monkeypatch, capsys):
    typed(monkeypatch, json.dumps({"id": "é", "question_id": "firewalls", "answer": "…"}).encode())

    assert run(["score"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["id"] == "é"
    assert "\\u" not in line


def test_as_a_module_in_a_process_of_its_own(small_bank):
    """The real thing once: arguments, pipes, encoding and exit code."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-W", "error", "-m", "grader", "grade", "firewalls", f"{ANSWER} ☕"],
                          env=environment, capture_output=True, cwd=small_bank, check=False)

    assert done.stderr == b""
    assert done.returncode == 0
    assert b"2 of 2 points right." in done.stdout


def test_a_reader_that_leaves_early_is_no_fault(small_bank):
    """As in `grader score | head -1`."""
    line = json.dumps({"question_id": "firewalls", "answer": "Well."}).encode() + b"\n"
    process = subprocess.Popen([sys.executable, "-m", "grader", "score"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
    process.stdout.close()
    with process:
        process.stdin.write(line)
        process.stdin.close()
        errors = process.stderr.read()

    assert errors == b""
    assert process.returncode == 0
