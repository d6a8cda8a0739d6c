import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.bank import Bank, load_bank
from grader.domain import Level
from grader.errors import BadInput
from grader.importer import LARGEST, drafts, import_notes, read_document, write_drafts
from grader.lexicon import Lexicon
from grader.mojibake import repair
from grader.notes import read_notes
from grader.segment import sentences
from tests.fakes import TINY, FakeEncoder

HEADED = """\
# Kitchen Interview Questions and Answers

## 🟢 Basic Level

### 12. What is a stock?

**Answer:** A liquid in which bones were cooked.
- It is clear
- It is the base of soups

**Example:** Chicken stock.

---

### 13. Explain how a roux works.
**Answer:**
1. Flour is cooked in fat
2. It binds a sauce

## 🔴 Advanced: Sauces
### 14. Why does a hollandaise curdle? (asked at a hotel)
**Answer:** It got too hot.
"""
PLAIN = """\
12. What is a stock?
A liquid in which bones were cooked.

It is the base of soups.
13. What is the difference between a pan and a pot?
Pan\tPot
Flat\tHigh
One handle\tTwo handles

What is a lid ?
A cover that keeps steam in.

# 50.  how do you poach an egg ?
Steps:
1. Let water simmer
2. Slide the egg in
3. Wait for three minutes
51. Kitchen knives
They are kept sharp.
52. A guest waits for an hour and complains.
What do you tell him?
I apologise.
"""
APART = """\
# Questions
## Baking
### Beginner
1. What is yeast?
2. What is gluten?
### Advanced
1. How does a sourdough starter live on?
## Frying
### Beginner
1. What is a smoke point?
# Answers
## Baking
### Beginner
1. **Yeast:** A fungus
   that makes gas.
2. **Gluten:** A net of proteins.
### Advanced
1. **Starter:** It is fed with flour.
## Frying
### Beginner
1. **Smoke point:** Where oil begins to burn.
"""
NAMED = """\
### **Question 1**
What is a mandoline?
#### **Answer**
1. A slicer
2. It has a sharp blade

### **Question 2: Why is it dangerous?**
#### **Answer**
Fingers come close.
"""
BARE = """\
## Cutting
- What is a julienne?
- How do you dice an onion?
- Difference between chopping and mincing
## Scenario
* The sauce is too thin. What do you do?
* **How would you rescue a broken mayonnaise?**
"""
DENSE = """\
21. How do you weigh without scales?
Use a cup, because a cup of flour is about 120 grams, though it depends on how it was filled.
```
kitchen convert 2 cups
# 1. is this a question?
```
22. How do you convert ounces? You multiply them by twenty-eight and round the result.
# list every unit
kitchen units --all
23. Which oven heat is moderate?
About 180 degrees.
"""


def told(text):
    return [(e.question, e.answer) for e in read_notes(text).entries]


def questions(text):
    return [e.question for e in read_notes(text).entries]


# ---------------------------------------------------------------- shapes


def test_numbered_headings_with_marked_answers():
    entries = read_notes(HEADED).entries

    assert [(e.question, e.level, e.topic, e.line) for e in entries] == [
        ("What is a stock?", Level.beginner, None, 5),
        ("Explain how a roux works.", Level.beginner, None, 15),
        ("Why does a hollandaise curdle? (asked at a hotel)", Level.advanced, "sauces", 21)]
    assert entries[0].answer == ("A liquid in which bones were cooked.\n- It is clear\n- It is the base of soups\n\n"
                                 "Example: Chicken stock.")
    assert entries[1].answer == "1. Flour is cooked in fat\n2. It binds a sauce"


def test_plain_numbers_tables_and_questions_that_lost_their_number():
    assert told(PLAIN) == [
        ("What is a stock?", "A liquid in which bones were cooked.\n\nIt is the base of soups."),
        ("What is the difference between a pan and a pot?", "Pan\tPot\nFlat\tHigh\nOne handle\tTwo handles"),
        ("What is a lid ?", "A cover that keeps steam in."),
        ("how do you poach an egg ?",
         "Steps:\n1. Let water simmer\n2. Slide the egg in\n3. Wait for three minutes"),
        ("Kitchen knives", "They are kept sharp."),
        ("A guest waits for an hour and complains. What do you tell him?", "I apologise.")]


