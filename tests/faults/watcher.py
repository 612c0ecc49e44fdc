"""Looks on all the time, past all faults: what no moment may show, though a later one would hide it."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from tests.faults.history import History, Invariant
from tests.faults.stage import Stage

_EVERY_S = 0.1
_SAMPLE = 4
_STATES = "SELECT id::text, status, chunks, chunks_embedded FROM documents"
# In one statement, so that all is of one moment.
_PARTS = """SELECT id::text, chunks, (SELECT count(*) FROM chunks WHERE document_id = documents.id),
chunks_embedded, (SELECT count(*) FROM vectors WHERE bot_id = documents.bot_id AND document_id = documents.id)
FROM documents WHERE id = ANY(%s::uuid[])"""


@dataclass(slots=True)
class Watcher:
    """Remembers which documents were ready: none of the crowd's changes its model, so each stays so."""

    history: History
    looks: int = 0
    _ready: set[str] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)
    _lots: random.Random = field(default_factory=random.Random)

    def see(self, states: list[tuple[str, str, int, int]]) -> None:
        """(id, status, chunks, how many of them are embedded) of every document at one moment."""
        self.looks += 1
        for id, status, chunks, embedded in states:
            if id in self._ready and status != "ready":
                self._tell(id, f"document {id} was ready, and is {status} again")
            if embedded > chunks or (status == "ready" and embedded != chunks):
                self._tell(id, f"document {id} is {status}, {embedded} of {chunks} chunks embedded")
            if status == "ready":
                self._ready.add(id)

    def see_parts(self, parts: list[tuple[str, int, int, int, int]]) -> None:
        """(id, chunks as told, as stored, embedded as told, as stored) of some."""
        for id, chunks, stored, embedded, vectors in parts:
            if (chunks, embedded) != (stored, vectors):
                told = (
                    f"document {id} tells of {chunks} chunks, {embedded} embedded, and has {stored} and {vectors}"
                )
                self._tell(id, told)

    def _tell(self, id: str, told: str) -> None:
        """Once a document."""
        if id not in self._told:
            self._told.add(id)
            self.history.violated(Invariant.CHUNKS, told)

    def watch(self, stage: Stage, is_over: threading.Event) -> None:
        while not is_over.wait(_EVERY_S):
            # While PostgreSQL is away there is nothing to see.
            try:
                with stage.connect("watcher") as connection:
                    self._watch(connection, is_over)
            except psycopg.Error:
                continue

    def _watch(self, connection: psycopg.Connection, is_over: threading.Event) -> None:
        while not is_over.wait(_EVERY_S):
            states = connection.execute(_STATES).fetchall()
            self.see(states)
            ids = [state[0] for state in self._lots.sample(states, min(_SAMPLE, len(states)))]
            self.see_parts(connection.execute(_PARTS, [ids]).fetchall())


@contextmanager
def watcher(stage: Stage, history: History) -> Iterator[Watcher]:
    """It looks for as long as the block lasts."""
    made, is_over = Watcher(history), threading.Event()
    thread = threading.Thread(target=made.watch, args=(stage, is_over), name="watcher", daemon=True)
    thread.start()
    try:
        yield made
    finally:
        is_over.set()
        thread.join(timeout=30)
