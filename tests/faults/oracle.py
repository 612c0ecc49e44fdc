"""Looks, once all is whole and quiet again, whether what was acknowledged is there, and nothing else."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

from tests.chaos.expected import Control, Expected, differences, leftovers, make_control
from tests.faults import rows
from tests.faults.belongings import Document, Fate, within
from tests.faults.crowd import Crowd, Member
from tests.faults.history import AS_IT_MUST_BE, History, Invariant, Violation
from tests.faults.injector import Injected
from tests.faults.journal import written_twice
from tests.faults.rows import Connection
from tests.faults.stage import WORKERS, Stage
from tests.faults.verdicts import IsDisturbed, judge
from tests.services import wait_until

# JOB-1: what was lost goes on within three minutes, and ends within them.
QUIET_WITHIN_S = 180.0
# A connection that a fault has killed is found dead only by the next one who uses it.
_AFTERMATH_S = 6.0
_MOST_TOLD = 40


class Oracle:
    """Judges what the crowd was told by what there is."""

    def __init__(self, stage: Stage, crowd: Crowd, history: History) -> None:
        self._stage, self._crowd, self._history = stage, crowd, history
        self._control: Control | None = None
        self._expected: dict[str, Expected] = {}
        self.quiet_s = 0.0
        self.documents = 0

    def judge(self, faults: Sequence[Injected], *, quiet_within_s: float = QUIET_WITHIN_S) -> Counter[Invariant]:
        """How often each invariant was violated, in the midst of it and now. All are in the history."""
        with self._stage.connect("oracle") as connection:
            self._wait_for_quiet(connection, within_s=quiet_within_s)
            self._review()
            for violation in self._found(connection, disturbed_by(faults)):
                self._history.violated(violation.invariant, violation.told, violation.line)
        return Counter(violation.invariant for violation in self._history.violations)

    def _review(self) -> None:
        """Everybody looks at all that is theirs; with everything healed nothing of it may fail."""
        before = Counter(self._history.failures)
        for member in self._crowd.members:
            review(member)
        for kind, count in (self._history.failures - before).items():
            if not kind.endswith(AS_IT_MUST_BE):
                self._history.violated(Invariant.ANSWERS, f"{count} × {kind} with everything healed")

    def _wait_for_quiet(self, connection: Connection, *, within_s: float) -> None:
        began = time.monotonic()
        # What is not through in time is told with all that is stuck.
        with suppress(AssertionError):
            wait_until(lambda: not rows.unfinished(connection), within_s=within_s)
            self._retry_failed(connection)
            wait_until(lambda: not rows.unfinished(connection), within_s=within_s)
        self.quiet_s = time.monotonic() - began

    def _retry_failed(self, connection: Connection) -> None:
        """A reason is an end too; without a fault it must come to a good one."""
        people = {member.person.id: member.person for member in self._crowd.members}
        for owner, bot, document in rows.failed(connection):
            people[owner].send("retry document", "POST", f"/bots/{bot}/documents/{document}/retry")

    def _found(self, connection: Connection, is_disturbed: IsDisturbed) -> Iterator[Violation]:
        people = [member.person for member in self._crowd.members]
        yield from rows.stuck(connection)
        yield from rows.idle_in_transaction(connection)
        yield from rows.of_wrong_owners(connection, [(person.id, person.mark) for person in people])
        yield from rows.without_ledger(connection)
        yield from written_twice(self._stage.folder / f"{name}.log" for name in WORKERS)
        for person in people:
            stored = rows.stored_of(connection, person.id)
            yield from judge(person.owns, stored, is_disturbed=is_disturbed)
            there = {document.id for document in stored.documents}
            for bot, document in person.owns.documents():
                yield from self._chunks(connection, document, is_there=document.id in there)
                if within(bot.fate, document.fate) is Fate.GONE and document.id:
                    found = leftovers(connection, document.id)
                    yield from (Violation(Invariant.CHUNKS, told, document.line) for told in found)

    def _chunks(self, connection: Connection, document: Document, *, is_there: bool) -> Iterator[Violation]:
        if not is_there:
            return
        self.documents += 1
        for told in differences(connection, document.id, self._undisturbed(document.text)):
            yield Violation(Invariant.CHUNKS, f"document {document.id}: {told}", document.line)

    def _undisturbed(self, text: str) -> Expected:
        if self._control is None:
            self._control = make_control(self._stage.services)
        if text not in self._expected:
            self._expected[text] = self._control.train(text)
        return self._expected[text]


def review(member: Member) -> None:
    """Look at everything that is somebody's, as they see it; whatever differs is told by who looks."""
    member.errands.log_in_again()
    member.errands.who_am_i()
    member.errands.look_at_bots()
    for bot in member.person.owns.there():
        member.errands.look_at_documents(bot)
        member.errands.search(bot)
        member.talking.look_at_talks(bot)
        for talk in bot.talks:
            if talk.fate is Fate.THERE:
                member.talking.read_one(talk)


def disturbed_by(faults: Sequence[Injected]) -> IsDisturbed:
    """Whether one of those that can keep an answer from being recorded was there at the time, or shortly before."""
    times = [
        (fault.began, (fault.ended or float("inf")) + _AFTERMATH_S) for fault in faults if fault.disturbs_records
    ]
    return lambda began, ended: any(first <= ended + 1 and began <= last for first, last in times)


def told(violations: Sequence[Violation]) -> str:
    """The first of them, a line each."""
    lines = [f"  {violation}" for violation in violations[:_MOST_TOLD]]
    more = len(violations) - _MOST_TOLD
    return "\n".join([*lines, f"  and {more} more"] if more > 0 else lines)