def test_answers_that_stand_apart_find_their_questions():
    entries = read_notes(APART).entries

    assert [(e.question, e.answer, e.level, e.topic) for e in entries] == [
        ("What is yeast?", "Yeast: A fungus\n   that makes gas.", Level.beginner, "baking"),
        ("What is gluten?", "Gluten: A net of proteins.", Level.beginner, "baking"),
        ("How does a sourdough starter live on?", "Starter: It is fed with flour.", Level.advanced, "baking"),
        ("What is a smoke point?", "Smoke point: Where oil begins to burn.", Level.beginner, "frying")]


def test_answers_that_stand_apart_under_the_same_headings_again():
    assert told(APART.replace("# Answers\n", "# Part two\n")) == told(APART)


def test_questions_that_are_called_question():
    assert told(NAMED) == [("What is a mandoline?", "1. A slicer\n2. It has a sharp blade"),
                           ("Why is it dangerous?", "Fingers come close.")]


def test_lists_of_questions_without_answers():
    entries = read_notes(BARE).entries

    assert [(e.question, e.answer, e.topic) for e in entries] == [
        ("What is a julienne?", None, "cutting"), ("How do you dice an onion?", None, "cutting"),
        ("Difference between chopping and mincing", None, "cutting"),
        ("The sauce is too thin. What do you do?", None, None),
        ("How would you rescue a broken mayonnaise?", None, None)]


def test_dense_answers_and_snippets_fenced_or_not():
    assert told(DENSE) == [
        ("How do you weigh without scales?",
         "Use a cup, because a cup of flour is about 120 grams, though it depends on how it was filled."
         "\n```\nkitchen convert 2 cups\n# 1. is this a question?\n```"),
        ("How do you convert ounces?", "You multiply them by twenty-eight and round the result.\n# list every unit\n"
                                       "kitchen units --all"),
        ("Which oven heat is moderate?", "About 180 degrees.")]


@pytest.mark.parametrize("text", [
    "Q1. What is salt?\nA. A mineral.\nQ2: Explain brine\nAns: Salt in water.",
    "**Q1: What is salt?**\n> A mineral.\n\n**Q2: Explain brine**\n> Salt in water.",
    "**1.** What is salt?\n**Answer** - A mineral.\n**2.** Explain brine\n**Answer:** Salt in water.",
    "1. **What is salt?** A mineral.\n2. **Explain brine**\n   Salt in water.",
    "1. **What is salt?**\n   - **Answer**: A mineral.\n\n2. **Explain brine**\n   - **Answer**: Salt in water.",
    "1) What is salt?\n\nA mineral.\n\n2) Explain brine\n\nSalt in water.",
    "1- What is salt?<br>\nA mineral.<br>\n2 - Explain brine<br>\nSalt in water.",
    "1️⃣ What is salt?\n✅ Answer (short): A mineral.\n2️⃣ Explain brine\n✅ Answer: Salt in water.",
    "## Q: What is salt?\nA: A mineral.\n## Q: Explain brine\nA: Salt in water.",
    "#### ❓ 1. What is salt?\n\n**✅ Answer:**\nA mineral.\n#### ❓ 2. Explain brine\n**✅ Answer:** Salt in water.",
    "<details>\n<summary>1. What is salt?</summary>\nA mineral.\n</details>\n"
    "<details><summary><b> 2. Explain brine</b></summary>Salt in water.</details>",
    "1 -What is salt<br>\n2 -Explain brine<br>\n3 - how old is it<br>\n# Answers\n1. A mineral.\n2. Salt in water.\n",
    "* ### Basics\n1. What is salt?\n   * A mineral.\n1. Explain brine?\n   * Salt in water.\n1. Why?\n1. Who?",
    "Question: What is salt?\nAnswer: A mineral.\nQuestion: Explain brine\nAnswer: Salt in water.",
    "---\ntitle: x\n---\n#1. What is salt?\nA mineral.\n#2. Explain brine\nSalt in water.",
])
def test_other_shapes(text):
    found = [(q.rstrip("?"), (a or "").strip(' "-').removeprefix("- ")) for q, a in told(text)[:2]]

    assert found == [("What is salt", "A mineral."), ("Explain brine", "Salt in water.")]


