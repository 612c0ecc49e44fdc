"""What a text is made of, read line by line: headings, paragraphs, lists and tables, each with its place."""

import re
from collections.abc import Iterator
from enum import Enum, auto
from itertools import chain, pairwise
from typing import NamedTuple

HEADING_CHARACTERS = 80
_QUESTION_CHARACTERS = 150
_TITLE_CHARACTERS = 100

# Levels after Markdown's: «3.2» is one deeper than «3», a bare title deeper than any number, a question deepest.
_CAPITALS_LEVEL, _NUMBER_LEVEL, _TITLE_LEVEL, _QUESTION_LEVEL = 1, 2, 7, 8


class Kind(Enum):
    HEADING = auto()
    LEAD = auto()  # «Horario de agosto:», which belongs to what follows it.
    BLOCK = auto()  # A paragraph, or a list or table that fits whole.
    NEXT = auto()  # The next item or row of a list or table that does not.


class Part(NamedTuple):
    """`text[start:end]`. `title` is a heading's or lead's own words; of a `NEXT` row, those that head its table."""

    kind: Kind
    start: int
    end: int
    level: int = 0
    title: str = ""


class _Line(NamedTuple):
    start: int
    end: int
    newlines: int  # Before it.
    mark: str | None


class _Sort(Enum):
    TEXT = auto()
    ITEM = auto()
    ROW = auto()
    HEADING = auto()


class _Sorted(NamedTuple):
    start: int
    end: int
    newlines: int
    sort: _Sort
    level: int = 0
    # Said by a mark of its own (#, ===, «P:»), and not only by looking like a heading.
    is_certain: bool = True


_LINE = re.compile(
    r"(?=\S)(?:"
    r"(?P<hash>\#{1,6}[ \t]+(?=[^\s#]))"
    r"|(?P<under>(?:={3,}|-{3,})[ \t]*(?=\n|\Z))"
    r"|(?P<bullet>[-*+•–—▪◦‣·][ \t]+(?=\S))"
    r"|(?P<number>\d{1,3}(?:\.\d{1,3}){0,4}[.)]?[ \t]+(?=[^\W\d_]|[¿¡«“\"(]))"
    r"|(?P<letter>[A-Za-z]\)[ \t]+(?=\S))"
    r"|(?P<question>(?:(?:Pregunta|Question)[ \t]*\d{0,3}[ \t]*[:.)]|[PQ][ \t]*\d{0,3}[ \t]*:)[ \t]*(?=\S))"
    # Wrapped prose: lines that begin small and hold no columns are one with those before them.
    r"|(?P<running>(?![a-z]\))[a-zà-ÿ](?:[^\n\t|; ]|;(?!\S)|[ ](?![ ]))*+"
    r"(?:\n(?![a-z]\))[a-zà-ÿ](?:[^\n\t|; ]|;(?!\S)|[ ](?![ ]))*+(?=\n|\Z))++)"
    r")?[^\n]*"
)
_COLUMNS = re.compile(r"\t[^\t]|\|.*\||^\||[^\s.!?:;,] {2,}\S|;[^\s;][^;]*;")
_NUMBER = re.compile(r"((?:\d{1,3}\.)*)(\d{1,3})(?!\d)")
_NO_TITLE_END = frozenset(".,;:!?…")
_FACT = re.compile(r":\s.*[\d@]")
_RULE_ROW = re.compile(r"[-=|+:\s]+")
_NEAR_END = _Line(0, 0, 2, None)


def parts(text: str, *, whole: int) -> Iterator[Part]:
    """The text's parts in order. A list or table longer than `whole` characters comes item by item."""
    return _with_leads(text, _grouped(text, _checked(text, _sorted(text)), whole))


def _lines(text: str) -> Iterator[_Line]:
    """The lines that are not blank, without the white space around them."""
    before = 0
    for match in _LINE.finditer(text):
        start, end = match.span()
        while text[end - 1].isspace():
            end -= 1
        newlines = 1 if start - before == 1 else text.count("\n", before, start)
        yield _Line(start, end, newlines if before else 2, match.lastgroup)
        before = end


def _sorted(text: str) -> Iterator[_Sorted]:
    """Each line with what it is; a heading and the line under it as one."""
    previous = _Sorted(0, 0, 2, _Sort.TEXT)
    was_row = is_underlined = False
    for line, following in pairwise(chain(_lines(text), [_NEAR_END])):
        if is_underlined:
            is_underlined = False
            continue
        is_underlined = _is_underlined(line, following)
        if is_underlined:
            level = 1 if text[following.start] == "=" else 2
            sorted_line = _Sorted(line.start, following.end, line.newlines, _Sort.HEADING, level)
        else:
            sorted_line = _sort(text, line, following, previous, was_row=was_row)
        was_row = sorted_line.sort is _Sort.ROW
        previous = sorted_line
        yield sorted_line


