"""What is stored against what was acknowledged: pure, from rows and the model to violations."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from tests.faults.belongings import Answer, Belongings, Bot, Document, Ending, Fate, Question, Talk, within
from tests.faults.heard import may_be_said
from tests.faults.history import Invariant, Violation

_TITLE_CHARACTERS = 80
# What an answer says of itself where its record is sure to have been made.
_CUT_SHORT = "answer_cut_short"

T = TypeVar("T")

# Whether the record of an answer may have failed, from one moment to another.
IsDisturbed = Callable[[float, float], bool]


@dataclass(frozen=True, slots=True)
class StoredBot:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class StoredDocument:
    id: str
    bot_id: str
    filename: str


@dataclass(frozen=True, slots=True)
class StoredTalk:
    id: str
    bot_id: str
    title: str


@dataclass(frozen=True, slots=True)
class StoredMessage:
    id: str
    conversation_id: str
    role: str
    text: str
    question_id: str | None
    finish: str | None


@dataclass(slots=True)
class Stored:
    """One owner's rows."""

    bots: list[StoredBot]
    documents: list[StoredDocument]
    talks: list[StoredTalk]
    messages: list[StoredMessage]


def judge(owns: Belongings, stored: Stored, *, is_disturbed: IsDisturbed) -> Iterator[Violation]:
    """All that differs of one owner's. What turned out to be there is known by its id from then on."""
    yield from _bots(owns, stored)
    yield from _documents(owns, stored)
    yield from _talks(owns, stored)
    for bot, talk in owns.talks():
        if talk.id:
            messages = [message for message in stored.messages if message.conversation_id == talk.id]
            yield from _messages(within(bot.fate, talk.fate), talk, messages, is_disturbed)


def _bots(owns: Belongings, stored: Stored) -> Iterator[Violation]:
    left = {bot.id: bot for bot in stored.bots}
    for bot in owns.bots:
        found = _claimed(left, bot.id, partial(_is_called, bot))
        yield from _fate(Invariant.VISIBLE, f"bot {bot.id} {sorted(bot.names)}", bot.fate, found, bot.line)
        if found:
            bot.id = found.id
            if found.name not in bot.names:
                told = f"bot {bot.id} is called {found.name}, and must be one of {sorted(bot.names)}"
                yield Violation(Invariant.VISIBLE, told, bot.line)
    yield from (Violation(Invariant.VISIBLE, f"nobody asked for {row}, or once too often") for row in left.values())


def _documents(owns: Belongings, stored: Stored) -> Iterator[Violation]:
    left = {row.id: row for row in stored.documents}
    for bot, document in sorted(owns.documents(), key=lambda pair: not pair[1].id):
        found = _claimed(left, document.id, partial(_is_of, bot, document))
        fate = within(bot.fate, document.fate)
        yield from _fate(
            Invariant.UPLOADS, f"document {document.id} {document.filename}", fate, found, document.line
        )
        if found:
            document.id = found.id
    yield from (Violation(Invariant.UPLOADS, f"nobody asked for {row}, or once too often") for row in left.values())


def _is_called(bot: Bot, row: StoredBot) -> bool:
    return row.name in bot.names


def _is_titled(talk: Talk, row: StoredTalk) -> bool:
    return row.title == title_of(talk)


def _is_of(bot: Bot, document: Document, row: StoredDocument) -> bool:
    return (row.bot_id, row.filename) == (bot.id, document.filename)


def _talks(owns: Belongings, stored: Stored) -> Iterator[Violation]:
    left = {row.id: row for row in stored.talks}
    for bot, talk in sorted(owns.talks(), key=lambda pair: not pair[1].id):
        found = _claimed(left, talk.id, partial(_is_titled, talk))
        fate = within(bot.fate, talk.fate)
        yield from _fate(Invariant.MESSAGES, f"conversation {talk.id} «{title_of(talk)}»", fate, found, talk.line)
        if found:
            talk.id = found.id
    yield from (Violation(Invariant.MESSAGES, f"nobody began {row}, or once too often") for row in left.values())


