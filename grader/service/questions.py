"""The bank over HTTP: what to ask, never what to answer."""

from collections import Counter
from typing import Annotated, Any

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from grader.bank import Bank
from grader.domain import Level, Question
from grader.errors import BadInput, Forbidden
from grader.keys import Scope
from grader.search import Finder
from grader.service.auth import Caller
from grader.service.shapes import Cards, Revealed, Topic, Topics, revealed
from grader.standing import card
from grader.store import Store


class QuestionController(Controller):
    """Questions and topics."""

    tags = ("Questions",)

    @get("/questions", sync_to_thread=True, operation_id="listQuestions", summary="Questions, by topic, level, search")
    def list_questions(
        self,
        finder: NamedDependency[Finder],
        topic: FromQuery[str | None] = None,
        level: FromQuery[Level | None] = None,
        q: Annotated[str | None, QueryParameter(description="its subject, in any words", max_length=200)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
        cursor: Annotated[str | None, QueryParameter(description="from the page before", max_length=100)] = None,
    ) -> Cards:
        """In the order of the bank; for a search, best first. Never the reference, never the concepts."""
        found = finder.find(q or "", topic=topic, level=level)
        start = _after(found, cursor)
        page = found[start : start + limit]
        more = start + limit < len(found)
        return Cards(items=tuple(card(x) for x in page), total=len(found), cursor=page[-1].id if more else None)

    @get("/questions/{question_id:str}", sync_to_thread=True, operation_id="getQuestion", summary="One question")
    def get_question(self, request: Request[Any, Any, Any], question_id: FromPath[str], bank: NamedDependency[Bank],
                     store: NamedDependency[Store], reveal: FromQuery[bool] = False) -> Revealed:
        """With `reveal=true`, and the right to it, the reference and the concepts too.

        The right has an author's key, the owner of this machine, and a visitor who has answered the question.
        """
        question = bank.get(question_id)
        caller: Caller = request.user
        allowed = caller.may(Scope.author) or (caller.key is None and store.tried(caller.visitor, question_id))
        if reveal and not allowed:
            raise Forbidden("the answer is shown to authors, and to a learner who has answered first")
        return revealed(question, shown=reveal)

    @get("/topics", sync_to_thread=False, operation_id="listTopics", summary="Topics with their counts")
    def list_topics(self, bank: NamedDependency[Bank]) -> Topics:
        """In alphabetical order."""
        levels: dict[str, Counter[str]] = {}
        for question in bank:
            if not question.draft:
                levels.setdefault(question.topic, Counter())[question.level.value] += 1
        return Topics(items=tuple(Topic(topic=topic, questions=count.total(), levels=dict(count))
                                  for topic, count in sorted(levels.items())))


def _after(found: list[Question], cursor: str | None) -> int:
    if cursor is None:
        return 0
    place = next((n for n, x in enumerate(found) if x.id == cursor), None)
    if place is None:
        raise BadInput(f"$.cursor: {cursor!r} is not from a page of this list")
    return place + 1
