import re
from pathlib import Path

import msgspec
import pytest

from grader.bank import LARGEST, bank_folder, load_bank, read_sheet, read_sources
from grader.domain import Level, Question
from grader.errors import BankError, UnknownQuestion
from grader.form import flaws, rewritten, tidied
from grader.labels import label_flaws
from grader.lexicon import Lexicon, load_lexicon
from grader.sheet import head_of, read_source, remarks, schema, write_sheet

SHEET = """\
topic: tea
questions:
  - id: tea-steep
    question: Why is tea steeped?
    reference: Hot water draws the flavour out.
    concepts:
      - id: c1
        statement: Hot water draws out flavour.
"""
GOOD = {
    "id": "tea-steep", "topic": "tea", "level": "beginner", "question": "Why do you steep tea in hot water?",
    "reference": " ".join(["Hot water draws the flavour out of the leaves."] * 7),
    "hint": "Think of the leaves.", "follow_ups": ["How long?"], "tags": ["tea"], "see_also": [],
    "concepts": [
        {"id": f"c{n}", "statement": f"Hot water draws flavour number {n}.", "weight": 2,
         "accept": [f"heat pulls taste {n}", f"heat to taste {n}"],
         "reject": [{"claim": f"Cold is best for {n}.", "correction": "Hot water is needed."}]} for n in (1, 2, 3)]}


