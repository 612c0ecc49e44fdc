"""`bytchat demo`: the main job from registration to cited answers, over the real HTTP API."""

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from app.core.config import Settings
from app.core.errors import BytchatError
from app.embedded.home import PROJECT, free_port, home_folder, make_folder, make_home
from app.operations.client import ApiClient, connected, is_bytchat
from app.operations.language import say
from app.operations.signals import until_signalled
from app.operations.stack import running_stack

_SAMPLE = PROJECT / "samples" / "tienda.es.txt"
_TRAINED_WITHIN_S = 300
_QUOTE_CHARACTERS = 110


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the words that a right answer holds; none where the handbook does not say."""

    text: str
    kind: str
    expected: tuple[str, ...] = ()
    follows_previous: bool = False


QUESTIONS = (
    Question("¿Qué es el REF/A-17 y qué precio tiene?", "código de producto", ("Cancela", "64,90")),
    Question("¿Cuánto cuesta la bicicleta plegable Molinera?", "precio", ("729,00",)),
    Question("¿Y cuánto pesa?", "sigue a la anterior", ("12,4",), follows_previous=True),
    Question(
        "Me apunté a una clase y al final no iré, ¿me devolvéis el dinero?", "otras palabras", ("cinco días",)
    ),
    Question(
        "Mi protección para la cabeza se estrelló contra el asfalto pero no se ve nada roto, ¿la sigo usando?",
        "otras palabras",
        ("se tira",),
    ),
    Question("¿Cuál es la receta del gazpacho?", "no está en el manual"),
)


@dataclass(frozen=True, slots=True)
class Passage:
    document_id: str
    filename: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    cited: tuple[Passage, ...]
    conversation_id: str
    first_token_s: float


class AnswerBroken(BytchatError):
    """An answer ended with an error event, or with none at all."""

    code = "answer_broken"
    es = "La respuesta se ha cortado: {detail}"
    en = "The answer broke off: {detail}"


class TrainingFailed(BytchatError):
    code = "training_failed"
    es = "El entrenamiento no ha terminado bien: {detail}"
    en = "The training did not end well: {detail}"


def demo(settings: Settings) -> bool:
    """Whether every expected fact was answered and cited."""
    outcome: list[bool] = []

    async def work() -> None:
        outcome.append(await _run(settings))

    asyncio.run(until_signalled(work()))
    return outcome == [True]


async def _run(settings: Settings) -> bool:
    began = time.monotonic()
    async with _platform(settings) as api_url, connected(api_url) as client:
        bot_id = await _prepare(client)
        right = await _ask_all(client, bot_id)
    print(f"\n{right}/{len(QUESTIONS)}  {time.monotonic() - began:.1f} s")
    return right == len(QUESTIONS)


@asynccontextmanager
async def _platform(settings: Settings) -> AsyncIterator[str]:
    """A running `up`, or one of our own for as long as the demo lasts."""
    api_url = f"http://127.0.0.1:{settings.api_port}"
    if await is_bytchat(api_url):
        print(say(f"Uso el Bytchat que ya corre en {api_url}.", f"Using the Bytchat at {api_url}."))
        yield api_url
        return
    log = make_folder(make_home(home_folder(settings)) / "run") / "demo.log"
    print(say(f"Arranco Bytchat (registro: {log}) …", f"Starting Bytchat (log: {log}) …"), flush=True)
    began = time.monotonic()
    with log.open("w", encoding="utf-8", buffering=1) as file:

        def emit(name: str, line: str) -> None:
            file.write(f"{name} | {line}\n")

        async with running_stack(settings, port=free_port(), emit=emit) as stack:
            print(say("En marcha", "Running"), f"({time.monotonic() - began:.1f} s)")
            yield stack.api_url


async def _prepare(client: ApiClient) -> str:
    """A new user's bot, trained on the handbook."""
    email, password = f"demo-{secrets.token_hex(4)}@ejemplo.com", secrets.token_urlsafe(12)
    await client.sign_up(email=email, password=password)
    print(say(f"Usuario {email}, clave {password}", f"User {email}, password {password}"))
    bot_id = await client.make_bot(name="Tornavía")
    print(f"Bot {bot_id}")
    await client.upload(bot_id, _SAMPLE.name, await asyncio.to_thread(_SAMPLE.read_bytes))
    print(say(f"Subido {_SAMPLE.name}", f"Uploaded {_SAMPLE.name}"))
    await _follow_training(client, bot_id)
    return bot_id


