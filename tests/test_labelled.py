import json

import pytest

from grader.domain import Status
from grader.errors import BadInput
from grader.evaluate.labelled import items, read_labelled
from grader.faults import parse_item

BLOCK = {
    "qid": "tea-steep",
    "topic": "tea",
    "question": "Why is tea steeped?",
    "reference": "Hot water draws the flavour out of the leaves.",
    "concepts": [{"id": "c1", "statement": "Hot water draws out flavour.", "weight": 2},
                 {"id": "c2", "statement": "Too long makes it bitter."}],
    "answers": [
        {"kind": "full", "answer": "Heat draws flavour; too long is bitter.", "score": 100,
         "concepts": {"c1": "covered", "c2": "covered"}},
        {"kind": "swapped", "answer": "Cold water draws flavour.", "score": 0, "concepts": {"c1": "contradicted"},
         "note": "cold for hot"},
    ],
}


def written(tmp_path, *lines, name="tea.jsonl"):
    path = tmp_path / name
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


def faults_of(path, *more):
    with pytest.raises(BadInput) as caught:
        read_labelled([path, *more])
    return caught.value.faults


def changed(**fields):
    return {**BLOCK, **fields}


def answered(**fields):
    return changed(answers=[{**BLOCK["answers"][0], **fields}])


def test_a_block_is_read_with_its_labels(tmp_path):
    (block,) = read_labelled([written(tmp_path, BLOCK)])

    assert (block.qid, block.topic, len(block.answers)) == ("tea-steep", "tea", 2)
    assert [c.weight for c in block.concepts] == [2, 1]
    assert block.answers[1].concepts == {"c1": Status.contradicted}
    assert block.answers[1].note == "cold for hot"


def test_files_and_lines_keep_their_order_and_blank_lines_are_passed_over(tmp_path):
    first = written(tmp_path, "", changed(qid="b"), "  ", changed(qid="a"), name="1.jsonl")
    second = written(tmp_path, changed(qid="c"), name="2.jsonl")

    assert [b.qid for b in read_labelled([str(first), second])] == ["b", "a", "c"]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "tea.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(BLOCK).encode() + b"\r\n" + json.dumps(BLOCK).encode() + b"\r\n")

    assert len(read_labelled([path])) == 2


def test_keys_of_other_people_are_passed_over_at_every_depth(tmp_path):
    block = changed(source="a book", concepts=[{**BLOCK["concepts"][0], "page": 3}],
                    answers=[{"answer": "Heat.", "score": 50.5, "rater": "x"}])

    (read,) = read_labelled([written(tmp_path, block)])

    assert read.answers[0].score == 50.5
    assert read.answers[0].concepts is None
    assert read.answers[0].kind == "other"


def test_null_stands_for_absent(tmp_path):
    (block,) = read_labelled([written(tmp_path, changed(concepts=None, topic=None, answers=[
        {"kind": None, "answer": "Heat.", "score": 50, "concepts": None, "note": None}]))])

    assert (block.concepts, block.topic, block.answers[0].concepts) == (None, "", None)


def test_a_reference_alone_is_rubric_enough(tmp_path):
    (block,) = read_labelled([written(tmp_path, {"qid": "q", "reference": ["One.", "Two."], "answers": []})])

    assert block.reference == ("One.", "Two.")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "$: not JSON: Input data was truncated"),
        ("[1]", "$: expected an object with qid, answers, and reference or concepts"),
        (changed(qid=7), "$.qid: expected `str`, got `int` 7"),
        (changed(qid=""), "$.qid: expected `str` of length >= 1, not ''"),
        (changed(answers="none"), "$.answers: expected `array`, got `str` 'none'"),
        (changed(answers=["none"]), "$.answers[0]: expected `object`, got `str` 'none'"),
        (changed(topic=[]), "$.topic: expected `str`, got `array`"),
        (answered(score="high"), "$.answers[0].score: expected `float`, got `str` 'high'"),
        (answered(score=101), "$.answers[0].score: expected `float` <= 100.0, not 101"),
        (answered(score=True), "$.answers[0].score: expected `float`, got `bool` True"),
        (answered(concepts=["covered"]), "$.answers[0].concepts: expected `object | null`, got `array`"),
        (answered(concepts={"c1": "right"}),
         "$.answers[0].concepts.c1: 'right' is no status; known are covered, partial, missing, contradicted"),
        (answered(concepts={"c1": 1}),
         "$.answers[0].concepts.c1: 1 is no status; known are covered, partial, missing, contradicted"),
        (answered(concepts={"c9": "covered"}), "$.answers[0].concepts.c9: no concept of that id; known are c1, c2"),
        (changed(concepts=[BLOCK["concepts"][0]] * 2), "$.concepts: two concepts have the id 'c1'"),
        ({"qid": "q", "answers": []}, "$: give reference, or concepts"),
        ({"qid": "q", "reference": " ", "answers": []}, "$.reference: says nothing, and there are no concepts"),
    ],
)
def test_a_fault_is_told_with_its_file_line_and_path(tmp_path, line, expected):
    path = written(tmp_path, "", line)

    found = faults_of(path)

    assert found[0] == f"{path}:2: {expected}"


