"""Citations in a streamed answer: only markers that name a given passage reach the client.

A marker is a bracket (`[1]`, `【1】` or `［1］`) that holds numbers and what joins them (`[1, 2]`, `[1 y 2]`,
`[1-3]`), on one line and at most 64 characters long; digits of any script and superscripts count. What models
write instead is one too: `[^1]`, `[fuente 1]`, `[source: 1]`, `【1†source】`. It is sent as `[1]`, or `[1][2]` for
`[1, 2]`, without the numbers that name no passage; one that names none is left out with the space before it. So
`a[0]` in prose loses its bracket, while `[nota]`, `[ ]`, `[a1]`, `[1.5]` and the text of a Markdown link are
untouched. Of a marker left out within an open bracket `[]` stays: what is around it could otherwise close up into
a new marker.

Nothing is changed inside a code block: from a line that begins with three backticks (after at most three
spaces) to the next such line. Code within a line is treated like prose.
"""

import re
import unicodedata
from collections.abc import Iterator

_OPENING = "[【［"
_CLOSING = "]】］"
_LABELS = (
    *("fuente", "fuentes", "pasaje", "pasajes", "documento", "documentos", "cita", "citas", "referencia", "ref"),
    *("source", "sources", "passage", "passages", "document", "documents", "doc", "citation", "reference"),
)
_SPACE = "[ \\t\u00a0\u202f]"
_DIGIT = r"[\d⁰¹²³⁴⁵⁶⁷⁸⁹]"
_DASH = "[-‐‑‒–—]"
_AND = rf"{_SPACE}+(?:y|e|and|&){_SPACE}+"
_NUMBER = rf"{_DIGIT}+(?:{_SPACE}*{_DASH}{_SPACE}*{_DIGIT}+)?"
_BEFORE = rf"{_SPACE}*\^?(?:(?:{'|'.join(_LABELS)})[.:#]?{_SPACE}*)?"
_JOINED = rf"[,;]|{_SPACE}"
# What stands in a marker's bracket, and what may yet become that; behind a dagger models name the source.
_CONTENT = re.compile(
    rf"{_BEFORE}(?:{_JOINED})*{_NUMBER}(?:(?:(?:{_JOINED})+|{_AND}){_NUMBER})*(?:{_JOINED})*(?:†.*)?", re.IGNORECASE
)
_CONTENT_WITH_PART = re.compile(r"\d+:\d+†.*")
_BEGINNINGS = sorted({label[:end] for label in _LABELS for end in range(1, len(label) + 1)}, key=len, reverse=True)
_CONTENT_BEGINNING = re.compile(
    rf"{_SPACE}*\^?(?:{'|'.join(_BEGINNINGS)})?[.:#]?(?:{_JOINED})*"
    rf"|{_BEFORE}(?:{_JOINED}|{_DASH}|{_DIGIT}|{_SPACE}(?:y|e|an?|and|&)(?={_SPACE}|$))+(?:†.*)?"
    r"|\d+:\d*(?:†.*)?",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"({_DIGIT}+)(?:{_SPACE}*{_DASH}{_SPACE}*({_DIGIT}+))?")
# A range of more is no range of passages.
_MOST_IN_RANGE = 50
_MAX_HELD_CHARACTERS = 64
_FENCE = re.compile(r" {0,3}```")
_FENCE_BEGINNING = re.compile(r" {0,3}`{0,2}")


class MarkerFilter:
    """Feed it the answer as it comes. `used` holds the cited numbers, in order of first appearance."""

    def __init__(self, *, count: int) -> None:
        self.used: list[int] = []
        self._count = count
        self._held = ""
        self._is_in_bracket = False
        self._is_nested = False
        self._code = _CodeBlock()

    def feed(self, text: str) -> str:
        """What may be sent now: all but a space or a bracket at the end that may yet turn out a marker."""
        return "".join(map(self._read, text))

    def finish(self) -> str:
        """What was still held back; no marker came of it."""
        return self._release()

    def _read(self, character: str) -> str:
        sendable = self._release() + character if self._code.is_open else self._read_prose(character)
        self._code.read(character)
        return sendable

    def _read_prose(self, character: str) -> str:
        if character in _OPENING:
            return self._open(character)
        if self._is_in_bracket and character in _CLOSING:
            return self._close(character)
        if self._is_in_bracket and self._may_go_on(character):
            self._held += character
            return ""
        sendable = self._release()
        if character != " ":
            return sendable + character
        self._held = character
        return sendable

    def _may_go_on(self, character: str) -> bool:
        if character == "\n" or len(self._held) >= _MAX_HELD_CHARACTERS:
            return False
        return _CONTENT_BEGINNING.fullmatch(_content(self._held) + character) is not None

    def _open(self, character: str) -> str:
        is_nested = self._is_in_bracket
        sendable = self._release() if is_nested else ""
        self._held += character
        self._is_in_bracket, self._is_nested = True, is_nested
        return sendable

    def _close(self, character: str) -> str:
        is_nested, held = self._is_nested, self._release()
        content = _content(held)
        if _CONTENT_WITH_PART.fullmatch(content):
            numbers = []
        elif _CONTENT.fullmatch(content):
            numbers = list(_numbers(content.partition("†")[0]))
        else:
            return held + character
        kept = list(dict.fromkeys(n for n in numbers if 1 <= n <= self._count))
        self.used += [n for n in kept if n not in self.used]
        if not kept:
            return "[]" if is_nested else ""
        return held[: held.startswith(" ")] + "".join(f"[{n}]" for n in kept)

    def _release(self) -> str:
        held, self._held = self._held, ""
        self._is_in_bracket = self._is_nested = False
        return held


def _content(held: str) -> str:
    """What was held back behind its bracket."""
    return held.lstrip(" ").lstrip(_OPENING)


def _numbers(content: str) -> Iterator[int]:
    for first, last in _RANGE.findall(content):
        start = _value(first)
        end = _value(last) if last else start
        yield from range(start, end + 1) if start <= end < start + _MOST_IN_RANGE else (start, end)


def _value(digits: str) -> int:
    return int("".join(str(unicodedata.digit(digit)) for digit in digits))


def without_markers(text: str) -> str:
    """The text with no marker at all, for where its numbers would name other passages."""
    markers = MarkerFilter(count=0)
    return markers.feed(text) + markers.finish()


class _CodeBlock:
    """Follows a text character by character: is the end of what was read inside a code block?"""

    def __init__(self) -> None:
        self.is_open = False
        self._line_beginning: str | None = ""
        self._is_opening_line = False
        self._is_after_backtick = False

    def read(self, character: str) -> None:
        if character == "\n":
            self._line_beginning, self._is_opening_line = "", False
        elif self._line_beginning is not None:
            self._read_beginning(self._line_beginning + character)
        elif character == "`" and self._is_opening_line and not self._is_after_backtick:
            # Backticks again on the opening line: it was code within the line, such as ```x```.
            self.is_open = self._is_opening_line = False
        self._is_after_backtick = character == "`"

    def _read_beginning(self, beginning: str) -> None:
        if _FENCE.fullmatch(beginning):
            self.is_open = self._is_opening_line = not self.is_open
            self._line_beginning = None
        else:
            self._line_beginning = beginning if _FENCE_BEGINNING.fullmatch(beginning) else None
