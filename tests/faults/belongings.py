"""What an owner must find by what was acknowledged: the model that the platform is compared with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    THERE = "there"
    # Asked for, or asked to be removed, and never told whether it was done.
    UNSURE = "unsure"
    GONE = "gone"


class Ending(StrEnum):
    """How a stream ended for whoever read it."""

    FINISHED = "finished"
    ERROR = "error"
    # Plain text that ended as it should.
    CLEAN = "clean"
    CUT = "cut"
    LEFT = "left"


@dataclass(slots=True)
class Answer:
    """One that was begun: the client knows its id. `began` and `at`, its end, are on the monotonic clock."""

    id: str
    line: int
    text: str
    ending: Ending
    began: float
    at: float
    code: str = ""

    @property
    def is_whole(self) -> bool:
        return self.ending in (Ending.FINISHED, Ending.CLEAN)


@dataclass(slots=True)
class Question:
    """`unheard` are the attempts at an answer of which no id was told."""

    text: str
    line: int
    fate: Fate = Fate.UNSURE
    id: str = ""
    asked: int = 1
    unheard: int = 0
    answers: list[Answer] = field(default_factory=list)


@dataclass(slots=True)
class Talk:
    """A conversation. While nobody told its id it is known by its title, the beginning of its first question."""

    line: int
    fate: Fate = Fate.UNSURE
    id: str = ""
    questions: list[Question] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """Known by its file's name while nobody told its id. `echoes` are uploads of it whose end nobody told."""

    filename: str
    text: str
    marks: list[str]
    line: int
    fate: Fate = Fate.UNSURE
    id: str = ""
    echoes: int = 0
    was_ready: bool = False


@dataclass(slots=True)
class Bot:
    """`names` are those that it may have: the one acknowledged last and those `unanswered`, which may come yet."""

    names: set[str]
    line: int
    fate: Fate = Fate.UNSURE
    id: str = ""
    documents: list[Document] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    unanswered: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Belongings:
    """All that one owner has, had, or may have."""

    bots: list[Bot] = field(default_factory=list)

    def there(self) -> list[Bot]:
        return [bot for bot in self.bots if bot.fate is Fate.THERE]

    def documents(self) -> Iterator[tuple[Bot, Document]]:
        return ((bot, document) for bot in self.bots for document in bot.documents)

    def talks(self) -> Iterator[tuple[Bot, Talk]]:
        return ((bot, talk) for bot in self.bots for talk in bot.talks)


def within(parent: Fate, child: Fate) -> Fate:
    """What became of something whose parent may be gone, and it with it."""
    if Fate.GONE in (parent, child):
        return Fate.GONE
    return Fate.UNSURE if Fate.UNSURE in (parent, child) else Fate.THERE


def removed(document: Document) -> list[Document]:
    """Acknowledge its removal; what may come of uploads that are still under way stands beside it."""
    document.fate = Fate.GONE
    if not document.echoes:
        return []
    return [Document(document.filename, document.text, document.marks, document.line, echoes=document.echoes)]