def folder_of(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path


def sheet_of(*questions, topic="tea"):
    return msgspec.yaml.encode({"topic": topic, "questions": questions}).decode()


def faults_of(folder):
    with pytest.raises(BankError) as caught:
        load_bank(folder)
    return caught.value.faults


def flaws_of(tmp_path, lexicon=None, **changes):
    sources, wrong = read_sources(folder_of(tmp_path, tea=sheet_of({**GOOD, **changes})))
    assert wrong == []
    return [f for f in flaws(sources, lexicon or Lexicon()) if f.kind != "layout"]


# ---------------------------------------------------------------- reading


def test_a_question_comes_with_its_topic_and_defaults(tmp_path):
    bank = load_bank(folder_of(tmp_path, tea=SHEET))

    question = bank.get("tea-steep")
    assert (question.topic, question.level, question.concepts[0].weight) == ("tea", Level.intermediate, 1.0)


@pytest.mark.parametrize(("text", "expected"), [
    ("", "tea.yaml:1: the file is empty"),
    ("# nothing\n", "tea.yaml:1: the file is empty"),
    ("- 1\n", "tea.yaml:1: $: expected `object`"),
    ("topic: tea\n", "tea.yaml:1: $.questions: missing"),
    ("topic: tea\nquestions: []\n", "tea.yaml:2: $.questions: expected `array` of length >= 1"),
    (SHEET + "\ttags: [x]\n", "tea.yaml:9: not YAML: found a tab character that violates indentation (a tab;"),
    (SHEET + "    tags:\n\t- x\n", "tea.yaml:10: not YAML: found character that cannot start any token (a tab;"),
    (SHEET + "    question: again\n", "tea.yaml:9: 'question' stands here twice"),
    (SHEET + "    colour: red\n", "tea.yaml:9: $.questions[0].colour: unknown field"),
    (SHEET + "    tags: [no]\n", "tea.yaml:9: $.questions[0].tags[0]: expected `str`, got `bool`"),
    (SHEET + "    hint: on\n", "(to YAML the bare on is no text; quote it)"),
    (SHEET + "    level: no\n", "tea.yaml:9: $.questions[0].level: "),
    (SHEET + "    level: Beginner\n", "tea.yaml:9: $.questions[0].level: invalid enum value 'Beginner'"),
    (SHEET + "    draft: perhaps\n", "tea.yaml:9: $.questions[0].draft: expected `bool`"),
    (SHEET + "    tags: 2025-01-01\n", "tea.yaml:9: $.questions[0].tags: expected `array`"),
    (SHEET.replace("id: tea-steep", "id: Tea Steep"), "tea.yaml:3: $.questions[0].id: expected `str` matching"),
    (SHEET.replace("    reference: Hot water draws the flavour out.\n", ""), "$.questions[0].reference: missing"),
    (SHEET.replace("statement:", "weight: 0\n        statement:"), "tea.yaml:8: $.questions[0].concepts[0].weight:"),
    (SHEET.replace("statement:", "weight: .inf\n        statement:"), "concepts[0]"),
    ("a: &a [*a]\n", "tea.yaml:1: an alias (*name); write the text out"),
    ("[" * 2000 + "]" * 2000, "tea.yaml:1: nested too deeply"),
    ("topic: [", "tea.yaml:1: not YAML: "),
    ("topic: [\n", "tea.yaml:1: not YAML: "),
    ("topic: tea\n---\ntopic: tea\n", "tea.yaml:2: not YAML: but found another document"),
    ("!!python/object:os.system x\n", "tea.yaml:1: not YAML: could not determine a constructor"),
    (SHEET.encode() + b"    hint: \xff\n", "tea.yaml:9: not UTF-8 (byte 0xff)"),
    (SHEET.encode() + b"    hint: a\x07b\n", "tea.yaml:9: not YAML: "),
    (b"x" * (LARGEST + 1), "tea.yaml:1: 5,000,001 bytes; at most 5,000,000"),
])
def test_what_is_wrong_with_a_file_is_told_with_its_line(tmp_path, text, expected):
    told = faults_of(folder_of(tmp_path, tea=text))

    assert any(expected in fault for fault in told), told


def test_every_fault_of_every_file_is_told_and_nothing_is_loaded(tmp_path):
    two_faults = SHEET.replace("steep", "two") + "    hint: 1\n    tags: 2\n"
    folder_of(tmp_path, a=SHEET, b=SHEET, c="topic: [\n", d=two_faults)

    told = faults_of(tmp_path)
    assert [f.split(":")[0] for f in told] == ["b.yaml", "c.yaml", "d.yaml", "d.yaml"]
    assert "b.yaml:3: the id 'tea-steep' is taken, in a.yaml" in told


def test_the_same_id_twice_in_a_file_is_told_with_the_second_line(tmp_path):
    twice = SHEET + SHEET.partition("questions:\n")[2]

    assert faults_of(folder_of(tmp_path, tea=twice)) == ("tea.yaml:9: the id 'tea-steep' is taken, in tea.yaml",)


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "bank").mkdir()
    (tmp_path / "outside.yaml").write_text(SHEET)
    (tmp_path / "bank" / "tea.yaml").symlink_to(tmp_path / "outside.yaml")
    (tmp_path / "bank" / "gone.yaml").symlink_to(tmp_path / "bank" / "nowhere.yaml")
    (tmp_path / "bank" / "folder.yaml").mkdir()

    told = faults_of(tmp_path / "bank")
    assert [f.split(": ")[0] for f in told] == ["folder.yaml:1", "gone.yaml:1", "tea.yaml:1"]
    assert "a link out of the bank's folder" in told[2]


def test_a_folder_without_files_is_told(tmp_path):
    assert faults_of(tmp_path) == (f"{tmp_path}: no .yaml file in it",)
    assert faults_of(tmp_path / "no") == (f"{tmp_path / 'no'}: no such folder",)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    assert len(load_bank(folder_of(tmp_path, tea=b"\xef\xbb\xbf" + SHEET.encode()))) == 1


def test_an_unknown_question_names_the_nearest(tmp_path):
    bank = load_bank(folder_of(tmp_path, tea=SHEET))

    with pytest.raises(UnknownQuestion) as caught:
        bank.get("tea-step")
    assert "did you mean tea-steep?" in str(caught.value)


def test_what_was_read_comes_from_the_cache_until_a_file_changes(tmp_path):
    folder, cache = tmp_path / "bank", tmp_path / "cache"
    folder.mkdir()
    first = load_bank(folder_of(folder, tea=SHEET), cache)
    (kept,) = cache.glob("bank-*.json")
    kept.write_bytes(kept.read_bytes().replace(b"Why is tea", b"When is tea"))

    assert load_bank(folder, cache).get("tea-steep").question == "When is tea steeped?"
    folder_of(folder, tea=SHEET.replace("Hot", "Very hot"))
    assert load_bank(folder, cache).version != first.version
    kept.write_bytes(b"{")
    assert load_bank(folder_of(folder, tea=SHEET), cache).version == first.version


