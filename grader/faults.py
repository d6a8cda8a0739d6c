"""Raw data into our structs, with every fault listed at once, each with its path.

msgspec stops at the first fault of a document; a person who writes a rubric wants all of them.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from grader.domain import Item
from grader.errors import BadInput

T = TypeVar("T")


def parse(raw: object, kind: type[T]) -> T:
    """`raw` as a struct of that kind; raises BadInput with all that is wrong."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as first:
        raise BadInput(*(faults(raw, kind) or [str(first)])) from None


def parse_item(raw: object) -> Item:
    """One answer to grade; raises BadInput with all that is wrong, across fields too."""
    found = faults(raw, Item)
    if isinstance(raw, Mapping):
        found += _item_faults(raw)
    if found:
        raise BadInput(*found)
    return msgspec.convert(raw, Item)


def faults(raw: object, kind: Any, path: str = "$") -> list[str]:
    """Everything that keeps `raw` from being a struct of that kind."""
    try:
        msgspec.convert(raw, kind)
        return []
    except msgspec.ValidationError as fault:
        inner = _inner(raw, kind, path)
        return inner or [_told(str(fault), path, raw)]


def _inner(raw: object, kind: Any, path: str) -> list[str]:
    """The faults of the parts of `raw`."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(raw, Mapping):
        fields = {f.name: f for f in msgspec.structs.fields(kind)}
        found = [f"{path}.{key}: unknown field; known are {', '.join(fields)}" for key in raw if key not in fields]
        found += [f"{path}.{name}: missing" for name, f in fields.items() if f.required and name not in raw]
        for name, value in raw.items():
            if name in fields:
                found += faults(value, fields[name].type, f"{path}.{name}")
        return found
    for option in _options(kind):
        if get_origin(option) is tuple and isinstance(raw, list | tuple):
            return [f for i, part in enumerate(raw) for f in faults(part, get_args(option)[0], f"{path}[{i}]")]
        if isinstance(option, type) and issubclass(option, msgspec.Struct) and isinstance(raw, Mapping):
            return faults(raw, option, path)
    return []


def _options(kind: Any) -> list[Any]:
    """The types behind Annotated and unions."""
    if hasattr(kind, "__metadata__"):
        return _options(get_args(kind)[0])
    if get_origin(kind) is tuple or isinstance(kind, type):
        return [kind]
    return [o for k in get_args(kind) for o in _options(k)]


def _told(message: str, path: str, raw: object) -> str:
    """The message of msgspec with our path before it."""
    text, _, below = message.partition(" - at `$")
    place = path + below.rstrip("`")
    seen = "" if isinstance(raw, Mapping | list | tuple) else f"{'' if 'got' in text else ', not'} {_shown(raw)}"
    return f"{place}: {text[:1].lower()}{text[1:]}{seen if 'xpected' in text else ''}"


def _shown(raw: object) -> str:
    shown = repr(raw)
    return shown if len(shown) <= 40 else shown[:37] + "…'"


def _item_faults(raw: Mapping[str, Any]) -> list[str]:
    """Faults of an item that no single field shows."""
    own = [k for k in ("question", "reference", "concepts") if raw.get(k) is not None]
    if raw.get("question_id") is not None:
        return [f"$.{own[0]}: give question_id or a rubric of your own, not both"] if own else []
    concepts, reference = raw.get("concepts"), raw.get("reference")
    if concepts is None and reference is None:
        return ["$: give question_id, or reference, or concepts"]
    found = []
    if isinstance(concepts, list | tuple):
        if not concepts and not reference:
            found.append("$.concepts: empty, and there is no reference to derive concepts from")
        ids = [c.get("id") for c in concepts if isinstance(c, Mapping) and c.get("id")]
        found += [f"$.concepts: two concepts have the id {i!r}" for i in dict.fromkeys(ids) if ids.count(i) > 1]
    texts = [reference] if isinstance(reference, str) else reference
    if isinstance(texts, list | tuple) and not any(isinstance(t, str) and t.strip() for t in texts) and not concepts:
        found.append("$.reference: says nothing, and there are no concepts")
    return found


