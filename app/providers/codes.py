"""Codes and numbers however they are typed: SKU-20.301, sku20301 and «SKU 20301»; 39,90 and 39.90. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# Letters or digits, and what may stand between two of one code.
_ATOM = re.compile(r"[^\W\d_]+|\d+")
_GAPS = frozenset(["", "-", "/", ".", "_", " "])
_MOST_ATOMS = 8
_MOST_SPACES = 2
# What a code of the text stands in: REF/A-17 is one word.
_WORD = re.compile(r"\w+(?:[-/.,]\w+)*")
_NUMBER = re.compile(r"(?<![\w.,/-])\d+(?:[.,]\d+)*(?![\w/-])")
# What stands behind a code's letters: «error 4711» may mean ERR-4711.
_TAIL = re.compile(r"(?<=[^\W\d_])[-/._]?(\d+(?:[./-]\d+)*)(?![\w/-])")
_SHORTEST_TAIL = 3
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+(?=[.,]\d{1,2}$|$)")
_DECIMALS = re.compile(r"[.,](\d{1,2})$")
# A code even where the documents hold none such: letters that digits follow, without a space between them.
_CODE = re.compile(r"(?<![\w/.@-])([^\W\d_]+)(?:[-/._]?[^\W_]+)*")
_LOUD_CODE = re.compile(r"\b[A-ZÑ]{2,5} (?!(?:19|20)\d\d\b)\d{3,}\b")
_LONGEST_WORD = 6
_NO_CODE = frozenset("al at by de del el en es in la las lo los no of on por son to un una".split())
# What is longer nobody means as a code.
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class _Run:
    """Atoms that stand side by side, as one: `start` and `end` are where they stand in the text."""

    squeezed: str
    start: int
    end: int


def as_written(question: str, texts: Sequence[str]) -> str:
    """The question with its codes and numbers as the texts write them, where they hold them."""
    if not any(map(str.isdigit, question)):
        return question
    text = "\n".join(texts)
    return _with_numbers(_with_codes(question, text), text)


def unknown_codes(question: str, texts: Sequence[str]) -> set[str]:
    """The question's codes that no text holds, squeezed."""
    asked = codes(question)
    return asked - _spellings("\n".join(texts), asked).keys() if asked else asked


def codes(question: str) -> set[str]:
    """What can be nothing but a code, squeezed: letters, digits behind them. `iphone 15` is a word and a number."""
    found = {_squeezed(match.group()) for match in _CODE.finditer(question) if _is_code(match)}
    if not question.isupper() or len(question.split()) == 2:
        found |= {_squeezed(match.group()) for match in _LOUD_CODE.finditer(question)}
    return {code for code in found if len(code) <= _LONGEST}


def _is_code(match: re.Match[str]) -> bool:
    """A long or a little word right before digits is a slip of the space: «horario2», «las10»."""
    word, rest = match[1].casefold(), match.group()[len(match[1]) :]
    if not any(map(str.isdigit, rest)) or word in _NO_CODE:
        return False
    return len(word) <= _LONGEST_WORD or rest[0] in "-/._"


def _with_codes(question: str, text: str) -> str:
    runs = [run for run in _runs(question) if len(run.squeezed) <= _LONGEST and _is_mixed(run.squeezed)]
    spellings = _spellings(text, {run.squeezed for run in runs})
    done, written = 0, ""
    for run in sorted(runs, key=lambda run: (run.start, -run.end)):
        if run.start >= done and run.squeezed in spellings:
            written += question[done : run.start] + spellings[run.squeezed]
            done = run.end
    return written + question[done:]


def _spellings(text: str, wanted: set[str]) -> Mapping[str, str]:
    """How the text writes those of the codes that it holds, each as the whole word it stands in."""
    beginnings = {code[:end] for code in wanted for end in range(1, len(code) + 1)}
    found: dict[str, str] = {}
    for run in _runs(text, beginnings) if wanted else ():
        if run.squeezed in wanted and run.squeezed not in found:
            found[run.squeezed] = _whole(text, run)
    return found


def _whole(text: str, run: _Run) -> str:
    start, end = run.start, run.end
    line = text.rfind("\n", 0, start) + 1
    for word in _WORD.finditer(text, line):
        if word.start() >= end:
            break
        if word.end() > start:
            start, end = min(start, word.start()), max(end, word.end())
    return text[start:end] if end - start <= _LONGEST else text[run.start : run.end]


def _runs(text: str, beginnings: set[str] | None = None) -> Iterator[_Run]:
    """Every run between borders; of `beginnings` only what they hold."""
    atoms = list(_ATOM.finditer(text))
    for first, atom in enumerate(atoms):
        if first and atoms[first - 1].end() == atom.start():
            continue
        yield from _runs_from(text, atoms[first : first + _MOST_ATOMS + 1], beginnings)


def _runs_from(text: str, atoms: Sequence[re.Match[str]], beginnings: set[str] | None) -> Iterator[_Run]:
    squeezed, spaces = "", 0
    for place, atom in enumerate(atoms[:_MOST_ATOMS]):
        gap = text[atoms[place - 1].end() : atom.start()] if place else ""
        spaces += gap == " "
        squeezed += _squeezed(atom.group())
        is_other = beginnings is not None and squeezed not in beginnings
        if gap not in _GAPS or spaces > _MOST_SPACES or is_other:
            return
        after = text[atom.end() : atoms[place + 1].start()] if place + 1 < len(atoms) else " "
        if not _goes_on(after, atoms[place + 1 : place + 2]):
            yield _Run(squeezed, atoms[0].start(), atom.end())


def _goes_on(gap: str, following: Sequence[re.Match[str]]) -> bool:
    """Whether a code does not end here: SKU-20 is not SKU-20.301."""
    return gap == "" or (gap in {"-", "/", ".", ",", "_"} and following[0].group().isdigit())


def _with_numbers(question: str, text: str) -> str:
    there = {match.group() for match in _NUMBER.finditer(text)}
    spellings = _tails(text) | {_value(number): number for number in sorted(there)} | {one: one for one in there}

    def written(match: re.Match[str]) -> str:
        number = match.group()
        return spellings.get(number) or spellings.get(_value(number), number)

    return _NUMBER.sub(written, question)


def _tails(text: str) -> dict[str, str]:
    """The codes that end in a number of some length, by that number."""
    found: dict[str, str] = {}
    for match in _TAIL.finditer(text):
        digits = _squeezed(match[1])
        if len(digits) >= _SHORTEST_TAIL:
            found.setdefault(digits, _whole(text, _Run(digits, match.start(1), match.end(1))))
    return found


def _value(number: str) -> str:
    """1.249,00, 1,249.00 and 1249 are one."""
    decimals = _DECIMALS.search(number)
    whole = number[: decimals.start()] if decimals else number
    if _THOUSANDS.fullmatch(whole):
        whole = re.sub("[.,]", "", whole)
    cents = decimals[1].rstrip("0") if decimals else ""
    return f"{whole}.{cents}" if cents else whole


def _is_mixed(squeezed: str) -> bool:
    return any(map(str.isdigit, squeezed)) and any(map(str.isalpha, squeezed))


def _squeezed(code: str) -> str:
    parts = unicodedata.normalize("NFKD", code.casefold())
    return "".join(part for part in parts if part.isalnum())
