import json

import pytest

from grader.bank import load_bank
from grader.cli.main import run

NOTES = """\
# Tea Interview Questions
## Basic
1. What is oolong?
A tea that is partly oxidised.
2. What is matcha?
"""
WORDS = " ".join(["Hot water draws the flavour out of the leaves, and the leaves stay behind in the pot."] * 4)
SHEET = f"""\
# yaml-language-server: $schema=schema.json
topic: tea
questions:
  - id: tea-steep
    level: beginner
    question: Why do you steep tea in hot water?
    reference: {WORDS}
    hint: Think of the leaves.
    follow_ups: [How long?]
    tags: [tea]
    concepts:
      - id: c1
        statement: Hot water draws flavour out of the leaves.
        accept: [heat pulls taste out of leaves, hot water → taste]
      - id: c2
        statement: The leaves stay behind in the pot.
        accept: [you do not drink the leaves, leaves stay in pot]
      - id: c3
        statement: The water must be hot for the flavour.
        accept: [cold water will not do for taste, needs heat]
  - id: coffee-grind
    level: advanced
    question: How fine do you grind coffee for espresso?
    reference: {WORDS}
    concepts:
      - id: c1
        statement: Very fine.
    draft: true
"""


@pytest.fixture(autouse=True)
def small_bank(tmp_path, monkeypatch):
    """A bank of two questions, and no trace in the user's folders."""
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "tea.yaml").write_text(SHEET)
    monkeypatch.setenv("GRADER_BANK", str(tmp_path / "bank"))
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys, *arguments, code=0):
    assert run(["bank", *arguments]) == code
    return capsys.readouterr().out


def test_list_narrows_by_topic_and_level(capsys):
    assert told(capsys, "list", "--topic", "tea", "--level", "advanced") == (
        "coffee-grind\n    How fine do you grind coffee for espresso?  [tea, advanced]\n1 question\n")
    assert told(capsys, "list", "--topic", "milk") == "0 questions\n"


def test_list_as_json_has_the_four_fields(capsys):
    assert json.loads(told(capsys, "list", "--json"))[0] == {
        "id": "tea-steep", "topic": "tea", "level": "beginner", "question": "Why do you steep tea in hot water?"}


def test_list_finds_by_words(capsys):
    found = json.loads(told(capsys, "list", "grinding", "espreso", "--json"))

    assert found[0]["id"] == "coffee-grind"


def test_show_tells_the_rubric_or_the_nearest_ids(capsys):
    assert "c2  The leaves stay behind in the pot.  (weight 1)" in told(capsys, "show", "tea-steep")
    assert json.loads(told(capsys, "show", "tea-steep", "--json"))["id"] == "tea-steep"
    assert run(["bank", "show", "tea-step"]) == 2
    assert "did you mean tea-steep?" in capsys.readouterr().err


def test_import_writes_drafts_and_tells_what_it_read(capsys, small_bank):
    again = "1. Why do you steep tea in hot water?\nFlavour goes out.\n"
    (small_bank / "tea notes.md").write_text("Ahead.\n\n" + NOTES + again)
    out = told(capsys, "import", "tea notes.md")

    assert "3 questions, 2 with an answer" in out
    assert "asks what tea-steep asks" in out
    assert "line 1: Ahead." in out
    drafts = load_bank(small_bank / "tea notes-drafts")
    assert [(q.id, q.draft, q.level.value) for q in drafts] == [
        ("oolong", True, "beginner"), ("steep-tea-hot-water", True, "beginner")]
    assert drafts.get("steep-tea-hot-water").see_also == ("tea-steep",)
    assert "What is matcha?" in (small_bank / "tea notes-drafts" / "unanswered.md").read_text()


def test_import_never_overwrites(capsys, small_bank):
    (small_bank / "n.md").write_text(NOTES)
    told(capsys, "import", "n.md", "-o", "new")
    before = {p.name: p.read_text() for p in (small_bank / "new").iterdir()}

    assert run(["bank", "import", "n.md", "-o", "new"]) == 2
    assert "import overwrites nothing" in capsys.readouterr().err
    assert {p.name: p.read_text() for p in (small_bank / "new").iterdir()} == before


