"""Every setting, read once from the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from grader.errors import SettingError

Whole = Annotated[int, Meta(ge=0, le=1_000_000)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What can be set from outside; `docs/service.md` has them in a table that a test compares with this."""

    models: Path | None = None  # folder with the models; the shipped ones where not given
    bank: Path | None = None  # folder with the questions; the shipped one where not given
    encoder: str = ""  # a sentence-transformers model by name or folder, in place of the shipped one
    cache: Path | None = None  # folder for what can be remade; the user's cache folder where not given
    db: Path | None = None  # the learners' SQLite file; in the user's data folder where not given
    host: str = "127.0.0.1"  # the address that the service listens on
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000  # its port; 0 takes any that is free
    workers: Annotated[int, Meta(ge=1, le=64)] = 1  # processes of the service, each with the models in memory
    allow_anonymous: bool = False  # visitors without a key may practise and grade, at any address
    hosts: tuple[str, ...] = ()  # names the service answers to; on loopback only loopback's where not given
    proxies: tuple[str, ...] = ()  # addresses of proxies whose X-Forwarded-For is believed
    cors: tuple[str, ...] = ()  # origins whose pages may call the API
    rate_key: Whole = 6000  # requests a minute of one key; 0 for no limit
    rate_address: Whole = 600  # requests a minute of one address without a key; 0 for no limit
    queue: Annotated[int, Meta(ge=1, le=100_000)] = 64  # answers that may wait; more are refused with 503
    batch: Annotated[int, Meta(ge=1, le=1024)] = 16  # answers graded together at most
    batch_wait: Seconds = 0.0  # seconds to wait for company while nothing is being graded
    timeout: Seconds = 30.0  # seconds after which a request that still waits for its grade is given up
    mcp: bool = False  # serves the tools for assistants at /mcp
    log: str = "info"  # debug, info, warning or error
    log_answers: bool = False  # writes the text of answers to the log, for finding a fault


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from variables such as GRADER_ENCODER."""
    environment = os.environ if environment is None else environment
    given: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        name = f"GRADER_{field.name.upper()}"
        if environment.get(name):
            given[field.name] = _parsed(name, environment[name], field.type)
    for name in ("models", "bank"):
        if name in given and not given[name].is_dir():
            raise SettingError(f"GRADER_{name.upper()}={given[name]} is not a folder")
    if given.get("log", "info") not in ("debug", "info", "warning", "error"):
        raise SettingError(f"GRADER_LOG={given['log']}: expected debug, info, warning or error")
    return Settings(**given)


def to_environment(settings: Settings) -> dict[str, str]:
    """The variables that give these settings to another process."""
    default = Settings()
    return {f"GRADER_{name.upper()}": _shown(value) for name in Settings.__struct_fields__
            if (value := getattr(settings, name)) != getattr(default, name)}


def cache_folder(settings: Settings) -> Path:
    """Where things are kept that can be made again."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return settings.cache or Path(home) / "answer-grader"


def store_file(settings: Settings) -> Path:
    """Where the learners' attempts are kept."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return settings.db or Path(home) / "answer-grader" / "learners.db"


def _parsed(name: str, text: str, kind: Any) -> Any:
    if kind == Path | None:
        return Path(text)
    raw = [part.strip() for part in text.split(",") if part.strip()] if kind == tuple[str, ...] else text
    try:
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as fault:
        reason = str(fault)
        raise SettingError(f"{name}={text}: {reason[:1].lower()}{reason[1:]}") from None


def _shown(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
