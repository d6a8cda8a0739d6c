"""What Prometheus reads at /metrics."""

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from grader.domain import Grade, Ungraded

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The figures of one app; with several workers Prometheus' own files add them up."""

    def __init__(self, engine: str, bank: str) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self.requests = Counter("grader_requests", "Requests answered.", ["method", "route", "status"],
                                registry=registry)
        self.seconds = Histogram("grader_request_seconds", "Seconds until a response began.", ["route"],
                                 buckets=SECONDS, registry=registry)
        self._batch = Histogram("grader_batch_size", "Answers graded together.", buckets=SIZES, registry=registry)
        self._grading = Histogram("grader_batch_seconds", "Seconds that a batch took.", buckets=SECONDS,
                                  registry=registry)
        self._verdicts = Counter("grader_verdicts", "Answers graded, by verdict.", ["verdict"], registry=registry)
        self.waiting = Gauge("grader_queue_depth", "Answers that wait to be graded.", registry=registry,
                             multiprocess_mode="livesum")
        about = Gauge("grader_info", "Always 1; its labels tell the versions.", ["engine", "bank"], registry=registry,
                      multiprocess_mode="max")
        about.labels(engine, bank).set(1)

    def batch(self, size: int, seconds: float) -> None:
        """Counts one batch."""
        self._batch.observe(size)
        self._grading.observe(seconds)

    def graded(self, result: Grade | Ungraded) -> None:
        """Counts one result."""
        self._verdicts.labels("ungraded" if isinstance(result, Ungraded) else result.verdict.value).inc()

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
