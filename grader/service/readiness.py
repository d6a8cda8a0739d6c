"""Whether the service can grade."""

from msgspec import Struct


class Readiness(Struct, kw_only=True):
    """Ready once a warm-up grade has passed, and until the service stops."""

    engine: str
    bank: str
    ready: bool = False
