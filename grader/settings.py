"""Every setting, read once from the environment."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from grader.errors import SettingError


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What can be set from outside; the table in README is made from these fields."""

    models: Path | None = None  # folder with the models; the shipped ones where not given
    bank: Path | None = None  # folder with the questions; the shipped one where not given
    encoder: str = ""  # a sentence-transformers model by name or folder, in place of the shipped one
    cache: Path | None = None  # folder for what can be remade; the user's cache folder where not given
    db: Path | None = None  # the learners' SQLite file; in the user's data folder where not given


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from variables such as GRADER_ENCODER."""
    environment = os.environ if environment is None else environment
    known = {f"GRADER_{f.name.upper()}": f.name for f in msgspec.structs.fields(Settings)}
    given: dict[str, object] = {known[k]: v for k, v in environment.items() if k in known and v}
    for name in ("models", "bank"):
        if name in given and not Path(str(given[name])).is_dir():
            raise SettingError(f"GRADER_{name.upper()}={given[name]} is not a folder")
    paths = {k: Path(str(v)) for k, v in given.items() if k != "encoder"}
    return Settings(encoder=str(given.get("encoder", "")), **paths)


def cache_folder(settings: Settings) -> Path:
    """Where things are kept that can be made again."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return settings.cache or Path(home) / "answer-grader"