def test_every_fault_of_every_file_is_told_once(tmp_path):
    first = written(tmp_path, BLOCK, changed(qid=7, concepts=[{"id": "c1", "weight": -1}]), "nonsense", name="1.jsonl")
    second = written(tmp_path, answered(answer=None, score=-1, concepts={"c1": "so", "c2": "la"}), name="2.jsonl")
    absent = tmp_path / "3.jsonl"

    found = faults_of(first, second, absent)

    assert [": ".join(f.split(": ")[:2]) for f in found] == [
        f"{first}:2: $.qid",
        f"{first}:2: $.concepts[0].statement",
        f"{first}:2: $.concepts[0].weight",
        f"{first}:2: $.answers[0].concepts.c2",
        f"{first}:3: $",
        f"{second}:1: $.answers[0].answer",
        f"{second}:1: $.answers[0].score",
        f"{second}:1: $.answers[0].concepts.c1",
        f"{second}:1: $.answers[0].concepts.c2",
        f"{absent}: cannot be read",
    ]


@pytest.mark.parametrize("data", [b'{"qid": "\xff"}', b"[" * 100_000, b'{"qid": 1e999}'])
def test_bytes_that_are_no_json_are_a_fault_not_a_crash(tmp_path, data):
    path = tmp_path / "bytes.jsonl"
    path.write_bytes(data)

    assert faults_of(path)[0].startswith(f"{path}:1: $: not JSON: ")


def test_an_empty_file_and_a_folder_are_faults(tmp_path):
    path = written(tmp_path, "", " ")

    assert faults_of(path, tmp_path) == (
        f"{path}:1: $: the file is empty; expected a question block a line",
        f"{tmp_path}: cannot be read: Is a directory",
    )


def test_labels_find_concepts_that_the_engine_will_name(tmp_path):
    block = changed(concepts=[{"statement": "One."}, {"id": "c1", "statement": "Two."}],
                    answers=[{"answer": "One.", "score": 50, "concepts": {"c1": "missing", "c2": "covered"}}])

    assert read_labelled([written(tmp_path, block)])


def test_items_bring_the_blocks_own_rubric(tmp_path):
    blocks = read_labelled([written(tmp_path, BLOCK)])

    found = items(blocks)

    assert [item.id for item, _, _ in found] == ["tea-steep/1", "tea-steep/2"]
    assert all(label.answer == item.answer and block is blocks[0] for item, label, block in found)
    item = found[0][0]
    assert (item.question, item.reference, item.concepts) == (
        BLOCK["question"], BLOCK["reference"], blocks[0].concepts)
    assert item.question_id is None


def test_items_name_the_question_where_the_bank_has_it(tmp_path):
    blocks = read_labelled([written(tmp_path, BLOCK, changed(qid="unknown"))])

    found = items(blocks, by_question_id=True, bank={"tea-steep"})

    assert [item.question_id for item, _, _ in found] == ["tea-steep", "tea-steep", None, None]
    assert found[0][0].concepts is None
    assert found[2][0].concepts == blocks[1].concepts


def test_items_without_a_bank_are_all_named_by_their_question(tmp_path):
    blocks = read_labelled([written(tmp_path, BLOCK)])

    assert {item.question_id for item, _, _ in items(blocks, by_question_id=True)} == {"tea-steep"}


def test_items_are_what_the_engine_takes(tmp_path):
    blocks = read_labelled([written(tmp_path, BLOCK)])
    raw = {"id": "tea-steep/1", "answer": BLOCK["answers"][0]["answer"],
           **{k: BLOCK[k] for k in ("question", "reference", "concepts")}}

    assert parse_item(raw) == items(blocks)[0][0]
