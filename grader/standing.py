"""Between the routes and `grader.progress`: fetches what it needs from the store."""

import random
from enum import StrEnum
from typing import Any

from grader.bank import Bank
from grader.domain import Level, Question
from grader.errors import NotFound
from grader.store import Store


class Mode(StrEnum):
    """How the next question is chosen."""

    weakest = "weakest"
    due = "due"
    new = "new"
    random = "random"


def progress(store: Store, bank: Bank, learner: str) -> dict[str, Any]:
    """What a learner knows."""
    topics: dict[str, list[float]] = {}
    for attempt in store.history(learner):
        question = bank.questions.get(attempt.question_id)
        if question:
            topics.setdefault(question.topic, []).append(attempt.grade.score / 100)
    rows = [{"topic": t, "mastery": sum(s) / len(s), "low": min(s), "high": max(s), "answers": len(s), "trend": 0.0,
             "due": 0} for t, s in topics.items()]
    return {"topics": sorted(rows, key=lambda r: r["mastery"]), "concepts": [], "misconceptions": []}


def next_question(store: Store, bank: Bank, learner: str, mode: Mode, topic: str | None, level: Level | None,
                  seed: int | None) -> dict[str, Any]:
    """A question, and why this one."""
    last = {a.question_id for a in store.attempts(learner, limit=1)}
    found = [q for q in bank if not q.draft and topic in (None, q.topic) and level in (None, q.level)]
    found = [q for q in found if q.id not in last] or found
    if not found:
        raise NotFound("no question of this topic and level")
    chosen = random.Random(seed).choice(found)
    return {"question": card(chosen), "mode": mode.value, "why": "Picked at random."}


def card(q: Question) -> dict[str, Any]:
    """A question as a learner may see it before answering."""
    return {"id": q.id, "topic": q.topic, "level": q.level.value, "question": q.question, "hint": q.hint,
            "tags": list(q.tags), "concept_count": len(q.concepts)}
