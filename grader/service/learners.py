"""A learner's attempts, what they know and what to ask next."""

import asyncio
import base64
import binascii
import hashlib
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter

from grader import keys, standing
from grader.bank import Bank
from grader.domain import Attempt, AttemptInList, Item, Level
from grader.errors import BadInput, Forbidden, NotFound
from grader.keys import Scope
from grader.service.auth import Caller, cookie, needs
from grader.service.batching import Desk
from grader.service.grading import ITEM_BYTES, graded
from grader.service.metrics import Metrics
from grader.service.shapes import (
    Attempted,
    AttemptInFull,
    Attempts,
    Export,
    LearnerInBrief,
    Objection,
    Resume,
    revealed,
)
from grader.settings import Settings
from grader.store import Dispute, Learner, Store, new_id, now

LearnerName = Annotated[str, msgspec.Meta(pattern=r"^[\w.@:+-]{1,100}$")]
Ask = Request[Any, Any, Any]


class LearnerController(Controller):
    """Everything about one learner: `me` for a visitor of the page, any name of its own for a key."""

    path = "/learners"
    tags = ("Learners",)
    guards = (needs(Scope.learn),)

    @post("/{learner:str}/attempts", request_max_body_size=ITEM_BYTES, operation_id="attempt",
          summary="Grade an answer and store it")
    async def add(
        self, request: Ask, learner: FromPath[str], data: JSONBody[Attempted], desk: NamedDependency[Desk],
        store: NamedDependency[Store], bank: NamedDependency[Bank], settings: NamedDependency[Settings],
        metrics: NamedDependency[Metrics],
        once: Annotated[str | None, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200)] = None,
    ) -> Attempt:
        """With an `Idempotency-Key` a retry gets the first result instead of a second attempt."""
        who = _learner(request, learner)
        mark = hashlib.blake2b(msgspec.json.encode(data), digest_size=16).digest()
        if once and (earlier := await asyncio.to_thread(store.earlier, who, once, mark)):
            return _shown(earlier)
        bank.get(data.question_id)
        grade = await graded(request, Item(question_id=data.question_id, answer=data.answer), desk, settings, metrics)
        attempt = Attempt(id=new_id(), learner=who, question_id=data.question_id, answer=data.answer, created=now(),
                          grade=grade, hint_used=data.hint_used, revealed=data.revealed)
        attempt = msgspec.structs.replace(attempt, grade=msgspec.structs.replace(grade, id=attempt.id))
        caller: Caller = request.user
        resume = _resume_hash(store, who) if who == caller.visitor else None
        key = caller.key.id if caller.key else None
        kept, _ = await asyncio.to_thread(store.add, attempt, key=key, once=once, fingerprint=mark, resume=resume)
        return _shown(kept)

    @get("/{learner:str}/attempts", sync_to_thread=True, operation_id="listAttempts", summary="Attempts, newest first")
    def list_attempts(self, request: Ask, learner: FromPath[str], store: NamedDependency[Store],
                      bank: NamedDependency[Bank],
                      limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
                      cursor: Annotated[str | None, QueryParameter(max_length=200)] = None) -> Attempts:
        """A page at a time."""
        who = _known(request, learner, store)
        found = store.attempts(who, limit=limit + 1, before=_unpacked(cursor))
        page = found[:limit]
        more = _packed(page[-1]) if len(found) > limit else None
        return Attempts(items=tuple(_listed(a, bank) for a in page), cursor=more)

    @get("/{learner:str}/attempts/{attempt_id:str}", sync_to_thread=True, operation_id="getAttempt",
         summary="One attempt in full")
    def get_attempt(self, request: Ask, learner: FromPath[str], attempt_id: FromPath[str],
                    store: NamedDependency[Store], bank: NamedDependency[Bank]) -> AttemptInFull:
        """With its grade, the revealed reference, later grades and disputes."""
        who = _known(request, learner, store)
        attempt = _shown(store.attempt(who, attempt_id))
        question = bank.questions.get(attempt.question_id)
        return AttemptInFull(
            **{name: getattr(attempt, name) for name in Attempt.__struct_fields__},
            question=revealed(question) if question else None, regrades=tuple(store.regrades(who, attempt_id)),
            disputes=tuple(d for d in store.disputes(who) if d.attempt == attempt_id))

    @post("/{learner:str}/attempts/{attempt_id:str}/dispute", sync_to_thread=True, operation_id="dispute",
          summary="Say that a verdict is wrong", request_max_body_size=ITEM_BYTES)
    def dispute(self, request: Ask, learner: FromPath[str], attempt_id: FromPath[str], data: JSONBody[Objection],
                store: NamedDependency[Store]) -> Dispute:
        """Logged for the bank's author; the grade stays as it is."""
        who = _known(request, learner, store)
        return store.dispute(who, attempt_id, concept=data.concept, should_be=data.should_be, why=data.why,
                             created=now())

    @get("/{learner:str}/progress", sync_to_thread=True, operation_id="progress", summary="What a learner knows")
    def progress(self, request: Ask, learner: FromPath[str], store: NamedDependency[Store],
                 bank: NamedDependency[Bank]) -> standing.Progress:
        """Mastery per topic with its uncertainty, weakest first; concepts, misconceptions, what is due."""
        return standing.progress(store, bank, _known(request, learner, store))

    @get("/{learner:str}/next", sync_to_thread=True, operation_id="next", summary="What to ask next")
    def next_question(
        self, request: Ask, learner: FromPath[str], store: NamedDependency[Store], bank: NamedDependency[Bank],
        mode: FromQuery[standing.Mode] = standing.Mode.weakest, topic: FromQuery[str | None] = None,
        level: FromQuery[Level | None] = None,
        seed: Annotated[int | None, QueryParameter(description="the same seed gives the same choice")] = None,
    ) -> standing.Next:
        """A question, and in one sentence why this one."""
        return standing.next_question(store, bank, _learner(request, learner), mode, topic, level, seed)

    @get("/{learner:str}/export", sync_to_thread=True, operation_id="export", summary="Everything stored")
    def export(self, request: Ask, learner: FromPath[str], store: NamedDependency[Store]) -> Export:
        """Every attempt with its grade, and every dispute."""
        who = _known(request, learner, store)
        known = _stored(store, who)
        return Export(learner=learner, created=known.created if known else None, exported=now(),
                      attempts=tuple(_shown(a) for a in store.history(who)), disputes=tuple(store.disputes(who)))

    @delete("/{learner:str}", sync_to_thread=True, operation_id="forget", summary="Forget a learner")
    def forget(self, request: Ask, learner: FromPath[str], store: NamedDependency[Store]) -> Response[None]:
        """Deletes everything stored about a learner. There is no way back."""
        who = _known(request, learner, store)
        store.forget(who)
        gone = {"set-cookie": cookie(b"", "", secure=_secure(request))} if who == request.user.visitor else {}
        return Response(None, status_code=204, headers=gone)

    @get("/{learner:str}", sync_to_thread=True, operation_id="getLearner", summary="One learner")
    def get_learner(self, request: Ask, learner: FromPath[str], store: NamedDependency[Store]) -> LearnerInBrief:
        """How much there is; for the visitor of the page also the code to carry on elsewhere."""
        who = _known(request, learner, store)
        known = _stored(store, who)
        if known is None:
            return LearnerInBrief(learner=learner, attempts=0, created=None, resume_code=None)
        code = keys.resume_code(store.secret(), who) if who == request.user.visitor else None
        return LearnerInBrief(learner=learner, attempts=known.attempts, created=known.created, resume_code=code)

    @post("/{learner:str}/resume", sync_to_thread=True, status_code=200, operation_id="resume",
          summary="Carry on elsewhere", request_max_body_size=4096)
    def resume(self, request: Ask, learner: FromPath[str], data: JSONBody[Resume],
               store: NamedDependency[Store]) -> Response[LearnerInBrief]:
        """Makes this browser the learner of the resume code; only for `me`."""
        if learner != "me" or request.user.key is not None:
            raise NotFound("only the visitor of the page, `me` without a key, can carry on with a resume code")
        code = keys.tidy_code(data.code)
        who = store.learner_of(keys.digest(store.secret(), code))
        if who is None:
            raise NotFound("no learner has this resume code")
        known = store.learner(who)
        return Response(LearnerInBrief(learner="me", attempts=known.attempts, created=known.created, resume_code=code),
                        headers={"set-cookie": cookie(store.secret(), who, secure=_secure(request))})


