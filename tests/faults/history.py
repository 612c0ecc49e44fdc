"""What was asked of the platform and what it acknowledged, line by line: the only witness that the oracle hears."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self


class Outcome(StrEnum):
    """How a request ended for whoever sent it."""

    ACKNOWLEDGED = "acknowledged"
    # It surely did nothing.
    FAILED = "failed"
    # It may have been done, or be done yet.
    UNKNOWN = "unknown"


# Of a refusal that is right.
AS_IT_MUST_BE = "as it must be"


class Invariant(StrEnum):
    """What must hold, in the words of the report."""

    UPLOADS = "acknowledged uploads lost"
    CHUNKS = "chunks wrong"
    MESSAGES = "acknowledged messages lost or doubled"
    OWNERS = "rows of the wrong owner"
    STUCK = "anything stuck"
    IDLE = "connections idle in transaction"
    VISIBLE = "what an owner sees is not the model"
    ANSWERS = "answers that must never be given"


@dataclass(frozen=True, slots=True)
class Violation:
    """What was expected, what there is, and the line of the history that says so; 0 is no line."""

    invariant: Invariant
    told: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.invariant}: {self.told}" + (f" (line {self.line})" if self.line else "")


class History:
    """Append-only. A line before each request and one behind it; safe from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.violations: list[Violation] = []
        self.acknowledged: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self._file = path.open("w", encoding="utf-8")
        self._writing = threading.Lock()
        self._lines = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def invoked(self, who: str, op: str, **fields: Any) -> int:
        """The number of its line, by which the rest names it."""
        return self._write(who=who, op=op, phase="invoked", **fields)

    def ended(self, line: int, op: str, outcome: Outcome, **fields: Any) -> None:
        """`fields` say what was told: ids, statuses, or the kind of failure."""
        self._write(of=line, op=op, phase=outcome, **fields)
        with self._writing:
            if outcome is Outcome.ACKNOWLEDGED:
                self.acknowledged[op] += 1
            else:
                self.failures[str(fields.get("kind", outcome))] += 1

    def violated(self, invariant: Invariant, told: str, line: int = 0) -> None:
        self._write(phase="violation", invariant=invariant, told=told, of=line)
        with self._writing:
            self.violations.append(Violation(invariant, told, line))

    def _write(self, **fields: Any) -> int:
        with self._writing:
            self._lines += 1
            line = {"line": self._lines, "at": round(time.monotonic(), 3), **fields}
            self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
            # Who is killed here leaves what was known.
            self._file.flush()
            return self._lines
