"""Files of the cache folder: written whole or not at all, a few of a kind; none of them is ever needed."""

import os
from pathlib import Path

OF_A_KIND = 4  # so that a person who goes back and forth between a few banks waits once for each


def keep(path: Path, data: bytes, kind: str = "") -> None:
    """Writes a cache file, and drops the oldest of those that match `kind`; a read-only home is no fault."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.part")
        draft.write_bytes(data)
        draft.replace(path)
        old = sorted(path.parent.glob(kind), key=lambda p: p.stat().st_mtime, reverse=True) if kind else []
        for other in old[OF_A_KIND:]:
            other.unlink(missing_ok=True)
    except OSError:
        return
