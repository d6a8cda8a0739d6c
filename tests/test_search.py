import time

import msgspec
import numpy as np
import pytest

from grader.bank import load_bank
from grader.domain import Concept, Level, Question
from grader.embed import ShippedEncoder
from grader.errors import BankError
from grader.lexicon import Lexicon, Names, load_lexicon, stem
from grader.search import Finder, Search, WordIndex, duplicates, kept_vectors
from grader.settings import Settings
from tests.fakes import FakeEncoder


def asked(name, text, topic="kitchen", level=Level.beginner, tags=(), terms=()):
    return Question(id=name, question=text, topic=topic, level=level, tags=tags, reference="R.",
                    concepts=(Concept(id="c1", statement="S.", terms=terms),))


KITCHEN = (
    asked("tea", "Why do you steep tea in hot water?", tags=("leaves",)),
    asked("coffee", "How fine do you grind coffee for espresso?", level=Level.advanced, terms=("burr grinder",)),
    asked("bread", "What makes bread dough rise?", topic="oven"),
    asked("steam", "What does steam do for bread in the oven?", topic="oven", level=Level.advanced),
)
LEXICON = Lexicon({"esp": "espresso", "ev": "electric vehicle", "sourdough starter": "leaven"},
                  Names(exact=("CloudFront", "Route 53", "S3"), wrong={"Elasticache": "ElastiCache"}))
# What people type, and the questions of which one must be among the first three.
QUERIES = [
    ("sg vs nacl", "security-group-vs-nacl"),
    ("how do i make lambda start faster", "lambda-reduce-cold-start"),
    ("cold start", "lambda-reduce-cold-start lambda-cold-vs-warm-start"),
    ("alb or nlb", "alb-vs-nlb"),
    ("nat gw vs igw", "internet-gateway-vs-nat-gateway"),
    ("s3 cheaper storage tiers", "s3-storage-classes s3-lifecycle s3-standard-vs-glacier"),
    ("difference between user and role", "iam-user-vs-role"),
    ("clodufront caching", "cloudfront-caching cloudfront-cache-hit-ratio cloudfront-cache-behaviors"),
    ("multi az read replica", "multi-az-vs-read-replica"),
    ("ddb capacity", "dynamodb-capacity-modes"),
    ("bill too high", "cost-optimization cost-optimization-at-scale cloudwatch-cost-optimization"),
    ("where to put db passwords", "secrets-management"),
    ("purge cdn cache", "cloudfront-invalidation"),
    ("rto rpo", "rpo-rto"),
    ("kubernetes on aws", "ecs-vs-eks"),
    ("run lambda every night", "lambda-scheduling"),
    ("queue vs topic", "sqs-vs-sns"),
    ("log in with google", "cognito-user-auth"),
    ("terraform", "cloudformation-vs-terraform"),
    ("mfa for everybody", "enforce-mfa-everyone enable-mfa"),
    ("rate limit api", "api-gateway-throttling"),
    ("connect lambda to private database", "lambda-private-rds lambda-vpc-access lambda-db-connection-pooling"),
    ("scan logs with queries", "logs-insights"),
    ("static website with own domain", "cloudfront-route53-s3"),
    ("fixed public ip", "elastic-ip"),
    ("photo thumbnails", "serverless-image-pipeline"),
    ("lamb", "what-is-lambda serverless-and-lambda lambda-layers"),
]


def found(query, **options):
    return [hit.question.id for hit in Search(KITCHEN, FakeEncoder(), LEXICON).find(query, **options)]


def test_words_of_question_tags_and_terms_are_found():
    assert found("steep tea")[0] == "tea"
    assert found("leaves")[0] == "tea"
    assert found("burr")[0] == "coffee"


def test_a_short_form_is_understood():
    assert found("esp")[0] == "coffee"


def test_the_beginning_of_a_word_and_a_typo_are_understood():
    assert found("espr")[0] == "coffee"
    assert found("expresso grinding")[0] == "coffee"


def test_topic_level_and_limit_narrow_the_hits():
    assert found("bread oven", topic="oven", level=Level.advanced) == ["steam"]
    assert len(found("bread oven tea", limit=1)) == 1


@pytest.mark.parametrize("query", ["", "   ", "zzzz", "!?", "\0", "…"])
def test_what_fits_nothing_finds_nothing(query):
    assert found(query) == []


def test_an_empty_bank_finds_nothing():
    assert Search((), FakeEncoder()).find("tea") == []


def test_hits_come_best_first_and_always_the_same():
    hits = Search(KITCHEN, FakeEncoder(), LEXICON).find("bread in the oven")

    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert hits == Search(KITCHEN, FakeEncoder(), LEXICON).find("bread in the oven")


