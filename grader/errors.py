"""Every exception we raise on purpose.

GraderError
├── BadInput             what the caller gave cannot be used; lists every fault with its path
│   └── UnknownQuestion  no question of that id; suggests the nearest ids
├── BankError            a bank file cannot be used; lists every fault with file and line
├── ModelError           a model file is missing, truncated or altered; says how to repair it
├── SettingError         a setting has a value that makes no sense
├── StoreError           the learners' database cannot be used: damaged, read-only, of a newer version
│   └── StoreFull        there is no room left to write to; nothing was written
├── NotFound             nothing of that name, or nothing that this caller may know of
├── KeyReused            an idempotency key came back with another request than its first
├── Unauthorised         the caller has shown no key, or one that is wrong or revoked
├── Forbidden            the caller is known, and may not do this
└── Busy                 more work than can be done soon; says when to come back
    └── TooMany          this caller has used up what it may ask for in this minute
"""


class GraderError(Exception):
    """The root: anything of ours that a caller may want to catch."""

    code = "fault"


class BadInput(GraderError):
    """What the caller gave cannot be used; `faults` lists all of it."""

    code = "bad_input"

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class UnknownQuestion(BadInput):
    """No question of the bank has that id."""

    code = "unknown_question"

    def __init__(self, question_id: str, nearest: tuple[str, ...]) -> None:
        hint = f"; did you mean {', '.join(nearest)}?" if nearest else ""
        super().__init__(f"$.question_id: no question {question_id!r} in the bank{hint}")
        self.nearest = nearest


class BankError(GraderError):
    """Bank files that cannot be used; `faults` lists every one with file and line."""

    code = "bad_bank"

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class ModelError(GraderError):
    """A model file is missing, truncated or altered."""

    code = "bad_model"


class SettingError(GraderError):
    """A setting has a value that makes no sense."""

    code = "bad_setting"


class StoreError(GraderError):
    """The learners' database cannot be used."""

    code = "bad_store"


class StoreFull(StoreError):
    """There is no room left to write to; nothing was written."""

    code = "store_full"


class NotFound(GraderError):
    """Nothing of that name, or nothing that this caller may know of."""

    code = "not_found"


class KeyReused(GraderError):
    """An idempotency key came back with another request than its first."""

    code = "idempotency_key_reused"


class Unauthorised(GraderError):
    """The caller has shown no key, or one that is wrong or revoked."""

    code = "unauthorised"


class Forbidden(GraderError):
    """The caller is known, and may not do this."""

    code = "forbidden"


class Busy(GraderError):
    """There is more work than can be done soon; `retry_after` says in how many seconds to come back."""

    code = "busy"

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooMany(Busy):
    """The caller has used up what it may ask for in this minute."""

    code = "too_many_requests"