async def _follow_training(client: ApiClient, bot_id: str) -> None:
    try:
        async with asyncio.timeout(_TRAINED_WITHIN_S):
            document = await _trained(client, bot_id)
    except TimeoutError as error:
        raise TrainingFailed(detail=f"> {_TRAINED_WITHIN_S} s. make doctor") from error
    if sys.stdout.isatty():
        print()
    if document["status"] == "failed":
        raise TrainingFailed(detail=document["error"])


async def _trained(client: ApiClient, bot_id: str) -> Mapping[str, Any]:
    """The document when nothing more happens to it; a stream that breaks off is opened again."""
    document: Mapping[str, Any] = {}
    while document.get("status") not in {"ready", "failed"}:
        async for event in client.training_events(bot_id):
            if event.name == "progress":
                document = event.data
                _show_progress(document)
    return document


def _show_progress(document: Mapping[str, Any]) -> None:
    words = say("palabras listas", "words ready") if document["searchable"] else say("leyendo", "reading")
    vectors = f"{document['chunks_embedded']}/{document['chunks']}"
    line = f"  {document['filename']}: {document['status']}, {words}, vectores {vectors}"
    print(
        f"\r\x1b[K{line}" if sys.stdout.isatty() else line,
        end="" if sys.stdout.isatty() else "\n",
        flush=True,
    )


async def _ask_all(client: ApiClient, bot_id: str) -> int:
    """How many of the questions were answered as they should be."""
    right, conversation_id = 0, None
    for number, question in enumerate(QUESTIONS, 1):
        print(f"\n{number}. {question.text}   [{question.kind}]\n   ", end="", flush=True)
        follows = conversation_id if question.follows_previous else None
        answer = await _ask(client, bot_id, question.text, conversation_id=follows)
        conversation_id = answer.conversation_id
        faults = [*judge(question, answer), *await _false_quotes(client, bot_id, answer.cited)]
        print(_footnotes(answer))
        for fault in faults:
            print(f"   ✗ {fault}")
        right += not faults
    return right


async def _ask(client: ApiClient, bot_id: str, text: str, *, conversation_id: str | None) -> Answer:
    """Ask, printing the answer as it comes."""
    began, first_token_s = time.monotonic(), 0.0
    said: list[str] = []
    cited: tuple[Passage, ...] = ()
    async for event in client.ask(bot_id, text, conversation_id=conversation_id):
        match event.name:
            case "started":
                conversation_id = event.data["conversation_id"]
            case "delta":
                first_token_s = first_token_s or time.monotonic() - began
                said.append(event.data["text"])
                print(said[-1].replace("\n", "\n   "), end="", flush=True)
            case "finished":
                cited = tuple(map(_passage, event.data["citations"]))
            case "error":
                raise AnswerBroken(detail=event.data["detail"])
    if event.name != "finished":
        raise AnswerBroken(detail=event.name)
    return Answer("".join(said), cited, str(conversation_id), first_token_s)


def judge(question: Question, answer: Answer) -> list[str]:
    """What is wrong with an answer, in sentences; nothing when it is right."""
    if not question.expected:
        return [say("cita algo que no responde", "it cites something")] if answer.cited else []
    faults = [
        say(f"falta «{word}»", f"“{word}” is missing") for word in question.expected if word not in answer.text
    ]
    quotes = " ".join(passage.quote for passage in answer.cited)
    if not all(word in quotes for word in question.expected):
        faults.append(say("el pasaje citado no lo dice", "the cited passage does not say it"))
    return faults


async def _false_quotes(client: ApiClient, bot_id: str, cited: Sequence[Passage]) -> list[str]:
    """The citations whose quote is not what the document says at its offsets."""
    faults = []
    for one in cited:
        text = await client.text(bot_id, one.document_id, start=one.start, end=one.end)
        if text != one.quote:
            faults.append(say("la cita no está en el texto", "the quote is not in the text"))
    return faults


def _footnotes(answer: Answer) -> str:
    lines = [f"   ↳ {one.filename} {one.start}–{one.end}: «{shorten(one.quote)}»" for one in answer.cited]
    lines.append(f"   {say('primera palabra', 'first token')}: {answer.first_token_s * 1000:.0f} ms")
    return "\n" + "\n".join(lines)


def shorten(quote: str) -> str:
    """One short line of a quote."""
    line = " ".join(quote.split())
    return line if len(line) <= _QUOTE_CHARACTERS else line[: _QUOTE_CHARACTERS - 1] + "…"


def _passage(cited: Mapping[str, Any]) -> Passage:
    return Passage(cited["document_id"], cited["filename"], cited["start"], cited["end"], cited["quote"])
