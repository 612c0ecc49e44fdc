"""What a strict bot says where its documents do not hold the answer: its own sentence, and no model is asked."""

from collections.abc import AsyncGenerator

from app.chat.speak import Candidate, Voice
from app.models import Provider
from app.providers.base import ChatRequest, Finished, TextDelta, Usage
from app.providers.extract import is_english, quoted

REFUSAL = "refusal"
_ES = "No encuentro la respuesta en los documentos de este bot."
_EN = "I cannot find the answer in this bot's documents."
_NO_TOKENS = Finished(usage=Usage(input_tokens=0, output_tokens=0))


class Refusal:
    """Speaks like a model, but says one sentence."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    async def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | Finished]:
        yield TextDelta(self._sentence)
        yield _NO_TOKENS


def sentence_of(question: str, *, own: str) -> str:
    """The bot's own, else the house's in the language of the question."""
    # The owner's own `[3]` is no citation of ours, and must not go like one.
    return quoted(own.strip()) or (_EN if is_english(question) else _ES)


async def refuse(question: str, *, own: str) -> Voice:
    """Says `sentence_of` these."""
    calls = Refusal(sentence_of(question, own=own))
    request = ChatRequest(model_id=REFUSAL, system="", messages=(), question=question)
    by = Candidate(Provider.LOCAL, REFUSAL, calls, request, line=(Provider.LOCAL, REFUSAL), is_free=True)
    pieces = calls.stream(request)
    return Voice(by, await anext(pieces), pieces)


def reason_of(confidence: float, least: float, *, has_passages: bool, language: str) -> str:
    """Why no model was asked, with both figures."""
    if not has_passages:
        if language == "en":
            return "This bot answers from its documents alone, and they hold nothing on this"
        return "Este bot solo responde con sus documentos, y en ellos no hay nada sobre esto"
    if language == "en":
        return f"The confidence in the documents is {confidence:.2f} and this bot's minimum {least:.2f}"
    figures = f"{confidence:.2f}", f"{least:.2f}"
    found, minimum = (figure.replace(".", ",") for figure in figures)
    return f"La confianza en los documentos es {found} y el mínimo de este bot {minimum}"
