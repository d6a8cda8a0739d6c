"""The API's description at /schema: a page of plain HTML for people, OpenAPI as JSON for programs.

Litestar's other viewers load scripts from elsewhere and run them inline; our content policy allows neither,
and a machine without a network would show an empty page.
"""

from html import escape
from typing import Any

from litestar import Request, Response
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin

from grader.service.described import complete

METHODS = ("get", "post", "put", "patch", "delete")


class Viewer(OpenAPIRenderPlugin):
    """One of Litestar's viewers that needs no script at all."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        openapi_schema = complete(openapi_schema)
        if "text/html" in request.headers.get("accept", ""):
            return page_of(openapi_schema).encode()
        described = self.render_json(request, openapi_schema)
        # Litestar passes a Response through, whatever the annotation of its own handler says.
        return Response(described, media_type="application/vnd.oai.openapi+json")  # type: ignore[return-value]


class Described(JsonRenderPlugin):
    """The complete description as JSON."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return self.render_json(request, complete(openapi_schema))


def page_of(schema: dict[str, Any]) -> str:
    """The description as a page."""
    info = schema["info"]
    routes = "\n".join(_route(path, method, item[method]) for path, item in sorted(schema["paths"].items())
                       for method in METHODS if method in item)
    shapes = "\n".join(_shape(name, shape) for name, shape in sorted(schema["components"]["schemas"].items()))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(info["title"])}: the API</title><link rel="stylesheet" href="/styles/schema.css"></head>
<body><main><h1>{escape(info["title"])} {escape(info["version"])}</h1>
<p>{escape(info.get("description", ""))} For programs: <a href="/schema/openapi.json">openapi.json</a>.</p>
<h2>Routes</h2>
{routes}
<h2>Shapes</h2>
{shapes}
</main></body></html>
"""


def _route(path: str, method: str, operation: dict[str, Any]) -> str:
    parameters = "".join(f"<li><code>{escape(p['name'])}</code> in {escape(p['in'])}: {_kind(p.get('schema', {}))}"
                         f"{', required' if p.get('required') else ''}. {escape(p.get('description', ''))}</li>"
                         for p in operation.get("parameters", []))
    body = "".join(f"<p>Body, {escape(kind)}: {_kind(content.get('schema', {}))}</p>"
                   for kind, content in operation.get("requestBody", {}).get("content", {}).items())
    answers = "".join(f"<li>{escape(status)}: {_answer(response)}</li>"
                      for status, response in sorted(operation["responses"].items()))
    return (f"<section><h3><code>{method.upper()} {escape(path)}</code></h3>"
            f"<p>{escape(operation.get('summary', ''))}. {escape(operation.get('description', ''))}</p>"
            f"<ul>{parameters}</ul>{body}<ul>{answers}</ul></section>")


def _answer(response: dict[str, Any]) -> str:
    kinds = [_kind(content.get("schema", {})) for content in response.get("content", {}).values()]
    return ", ".join([*kinds, escape(response.get("description", ""))])


def _shape(name: str, shape: dict[str, Any]) -> str:
    needed = shape.get("required", [])
    rows = "".join(f"<li><code>{escape(field)}</code>: {_kind(kind)}{', required' if field in needed else ''}</li>"
                   for field, kind in shape.get("properties", {}).items())
    values = ", ".join(map(str, shape.get("enum", [])))
    return (f'<section id="{escape(name)}"><h3><code>{escape(name)}</code></h3>'
            f"<p>{escape(shape.get('description', ''))} {escape(values)}</p><ul>{rows}</ul></section>")


def _kind(schema: dict[str, Any]) -> str:
    """A type in words, with a link to a shape."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return " or ".join(_kind(part) for part in schema[word])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return escape(str(schema.get("type", "anything")))
