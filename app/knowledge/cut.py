"""Where a paragraph that does not fit is cut: between sentences, lines, clauses, words or at least characters."""

import re
import unicodedata
from collections.abc import Iterator

# A gap of more white space than this stands in no chunk.
_GAP_CHARACTERS = 40

_SENTENCE_END = re.compile(
    r"[.!?…][\"»”’')\]]*(?=\s+[\"«“‘'¿¡(\[]*[^\W_a-zà-öø-ÿ])|[。！？][\"”』」）]*", re.MULTILINE
)
_LINE_END = re.compile(r"\S(?=[^\S\n]*\n)")
_CLAUSE_END = re.compile(r"[;:,)](?=\s)|[，、；：]")
_WORD_END = re.compile(r"\S(?=\s)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-ZÁÉÍÓÚÑ]|Sra?s?|Dra?s?|D|Dña|Uds?|Vds?|Mrs?|Ms|St|Prof|arts?|núms?|nº|no|págs?|pp?|cap"
    r"|tel|tfno|avda?|c|pza|ej|etc|vs|fig|ref|approx|EE\.UU)\.$",
    re.IGNORECASE,
)
_BLANK = re.compile(r"\s*")


def cut(text: str, start: int, end: int, *, most: int, overlap: int) -> Iterator[tuple[int, int, int]]:
    """Pieces of at most `most` characters: start, end, and how many characters the one before holds too."""
    overlaps = 0
    while end - start > most:
        border = _border(text, start, end, most, floor=start + overlaps)
        yield start, border, overlaps
        following = _blank_end(text, border, end)
        start = _overlapping(text, start, border, overlap) if following - border <= _GAP_CHARACTERS else following
        overlaps = border - start
        if overlaps <= 0:
            start, overlaps = following, 0
    yield start, end, overlaps


def _blank_end(text: str, place: int, end: int) -> int:
    match = _BLANK.match(text, place, end)
    return match.end() if match else place


def _border(text: str, start: int, end: int, most: int, *, floor: int) -> int:
    """The best end for a piece: near the one that makes all pieces alike, at the strongest border there is."""
    pieces = -(-(end - start) // (most * 9 // 10))
    wanted = start + min(most, (end - start) // pieces)
    least = max(floor + 1, wanted - most * 3 // 10)
    last = start + most
    for pattern in (_SENTENCE_END, _LINE_END, _CLAUSE_END, _WORD_END):
        if found := _nearest(pattern, text, wanted, least, last):
            return found
    # White space alone up to the end of what may be taken, or none at all.
    ends = [match.end() for match in _WORD_END.finditer(text, floor, last + 1)]
    return max((place for place in ends if floor < place <= last), default=0) or _character_border(
        text, floor, last
    )


def _nearest(pattern: re.Pattern[str], text: str, wanted: int, least: int, last: int) -> int:
    """The match's end nearest to `wanted`; 0 where there is none."""
    ends = (match.end() for match in pattern.finditer(text, least, min(len(text), last + 2)))
    places = sorted((place for place in ends if place <= last), key=lambda place: abs(place - wanted))
    if pattern is not _SENTENCE_END:
        return places[0] if places else 0
    return next((place for place in places if not _is_abbreviation(text, place)), 0)


def _is_abbreviation(text: str, place: int) -> bool:
    return _ABBREVIATION.search(text[max(0, place - 8) : place]) is not None


def _overlapping(text: str, start: int, border: int, overlap: int) -> int:
    """Where the next piece begins: at a sentence, else at a word, about `overlap` before the border."""
    wanted = border - overlap
    least = max(start + 1, border - 2 * overlap)
    for pattern in (_SENTENCE_END, _WORD_END):
        place = _nearest(pattern, text, wanted, least, border - 1)
        if place:
            return _blank_end(text, place, border)
    return border


def _character_border(text: str, floor: int, place: int) -> int:
    """The last place up to `place` that splits no grapheme, or `place` where one is longer than a piece."""
    at = place
    while at > floor + 1 and _is_inside(text, at, floor):
        at -= 1
    return place if at <= floor + 1 else at


def _is_inside(text: str, place: int, floor: int) -> bool:
    """Whether the character there belongs to the one before it."""
    after, before = text[place], text[place - 1]
    if before == "\u200d" or after == "\u200d" or unicodedata.category(after).startswith("M"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if _is_flag_half(after) and _is_flag_half(before):
        first = place
        while first > floor and _is_flag_half(text[first - 1]):
            first -= 1
        return (place - first) % 2 == 1
    return _is_jamo(after) and "\u1100" <= before <= "\ud7ff"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_jamo(character: str) -> bool:
    """A Korean vowel or final that its syllable is still being spelt with."""
    return "\u1160" <= character <= "\u11ff"
