"""Answers in, grades out; nothing stored."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Controller, Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.types import ASGIApp

from grader.bank import Bank
from grader.domain import Fault, Grade, Item, Ungraded
from grader.errors import BadInput
from grader.faults import parse_item
from grader.keys import Scope
from grader.service.auth import needs
from grader.service.batching import Desk
from grader.service.metrics import Metrics
from grader.service.shapes import Batch, Results
from grader.service.streaming import GradeStream
from grader.service.waiting import while_connected
from grader.settings import Settings

ITEM_BYTES = 64 * 1024
BATCH_BYTES = 2_000_000


class GradingController(Controller):
    """Grading without a trace."""

    tags = ("Grading",)
    guards = (needs(Scope.grade),)

    @post("/grade", status_code=200, request_max_body_size=ITEM_BYTES, operation_id="grade", summary="Grade one answer")
    async def grade(self, request: Request[Any, Any, Any], data: JSONBody[Item], bank: NamedDependency[Bank],
                    desk: NamedDependency[Desk], settings: NamedDependency[Settings],
                    metrics: NamedDependency[Metrics]) -> Grade:
        """Grades one answer by a question of the bank or by the caller's own rubric. Nothing is stored."""
        item = parse_item(msgspec.to_builtins(data))
        if item.question_id is not None:
            bank.get(item.question_id)
        return await graded(request, item, desk, settings, metrics)

    @post("/grade/batch", status_code=200, request_max_body_size=BATCH_BYTES, operation_id="gradeBatch",
          summary="Grade up to 256 answers")
    async def grade_batch(self, request: Request[Any, Any, Any], data: JSONBody[Batch], desk: NamedDependency[Desk],
                          metrics: NamedDependency[Metrics]) -> Results:
        """One result or error for each item, in order. Nothing is stored."""
        desk.admit()

        async def results() -> Results:
            return Results(items=tuple([r async for r in desk.grade_each(_checked(data.items))]))

        found = await while_connected(request, results(), 0)
        for result in found.items:
            metrics.graded(result)
        return found

    @post("/grade/stream", status_code=200, request_max_body_size=None, operation_id="gradeStream",
          summary="Grade any number of answers, JSON Lines in and out")
    async def grade_stream(self, desk: NamedDependency[Desk], metrics: NamedDependency[Metrics]) -> ASGIApp:
        """A result or an error for each line, in order, each as soon as it is ready. Nothing is stored."""
        desk.admit()
        return GradeStream(desk, metrics.graded)


async def graded(request: Request[Any, Any, Any], item: Item, desk: Desk, settings: Settings,
                 metrics: Metrics) -> Grade:
    """One item's grade by way of the desk; raises what is wrong with it."""
    result = await while_connected(request, desk.grade(item), settings.timeout)
    metrics.graded(result)
    if isinstance(result, Ungraded):
        raise BadInput(result.error.message)
    return result


async def _checked(items: list[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item if isinstance(item, dict) else Ungraded(id=None, error=Fault(
            code="not_an_object", message=f"expected an object as POST /grade takes it, not {type(item).__name__}"))
