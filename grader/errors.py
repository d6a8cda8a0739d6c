"""Every exception we raise on purpose.

GraderError
├── BadInput             what the caller gave cannot be used; lists every fault with its path
│   └── UnknownQuestion  no question of that id; suggests the nearest ids
├── BankError            a bank file cannot be used; lists every fault with file and line
├── ModelError           a model file is missing, truncated or altered; says how to repair it
└── SettingError         a setting has a value that makes no sense
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
