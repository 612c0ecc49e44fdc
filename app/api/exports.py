"""An account as one JSON file: written to the disk from one snapshot, then sent from there.

So a client that reads slowly holds neither a connection nor a snapshot of the database.
"""

import asyncio
import tempfile
import uuid
from collections.abc import AsyncIterator
from typing import Any, BinaryIO
from weakref import WeakValueDictionary

import structlog
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.session_watch import SessionWatch
from app.core.database import Sessions, now, snapshot
from app.core.errors import ExportsBusy, ExportUnderWay, NotAuthenticated, Unavailable
from app.queries import export

log = structlog.get_logger()

FORMAT = "bytchat-export"
VERSION = 1
_MADE_AT_ONCE = 2
# Each is on the disk until it is sent.
_FILES_AT_ONCE = 8
_WRITE_BYTES = 2**18
_SEND_BYTES = 2**18
# Who reads nothing in this time has left, or wants to fill the disk; in all a reader must be as quick as the floor.
_STALLS_AT_MOST_S = 60.0
_FLOOR_BYTES_A_SECOND = 64 * 1024


class AccountFile:
    """A file without a name: it is gone when it is closed, or when nobody has it any more."""

    def __init__(self) -> None:
        self.file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
        self.size_bytes = 0

    async def write(self, pieces: AsyncIterator[bytes]) -> None:
        """All of them, from the start; the disk is waited for elsewhere than in the event loop."""
        gathered = bytearray()
        async for piece in pieces:
            gathered += piece
            if len(gathered) >= _WRITE_BYTES:
                await asyncio.to_thread(self.file.write, bytes(gathered))
                gathered.clear()
        await asyncio.to_thread(self.file.write, bytes(gathered))
        self.size_bytes = self.file.tell()
        self.file.seek(0)


class Exports:
    """One of an account at a time, until it is sent, and few at once."""

    def __init__(self, sessions: Sessions, watch: SessionWatch) -> None:
        self._sessions = sessions
        self._watch = watch
        self._slots = asyncio.Semaphore(_MADE_AT_ONCE)
        # Weakly, so that a response that was never sent holds up nobody.
        self._files: WeakValueDictionary[uuid.UUID, AccountFile] = WeakValueDictionary()

    async def make(self, owner_id: uuid.UUID, *, session_id: uuid.UUID) -> AccountFile:
        """Raises `ExportUnderWay`, also where another process makes one; `ExportsBusy`; `NotAuthenticated`."""
        self._require_room(owner_id)
        made = self._files[owner_id] = AccountFile()
        try:
            async with self._watch.during(session_id), self._slots, snapshot(self._sessions) as session:
                await export.hold_export(session, owner_id=owner_id)
                await made.write(_pieces(session, owner_id))
        except OSError as error:
            made.file.close()
            log.error("export.not_written", cause=type(error).__name__)
            raise Unavailable from error
        except BaseException:
            made.file.close()
            raise
        return made

    def response(self, made: AccountFile, *, filename: str, session_id: uuid.UUID) -> "AccountFileResponse":
        """Sends it, as long as the session lives."""
        return AccountFileResponse(made, filename=filename, session_id=session_id, watch=self._watch)

    def _require_room(self, owner_id: uuid.UUID) -> None:
        there = [of for of, made in self._files.items() if not made.file.closed]
        if owner_id in there:
            raise ExportUnderWay
        if len(there) >= _FILES_AT_ONCE:
            raise ExportsBusy


class AccountFileResponse(Response):
    """Sends the file, and closes it however that ends; cut off, it has no last byte.

    It is cut off when the session ends, where the reader stalls, and where the whole would take too long.
    """

    media_type = "application/json"

    def __init__(
        self,
        made: AccountFile,
        *,
        filename: str,
        session_id: uuid.UUID,
        watch: SessionWatch,
        stalls_at_most_s: float = _STALLS_AT_MOST_S,
        floor_bytes_a_second: float = _FLOOR_BYTES_A_SECOND,
    ) -> None:
        super().__init__(headers={"Content-Disposition": f'attachment; filename="{filename}"'})
        self.headers["Content-Length"] = str(made.size_bytes)
        self._made, self._session_id, self._watch = made, session_id, watch
        self._stalls_at_most_s = stalls_at_most_s
        self._within_s = stalls_at_most_s + made.size_bytes / floor_bytes_a_second

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._made.file as file:
            try:
                async with asyncio.timeout(self._within_s), self._watch.during(self._session_id):
                    await self._send_all(file, send)
            except (TimeoutError, NotAuthenticated) as error:
                log.info("export.cut_off", cause=type(error).__name__)

    async def _send_all(self, file: BinaryIO, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while piece := await asyncio.to_thread(file.read, _SEND_BYTES):
            async with asyncio.timeout(self._stalls_at_most_s):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _pieces(session: AsyncSession, owner_id: uuid.UUID) -> AsyncIterator[bytes]:
    """The JSON text, in bits of bounded size."""
    account = await export.export_account(session, owner_id=owner_id)
    head = {"format": FORMAT, "version": VERSION, "exported_at": now(), "account": account}
    yield to_json(head)[:-1]
    lists = {
        "sessions": _objects(export.export_sessions(session, owner_id=owner_id)),
        "provider_keys": _objects(export.export_provider_keys(session, owner_id=owner_id)),
        "bots": _objects(export.export_bots(session, owner_id=owner_id)),
        "documents": _documents(session, owner_id),
        "conversations": _conversations(session, owner_id),
        "usage": _objects(export.export_ledger(session, owner_id=owner_id)),
        "usage_days": _objects(export.export_usage_days(session, owner_id=owner_id)),
    }
    for name, objects in lists.items():
        yield b"," + to_json(name) + b":["
        async for piece in objects:
            yield piece
        yield b"]"
    yield b"}\n"


async def _objects(rows: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    comma = b""
    async for row in rows:
        yield comma + to_json(row)
        comma = b","


async def _documents(session: AsyncSession, owner_id: uuid.UUID) -> AsyncIterator[bytes]:
    comma = b""
    async for row in export.export_documents(session, owner_id=owner_id):
        row["sha256"] = row["sha256"].hex()
        yield comma + to_json(row)[:-1] + b',"text":"'
        async for text in export.export_text(session, row["id"], owner_id=owner_id):
            yield to_json(text)[1:-1]
        yield b'"}'
        comma = b","


async def _conversations(session: AsyncSession, owner_id: uuid.UUID) -> AsyncIterator[bytes]:
    """Each with its messages: the two come in the same order."""
    comma = b""
    messages = export.export_messages(session, owner_id=owner_id)
    message = await anext(messages, None)
    async for row in export.export_conversations(session, owner_id=owner_id):
        yield comma + to_json(row)[:-1] + b',"messages":['
        comma = b""
        while message is not None and message["conversation_id"] == row["id"]:
            del message["conversation_id"]
            yield comma + to_json(message)
            comma = b","
            message = await anext(messages, None)
        yield b"]}"
        comma = b","