def title_of(talk: Talk) -> str:
    return " ".join(talk.questions[0].text.split())[:_TITLE_CHARACTERS]


def _messages(
    parent: Fate, talk: Talk, messages: Sequence[StoredMessage], is_disturbed: IsDisturbed
) -> Iterator[Violation]:
    questions = [message for message in messages if message.role == "user"]
    asked = {question.text for question in talk.questions}
    for row in questions:
        if row.text not in asked:
            yield Violation(Invariant.MESSAGES, f"nobody asked «{row.text}» in {talk.id}", talk.line)
    for question in talk.questions:
        rows = [row for row in questions if row.text == question.text]
        yield from _question(within(parent, question.fate), question, rows)
        if rows:
            answers = [message for message in messages if message.question_id == rows[0].id]
            yield from _answers(question, answers, is_disturbed)


def _question(fate: Fate, question: Question, rows: Sequence[StoredMessage]) -> Iterator[Violation]:
    told = f"«{question.text}» is stored {len(rows)} times"
    if len(rows) > 1 or (fate is Fate.THERE and not rows):
        yield Violation(Invariant.MESSAGES, f"{told}, and must be once", question.line)
    elif fate is Fate.THERE and question.id and rows[0].id != question.id:
        yield Violation(Invariant.MESSAGES, f"{told} as {rows[0].id}, and was told as {question.id}", question.line)


def _answers(question: Question, rows: Sequence[StoredMessage], is_disturbed: IsDisturbed) -> Iterator[Violation]:
    by_id = {row.id: row for row in rows}
    for answer in question.answers:
        if wrong := wrong_with_answer(answer, by_id.pop(answer.id, None), question.text, is_disturbed):
            yield Violation(Invariant.MESSAGES, f"answer {answer.id}: {wrong}", answer.line)
    if len(by_id) > question.unheard:
        told = f"{len(rows)} answers to «{question.text}», which was asked {question.asked} times"
        yield Violation(Invariant.MESSAGES, told, question.line)
    for row in by_id.values():
        if not may_be_said(row.text, question.text):
            told = f"an answer to «{question.text}» that nobody gave: {row.text!r:.160}"
            yield Violation(Invariant.MESSAGES, told, question.line)


def wrong_with_answer(
    answer: Answer, row: StoredMessage | None, question: str, is_disturbed: IsDisturbed
) -> str | None:
    """What is stored against what was heard."""
    if row is None:
        must_be = answer.is_whole or answer.code == _CUT_SHORT or not is_disturbed(answer.began, answer.at)
        return f"heard as {answer.ending} {answer.code}, and not stored" if must_be else None
    if answer.is_whole:
        is_so = row.text == answer.text and row.finish == "stop"
        return None if is_so else f"heard whole as {answer.text!r:.120}, stored as {row.finish} {row.text!r:.120}"
    if not row.text.startswith(answer.text):
        return f"heard {answer.text!r:.120}, stored {row.text!r:.120}"
    if answer.ending is Ending.ERROR and row.finish == "stop" and answer.code == _CUT_SHORT:
        return f"broke off with {answer.code}, and is stored as whole"
    return None if may_be_said(row.text, question) else f"stored as {row.text!r:.120}, which nobody said"


def _claimed(left: dict[str, T], id: str, is_it: Callable[[T], bool]) -> T | None:
    """Its row, by its id or, where nobody told that, by what it is known by; it is no other's then."""
    if id:
        return left.pop(id, None)
    found = next((key for key, row in left.items() if is_it(row)), None)
    return None if found is None else left.pop(found)


def _fate(invariant: Invariant, what: str, fate: Fate, row: object | None, line: int) -> Iterator[Violation]:
    if fate is Fate.THERE and row is None:
        yield Violation(invariant, f"{what} was acknowledged, and is not there", line)
    if fate is Fate.GONE and row is not None:
        yield Violation(Invariant.VISIBLE, f"{what} was removed, and is there", line)
