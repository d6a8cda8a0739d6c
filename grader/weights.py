"""Finds a model folder, checks every file against the manifest, and refuses anything else."""

import hashlib
from importlib import resources
from pathlib import Path

import msgspec

from grader.errors import ModelError


class Entry(msgspec.Struct, frozen=True):
    """One file of a model: what the manifest promises of it."""

    file: str
    sha256: str
    bytes: int
    licence: str = ""
    made: str = ""


class Manifest(msgspec.Struct, frozen=True):
    """The files of all shipped models."""

    files: tuple[Entry, ...]


def models_folder() -> Path:
    """The shipped models: beside the package in a checkout, inside it in a wheel."""
    inside = Path(str(resources.files("grader"))) / "models"
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent / "models"


class Weights:
    """A models folder whose files are handed out only after they were checked."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or models_folder()
        manifest = self.folder / "manifest.json"
        try:
            self.entries = {e.file: e for e in msgspec.json.decode(manifest.read_bytes(), type=Manifest).files}
        except FileNotFoundError:
            raise ModelError(f"{manifest} is missing. {REPAIR}") from None
        except OSError as fault:
            raise ModelError(f"{manifest} cannot be read: {fault.strerror}. {REPAIR}") from None
        except msgspec.DecodeError as fault:
            raise ModelError(f"{manifest} is not a manifest: {fault}. {REPAIR}") from None

    def read(self, name: str) -> bytes:
        """The bytes of a file, which are exactly those that the manifest promises."""
        entry, path = self.entries.get(name), self.folder / name
        if entry is None:
            raise ModelError(f"{name} is not in {self.folder / 'manifest.json'}. {REPAIR}")
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise ModelError(f"{path} is missing; expected {entry.bytes:,} bytes. {REPAIR}") from None
        except OSError as fault:
            raise ModelError(f"{path} cannot be read: {fault.strerror}. {REPAIR}") from None
        if len(data) != entry.bytes:
            raise ModelError(f"{path} has {len(data):,} bytes; expected {entry.bytes:,}. {REPAIR}")
        if (digest := hashlib.sha256(data).hexdigest()) != entry.sha256:
            raise ModelError(f"{path} was altered: sha256 {digest}; expected {entry.sha256}. {REPAIR}")
        return data

    def mark(self, name: str) -> str:
        """A short name for exactly this version of a file."""
        return self.entries[name].sha256[:8] if name in self.entries else "unknown"


REPAIR = "To repair: restore the models folder (git checkout -- models) or install answer-grader again."
