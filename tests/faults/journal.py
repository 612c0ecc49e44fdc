"""What the workers wrote down of their work: who writes without the right to is seen here, where rows agree."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.faults.history import Invariant, Violation

# Each is said once a document, behind the commit: nobody can claim it for that again.
_ONCE = ("document.searchable", "document.ready")


def written_twice(logs: Iterable[Path]) -> Iterator[Violation]:
    """The documents whose words or vectors two workers stored, each in the belief that it holds the lease."""
    said = Counter(entry for log in logs for entry in _entries(log))
    for (event, document), times in said.items():
        if times > 1:
            yield Violation(Invariant.CHUNKS, f"{event} of document {document} was written down {times} times")


def _entries(log: Path) -> Iterator[tuple[str, str]]:
    for line in log.read_text(errors="replace").splitlines():
        entry = _read(line)
        if entry.get("event") in _ONCE:
            yield entry["event"], entry.get("document_id", "")


def _read(line: str) -> dict[str, str]:
    """Empty for what is no entry, or half of one: whoever wrote it was killed."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