def test_steps_of_an_answer_are_no_questions():
    assert questions("1. How do you boil eggs?\n   1. Boil water\n   2. Add eggs\n2. Which kinds are there?\n"
                     "1) Soft\n2) Hard\n3) Poached\n3. Explain coddling\nSlow and gentle.\n") == [
        "How do you boil eggs?", "Which kinds are there?", "Explain coddling"]


def test_questions_inside_an_answer_stay_there():
    text = ("### 1. What is tea?\n**Answer:**\nLeaves in water.\n\n**Why hot?**\n- Is it tannin?\n- It is flavour.\n"
            "#### Notes\nMore.\n### 2. What is coffee?\n**Answer:** Beans.\n")

    assert questions(text) == ["What is tea?", "What is coffee?"]


def test_a_table_of_contents_is_not_read_twice():
    text = "- [What is tea?](#tea)\n- [What is milk?](#milk)\n\n## What is tea?\nLeaves.\n## What is milk?\nA drink.\n"

    assert told(text) == [("What is tea?", "Leaves."), ("What is milk?", "A drink.")]


def test_a_list_ahead_of_the_answered_questions_is_not_read_twice():
    text = "1. What is tea?\n2. What is milk?\n\n# All\n### 1. What is tea?\nLeaves.\n### 2. What is milk?\nA drink.\n"

    assert told(text) == [("What is tea?", "Leaves."), ("What is milk?", "A drink.")]


def test_titles_without_a_mark_give_the_topic():
    text = ("**Tools:**\n- What is a whisk?\n- What is a sieve?\n\n**Heat**\n- What is broiling?\n\n"
            "spices:\n- What is mace?\n")

    assert [e.topic for e in read_notes(text).entries] == ["tools", "tools", "heat", "spices"]


def test_levels_come_from_words_and_from_discs_where_they_are_explained():
    words = "Beginner Level:\n1. What is a?\n---- Expert Level ----\n1. What is b?\n"
    legend = "🟢 Basic, 🔴 Hard\n\n- 🟢 What is an a?\n- 🔴 What is a b?\n- What is a c?\n"
    decoration = "## 🟢 Tea\n### What is tea?\nLeaves.\n"

    assert [e.level for e in read_notes(words).entries] == [Level.beginner, Level.advanced]
    assert [e.level for e in read_notes(legend).entries] == [Level.beginner, Level.advanced, None]
    assert [e.level for e in read_notes(decoration).entries] == [None]


def test_what_belongs_to_no_question_is_reported():
    notes = read_notes("Some words before.\n\n1. What is tea?\nLeaves.\n")

    assert notes.unread == [(1, "Some words before.")]


@pytest.mark.parametrize("text", ["", "\n\n", "# Title\n\nOnly prose. No more.", "```\n1. What?\n```", "|a|b|\n|-|-|",
                                  "1.\n2.\n3.", "###", "Q:", "Answer:", "\u200b", "- \n- \n", "**", "1. **\n2. **"])
def test_a_document_without_questions_gives_none(text):
    assert read_notes(text).entries == []


def test_a_second_question_below_a_question_belongs_to_it_only_where_an_answer_follows():
    text = "1. What is tea?\nWhy is it hot?\nLeaves.\n2. What is milk?\nWhat is cream?\n3. What is fat?\n"

    assert questions(text) == ["What is tea? Why is it hot?", "What is milk?", "What is cream?", "What is fat?"]


