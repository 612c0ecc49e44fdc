"""How OpenAI and Google write what a script says: the bytes of their protocols, from their own documentation."""

import base64
import json
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.vendors.script import Script

PROMPT_TOKENS = 11
THOUGHT_TOKENS = 5
OPENAI_DIMENSIONS = 1536
GOOGLE_DIMENSIONS = 768


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the wire. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Wire:
    """One vendor's protocol. `before`, `word`, `after` and `oops` give the data of events.

    `texts_of` are those to embed, None where a request wants something else; `vectors` is the answer to them.
    """

    root: str
    newline: bytes
    key_of: Callable[[Received], str]
    model_of: Callable[[Received], str | None]
    before: Callable[[Script], list[bytes]]
    word: Callable[[str], bytes]
    after: Callable[[Script], list[bytes]]
    oops: Callable[[int], bytes]
    failure: Callable[[int, str, Script], tuple[int, bytes]]
    models: Callable[[], bytes]
    texts_of: Callable[[Received], list[str] | None]
    vectors: Callable[[list[str], Script], bytes]


def packed(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def vector_of(text: str, dimensions: int) -> list[float]:
    """What a vendor makes of a text: always the same, and of no length in particular."""
    dice = random.Random(text)
    return [round(dice.uniform(-1, 1), 6) for _ in range(dimensions)]


def _vectors(texts: list[str], script: Script, *, dimensions: int) -> list[list[float]]:
    vectors = [vector_of(text, dimensions) for text in texts]
    odd = {
        "few": vectors[:-1],
        "many": [*vectors, *vectors[:1]],
        "short": [vector[:-1] for vector in vectors],
        "zero": [[0.0] * dimensions for _ in vectors],
        "huge": [[3e38] * dimensions for _ in vectors],
    }
    return odd.get(script.get("embed") or "", vectors)


def _odd_vectors(script: Script) -> bytes | None:
    odd = {"broken": b'{"data": [{', "odd": b'{"data": [[1]], "embeddings": [[1]]}', "empty": b"{}"}
    return odd.get(script.get("embed") or "")


def _chunk(delta: dict[str, object] | None, finish: str | None = None, **fields: object) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    head = {"id": "chatcmpl-B9", "object": "chat.completion.chunk", "created": 1760000000, "model": "gpt"}
    return packed({**head, "system_fingerprint": "fp_1", "choices": [choice], "usage": None, **fields})


def _openai_model(request: Received) -> str | None:
    return str(request.json["model"]) if request.path.endswith("/chat/completions") else None


def _openai_before(script: Script) -> list[bytes]:
    thoughts = script.get("think")
    first = _chunk({"role": "assistant", "content": "", "refusal": None})
    return [first, _chunk({"reasoning_content": thoughts, "content": None})] if thoughts else [first]


def _openai_after(script: Script) -> list[bytes]:
    events = [_chunk({"refusal": refusal})] if (refusal := script.get("refuse")) else []
    if not script.says("finish", "none"):
        events.append(_chunk({}, script.get("finish") or "stop"))
    # A choice whose delta is null, as Azure's filters send it.
    events.append(_chunk(None))
    if not script.says("usage", "no"):
        said = len(script.words)
        usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": said, "total_tokens": PROMPT_TOKENS + said}
        events.append(_chunk(None, choices=[], usage=usage))
    return events if script.says("done", "no") else [*events, b"[DONE]"]


def _openai_failure(status: int, echo: str, script: Script) -> tuple[int, bytes]:
    code = {401: "invalid_api_key", 403: script.get("code"), 429: "rate_limit_exceeded"}.get(status)
    return status, packed(
        {"error": {"message": f"Incorrect: {echo}", "type": "error", "param": None, "code": code}}
    )


def _openai_texts(request: Received) -> list[str] | None:
    return list(request.json["input"]) if request.path.endswith("/embeddings") else None


def _openai_vectors(texts: list[str], script: Script) -> bytes:
    vectors = _vectors(texts, script, dimensions=OPENAI_DIMENSIONS)
    return _odd_vectors(script) or openai_vectors(vectors, script)


def openai_vectors(vectors: list[list[float]], script: Script | None = None) -> bytes:
    """The answer that gives these."""
    script = script or Script()
    data = [
        {"object": "embedding", "index": 0 if script.says("embed", "unnumbered") else n, "embedding": written}
        for n, written in enumerate(_openai_vector(vector, script) for vector in vectors)
    ]
    if script.says("embed", "shuffled"):
        random.Random(7).shuffle(data)
    usage = {"prompt_tokens": PROMPT_TOKENS, "total_tokens": PROMPT_TOKENS}
    return packed({"object": "list", "data": data, "model": "small", "usage": usage})


def _openai_vector(vector: list[float], script: Script) -> str | list[float]:
    if script.says("embed", "figures"):
        return vector
    written = struct.pack(f"<{len(vector)}f", *vector)
    return base64.b64encode(written[:-1] if script.says("embed", "halved") else written).decode()


OPENAI = Wire(
    root="/v1",
    newline=b"\n",
    key_of=lambda request: request.headers.get("authorization", "").removeprefix("Bearer "),
    model_of=_openai_model,
    before=_openai_before,
    word=lambda text: _chunk({"content": text}),
    after=_openai_after,
    oops=lambda status: packed({"error": {"message": "The server had an error", "type": "?", "code": status}}),
    failure=_openai_failure,
    models=lambda: packed({"object": "list", "data": [{"id": "gpt-5-mini", "object": "model"}]}),
    texts_of=_openai_texts,
    vectors=_openai_vectors,
)


def _piece(parts: list[dict[str, object]], finish: str | None = None, **fields: object) -> bytes:
    candidate = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return packed({"candidates": [candidate], "modelVersion": "gemini", "responseId": "r1", **fields})


def _google_usage(script: Script, said: int) -> dict[str, object]:
    if script.says("usage", "no"):
        return {}
    usage = {"promptTokenCount": PROMPT_TOKENS, "candidatesTokenCount": said}
    if script.get("think"):
        usage["thoughtsTokenCount"] = THOUGHT_TOKENS
    return {"usageMetadata": {**usage, "totalTokenCount": sum(usage.values())}}


def _google_model(request: Received) -> str | None:
    model = request.path.removeprefix("/v1beta/models/").removeprefix("/v1beta/tunedModels/")
    return unquote(model.rpartition(":")[0]) if request.method == "POST" else None


def _google_before(script: Script) -> list[bytes]:
    if reason := script.get("block"):
        feedback = {"blockReason": reason}
        return [packed({"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": PROMPT_TOKENS}})]
    thoughts = script.get("think")
    return [_piece([{"text": thoughts, "thought": True}])] if thoughts else []


