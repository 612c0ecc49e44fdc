"""A text becomes passages at its natural borders, each with its exact place in the text."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from semantic_text_splitter import TextSplitter

# The best of four sizes on the sample handbook's questions.
_ENOUGH_CHARACTERS, _MAX_CHARACTERS = 250, 500
# The splitter's time grows with the square of what it is given, so it sees one window at a time.
_WINDOW_CHARACTERS = 10_000
# A window's end shapes the borders that lie this near to it; those are found anew in the next window.
_UNSETTLED_CHARACTERS = 2 * _MAX_CHARACTERS

_HEADING_CHARACTERS = 90
# A line of its own between blank lines (or at the beginning), not a list's and not a sentence.
_HEADING = re.compile(
    rf"(?:\A|(?<=\n\n))(?![-*•–])(?=[^\n]*\w)[^\s][^\n]{{0,{_HEADING_CHARACTERS}}}(?<![.,;:!?…])(?=\n\n|\n?\Z)"
)

_Span = tuple[int, int]
_splitter = TextSplitter((_ENOUGH_CHARACTERS, _MAX_CHARACTERS))


@dataclass(frozen=True, slots=True)
class Chunk:
    """`text` is exactly `document[start:end]`, in characters. `heading` is the last one before it, or empty."""

    position: int
    start: int
    end: int
    text: str
    heading: str


def chunk(text: str) -> list[Chunk]:
    """The text's passages in order; each character that is not white space is in exactly one."""
    spans = _without_stub(list(_spans(text)))
    headings = _headings(text, [start for start, _ in spans])
    return [
        Chunk(position=position, start=start, end=end, text=text[start:end], heading=heading)
        for position, ((start, end), heading) in enumerate(zip(spans, headings, strict=True))
    ]


def _headings(text: str, starts: list[int]) -> list[str]:
    """For each start the heading that it stands under; none for a chunk that begins with one."""
    found = [(match.start(), match.group().strip()) for match in _HEADING.finditer(text)]
    places = [place for place, _ in found]
    at_or_before = [bisect_right(places, start) for start in starts]
    return [
        "" if i == 0 or places[i - 1] == start else found[i - 1][1]
        for i, start in zip(at_or_before, starts, strict=True)
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
