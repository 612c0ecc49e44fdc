"""The events of an answer, in the order in which they come.

- `started` {message_id, conversation_id, question_id, model, provider, task_type, reason}: first, once a model
  speaks.
- `sources` {passages: [{n, document_id, filename, start, end, quote, score}]}: what the model was given; only
  where there is something. `document.text[start:end] == quote`, `score` is 0 to 1.
- `delta` {text}: a piece of the answer. Every `[n]` in it names one of the passages.
- `finished` {finish, usage: {input_tokens, output_tokens, estimated, cost_micro_usd}, citations: [{n, document_id,
  filename, start, end, quote}]}: the answer is whole and stored; `estimated` where the provider did not count,
  `cost_micro_usd` null where the price is unknown; `citations` are what is stored: of each passage that the answer
  cites the sentences that it rests on, `document.text[start:end] == quote`; or
- `error` {code, detail}: it broke off; what was said so far is stored. Exactly one of the last two, last.
  It has no class here: the generator raises a `BytchatError`, and the border renders it in the reader's language.

A strict bot whose documents do not hold the answer refuses: `started` (`local`, `refusal`), its sentence as one
`delta`, `finished`; no model is asked.
"""

import uuid
from dataclasses import dataclass

from app.models import Finish, Provider


@dataclass(frozen=True, slots=True)
class GivenPassage:
    n: int
    document_id: uuid.UUID
    filename: str
    start: int
    end: int
    quote: str
    score: float


@dataclass(frozen=True, slots=True)
class Started:
    message_id: uuid.UUID
    conversation_id: uuid.UUID
    question_id: uuid.UUID
    model: str
    provider: Provider
    task_type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sources:
    passages: tuple[GivenPassage, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    text: str


@dataclass(frozen=True, slots=True)
class AnswerUsage:
    input_tokens: int
    output_tokens: int
    estimated: bool
    cost_micro_usd: int | None


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer's `[n]` comes from: `document.text[start:end] == quote`."""

    n: int
    document_id: uuid.UUID
    filename: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Finished:
    finish: Finish
    usage: AnswerUsage
    citations: tuple[Citation, ...] = ()


ChatEvent = Started | Sources | Delta | Finished
