"""Questions over the sample handbook, written from it alone and without sight of the code; how to judge an answer.

`tuned_on`: those by which the extractive model's figures were chosen. `blind`: a new user's, written after that. A
question without `quote` is one that the handbook does not answer.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.platform import Owner, text_of

_DATA = Path(__file__).with_name("data") / "handbook_questions.json"
HANDBOOK = Path(__file__).resolve().parents[1] / "samples" / "tienda.es.txt"


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    quote: str | None
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`cites_right`: one of the cited passages holds the quote or a part of it. `says_facts`: all of them."""

    question: Question
    answer: str
    cites: bool
    cites_right: bool
    says_facts: bool


def questions(kind: str) -> list[Question]:
    rows = json.loads(_DATA.read_text(encoding="utf-8"))[kind]
    return [Question(row["q"], row.get("quote"), tuple(row.get("facts", ()))) for row in rows]


def ask(owner: Owner, bot_id: str, question: Question) -> Outcome:
    """Ask over HTTP, each question in a conversation of its own."""
    events = owner.ask(bot_id, question.text)
    conversation = owner.http.get(f"/conversations/{events[0][1]['conversation_id']}").json()
    cited = conversation["messages"][1]["citations"]
    answer = text_of(events)
    start = HANDBOOK.read_text(encoding="utf-8").find(question.quote) if question.quote else -1
    end = start + len(question.quote or "")
    return Outcome(
        question,
        answer,
        cites=bool(cited),
        cites_right=start >= 0 and any(one["start"] < end and start < one["end"] for one in cited),
        says_facts=all(fact in answer for fact in question.facts),
    )