def test_a_cache_folder_that_cannot_be_written_is_no_fault(tmp_path):
    (tmp_path / "cache").write_text("a file")

    assert len(load_bank(folder_of(tmp_path, tea=SHEET), tmp_path / "cache")) == 1


# ---------------------------------------------------------------- writing


def test_writing_and_reading_again_gives_the_same_questions(tmp_path):
    source = read_source("tea.yaml", sheet_of(GOOD).encode())
    text = write_sheet("tea", source.sheet.questions)

    assert read_sheet("tea.yaml", text.encode()) == source.sheet
    assert write_sheet("tea", read_sheet("tea.yaml", text.encode()).questions) == text
    assert max(map(len, text.splitlines())) <= 120


def test_the_head_of_a_sheet_stays_and_remarks_in_it_are_found():
    assert head_of("# one\n# two\ntopic: tea\n# three\n") == "# one\n# two\n"
    assert remarks("# one\ntopic: tea\n  # three\nquestions: 'a # b'\n") == [3]


def test_tidying_flattens_texts_and_joins_tags():
    untidy = {**GOOD, "tags": ["High Availability", "ci/cd", "tea", "tea"], "hint": " a\n  b "}
    question = msgspec.convert(untidy, Question)

    assert tidied(question).tags == ("high-availability", "ci-cd", "tea")
    assert tidied(question).hint == "a b"


# ---------------------------------------------------------------- form


def test_a_good_question_has_no_flaw(tmp_path):
    assert flaws_of(tmp_path) == []


def one_concept(**changes):
    return [{**GOOD["concepts"][0], **changes}, *GOOD["concepts"][1:]]


@pytest.mark.parametrize(("changes", "kind", "expected"), [
    ({"reference": "Hot water."}, "length", ".reference: tea-steep: 2 words; 50 to 120 are right"),
    ({"question": "word " * 46}, "length", ".question: tea-steep: 46 words"),
    ({"concepts": GOOD["concepts"][:2]}, "number", "concepts: 2; 3 to 6 are right"),
    ({"follow_ups": []}, "number", "follow-ups: 0; 1 to 2 are right"),
    ({"hint": ""}, "number", ".hint: tea-steep: hint: missing"),
    ({"tags": []}, "number", ".tags: tea-steep: tags: missing"),
    ({"tags": ["Two Words"]}, "form", "'Two Words': a tag is lower-case words"),
    ({"see_also": ["tea-steep"]}, "link", "points at the question itself"),
    ({"see_also": ["coffee"]}, "link", "no question 'coffee'"),
    ({"concepts": one_concept(accept=["one"])}, "number", "c1: accepted wordings: 1; 2 to 4 are right"),
    ({"concepts": one_concept(reject=[])}, "number", "c1: rejected claims: 0; 1 to 3 are right"),
    ({"concepts": one_concept(reject=["Cold is fine."])}, "form", "c1: a rejected claim needs the correction"),
    ({"concepts": one_concept(statement="Hot water draws flavour")}, "form", "ends with a full stop"),
    ({"concepts": one_concept(accept=["Heat pulls taste!", "heat pulls taste"])}, "duplicate",
     "an accepted wording of c1 says the same as concepts[0].accept[0]"),
    ({"concepts": one_concept(accept=["Cold is best for 2.", "b"])}, "duplicate", "a rejected claim of c2"),
])
def test_a_flaw_of_form_is_told_with_its_place(tmp_path, changes, kind, expected):
    (flaw,) = flaws_of(tmp_path, **changes)

    assert flaw.kind == kind
    assert expected in str(flaw)
    assert flaw.line > 1


def test_supporting_concepts_need_no_rejected_claim_and_drafts_may_be_unfinished(tmp_path):
    assert flaws_of(tmp_path, concepts=one_concept(weight=1, reject=[])) == []
    assert flaws_of(tmp_path, draft=True, reference="Short.", hint="", concepts=GOOD["concepts"][:1]) == []