def _is_underlined(line: _Line, following: _Line) -> bool:
    return (
        following.mark == "under"
        and following.newlines == 1
        and line.newlines > 1
        and line.mark in (None, "number")
        and line.end - line.start <= HEADING_CHARACTERS
    )


def _sort(text: str, line: _Line, following: _Line, previous: _Sorted, *, was_row: bool) -> _Sorted:
    start, end, newlines, mark = line
    if mark == "running":
        return _Sorted(start, end, newlines, _Sort.TEXT)
    if level := _heading_level(text, line, following, previous):
        return _Sorted(start, end, newlines, _Sort.HEADING, level, is_certain=mark in ("hash", "question"))
    if mark in ("bullet", "letter", "number"):
        return _Sorted(start, end, newlines, _Sort.ITEM)
    if _is_row(text, line) and (was_row or (following.newlines == 1 and _is_row(text, following))):
        return _Sorted(start, end, newlines, _Sort.ROW)
    return _Sorted(start, end, newlines, _Sort.TEXT)


def _is_row(text: str, line: _Line) -> bool:
    return line.end - line.start < 2_000 and _COLUMNS.search(text, line.start, line.end) is not None


def _hashes(text: str, start: int) -> int:
    level = 1
    while text[start + level] == "#":
        level += 1
    return level


def _heading_level(text: str, line: _Line, following: _Line, previous: _Sorted) -> int:
    """0 where the line is no heading."""
    start, end, newlines, mark = line
    if end - start > _QUESTION_CHARACTERS or mark in ("bullet", "letter"):
        return 0
    if mark == "hash":
        return _hashes(text, start)
    if mark == "question":
        return _QUESTION_LEVEL
    if newlines < 2:
        return 0
    is_alone = following.newlines > 1
    if mark == "number":
        follows_item = previous.sort is _Sort.ITEM and text[previous.start].isdigit()
        return _titled_number_level(text[start:end], follows_item=follows_item) if is_alone else 0
    return _bare_level(text[start:end], is_alone=is_alone)


def _bare_level(words: str, *, is_alone: bool) -> int:
    """Of a line after a blank one that has no mark of its own."""
    if words[-1] in ".,;":
        return 0
    if words[-1] == "?":
        return _QUESTION_LEVEL
    if len(words) > HEADING_CHARACTERS:
        return 0
    if _is_in_capitals(words):
        return _CAPITALS_LEVEL
    return _TITLE_LEVEL if is_alone and _is_title(words) else 0


def _titled_number_level(words: str, *, follows_item: bool) -> int:
    """Of «3.2 Garantía»; not of «3. Enchufarlo» after «2. Abrirlo»."""
    if len(words) > HEADING_CHARACTERS:
        return 0
    number, _, title = words.partition(" ")
    dots = number.strip(".)").count(".")
    if (follows_item and not dots) or not _is_title(title.strip()):
        return 0
    return _NUMBER_LEVEL + dots


def _is_title(words: str) -> bool:
    first = next((character for character in words if character.isalpha()), "")
    letters = sum(map(str.isalpha, words))
    return (
        bool(first)
        and not first.islower()
        and words[-1] not in _NO_TITLE_END
        and 2 * letters > len(words) - words.count(" ")
        and not _FACT.search(words)
    )


def _is_in_capitals(words: str) -> bool:
    letters = sum(map(str.isalpha, words))
    are_words = letters > 3 and 4 * letters > 3 * (len(words) - words.count(" "))
    return are_words and words.isupper()


def _checked(text: str, lines: Iterator[_Sorted]) -> Iterator[_Sorted]:
    """Without what only looks like a heading and heads nothing: the next is its equal, or the text is over.

    What the text begins with is over all, if another heading follows at once.
    """
    held: _Sorted | None = None
    is_counting, is_first = False, True
    for line in lines:
        if held is not None:
            if is_first and line.sort is _Sort.HEADING and line.level < held.level:
                held = held._replace(level=line.level - 1)
            is_first = False
            is_empty = line.sort is _Sort.HEADING and line.level == held.level and not held.is_certain
            # The last of «1. Abrir», «2. Sacar», «3. Enchufar» is a step as the others are.
            goes_on = is_counting and not held.is_certain
            is_counting = line.sort is _Sort.HEADING and (is_empty or goes_on) and _counts_on(text, held, line)
            yield _plain(held) if is_empty or goes_on else held
        held = line if line.sort is _Sort.HEADING else None
        if held is None:
            is_counting = is_first = False
            yield line
    if held is not None:
        yield _plain(held)


