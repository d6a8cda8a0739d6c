"""Every error of ours as RFC 9457 problem details: one table, so that no controller needs a `try`."""

import secrets
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.utils.scope.state import ScopeState
from msgspec import UNSET, Struct, UnsetType

from grader import errors
from grader.faults import faults
from grader.service.waiting import HungUpError

# The nearest class counts: UnknownQuestion before BadInput.
STATUS: dict[type[errors.GraderError], int] = {
    errors.BadInput: 400,
    errors.Unauthorised: 401,
    errors.Forbidden: 403,
    errors.UnknownQuestion: 404,
    errors.NotFound: 404,
    errors.KeyReused: 422,
    errors.TooMany: 429,
    errors.Busy: 503,
    errors.StoreFull: 507,
    errors.StoreError: 503,
    errors.GraderError: 500,
}
CODES = {400: "bad_input", 401: "unauthorised", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
         413: "too_large", 415: "unsupported_media_type", 429: "too_many_requests", 503: "busy"}


class Problem(Struct, kw_only=True, omit_defaults=True):
    """What went wrong, as RFC 9457 says it, with a code for programs and every fault that was found."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    faults: tuple[str, ...] | UnsetType = UNSET
    nearest: tuple[str, ...] | UnsetType = UNSET
    request_id: str | UnsetType = UNSET


def of_ours(request: Request[Any, Any, Any], fault: errors.GraderError) -> Response[Problem]:
    """A problem from one of our errors."""
    status = next(STATUS[kind] for kind in type(fault).__mro__ if kind in STATUS)
    headers: dict[str, str] = {}
    if isinstance(fault, errors.Busy):
        headers["Retry-After"] = str(max(1, round(fault.retry_after)))
    if isinstance(fault, errors.Unauthorised):
        headers["WWW-Authenticate"] = 'Bearer realm="grader"'
    if status >= 500:
        structlog.get_logger().warning("refused", code=fault.code, status=status)
    # Where a path of the disk would show, the caller learns only what it means for them.
    detail = _HIDDEN.get(fault.code, str(fault))
    return respond(request, status, fault.code, detail, headers,
                   faults=getattr(fault, "faults", UNSET), nearest=getattr(fault, "nearest", UNSET))


_HIDDEN = {"store_full": "no room left to store this; nothing was written",
           "bad_store": "the store cannot be used just now"}


def of_http(request: Request[Any, Any, Any], fault: HTTPException) -> Response[Problem]:
    """A problem from an error of the framework: a body it cannot read, a route it does not know."""
    status = fault.status_code
    found = _body_faults(request) if isinstance(fault, ValidationException) else []
    if isinstance(fault, ValidationException) and not found and isinstance(fault.extra, list):
        found = [f"{part.get('source', '')} {part.get('key', '')}: {part.get('message', '')}".strip()
                 for part in fault.extra if isinstance(part, dict)]
    detail = "; ".join(found) or fault.detail
    return respond(request, status, CODES.get(status, "fault"), detail, dict(fault.headers or {}),
                   faults=tuple(found) or UNSET)


def of_fault(request: Request[Any, Any, Any], fault: Exception) -> Response[Problem]:
    """A problem from what should not have happened; the log has it, the caller gets its number."""
    structlog.get_logger().error("fault", exc_info=fault)
    return respond(request, 500, "fault", "a fault of ours; the log has it under this request_id", {})


def respond(request: Request[Any, Any, Any], status: int, code: str, detail: str, headers: dict[str, str],
            **members: Any) -> Response[Problem]:
    """A response of application/problem+json."""
    number = request.scope["state"].setdefault("request_id", secrets.token_hex(8))
    problem = Problem(type=f"urn:grader:problem:{code}", title=HTTPStatus(status).phrase, status=status, code=code,
                      detail=detail, request_id=number, **members)
    return Response(problem, status_code=status, media_type="application/problem+json", headers=headers)


def _body_faults(request: Request[Any, Any, Any]) -> list[str]:
    """Every fault of the body; Litestar stops at the first."""
    body = ScopeState.from_scope(request.scope).body
    field = getattr(request.route_handler, "parsed_data_field", None)
    if not isinstance(body, bytes) or field is None:
        return []
    try:
        return faults(msgspec.json.decode(body), field.annotation)
    except (msgspec.DecodeError, RecursionError) as fault:
        return [f"$: not JSON: {fault}"]


def of_depth(request: Request[Any, Any, Any], fault: RecursionError) -> Response[Problem]:  # noqa: ARG001
    """A body nested more deeply than can be read."""
    return respond(request, 400, "bad_input", "$: nested too deeply", {}, faults=("$: nested too deeply",))


def of_nobody(request: Request[Any, Any, Any], fault: HungUpError) -> Response[None]:  # noqa: ARG001
    """Nobody reads this; the log has it as 499, as others write it."""
    return Response(None, status_code=499)


HANDLERS: dict[Any, Any] = {
    errors.GraderError: of_ours,
    HungUpError: of_nobody,
    HTTPException: of_http,
    RecursionError: of_depth,
    Exception: of_fault,
}