def test_names_are_spelt_as_the_field_spells_them_save_in_accepted_wordings(tmp_path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "names.yaml").write_text("exact: [CloudFront, Route 53]\nwrong: {Elasticache: ElastiCache}\n")
    lexicon = load_lexicon(tmp_path)
    told = flaws_of(tmp_path, lexicon, hint="cloudfront or Route53 or Elasticache, not d1.cloudfront.net",
                    concepts=one_concept(accept=["cloud front it is", "cloudfront"]))

    assert [(f.kind, str(f).rpartition("tea-steep: ")[2]) for f in told] == [
        ("spelling", "'cloudfront': the name is CloudFront"), ("spelling", "'Route53': the name is Route 53"),
        ("spelling", "'Elasticache': the name is ElastiCache")]


def test_the_same_question_twice_is_told(tmp_path):
    sources, _ = read_sources(folder_of(tmp_path, tea=sheet_of(
        GOOD, {**GOOD, "id": "tea-again", "question": "Why do you steep tea, in hot water?!"})))

    assert [str(f).rpartition(": ")[2] for f in flaws(sources, Lexicon()) if f.kind == "duplicate"] == [
        "the same question as tea-steep"]


def test_a_sheet_in_another_layout_is_told_unless_it_holds_remarks(tmp_path):
    sources, _ = read_sources(folder_of(tmp_path, tea=sheet_of(GOOD)))
    assert [f.kind for f in flaws(sources, Lexicon())] == ["layout"]

    sources, _ = read_sources(folder_of(tmp_path, tea=rewritten(sources[0])))
    assert flaws(sources, Lexicon()) == []

    sources, _ = read_sources(folder_of(tmp_path, tea=sheet_of(GOOD) + "# a remark\n"))
    assert flaws(sources, Lexicon()) == []


# ---------------------------------------------------------------- what is shipped


def test_the_shipped_bank_and_its_answers_have_no_fault():
    folder = bank_folder()
    sources, wrong = read_sources(folder)
    found = [*map(str, flaws(sources, load_lexicon(folder))), *map(str, label_flaws(folder, load_bank(folder)))]

    assert [*wrong, *found] == []
    assert sum(len(s.sheet.questions) for s in sources) == 315


def test_the_schema_for_editors_is_current():
    made = msgspec.json.format(msgspec.json.encode(schema()), indent=1).decode()

    assert (bank_folder() / "schema.json").read_text() == made + "\n", "grader bank schema > bank/schema.json"


def test_every_finding_of_the_second_reading_is_settled():
    rows = re.findall(r"^\| ([a-z0-9-]+) \|.*\| (adopted|adapted|rejected) \| (\S.*) \|$",
                      (bank_folder() / "REVIEW.md").read_text(), re.M)

    assert len(rows) == 232
    assert {row[0] for row in rows} <= set(load_bank().questions)


def test_the_worked_example_goes_from_many_flaws_to_none(tmp_path):
    text = (bank_folder() / "README.md").read_text()
    first, last = re.findall(r"```yaml\n(.*?)```", text, re.S)
    told = re.findall(r"^… \$\.questions\[…\](.*)$", text, re.M)

    def flaws_in(example):
        sources, wrong = read_sources(folder_of(tmp_path, tea="topic: tea\nquestions:\n" + example))
        assert wrong == []
        return [re.sub(r"^\$\.questions\[0\]", "", f.message) for f in flaws(sources, Lexicon()) if f.kind != "layout"]

    assert sorted(flaws_in(first)) == sorted(told)
    assert flaws_in(last.replace("internet-gateway-vs-nat-gateway", "nat-gateway-purpose")) == [
        ".see_also[0]: nat-gateway-purpose: points at the question itself"]


def test_a_second_field_passes_the_same_check():
    folder = Path(__file__).parent / "second_domain"
    sources, wrong = read_sources(folder)

    assert [*wrong, *map(str, flaws(sources, load_lexicon(folder)))] == []
    assert sum(len(s.sheet.questions) for s in sources) == 10