def _google_after(script: Script) -> list[bytes]:
    if script.get("block") or script.says("finish", "none"):
        return []
    finish = script.get("finish") or "STOP"
    return [_piece([{"text": ""}], finish, **_google_usage(script, len(script.words)))]


_STATUS = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}


def _google_failure(status: int, echo: str, script: Script) -> tuple[int, bytes]:
    kind = "type.googleapis.com/google.rpc."
    details: list[dict[str, object]] = []
    if status == 401:
        # Google's own word for a key that it does not know.
        status = 400
        details = [{"@type": kind + "ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}]
    if delay := script.get("retry_delay"):
        details = [{"@type": kind + "QuotaFailure"}, {"@type": kind + "RetryInfo", "retryDelay": delay}]
    error = {"code": status, "message": f"Not valid: {echo}", "status": _STATUS.get(status, "INTERNAL")}
    return status, packed({"error": {**error, "details": details}})


def _google_texts(request: Received) -> list[str] | None:
    if not request.path.endswith(":batchEmbedContents"):
        return None
    return [one["content"]["parts"][0]["text"] for one in request.json["requests"]]


def _google_vectors(texts: list[str], script: Script) -> bytes:
    vectors = _vectors(texts, script, dimensions=GOOGLE_DIMENSIONS)
    return _odd_vectors(script) or packed({"embeddings": [{"values": vector} for vector in vectors]})


GOOGLE = Wire(
    root="",
    newline=b"\r\n",
    key_of=lambda request: request.headers.get("x-goog-api-key", ""),
    model_of=_google_model,
    before=_google_before,
    word=lambda text: _piece([{"text": text}]),
    after=_google_after,
    oops=lambda status: packed({"error": {"code": status, "message": "Overloaded", "status": "UNAVAILABLE"}}),
    failure=_google_failure,
    models=lambda: packed({"models": [{"name": "models/gemini-flash"}]}),
    texts_of=_google_texts,
    vectors=_google_vectors,
)

WIRES = {"openai": OPENAI, "google": GOOGLE}
