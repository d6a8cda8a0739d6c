"""The OpenAPI description, completed with what Litestar cannot read from the handlers.

Problems are raised, not returned, so no signature shows them; a stream has no type; and some rules hold
between the fields of an item.
"""

import copy
from typing import Any

import msgspec

from grader.domain import Grade, Item, Ungraded
from grader.service.problems import Problem
from grader.service.shapes import MOST_ITEMS

MEANING = {
    "400": "What was sent cannot be used; `faults` lists everything that is wrong.",
    "401": "No key was sent where one is needed, or it is not known or was revoked.",
    "403": "The key has not the scope for this.",
    "404": "Nothing of that name, or nothing that the caller may know of.",
    "405": "The route has not this method.",
    "413": "More bytes than this route takes.",
    "422": "The Idempotency-Key has stored another attempt before.",
    "429": "The minute's requests are used up; Retry-After says when to come back.",
    "503": "Too many answers wait to be graded; Retry-After says when to come back.",
    "507": "No room left on the disk; nothing was written.",
}
ALWAYS = ("400", "401", "429")
BODY = ("413",)
MORE = {
    "grade": ("403", "404", "503"),
    "gradeBatch": ("403", "503"),
    "gradeStream": ("403", "503"),
    "attempt": ("403", "404", "422", "503", "507"),
    "listAttempts": ("403", "404"),
    "getAttempt": ("403", "404"),
    "dispute": ("403", "404", "507"),
    "progress": ("403", "404"),
    "next": ("403", "404"),
    "export": ("403", "404"),
    "forget": ("403", "404", "507"),
    "getLearner": ("403", "404"),
    "resume": ("403", "404"),
    "getQuestion": ("403", "404"),
    "cohort": ("403",),
}
EXAMPLE = {
    "question_id": "security-groups-vs-nacls",
    "answer": "Security groups are stateful and sit on the instance; network ACLs are stateless and sit on the subnet.",
}
OWN_RUBRIC = {
    "question": "Why is a hash table fast?",
    "reference": "The hash of a key gives its place, so a lookup takes constant time on average.",
    "answer": "Because the key's hash tells where to look, whatever the size.",
}


def complete(schema: dict[str, Any]) -> dict[str, Any]:
    """The whole description; what is given stays as it is."""
    schema = copy.deepcopy(schema)
    shapes: dict[str, Any] = schema["components"]["schemas"]
    for kind in (Problem, Grade, Ungraded, Item):
        _, parts = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
        for name, part in parts.items():
            shapes.setdefault(name, part)
    shapes["Item"]["oneOf"] = _ITEM_RULES
    shapes["Item"]["examples"] = [EXAMPLE, OWN_RUBRIC]
    shapes["Attempted"]["examples"] = [EXAMPLE]
    shapes["Results"]["properties"]["items"] = {"type": "array", "maxItems": MOST_ITEMS, "items": _RESULT}
    shapes["Batch"]["examples"] = [{"items": [EXAMPLE, OWN_RUBRIC]}]
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            _operation(operation, api=path.startswith("/api/"), body=method in ("post", "put", "patch"))
    _stream(schema["paths"]["/api/v1/grade/stream"]["post"])
    return schema


_RESULT = {"oneOf": [{"$ref": "#/components/schemas/Grade"}, {"$ref": "#/components/schemas/Ungraded"}]}
_GIVEN = {"type": ["string", "array"], "minLength": 1}
_NONE: dict[str, Any] = {"type": "null"}
_ITEM_RULES = [
    {"title": "by a question of the bank", "required": ["question_id"],
     "properties": {"question_id": {"type": "string"}, "question": _NONE, "reference": _NONE, "concepts": _NONE}},
    {"title": "by a reference", "required": ["reference"],
     "properties": {"question_id": _NONE, "concepts": _NONE,
                    "reference": {"anyOf": [{"type": "string", "pattern": r"\S"},
                                            {"type": "array", "minItems": 1,
                                             "items": {"type": "string", "pattern": r"\S"}}]}}},
    {"title": "by concepts", "required": ["concepts"],
     "properties": {"question_id": _NONE, "concepts": {"type": "array", "minItems": 1}}},
]


def _operation(operation: dict[str, Any], *, api: bool, body: bool) -> None:
    name = operation["operationId"]
    statuses = [*(ALWAYS if api else ()), *(BODY if body else ()), *MORE.get(name, ())]
    for status in statuses:
        operation["responses"][status] = {
            "description": MEANING[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    if name == "ready":
        operation["responses"]["503"] = {**operation["responses"]["200"], "description": "Not ready yet, or stopping."}
    if not api:
        operation.pop("security", None)


def _stream(operation: dict[str, Any]) -> None:
    operation["requestBody"] = {
        "required": True, "description": "One item a line, each at most 64 KB.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
    operation["responses"]["200"] = {
        "description": "One grade or error a line, in the order of the items.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
