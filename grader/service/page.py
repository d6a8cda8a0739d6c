"""The practice page's files and the headers that keep it, and the API, from doing anything else."""

from importlib import resources
from pathlib import Path

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

# Everything the page loads is a file of ours: no inline script or style, no other origin, no frame around it.
CONTENT = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
           "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
HEADERS = {
    "content-security-policy": CONTENT,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
}


def web_folder() -> Path:
    """The page's files: beside the package in a checkout, inside it in a wheel."""
    inside = Path(str(resources.files("grader"))) / "web"
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent.parent / "web"


def page() -> Router:
    """The page at /; browsers ask each time whether a file has changed."""
    return create_static_files_router(path="/", directories=[web_folder()], html_mode=True,
                                      cache_control=CacheControlHeader(no_cache=True))
