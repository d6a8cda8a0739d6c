"""Grades free-text answers concept by concept, offline.

from grader import Grader
Grader.load().grade(question_id="security-groups-vs-nacls", answer="...")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.engine import Grader

__all__ = ["Grader"]


def __getattr__(name: str) -> Any:
    # Importing the package must stay light: a tool that only wants our errors pays for no engine.
    if name == "Grader":
        from grader.engine import Grader

        return Grader
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
