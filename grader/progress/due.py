"""When a question falls due: FSRS says it, and an open misconception brings it forward."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from grader.bank import Bank
from grader.domain import Question
from grader.progress.days import local_day, midnight_after, seconds
from grader.progress.known import carried
from grader.progress.misconceptions import ASK_WITHIN, Error
from grader.progress.summary import Asked, Summary

FORECAST = 14  # days


def open_errors(asked: Asked, question: Question) -> list[Error]:
    """The misconceptions still to be settled by this question, as it is worded today."""
    if not asked.wrong:
        return []
    return [known.error for c in question.concepts if c.id in asked.wrong
            and (known := asked.concepts[c.id]).error and carried(known.statement, c.statement)]


def due_at(asked: Asked, question: Question) -> float:
    """When the question should be asked again, in seconds since 1970."""
    due = seconds(asked.card.due)
    if open_errors(asked, question):
        return min(due, asked.traces[-1].at + ASK_WITHIN.total_seconds())
    return due


def dues(summary: Summary, bank: Bank) -> dict[str, float]:
    """When each question that was asked, and still is in the bank, falls due."""
    return {q.id: due_at(summary.questions[q.id], q) for q in bank if not q.draft and q.id in summary.questions}


def due_today(moments: Iterable[float], now: datetime, zone: str) -> int:
    """How many fall due before the learner's day ends, late ones included."""
    end = seconds(midnight_after(now, zone))
    return sum(due < end for due in moments)


def forecast(moments: Iterable[float], now: datetime, zone: str) -> dict[date, int]:
    """How many fall due on each of the coming days, today first; late ones count as today's."""
    today = local_day(now, zone)
    days = {today + timedelta(days=n): 0 for n in range(FORECAST)}
    for due in moments:
        day = max(today, local_day(datetime.fromtimestamp(due, tz=now.tzinfo), zone))
        if day in days:
            days[day] += 1
    return days
