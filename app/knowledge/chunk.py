"""A text becomes passages at its natural borders, each with its exact place in the text."""

from collections.abc import Iterator
from dataclasses import dataclass

from semantic_text_splitter import TextSplitter

_ENOUGH_CHARACTERS, _MAX_CHARACTERS = 400, 700
# The splitter's time grows with the square of what it is given, so it sees one window at a time.
_WINDOW_CHARACTERS = 10_000
# A window's end shapes the borders that lie this near to it; those are found anew in the next window.
_UNSETTLED_CHARACTERS = 2 * _MAX_CHARACTERS

_Span = tuple[int, int]
_splitter = TextSplitter((_ENOUGH_CHARACTERS, _MAX_CHARACTERS))


@dataclass(frozen=True, slots=True)
class Chunk:
    """`text` is exactly `document[start:end]`, in characters."""

    position: int
    start: int
    end: int
    text: str


def chunk(text: str) -> list[Chunk]:
    """The text's passages in order; each character that is not white space is in exactly one."""
    return [
        Chunk(position=position, start=start, end=end, text=text[start:end])
        for position, (start, end) in enumerate(_without_stub(list(_spans(text))))
    ]


def _spans(text: str) -> Iterator[_Span]:
    begin = 0
    while begin + _WINDOW_CHARACTERS < len(text):
        settled, rest = _settled(_window_spans(text[begin : begin + _WINDOW_CHARACTERS]))
        yield from _moved(settled, begin)
        begin += rest
    yield from _moved(_window_spans(text[begin:]), begin)


def _window_spans(window: str) -> list[_Span]:
    return [(start, start + len(part)) for start, part in _splitter.chunk_indices(window)]


def _moved(spans: list[_Span], offset: int) -> Iterator[_Span]:
    return ((start + offset, end + offset) for start, end in spans)


def _settled(spans: list[_Span]) -> tuple[list[_Span], int]:
    """The spans that the window's end did not shape, and where the next window begins."""
    border = _WINDOW_CHARACTERS - _UNSETTLED_CHARACTERS
    settled = [span for span in spans if span[1] <= border]
    if len(settled) < len(spans):
        return settled, spans[len(settled)][0]
    return settled, _WINDOW_CHARACTERS


def _without_stub(spans: list[_Span]) -> list[_Span]:
    """The splitter cuts the last stretch as soon as it is long enough; the rest joins it where it fits."""
    if len(spans) > 1 and spans[-1][1] - spans[-2][0] <= _MAX_CHARACTERS:
        return [*spans[:-2], (spans[-2][0], spans[-1][1])]
    return spans
