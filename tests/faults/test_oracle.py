"""The oracle's pure part: what it takes for right, and each kind of wrong that it must tell."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.belongings import Answer, Belongings, Bot, Document, Ending, Fate, Question, Talk, removed
from tests.faults.heard import Heard, wrong_with
from tests.faults.history import History, Invariant
from tests.faults.injector import Injected
from tests.faults.journal import written_twice
from tests.faults.oracle import disturbed_by
from tests.faults.provider import answer_to
from tests.faults.verdicts import (
    Stored,
    StoredBot,
    StoredDocument,
    StoredMessage,
    StoredTalk,
    judge,
    wrong_with_answer,
)
from tests.faults.watcher import Watcher

ASKED = "«q:faro-1» ¿Qué se sabe del faro?"
SAID = answer_to(ASKED, cites=False)
HALF = SAID[: len(SAID) // 2]
QUESTION = StoredMessage("q1", "c1", "user", ASKED, None, None)
ANSWER = StoredMessage("a1", "c1", "assistant", SAID, "q1", "stop")
WHOLE = Answer("a1", 7, SAID, Ending.FINISHED, 10.0, 11.0)


def owns() -> Belongings:
    """A bot with a document and a conversation, all acknowledged."""
    question = Question(ASKED, 7, Fate.THERE, "q1", answers=[WHOLE])
    document = Document("faro.txt", "El faro abre.", ["faro"], 5, Fate.THERE, "d1")
    talk = Talk(7, Fate.THERE, "c1", [question])
    return Belongings([Bot({"Faro"}, 3, Fate.THERE, "b1", [document], [talk])])


def stored() -> Stored:
    """The rows of all that, as they must be."""
    return Stored(
        [StoredBot("b1", "Faro")],
        [StoredDocument("d1", "b1", "faro.txt")],
        [StoredTalk("c1", "b1", ASKED)],
        [QUESTION, ANSWER],
    )


def found(owns: Belongings, stored: Stored, *, is_disturbed: bool = False) -> list[tuple[Invariant, int]]:
    told = judge(owns, stored, is_disturbed=lambda began, ended: is_disturbed)
    return [(violation.invariant, violation.line) for violation in told]


def test_what_is_stored_as_it_was_acknowledged_is_right() -> None:
    assert found(owns(), stored()) == []


@pytest.mark.parametrize(
    ("gone", "violation"),
    [
        ("bots", (Invariant.VISIBLE, 3)),
        ("documents", (Invariant.UPLOADS, 5)),
        ("talks", (Invariant.MESSAGES, 7)),
        ("messages", (Invariant.MESSAGES, 7)),
    ],
)
def test_what_was_acknowledged_and_is_not_there_is_lost(gone: str, violation: tuple[Invariant, int]) -> None:
    there = stored()
    getattr(there, gone).clear()

    assert violation in found(owns(), there)


def test_what_is_there_once_too_often_is_doubled() -> None:
    there = stored()
    there.bots.append(StoredBot("b2", "Faro"))
    there.documents.append(StoredDocument("d2", "b1", "faro.txt"))
    there.messages += [replace(QUESTION, id="q2"), replace(ANSWER, id="a2")]

    kinds = [kind for kind, _ in found(owns(), there)]

    assert sorted(kinds) == sorted([Invariant.VISIBLE, Invariant.UPLOADS, Invariant.MESSAGES, Invariant.MESSAGES])


@pytest.mark.parametrize("there", [stored(), Stored([StoredBot("b1", "Faro")], [], [], [])])
def test_what_nobody_told_the_end_of_may_be_there_or_not(there: Stored) -> None:
    unsure = owns()
    [bot] = unsure.bots
    bot.documents[0].fate, bot.documents[0].id = Fate.UNSURE, ""
    bot.talks[0].fate, bot.talks[0].id = Fate.UNSURE, ""
    bot.talks[0].questions[0] = Question(ASKED, 7, unheard=1)

    assert found(unsure, there) == []


def test_what_was_removed_is_gone_with_all_that_was_in_it() -> None:
    gone = owns()
    gone.bots[0].fate = Fate.GONE

    assert {kind for kind, _ in found(gone, stored())} == {Invariant.VISIBLE}
    assert found(gone, Stored([], [], [], [])) == []


def test_an_upload_under_way_may_outlive_the_removal_of_what_was_there() -> None:
    document = replace(owns().bots[0].documents[0], echoes=1)

    [twin] = removed(document)

    assert document.fate is Fate.GONE
    assert (twin.fate, twin.id, twin.filename) == (Fate.UNSURE, "", "faro.txt")


def test_a_name_is_the_one_acknowledged_last_or_one_that_nobody_answered() -> None:
    there = stored()
    there.bots[0] = StoredBot("b1", "Puerto")
    renamed = owns()

    assert found(renamed, there) == [(Invariant.VISIBLE, 3)]
    renamed.bots[0].names.add("Puerto")
    assert found(renamed, there) == []


@pytest.mark.parametrize(
    ("heard", "row", "is_wrong"),
    [
        (WHOLE, ANSWER, False),
        (WHOLE, None, True),
        (WHOLE, replace(ANSWER, text=HALF), True),
        (WHOLE, replace(ANSWER, finish="interrupted"), True),
        (replace(WHOLE, text=HALF, ending=Ending.LEFT), replace(ANSWER, text=HALF, finish="interrupted"), False),
        # It went on for a moment before it was known that nobody listens.
        (replace(WHOLE, text=HALF, ending=Ending.LEFT), ANSWER, False),
        (replace(WHOLE, text=HALF, ending=Ending.LEFT), replace(ANSWER, text=HALF[:3]), True),
        (replace(WHOLE, text="", ending=Ending.LEFT), replace(ANSWER, text="Otra cosa."), True),
        (replace(WHOLE, text=HALF, ending=Ending.LEFT), None, True),
        (replace(WHOLE, text=HALF, ending=Ending.ERROR, code="answer_cut_short"), None, True),
        (replace(WHOLE, text=HALF, ending=Ending.ERROR, code="answer_cut_short"), ANSWER, True),
    ],
)
def test_an_answer_is_stored_as_it_was_heard_str_2(
    heard: Answer, row: StoredMessage | None, is_wrong: bool
) -> None:
    """STR-2."""
    wrong = wrong_with_answer(heard, row, ASKED, lambda began, ended: False)

    assert bool(wrong) is is_wrong


def test_only_a_fault_of_the_database_or_the_api_excuses_an_answer_that_is_not_stored() -> None:
    left = replace(WHOLE, text=HALF, ending=Ending.LEFT)
    faults = [Injected("postmaster-killed", 12.0, 13.0, True), Injected("redis-killed", 50.0, 51.0, False)]
    is_disturbed = disturbed_by(faults)

    assert wrong_with_answer(left, None, ASKED, is_disturbed) is None
    assert wrong_with_answer(replace(left, began=49.0, at=52.0), None, ASKED, is_disturbed)
    assert wrong_with_answer(WHOLE, None, ASKED, is_disturbed)


def heard(*events: str, is_clean: bool = True) -> Heard:
    """A stream of these events, its deltas being the halves of the answer."""
    halves = iter((HALF, SAID[len(HALF) :]))
    texts = {"delta": lambda: f'{{"text": "{next(halves)}"}}'}
    stream = Heard(is_plain=False, began=0.0)
    for event in events:
        stream.feed(f"event: {event}\ndata: {texts.get(event, lambda: '{}')()}\n\n")
    stream.end(is_clean=is_clean)
    return stream


def test_a_stream_that_ends_with_one_last_event_is_right_str_1() -> None:
    """STR-1."""
    assert wrong_with(heard("started", "delta", "delta", "finished"), ASKED, is_over=True) == []
    assert wrong_with(heard("started", "delta", "error"), ASKED, is_over=True) == []
    assert wrong_with(heard("started", "delta", is_clean=False), ASKED, is_over=False) == []


@pytest.mark.parametrize(
    "events",
    [
        ("started", "delta", "finished"),
        ("started", "delta", "delta", "finished", "error"),
        ("started", "finished", "delta"),
        ("started", "delta", "delta"),
        ("delta", "delta", "finished"),
    ],
)
def test_a_stream_that_ends_in_order_and_is_not_whole_is_told_str_1(events: tuple[str, ...]) -> None:
    """STR-1."""
    assert wrong_with(heard(*events), ASKED, is_over=True)


@pytest.mark.parametrize(("text", "is_wrong"), [(SAID, False), (HALF, True), ("Otra cosa.", True)])
def test_a_plain_answer_that_ends_in_order_is_whole_str_1(text: str, is_wrong: bool) -> None:
    """STR-1."""
    plain = Heard(is_plain=True, began=0.0)
    plain.feed(text)
    plain.end(is_clean=True)

    assert bool(wrong_with(plain, ASKED, is_over=True)) is is_wrong


def test_words_that_the_provider_never_said_are_told_also_where_the_client_left() -> None:
    plain = Heard(is_plain=True, began=0.0, ending=Ending.LEFT, plain="Otra")

    assert wrong_with(plain, ASKED, is_over=False)


def test_who_looks_on_tells_of_a_ready_document_that_is_not_ready_again_job_4(tmp_path: Path) -> None:
    """JOB-4."""
    with History(tmp_path / "history.jsonl") as history:
        eye = Watcher(history)
        eye.see([("d1", "processing", 3, 0), ("d2", "processing", 3, 2)])
        eye.see([("d1", "ready", 3, 3), ("d2", "ready", 3, 3)])
        assert history.violations == []
        eye.see([("d1", "processing", 3, 0), ("d2", "ready", 3, 6)])
        eye.see_parts([("d3", 3, 2, 0, 0)])

    told = [violation.told.split()[1] for violation in history.violations]
    assert told == ["d1", "d2", "d3"]


def test_a_document_that_two_workers_wrote_is_told_job_4(tmp_path: Path) -> None:
    """JOB-4."""
    ready = '{"event": "document.ready", "document_id": "%s"}\n'
    logs = [tmp_path / "one.log", tmp_path / "other.log"]
    logs[0].write_text(ready % "d1" + ready % "d2" + "Traceback\n" + '{"event": "docum')
    logs[1].write_text(ready % "d3" + ready % "d2" + '{"event": "document.claimed", "document_id": "d1"}\n')

    told = [violation.told for violation in written_twice(logs)]

    assert told == ["document.ready of document d2 was written down 2 times"]
