"""A backup as bytes: pg_dump's archive with a seal behind it, and its way back to SQL through pg_restore.

The seal is the archive's digest. It is written last and only after a check, so that what was cut short or changed
on its way has none that fits. pg_restore itself reads past it.
"""

import hashlib
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, cast

from app.core.operator_errors import BackupUnreadable
from app.operations.programs import last_line

BLOCK_BYTES = 1 << 18
_MARK = b"\nbytchat backup 1 sha256 "
_SEAL_BYTES = len(_MARK) + hashlib.sha256().digest_size * 2 + 1


@dataclass(frozen=True, slots=True)
class Rows:
    """A table's rows as text; `statement` copies them into it. Read them before going on."""

    statement: bytes
    lines: Iterator[bytes]

    @property
    def table(self) -> str:
        """Its name, qualified and quoted."""
        return self.statement.split(b" (", 1)[0].removeprefix(b"COPY ").decode()


def seal(digest: bytes) -> bytes:
    return _MARK + digest.hex().encode() + b"\n"


def blocks_of(source: IO[bytes]) -> Iterator[bytes]:
    while block := source.read(BLOCK_BYTES):
        yield block


def sealed_blocks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The archive without its seal. Raises `BackupUnreadable` at its end where that does not fit."""
    digest, held = hashlib.sha256(), b""
    for block in blocks:
        held += block
        archive, held = held[:-_SEAL_BYTES], held[-_SEAL_BYTES:]
        digest.update(archive)
        yield archive
    if not held.startswith(_MARK):
        raise BackupUnreadable(reason_es="le falta el final", reason_en="its end is missing")
    if held != seal(digest.digest()):
        raise BackupUnreadable(reason_es="no es como se escribió", reason_en="it is not as it was written")


@contextmanager
def unpacked(blocks: Iterable[bytes], *, pg_restore: str) -> Iterator[IO[bytes]]:
    """The archive as SQL, while its blocks arrive; they are asked for in another thread.

    What breaks off on the way ends the SQL early, and the reason is raised after the block: that of whoever gives
    the blocks, or `BackupUnreadable`.
    """
    command = (pg_restore, "--file=-", "--no-owner", "--no-privileges", "--no-comments")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)  # noqa: S603
        feeder = _Feeder(blocks, cast("IO[bytes]", process.stdin))
        feeder.start()
        with cast("IO[bytes]", process.stdout) as script:
            try:
                yield script
            except BaseException:
                feeder.is_needed = False
                process.kill()
                raise
            finally:
                process.wait()
        feeder.finish()
        if process.returncode != 0:
            reason = last_line(said)
            raise BackupUnreadable(reason_es=reason, reason_en=reason)


class _Feeder(threading.Thread):
    """Gives pg_restore the blocks, all of them to their end, though it stops reading earlier."""

    def __init__(self, blocks: Iterable[bytes], into: IO[bytes]) -> None:
        # A daemon: one that waits for somebody's standard output must not hold up our end.
        super().__init__(daemon=True)
        self._blocks, self._into = blocks, into
        self._error: Exception | None = None
        self.is_needed = True

    def run(self) -> None:
        try:
            for block in self._blocks:
                with suppress(BrokenPipeError):
                    self._into.write(block)
                if not self.is_needed:
                    return
        except Exception as error:
            self._error = error
        finally:
            with suppress(BrokenPipeError):
                self._into.close()

    def finish(self) -> None:
        """Raises what kept it from the end."""
        self.join()
        if self._error is not None:
            raise self._error


def parts_of(script: IO[bytes]) -> Iterator[bytes | Rows]:
    """pg_restore's script in order: statements, and each table's rows."""
    statements: list[bytes] = []
    for line in script:
        if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
            yield b"".join(statements)
            statements.clear()
            yield Rows(line, _lines(script))
        # They keep psql from running what an archive smuggles in; there is no psql here.
        elif not line.startswith((b"\\restrict ", b"\\unrestrict ")):
            statements.append(line)
    yield b"".join(statements)


def _lines(script: IO[bytes]) -> Iterator[bytes]:
    for line in script:
        if line == b"\\.\n" or not line.endswith(b"\n"):
            return
        yield line