def _counts_on(text: str, before: _Sorted, after: _Sorted) -> bool:
    """Whether the second number is the next after the first, as 3.2 is after 3.1."""
    first, second = _NUMBER.match(text, before.start), _NUMBER.match(text, after.start)
    return bool(first and second and first[1] == second[1] and int(first[2]) + 1 == int(second[2]))


def _plain(heading: _Sorted) -> _Sorted:
    return heading._replace(sort=_Sort.TEXT, newlines=max(2, heading.newlines))


def _grouped(text: str, lines: Iterator[_Sorted], whole: int) -> Iterator[Part]:
    """Lines become headings, paragraphs, lists and tables."""
    open_sort = _Sort.TEXT
    pieces: list[tuple[int, int]] = []
    is_long = False
    head = ""
    for line in lines:
        start, end, sort = line.start, line.end, line.sort
        if pieces and _goes_on(text, line, open_sort, pieces[-1][1]):
            if sort is open_sort and sort is not _Sort.TEXT:
                pieces.append((start, end))
            else:
                pieces[-1] = (pieces[-1][0], end)
            if open_sort is not _Sort.TEXT and end - pieces[0][0] > whole:
                if not is_long:
                    head = _header(text, pieces) if open_sort is _Sort.ROW else ""
                yield from _one_by_one(pieces[:-1], head, is_first=not is_long)
                is_long = is_long or len(pieces) > 1
                del pieces[:-1]
            continue
        yield from _closed(pieces, head, is_long=is_long)
        pieces, is_long, open_sort, head = [(start, end)], False, sort, ""
        if sort is _Sort.HEADING:
            yield Part(Kind.HEADING, start, end, line.level, _title(text, start, end))
            pieces = []
    yield from _closed(pieces, head, is_long=is_long)


def _goes_on(text: str, line: _Sorted, open_sort: _Sort, before: int) -> bool:
    """Whether a line belongs to the paragraph, list or table that is open."""
    if line.sort is _Sort.HEADING:
        return False
    if open_sort is not _Sort.ITEM:
        return line.newlines < 2 and line.sort is open_sort
    if line.sort is _Sort.ITEM:
        return True
    # An item's further lines, and its further paragraphs where they are indented.
    return line.newlines < 2 or line.start - text.rfind("\n", before, line.start) > 2


def _one_by_one(pieces: list[tuple[int, int]], head: str, *, is_first: bool) -> Iterator[Part]:
    for place, (start, end) in enumerate(pieces):
        if is_first and place == 0:
            yield Part(Kind.BLOCK, start, end)
        else:
            yield Part(Kind.NEXT, start, end, title=head)


def _closed(pieces: list[tuple[int, int]], head: str, *, is_long: bool) -> Iterator[Part]:
    if is_long:
        yield from _one_by_one(pieces, head, is_first=False)
    elif pieces:
        yield Part(Kind.BLOCK, pieces[0][0], pieces[-1][1])


def _header(text: str, pieces: list[tuple[int, int]]) -> str:
    """A table's first row where it plainly names the columns: a rule is under it, or it alone has no figures."""
    rows = [text[start:end] for start, end in pieces[:4]]
    is_ruled = len(rows) > 1 and _RULE_ROW.fullmatch(rows[1]) is not None
    has_figures = [any(map(str.isdigit, row)) for row in rows if not _RULE_ROW.fullmatch(row)]
    is_header = is_ruled or (len(has_figures) > 1 and not has_figures[0] and all(has_figures[1:]))
    return " ".join(rows[0].split())[:_TITLE_CHARACTERS] if is_header else ""


def _title(text: str, start: int, end: int) -> str:
    first = text[start:end].split("\n", 1)[0]
    return _shortened(first.strip("#").strip() if first.startswith("#") else first.strip())


def _shortened(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= _TITLE_CHARACTERS else plain[: _TITLE_CHARACTERS - 1].rstrip() + "…"


def _with_leads(text: str, found: Iterator[Part]) -> Iterator[Part]:
    """A short paragraph that ends with a colon leads in what follows it, unless that is a heading or nothing."""
    held: Part | None = None
    for part in found:
        if held is not None:
            yield _as_lead(text, held) if part.kind is Kind.BLOCK else held
            held = None
        if part.kind is Kind.BLOCK and text[part.end - 1] == ":" and part.end - part.start <= _QUESTION_CHARACTERS:
            held = part
        else:
            yield part
    if held is not None:
        yield held


def _as_lead(text: str, part: Part) -> Part:
    return part._replace(kind=Kind.LEAD, title=_shortened(text[part.start : part.end - 1]))
