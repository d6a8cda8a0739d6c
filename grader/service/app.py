"""The app: routes, what they are given, and what is around them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import structlog
from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from grader.bank import Bank
from grader.domain import Item
from grader.engine import Grader, package_version
from grader.search import Finder
from grader.service.auth import GUARDED, Door
from grader.service.batching import Desk
from grader.service.grading import GradingController
from grader.service.health import HealthController
from grader.service.learners import LearnerController, cohort
from grader.service.limits import Limits
from grader.service.metrics import Metrics
from grader.service.page import page
from grader.service.problems import HANDLERS
from grader.service.questions import QuestionController
from grader.service.readiness import Readiness
from grader.service.tools import Tools
from grader.service.viewer import Described, Viewer
from grader.service.watch import Numbered, Watch, configure_logs
from grader.settings import Settings
from grader.store import Store

WARM_UP = Item(question="What is a test?", reference="A check that something works.", answer="It checks that it works.")


def create_app(settings: Settings, engine: Grader, bank: Bank, store: Store) -> Litestar:
    """Everything over HTTP, around one engine, one bank and one store."""
    configure_logs(settings.log, messages=settings.log_answers)
    metrics = Metrics(engine.version, bank.version)
    desk = Desk(engine.grade_many, queue=settings.queue, batch=settings.batch, wait=settings.batch_wait,
                seen=metrics.batch)
    readiness = Readiness(engine=engine.version, bank=bank.version)
    limits = Limits(store.path.with_name(store.path.name + "-limits"))
    finder = Finder(bank, engine.encoder, settings)
    tools = Tools(engine, store, finder) if settings.mcp else None
    given = {"settings": settings, "bank": bank, "store": store, "desk": desk, "metrics": metrics,
             "readiness": readiness, "finder": finder}

    @asynccontextmanager
    async def working(_: Litestar) -> AsyncIterator[None]:
        await desk.start()
        warming = asyncio.create_task(_warm_up(desk, readiness))
        try:
            async with tools.running() if tools else nullcontext():
                yield
        finally:
            readiness.ready = False
            warming.cancel()
            await desk.stop()
            limits.close()
            store.close()

    api = Router("/api/v1", route_handlers=[QuestionController, GradingController, LearnerController, cohort],
                 opt={GUARDED: True}, security=[{"key": []}])
    return Litestar(
        route_handlers=[api, HealthController, page(), *([tools.route()] if tools else [])],
        dependencies={name: Provide(_giving(value), sync_to_thread=False) for name, value in given.items()},
        exception_handlers=HANDLERS,
        middleware=[Numbered(settings), Door(settings, store, limits)],
        before_send=[Watch(metrics).before_send],
        lifespan=[working],
        openapi_config=_openapi(),
        # The page's files only: the API's answers are small, and its streams must not wait for a full buffer.
        compression_config=CompressionConfig(backend="gzip", minimum_size=1000,
                                             exclude=["^/(api|health|mcp|metrics|schema)"]),
        cors_config=CORSConfig(allow_origins=list(settings.cors)) if settings.cors else None,
        logging_config=None,
        debug=False,
    )


async def _warm_up(desk: Desk, readiness: Readiness) -> None:
    try:
        await desk.grade(WARM_UP)
    except Exception as fault:
        structlog.get_logger().error("not ready", exc_info=fault)
        return
    readiness.ready = True


def _giving(value: Any) -> Any:
    return lambda: value


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Answer grader", version=package_version(), path="/schema", use_handler_docstrings=True,
        description="Grades free-text answers concept by concept. Problems come as application/problem+json.",
        render_plugins=[Viewer(), Described()],
        components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
    )
