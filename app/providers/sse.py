"""Server-sent events out of bytes: what stands behind `data:` in each, however the network cut them."""

from app.core.errors import ProviderError

_BOM = b"\xef\xbb\xbf"
# An answer's whole text fits; a server that never ends a line must not fill the memory.
_MOST_BYTES = 4 * 1024 * 1024


class SseSplitter:
    """Feed it the pieces of a body in order. Lines may end in LF, CRLF or CR; of the fields only `data` counts."""

    __slots__ = ("_after_cr", "_data", "_data_bytes", "_is_first", "_rest")

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._after_cr = False
        self._is_first = True

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that this piece completes. Raises `ProviderError` when one is too long."""
        if b"\r" in piece or self._after_cr:
            piece = self._with_line_feeds(piece)
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) + self._data_bytes > _MOST_BYTES:
            raise ProviderError(cause="it sent a line without an end")
        return self._events(lines)

    def finish(self) -> list[bytes]:
        """What the body ended in the middle of: some servers forget the empty line behind the last event."""
        lines, self._rest = [self._rest, b""], b""
        return self._events(lines)

    def _with_line_feeds(self, piece: bytes) -> bytes:
        """LF for every end of a line. A CR at the end counts at once; the LF that may follow it then does not."""
        if self._after_cr and piece:
            piece, self._after_cr = piece.removeprefix(b"\n"), False
        if piece:
            self._after_cr = piece.endswith(b"\r")
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _events(self, lines: list[bytes]) -> list[bytes]:
        events = []
        if self._is_first and lines:
            lines[0] = lines[0].removeprefix(_BOM)
            self._is_first = False
        for line in lines:
            if line.startswith(b"data:"):
                self._add(line[6:] if line[5:6] == b" " else line[5:])
            elif line == b"data":
                self._add(b"")
            elif not line and self._data:
                events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                self._data, self._data_bytes = [], 0
        return events

    def _add(self, data: bytes) -> None:
        self._data.append(data)
        self._data_bytes += len(data)
