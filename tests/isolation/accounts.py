"""What three owners should have: the other half of what the state machine compares."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from jose import jwt

T = TypeVar("T")

FIRST_PASSWORD = "la-primera-clave"


def new_word(kind: str) -> str:
    """A word that stands nowhere else."""
    return f"{kind}{uuid.uuid4().hex[:12]}"


def pick(among: Sequence[T], n: int) -> T:
    return among[n % len(among)]


def session_of(token: str) -> str:
    return str(jwt.get_unverified_claims(token)["sid"])


@dataclass(frozen=True, slots=True)
class Document:
    """Questions name its topic; the secret stands in its text alone."""

    filename: str
    text: str
    topic: str
    secret: str


@dataclass(slots=True)
class Talk:
    """A conversation: what was said, as (role, text), and the ids of it."""

    bot_id: str
    said: list[tuple[str, str]] = field(default_factory=list)
    message_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Bot:
    """`toolbox` holds the models' ids by the ids of their rows."""

    name: str
    description: str
    system_prompt: str
    toolbox: dict[str, str]
    documents: dict[str, Document] = field(default_factory=dict)


@dataclass(slots=True)
class Account:
    """From registration to deletion. `mark` stands in all that its person writes, in every life of theirs."""

    id: str
    email: str
    mark: str
    password: str = FIRST_PASSWORD
    tokens: list[str] = field(default_factory=list)
    ended_tokens: list[str] = field(default_factory=list)
    key: str | None = None
    bots: dict[str, Bot] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)
    # By bot, also those that are gone.
    answers: Counter[str] = field(default_factory=Counter)
    # Of documents that are gone.
    lost_secrets: list[str] = field(default_factory=list)

    @property
    def session_ids(self) -> list[str]:
        return [session_of(token) for token in self.tokens]

    def end_tokens(self, *, but: str | None = None) -> None:
        self.ended_tokens += [token for token in self.tokens if token != but]
        self.tokens = [token for token in self.tokens if token == but]

    def lose_document(self, bot_id: str, document_id: str) -> None:
        self.lost_secrets.append(self.bots[bot_id].documents.pop(document_id).secret)

    def lose_bot(self, bot_id: str) -> None:
        for document_id in list(self.bots[bot_id].documents):
            self.lose_document(bot_id, document_id)
        del self.bots[bot_id]
        self.talks = {talk_id: talk for talk_id, talk in self.talks.items() if talk.bot_id != bot_id}

    def secrets_not_of(self, bot_id: str) -> list[str]:
        """What no prompt of this bot may hold."""
        others = [bot for other_id, bot in self.bots.items() if other_id != bot_id]
        return self.lost_secrets + [document.secret for bot in others for document in bot.documents.values()]