def test_import_as_json_writes_nothing_and_keeps_the_order(capsys, small_bank):
    (small_bank / "n.md").write_text(NOTES)
    found = json.loads(told(capsys, "import", "n.md", "--json"))

    assert found == [
        {"question": "What is oolong?", "answer": "A tea that is partly oxidised.", "level": "beginner", "topic": None,
         "line": 3, "duplicate_of": None},
        {"question": "What is matcha?", "answer": None, "level": "beginner", "topic": None, "line": 5,
         "duplicate_of": None}]
    assert not (small_bank / "n-drafts").exists()


def test_import_of_what_cannot_be_read(capsys, small_bank):
    (small_bank / "empty.md").write_text("Nothing here.\n")
    (small_bank / "image.md").write_bytes(b"\x89PNG\x00\x00")
    assert run(["bank", "import", "empty.md"]) == 3
    assert run(["bank", "import", "image.md"]) == 2
    assert run(["bank", "import", "gone.md"]) == 2
    assert run(["bank", "import", "bank"]) == 2

    err = capsys.readouterr().err
    assert "empty.md: no question found" in err
    assert "image.md: not a text" in err
    assert "bank: a folder" in err


def test_check_of_the_form_loads_no_model_and_tells_every_fault(capsys, small_bank, monkeypatch):
    monkeypatch.setenv("GRADER_MODELS", str(small_bank))
    text = SHEET.replace("hint: Think of the leaves.", "hint: ''").replace("[tea]", "[A B]")
    (small_bank / "bank" / "tea.yaml").write_text(text)
    out = told(capsys, "check", "--form", code=2)

    assert "tea.yaml:8: $.questions[0].hint: tea-steep: hint: missing" in out
    assert "'A B': a tag is lower-case words" in out
    assert out.endswith("2 questions, 3 faults: 1 layout, 1 number, 1 form\n")


def test_check_fixes_what_is_mechanical(capsys, small_bank):
    path = small_bank / "bank" / "tea.yaml"
    path.write_text(SHEET.replace("[tea]", "[Green Tea]"))
    assert told(capsys, "check", "--form", "--fix") == "2 questions, 0 faults\n"
    fixed = path.read_text()

    assert fixed.startswith("# yaml-language-server: $schema=schema.json\ntopic: tea\n")
    assert "      - green-tea\n" in fixed
    assert told(capsys, "check", "--form", "--fix") == "2 questions, 0 faults\n"
    assert path.read_text() == fixed


def test_check_does_not_fix_a_file_with_remarks_or_faults(capsys, small_bank):
    path = small_bank / "bank" / "tea.yaml"
    path.write_text(SHEET.replace("[tea]", "[Green Tea]") + "# a remark\n")
    assert run(["bank", "check", "--form", "--fix"]) == 2
    assert "a comment would be lost" in capsys.readouterr().err
    path.write_text("topic: [")
    assert run(["bank", "check", "--form", "--fix"]) == 2
    assert "tea.yaml:1: not YAML" in capsys.readouterr().err
    assert path.read_text() == "topic: ["


def test_check_as_json_holds_faults_figures_and_doubts(capsys, small_bank):
    told(capsys, "check", "--form", "--fix")
    found = json.loads(told(capsys, "check", "--json"))

    assert (found["questions"], found["faults"]) == (2, [])
    assert {c["check"]: c["texts"] for c in found["checks"]} == {
        "reference": 1, "accept": 6, "separate": 6, "reject": 0, "question": 1, "near": 1}
    assert all(set(d) == {"question", "check", "concept", "text", "message", "sure"} for d in found["doubts"])


def test_check_with_strict_fails_where_the_grader_doubts_much(capsys, small_bank):
    told(capsys, "check", "--form", "--fix")
    path = small_bank / "bank" / "tea.yaml"
    path.write_text(path.read_text().replace(WORDS[:40], "I do not know at all why anybody does so"))
    told(capsys, "check", "--form", "--fix")
    silly = " ".join(["I have no idea about any of that, sorry, ask me something else about bicycles."] * 4)
    path.write_text(SHEET.replace(WORDS, silly, 1))
    told(capsys, "check", "--form", "--fix")

    out = told(capsys, "check", "--strict", code=3)
    assert "tea-steep: the reference grades" in out
    assert "more!" in out
    told(capsys, "check")


def test_check_of_an_unknown_question_names_the_nearest(capsys):
    told(capsys, "check", "--form", "--fix")

    assert run(["bank", "check", "tea-step"]) == 2
    assert "did you mean tea-steep?" in capsys.readouterr().err


def test_schema_is_printed(capsys):
    assert json.loads(told(capsys, "schema"))["title"] == "A topic of a question bank"