def test_only_new_texts_are_turned_into_vectors(tmp_path):
    first, second = FakeEncoder(), FakeEncoder()
    kept_vectors(["one tea", "two teas"], first, tmp_path)
    rows = kept_vectors(["two teas", "three teas", "one tea"], second, tmp_path)

    assert second.seen == ["three teas"]
    assert np.array_equal(rows, FakeEncoder().encode(["two teas", "three teas", "one tea"]))


def test_a_broken_cache_file_is_made_again(tmp_path):
    kept_vectors(["one tea"], FakeEncoder(), tmp_path)
    WordIndex.of(["one tea"], tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(b"PK\x03\x04 broken")

    assert kept_vectors(["one tea"], FakeEncoder(), tmp_path).shape == (1, 384)
    assert WordIndex.of(["one tea"], tmp_path).scores({"tea": 1.0})[0] > 0


def test_an_index_from_the_cache_scores_as_the_fresh_one(tmp_path):
    texts = ["one tea", "two teas and a cup", "coffee"]
    fresh = WordIndex.of(texts, tmp_path).scores({"tea": 1.0, "cup": 0.5})

    assert np.array_equal(WordIndex.of(texts, tmp_path).scores({"tea": 1.0, "cup": 0.5}), fresh)
    assert len(list(tmp_path.glob("words-*.npz"))) == 1


def test_the_same_question_in_other_words_is_a_duplicate():
    texts = ["Why do you steep tea in hot water?", "Who won the cup?"]

    assert duplicates(texts, KITCHEN, FakeEncoder()) == ["tea", None]
    assert duplicates([], KITCHEN, FakeEncoder()) == []
    assert duplicates(["Why?"], (), FakeEncoder()) == [None]


def test_short_forms_are_written_out():
    assert LEXICON.terms("An EV, a sourdough starter") == ["an", "electric", "vehicl", "a", "leaven"]
    assert LEXICON.spelled("EV tax") == "ev electric vehicle tax"
    assert LEXICON.meant("ev")["electric"] < LEXICON.meant("ev")["ev"] == 1.0
    assert "ev" in LEXICON.meant("electric vehicles")


@pytest.mark.parametrize(("text", "wrong"), [
    ("cloudfront and Cloud Front", [("cloudfront", "CloudFront"), ("Cloud Front", "CloudFront")]),
    ("route53, route-53", [("route53", "Route 53"), ("route-53", "Route 53")]),
    ("CloudFront's S3 and Route 53.", []),
    ("s3:GetObject d1.cloudfront.net `s3` aws s3 sync s3://bucket my-cloudfront_x", []),
    ("Elasticache", [("Elasticache", "ElastiCache")]),
])
def test_wrong_spellings_are_found_outside_of_code(text, wrong):
    assert LEXICON.misspelt(text) == wrong


def test_a_lexicon_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "abbreviations.yaml").write_text("no: 1\n")
    (tmp_path / "words" / "names.yaml").write_text("exact: [\n")
    with pytest.raises(BankError) as caught:
        load_lexicon(tmp_path)

    assert [f.split(":")[0] for f in caught.value.faults] == ["words/abbreviations.yaml", "words/names.yaml"]


def test_endings_do_not_count():
    assert {stem(w) for w in ("scale", "scales", "scaled", "scaling")} == {"scal"}
    assert stem("policies") == stem("policy")
    assert stem("access") == "access"


@pytest.fixture(scope="module")
def shipped(weights, tmp_path_factory):
    from grader.bank import bank_folder

    folder = bank_folder()
    return Search(load_bank(folder), ShippedEncoder(weights), load_lexicon(folder), tmp_path_factory.mktemp("cache"))


def test_people_find_the_shipped_questions(shipped):
    missed = [(query, [h.question.id for h in shipped.find(query, 3)]) for query, right in QUERIES
              if not {h.question.id for h in shipped.find(query, 3)} & set(right.split())]

    assert missed == []


def test_a_search_takes_little_time_in_a_large_bank(tmp_path):
    many = [asked(f"q-{n}", f"Why does thing {n % 977} {n % 31} do what {n % 101} does in the cloud {n}?")
            for n in range(4000)]
    search = Search(many, FakeEncoder(), LEXICON, tmp_path)
    started = time.process_time()
    search.find("why does thing 31 do that in the clouds")

    assert time.process_time() - started < 0.05


def test_the_finder_gives_everything_without_a_query_and_the_best_first_with_one(tmp_path):
    draft = msgspec.structs.replace(KITCHEN[0], id="unfinished", draft=True)
    finder = Finder((*KITCHEN, draft), FakeEncoder(), Settings(cache=tmp_path))

    assert [q.id for q in finder.find()] == ["tea", "coffee", "bread", "steam"]
    assert [q.id for q in finder.find(topic="oven", level=Level.advanced)] == ["steam"]
    assert finder.find("bread dough")[0].id == "bread"
    assert finder.find("bread", topic="kitchen") == []
