import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.text import listing, overlap, shingles, tidy, words

# Mostly the characters that tidying is about, so that short texts already bring them together.
LOADED = st.text(st.sampled_from("ab1 \n\t*_`#>-<&;/\u200b\u202e\u00ad\ufeffｅﬁ½…İ́p") | st.characters(), max_size=60)


@given(LOADED)
def test_tidying_twice_changes_nothing_more(text):
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize("nested", [
    "&" + "amp;" * 5000 + "lt;", "> " * 10_000, "- " * 10_000, "_*" * 5000 + "__" + "*_" * 5000,
    "<!--" * 5000, "<b" * 10_000, "<" * 10_000 + "b>" * 5000, "a" * 20_000, "\n" * 20_000, "`*" * 10_000])
def test_text_built_to_cost_time_costs_little(nested):
    begun = time.process_time()
    tidied = tidy(nested)

    assert time.process_time() - begun < 1
    assert tidy(tidied) == tidied


@given(LOADED)
def test_what_is_tidied_has_no_margins_and_no_invisible_characters(text):
    tidied = tidy(text)

    assert tidied == tidied.strip()
    assert not set(tidied) & set("\u200b\u200f\u202a\u202e\u2066\ufeff\u00ad")


@pytest.mark.parametrize(("typed", "meant"), [
    ("state\u200bful \u202efilter\u202c", "stateful filter"),
    ("ﬁle ＳＱＳ", "file SQS"),
    ("cafe\u0301", "café"),
    ("**Security groups** are `stateful`.", "Security groups are stateful."),
    ("# Title\n- first\n* second\n> third", "Title\nfirst\nsecond\nthird"),
    ("```yaml\nkey: 1\n```", "key: 1"),
    ("<p>It is <b class='x'>stateful</b>.</p>", "It is stateful ."),
    ("a<!-- hidden -->b", "a b"),
    ("S3&nbsp;&amp;&#32;SQS", "S3 & SQS"),
    ("soooooo good", "sooo good"),
    ("  much \t space \n\n\n here ", "much space\nhere"),
])
def test_noise_goes_and_words_stay(typed, meant):
    assert tidy(typed) == meant


@pytest.mark.parametrize("text", [
    "a quota of 1000000 requests and 100000000 bytes",
    "if RPO<RTO and cost>budget",
    "arn:aws:s3:::<bucket>/key",
    "Queue<Message> and a < b > c",
    "AT&T; R&D",
    "don't use 0.0.0.0/0 -- ever",
    "x86_64 or arm64",
])
def test_what_carries_meaning_is_left_alone(text):
    assert tidy(text) == text


@pytest.mark.parametrize(("text", "found"), [
    ("It's on-demand, isn't it?", ["it's", "on-demand", "isn't", "it"]),
    ("0.0.0.0/0 via TCP/IP", ["0.0.0.0/0", "via", "tcp/ip"]),
    ("snake_case", ["snake", "case"]),
    ("…—!?", []),
])
def test_words(text, found):
    assert words(text) == found


def test_shingles_are_runs_of_words():
    assert shingles(["a", "b", "c"], 2) == {("a", "b"), ("b", "c")}
    assert shingles(["a"], 2) == set()


@given(st.sets(st.tuples(st.integers(0, 5))), st.sets(st.tuples(st.integers(0, 5))))
def test_overlap_is_a_share(part, whole):
    assert 0 <= overlap(part, whole) <= 1
    assert overlap(part, part | whole) == (1 if part else 0)


@pytest.mark.parametrize(("names", "told"), [("", ""), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")])
def test_names_are_listed_as_a_person_would(names, told):
    assert listing(names) == told
