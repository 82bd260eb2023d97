"""What was found wrong, repaired or doubtful: a code for programs, what it is about, and the sentence for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One of `codes.Code` with its parameters. `reason` says what is wrong, `mend` ("" for nothing) what to do."""

    code: str
    params: "Mapping[str, str | int | float | Finding]"
    reason: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.reason.removesuffix('.')}: {self.mend[0].lower()}{self.mend[1:]}" if self.mend else self.reason

    def as_json(self) -> dict[str, Any]:
        """Code, parameters and both sentences; a parameter that is a finding has the same form."""
        params = {name: each.as_json() if isinstance(each, Finding) else each for name, each in self.params.items()}
        return {"code": self.code, "params": params, "reason": self.reason, "mend": self.mend}


class FindingError(ValueError):
    """Something that can't be, and why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding

    def __str__(self) -> str:
        return str(self.finding)


def shown(value: object) -> str | int | float | Finding:
    """A parameter as a report can carry it: numbers of at most ten digits, texts short and without control signs."""
    if isinstance(value, Finding):
        return value
    if isinstance(value, int | float) and isfinite(value):
        return int(value) if value == int(value) else float(f"{value:.10g}")
    text = str(value)
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in cut)
