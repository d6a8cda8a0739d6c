"""Whether the service lives, whether it is ready, and its figures."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from grader.service.batching import Desk
from grader.service.metrics import Metrics
from grader.service.readiness import Readiness
from grader.service.shapes import Health


class HealthController(Controller):
    """For whoever watches the service; outside /api/v1 and without a key."""

    tags = ("Operations",)

    @get("/health/live", sync_to_thread=False, operation_id="live", summary="Is the process alive?")
    def live(self) -> Health:
        """Answers while the process does."""
        return Health(status="live")

    @get("/health/ready", sync_to_thread=False, operation_id="ready", summary="Can it grade?")
    def ready(self, readiness: NamedDependency[Readiness]) -> Response[Health]:
        """200 once a first answer has been graded, 503 before that and while the service stops."""
        status = 200 if readiness.ready else 503
        return Response(Health(status="ready" if readiness.ready else "starting", engine=readiness.engine,
                               bank=readiness.bank), status_code=status)

    @get("/metrics", sync_to_thread=False, operation_id="metrics", summary="Figures for Prometheus",
         media_type="text/plain; version=0.0.4; charset=utf-8")
    def metrics(self, metrics: NamedDependency[Metrics], desk: NamedDependency[Desk]) -> bytes:
        """Requests, queue depth, batch sizes, grading time, verdicts, versions."""
        metrics.waiting.set(desk.waiting)
        return metrics.text()
