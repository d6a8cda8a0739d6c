"""API keys: made, hashed, checked.

A key is `gr_<id>_<256 random bits>`. Only a keyed BLAKE2b hash of it is stored. A slow hash such as
argon2 protects what people can remember; nobody can guess 256 random bits, and a slow hash would cost
every request tens of milliseconds. The hash is keyed with the store's secret, so that a hash from one
store says nothing in another.
"""

import hashlib
import hmac
import re
import secrets
from enum import StrEnum

from msgspec import Struct

from grader.errors import BadInput

SHAPE = re.compile(r"gr_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
RESUME_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none that look alike
RESUME_LENGTH = 20  # letters of five bits: 100 bits


class Scope(StrEnum):
    """What a key may be used for."""

    grade = "grade"
    learn = "learn"
    author = "author"


class Key(Struct, frozen=True, kw_only=True):
    """What is known of a key; never the key itself."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created: str
    revoked: str | None = None
    last_used: str | None = None


def make(name: str, scopes: tuple[Scope, ...], created: str) -> tuple[str, Key]:
    """A new key: the text that is shown once, and what is kept of it."""
    identity = secrets.token_hex(6)
    return f"gr_{identity}_{secrets.token_urlsafe(32)}", Key(id=identity, name=name, scopes=scopes, created=created)


def parse_scopes(text: str) -> tuple[Scope, ...]:
    """Scopes from `grade,learn`; raises BadInput for one that does not exist."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    known = [scope.value for scope in Scope]
    wrong = [name for name in names if name not in known]
    if wrong or not names:
        raise BadInput(f"scope: {', '.join(map(repr, wrong)) or 'none given'}; known are {', '.join(known)}")
    return tuple(scope for scope in Scope if scope.value in names)


def identity(text: str) -> str | None:
    """The id inside a key's text; None where it has not the shape of a key."""
    match = SHAPE.fullmatch(text)
    return match[1] if match else None


def digest(secret: bytes, text: str) -> bytes:
    """What is stored in place of a key or of a resume code."""
    return hashlib.blake2b(text.encode(), key=secret, digest_size=32).digest()


def same(one: bytes, other: bytes) -> bool:
    """Equality that takes as long wherever the difference lies."""
    return hmac.compare_digest(one, other)


def sign(secret: bytes, text: str) -> str:
    """`text.signature`, for a cookie."""
    return f"{text}.{hmac.new(secret, text.encode(), 'sha256').hexdigest()}"


def signed(secret: bytes, cookie: str) -> str | None:
    """The text of a cookie that we signed; None for any other."""
    text, _, _ = cookie.rpartition(".")
    return text if text and same(sign(secret, text).encode(), cookie.encode()) else None


def resume_code(secret: bytes, learner: str) -> str:
    """The code with which a learner carries on elsewhere: always the same for the same learner."""
    number = int.from_bytes(hmac.new(secret, b"resume:" + learner.encode(), "sha256").digest())
    letters = "".join(RESUME_LETTERS[(number >> 5 * n) & 31] for n in range(RESUME_LENGTH))
    return "-".join(letters[n : n + 4] for n in range(0, RESUME_LENGTH, 4))


def tidy_code(typed: str) -> str:
    """A resume code as it was given out, from what a person typed."""
    letters = "".join(c for c in typed.upper() if c.isalnum()).translate(str.maketrans("OIL", "011"))
    return "-".join(letters[n : n + 4] for n in range(0, len(letters), 4))
