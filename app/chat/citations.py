"""Citations in a streamed answer: only markers that name a given passage reach the client.

A marker is a bracket (`[1]`, `【1】` or `［1］`) that holds numbers and nothing else but spaces, commas and
semicolons, on one line and at most 64 characters long. It is sent as `[1]`, or `[1][2]` for `[1, 2]`, without
the numbers that name no passage; one that names none is left out with the space before it. So `a[0]` in prose
loses its bracket, while `[nota]`, `[ ]`, `[a1]` and the text of a Markdown link are untouched. Of a marker
left out within an open bracket `[]` stays: what is around it could otherwise close up into a new marker.

Nothing is changed inside a code block: from a line that begins with three backticks (after at most three
spaces) to the next such line. Code within a line is treated like prose.
"""

import re

_OPENING = "[【［"
_CLOSING = "]】］"
_SEPARATORS = ",; \t\u00a0\u202f"
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
        is_inside = character.isdecimal() or character in _SEPARATORS
        return is_inside and len(self._held) < _MAX_HELD_CHARACTERS

    def _open(self, character: str) -> str:
        is_nested = self._is_in_bracket
        sendable = self._release() if is_nested else ""
        self._held += character
        self._is_in_bracket, self._is_nested = True, is_nested
        return sendable

    def _close(self, character: str) -> str:
        is_nested, held = self._is_nested, self._release()
        numbers = [int(digits) for digits in re.findall(r"\d+", held)]
        if not numbers:
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