@get("/cohort", guards=[needs(Scope.learn)], sync_to_thread=True, operation_id="cohort", tags=["Learners"],
     summary="A key's learners together")
def cohort(request: Ask, store: NamedDependency[Store], bank: NamedDependency[Bank]) -> standing.Group:
    """Weak topics and common misconceptions over all learners of the key, without a word of any of them."""
    caller: Caller = request.user
    if caller.kind == "visitor":
        raise Forbidden("a group belongs to a key")
    return standing.cohort(store, bank, caller.key.id if caller.key else None)


def _learner(request: Ask, name: str) -> str:
    try:
        msgspec.convert(name, LearnerName)
    except msgspec.ValidationError:
        raise BadInput("learner: 1 to 100 letters, digits and . _ @ : + -") from None
    caller: Caller = request.user
    return caller.learner(name)


def _known(request: Ask, name: str, store: Store) -> str:
    """The learner's id; raises NotFound unless it is stored, or it is the visitor, who need not be yet."""
    who = _learner(request, name)
    caller: Caller = request.user
    if who != caller.visitor:
        store.learner(who)
    return who


def _stored(store: Store, who: str) -> Learner | None:
    try:
        return store.learner(who)
    except NotFound:
        return None


def _shown(attempt: Attempt) -> Attempt:
    """An attempt with its learner's name as the caller knows it."""
    owner, _, name = attempt.learner.partition("/")
    return msgspec.structs.replace(attempt, learner="me" if owner == "visitor" else name)


def _listed(attempt: Attempt, bank: Bank) -> AttemptInList:
    question = bank.questions.get(attempt.question_id)
    shown = _shown(attempt)
    return AttemptInList(**{name: getattr(shown, name) for name in Attempt.__struct_fields__},
                         question=question.question if question else "")


def _resume_hash(store: Store, who: str) -> bytes:
    return keys.digest(store.secret(), keys.resume_code(store.secret(), who))


def _secure(request: Ask) -> bool:
    return request.scope["scheme"] == "https"


def _packed(attempt: Attempt) -> str:
    return base64.urlsafe_b64encode(f"{attempt.created} {attempt.id}".encode()).decode().rstrip("=")


def _unpacked(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        created, _, name = packed.decode().partition(" ")
    except (binascii.Error, ValueError):
        created = name = ""
    if not name:
        raise BadInput("cursor: not from a page of this list")
    return created, name