def test_a_titled_scenario_is_read_as_its_question():
    assert questions("1. Lost keys:* 💡\n • *Scenario* : You lost them. What do you do?\n\n2. Late guests*:\n"
                     " • Scenario: They come at ten. What is served?\n") == [
        "Scenario: You lost them. What do you do?", "Scenario: They come at ten. What is served?"]


def test_a_fence_that_is_never_closed_swallows_nothing():
    assert questions("1. What is tea?\n```\nleaves\n2. What is milk?\nA drink.\n") == ["What is tea?", "What is milk?"]


PIECES = ["# ", "## ", "### ", "**", "- ", "1. ", "2. ", "7) ", "Q: ", "Q3. ", "Question 4", "A: ", "**Answer:**",
          "```", "\t", "|", "?", "What is it", "It is a thing.", "Explain how",
          "Basic", "\n", "\n\n", "\n", "   ", "🟢",
          "---", "===", "<summary>", "</summary>", "<br>", "[a](#b)", "‚Äî", "\\", "_", "Answers", "Example: x"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_document_gives_questions_in_its_order(text):
    entries = read_notes(text).entries

    assert [e.line for e in entries] == sorted(e.line for e in entries)
    assert all(e.question.strip() and e.answer != "" for e in entries)


def test_a_long_document_takes_little_time():
    text = "".join(f"{n}. What is thing {n}?\n{'It is a thing. ' * 20}\n1. one\n2. two\n" for n in range(1, 1500))

    assert len(questions(text)) == 1499


SHAPES = {
    "headed": lambda n, q, a: f"### {n}. {q}\n**Answer:** {a}\n\n**Example:** None.\n\n---\n",
    "plain": lambda n, q, a: (f"# {n}.  {q} " if n % 9 == 0 else f"{n}. {q}") + f"\n{steps(a) if n % 3 else a}\n\n",
    "lost numbers": lambda n, q, a: (f"{n}. {q}" if n % 5 else q) + f"\n{a}\n\n",
    "named": lambda n, q, a: f"### **Question {n}**\n{q}\n#### **Answer**\n{steps(a)}\n",
    "bold": lambda n, q, a: f"{n}. **{q}**\n   {a}\n\n",
    "marked": lambda n, q, a: f"Q{n}: {q}\nA: {a}\n\n",
    "dense": lambda n, q, a: f"{n}) {q}\n{a}\n" + ("```\n1. ls?\n# a?\n```\n" if n % 4 == 0 else ""),
}


def steps(answer):
    return "\n".join(f"{n}. {s}" for n, s in enumerate(sentences(answer), 1))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shipped_questions_are_found_again_in_every_shape(shape):
    asked = [q for q in load_bank() if q.question.endswith("?")][::3]
    entries = read_notes("".join(SHAPES[shape](n, q.question, q.reference) for n, q in enumerate(asked, 1))).entries

    assert [e.question for e in entries] == [q.question for q in asked]
    last = [sentences(q.reference)[-1].split()[-3:] for q in asked]
    assert [w for e, w in zip(entries, last, strict=True) if " ".join(w) not in (e.answer or "")] == []


# ---------------------------------------------------------------- signs


@pytest.mark.parametrize("sign", "🟢 🔴 🟡 — ’ “ ” → ✅ ❌ ➡️ 🚀 … • é £ ≥ 1️⃣ 🔹 ⚡ °".split())
def test_signs_that_were_decoded_as_mac_roman_are_put_right(sign):
    assert repair(f"a {sign.encode().decode('mac_roman')} b")[0] == f"a {sign} b"


def test_an_emoji_that_lost_its_first_byte_is_put_right():
    assert repair("üü¢ Basic, üî¥ Hard ‚Äî done") == ("🟢 Basic, 🔴 Hard — done", 3)


def test_signs_that_were_decoded_as_windows_are_put_right():
    assert repair("â€œitâ€™s Ã©â€\x9d â€” ðŸŸ¢")[0] == "“it’s é” — 🟢"


@pytest.mark.parametrize("text", ["l’été d’être", "Größe über Änderung", "naïve – — “x” é", "Ü — Ö…", "√9 ≠ 4", "日本"])
def test_signs_that_are_right_stay(text):
    assert repair(text) == (text, 0)


def test_other_encodings_are_read():
    assert read_document("n", "Tee für zwei?".encode("cp1252"))[0] == "Tee für zwei?"
    assert read_document("n", "Tea — two?".encode("utf-16"))[0] == "Tea — two?"
    assert read_document("n", b"\xef\xbb\xbfTea?")[0] == "Tea?"
    assert read_document("n", b"") == ("", 0)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x00\x00\xff", b"x" * (LARGEST + 1)])
def test_what_is_no_notes_is_refused(data):
    with pytest.raises(BadInput, match=r"notes\.md: "):
        read_document("notes.md", data)


# ---------------------------------------------------------------- drafts


def imported(text, bank=TINY):
    return import_notes("notes.md", text.encode(), bank, FakeEncoder(), Lexicon())


def test_near_duplicates_of_the_bank_are_pointed_out():
    text = "1. How do security groups differ from network ACLs?\nStateful.\n2. What is milk?\nA drink.\n"
    found = imported(text).found

    assert [e.duplicate_of for e in found] == ["sg-vs-nacl", None]


def test_a_heading_that_names_a_topic_of_the_bank_becomes_that_topic():
    found = imported("## 1. Networking & CDN\n- What is a router?\n## Odd Things\n- What is a spoon for?\n").found

    assert [e.topic for e in found] == ["networking", "odd-things"]


def test_drafts_are_questions_of_the_bank_marked_as_drafts(tmp_path):
    written = write_drafts(tmp_path / "new", imported(HEADED + APART).found, TINY, "kitchen")
    bank = load_bank(tmp_path / "new")

    assert sorted(p.name for p in written) == ["baking.yaml", "frying.yaml", "kitchen.yaml", "sauces.yaml"]
    assert len(bank) == 7
    assert all(q.draft and q.concepts for q in bank)
    assert "Chicken" not in " ".join(c.statement for c in bank.get("stock").concepts)


def test_examples_and_snippets_make_no_concepts_and_tables_make_sentences():
    found = imported(PLAIN + "\n53. What is a whisk?\nA tool that beats air into things.\n\nExample: It makes foam.\n"
                             "```\nwhisk --fast the eggs now\n```\n").found
    by_id = {q.id: q for sheet in drafts(found).values() for q in sheet}

    assert [c.statement for c in by_id["pan-pot"].concepts] == [
        "Pan: Flat; Pot: High.", "Pan: One handle; Pot: Two handles."]
    assert [c.statement for c in by_id["whisk"].concepts] == ["A tool that beats air into things."]


def test_ids_of_drafts_are_new():
    found = imported("1. What is a whisk?\nA tool that beats.\n2. What is the whisk?\nIt beats air into eggs.\n").found

    assert [q.id for q in drafts(found, {"whisk"})["imported"]] == ["whisk-2", "whisk-3"]


def test_questions_without_an_answer_are_kept_apart(tmp_path):
    write_drafts(tmp_path, imported(BARE).found, TINY, "kitchen")

    assert [p.name for p in tmp_path.iterdir()] == ["unanswered.md"]
    again = questions((tmp_path / "unanswered.md").read_text())
    assert again == [e.question for e in read_notes(BARE).entries]


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "baking.yaml").write_text("mine")
    with pytest.raises(BadInput, match="import overwrites nothing"):
        write_drafts(tmp_path, imported(APART).found, Bank(), "kitchen")

    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("baking.yaml", "mine")]


def test_what_is_too_long_is_cut_and_told():
    long = f"1. What is {'very ' * 200}long?\n{'It is long. ' * 2000}\n"
    found = imported(long + "2. What is milk?\nA white drink for cats.\n")
    (sheet,) = drafts(found.found).values()

    assert found.cut == (1,)
    assert max(len(q.question) for q in sheet) <= 600
    assert msgspec.convert(msgspec.to_builtins(sheet[0]), type(sheet[0])) == sheet[0]
