"""A text becomes passages at its natural borders, each with its exact place in the text.

Paragraphs, lists and tables stay whole where they fit; a heading, a question and a line that leads in a list
(«…:») stay with what follows. A long list is cut between its items, a table between its rows; only a paragraph
that does not fit is cut inside, and there alone the next chunk begins with the end of the one before.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.knowledge.cut import cut
from app.knowledge.layout import Kind, Part, parts

# Chosen by measurement: docs/benchmarks/chunking.md.
_ENOUGH_CHARACTERS, MOST_CHARACTERS = 250, 500
# A paragraph this short joins the one before even where that is long enough; a section of its own need not.
_SCRAP_CHARACTERS = 60
_OVERLAP_PERCENT = 15
# Headings over a chunk's first paragraph may take so many characters beyond the maximum.
_HEADINGS_CHARACTERS = 200
LONGEST_CHARACTERS = MOST_CHARACTERS + _HEADINGS_CHARACTERS

_CONTEXT_CHARACTERS = 200
_CONTEXT_BORDER = " › "
_LEAD_LEVEL = 99


@dataclass(frozen=True, slots=True)
class Chunk:
    """`text` is exactly `document[start:end]`, in characters; the chunk before holds its first `overlaps`, too.

    `heading` is the path of headings that the chunk stands under, outermost first, with what heads its table or
    leads in its list; those that it begins with are not in it.
    """

    position: int
    start: int
    end: int
    text: str
    heading: str
    overlaps: int = 0


@dataclass(frozen=True, slots=True)
class Sizes:
    """In characters: what is long enough to stand alone, and the most that a chunk may hold."""

    enough: int = _ENOUGH_CHARACTERS
    most: int = MOST_CHARACTERS


@dataclass(slots=True)
class _Span:
    start: int
    end: int
    heading: str
    # So many characters of headings are at its beginning.
    headings: int = 0
    overlaps: int = 0

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class _Held:
    """A heading that waits for what it heads, and the titles that it stands under."""

    start: int
    end: int
    above: str


_DEFAULT = Sizes()


def chunk(text: str, sizes: Sizes = _DEFAULT) -> list[Chunk]:
    """The text's passages in order; each character that is not white space is in at least one."""
    return [
        Chunk(position, span.start, span.end, text[span.start : span.end], span.heading, span.overlaps)
        for position, span in enumerate(_packed(_units(text, sizes), sizes))
    ]


@dataclass(frozen=True, slots=True)
class _Unit:
    """What must not be cut any more. `must_part`: it goes on where a long paragraph was cut."""

    span: _Span
    is_section: bool = False
    must_part: bool = False
    is_next: bool = False


def _packed(units: Iterator[_Unit], sizes: Sizes) -> Iterator[_Span]:
    current: _Span | None = None
    for unit in units:
        if current is not None and _joins(current, unit, sizes):
            current.end = unit.span.end
            continue
        if current is not None:
            yield current
        current = unit.span
    if current is not None:
        yield current


def _joins(current: _Span, unit: _Unit, sizes: Sizes) -> bool:
    if unit.must_part or unit.span.end - current.start > sizes.most + current.headings:
        return False
    if unit.is_next or len(current) < sizes.enough:
        return True
    return not unit.is_section and len(unit.span) <= _SCRAP_CHARACTERS


def _units(text: str, sizes: Sizes) -> Iterator[_Unit]:
    """Paragraphs, items and pieces, each with the headings before it."""
    path = _Path()
    held: list[_Held] = []
    for part in parts(text, whole=sizes.most):
        if part.kind is Kind.HEADING or part.kind is Kind.LEAD:
            held.append(_Held(part.start, part.end, path.enter(part)))
            # So many on end, or so far from what they head, stand for themselves.
            yield from _released(held, held[-1].start)
            continue
        under = path.over(part)
        yield from _released(held, part.start)
        if not held and part.end - part.start <= sizes.most:
            yield _Unit(_Span(part.start, part.end, under), is_next=part.kind is Kind.NEXT)
            continue
        yield from _pieces(text, part, held, under, sizes)
        held = []


def _released(held: list[_Held], start: int) -> Iterator[_Unit]:
    while held and start - held[0].start > _HEADINGS_CHARACTERS:
        yield _Unit(_Span(held[0].start, held[0].end, held[0].above))
        del held[0]


def _pieces(text: str, part: Part, held: list[_Held], under: str, sizes: Sizes) -> Iterator[_Unit]:
    """The part, cut where it does not fit, the first piece with the headings that were held for it."""
    overlap = sizes.most * _OVERLAP_PERCENT // 100
    pieces = cut(text, part.start, part.end, most=sizes.most, overlap=overlap)
    for place, (start, end, overlaps) in enumerate(pieces):
        if place:
            yield _Unit(_Span(start, end, under, overlaps=overlaps), must_part=True)
        elif held:
            first = held[0]
            yield _Unit(_Span(first.start, end, first.above, start - first.start), is_section=True)
        else:
            yield _Unit(_Span(start, end, under), is_next=part.kind is Kind.NEXT)


class _Path:
    """The titles over the place that has been read up to, outermost first."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, str]] = []
        self._joined = ""
        self._is_led = False

    def enter(self, part: Part) -> str:
        """Take a heading or lead in; what it stands under itself."""
        level = part.level if part.kind is Kind.HEADING else _LEAD_LEVEL
        above = self._cut(level)
        self._steps.append((level, part.title))
        self._joined = _joined(self._steps)
        self._is_led = False
        return above

    def over(self, part: Part) -> str:
        """What the part stands under. A lead's part is the first after it, with all of its items."""
        if part.kind is Kind.BLOCK:
            if self._is_led:
                self._cut(_LEAD_LEVEL)
            self._is_led = bool(self._steps) and self._steps[-1][0] == _LEAD_LEVEL
        return _joined([*self._steps, (_LEAD_LEVEL, part.title)]) if part.title else self._joined

    def _cut(self, level: int) -> str:
        while self._steps and self._steps[-1][0] >= level:
            self._steps.pop()
        self._joined = _joined(self._steps)
        return self._joined


def _joined(path: list[tuple[int, str]]) -> str:
    """The titles, innermost whole and of the others as many as there is room for."""
    if not path:
        return ""
    joined = path[-1][1]
    for _, title in reversed(path[:-1]):
        if len(title) + len(_CONTEXT_BORDER) + len(joined) > _CONTEXT_CHARACTERS:
            break
        joined = title + _CONTEXT_BORDER + joined
    return joined
