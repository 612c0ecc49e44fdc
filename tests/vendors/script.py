"""What a vendor is to do with a request: a script stands in the model's name, as for the scripted provider.

`key=value` pairs joined by `;`, such as `say=Hola;pace_ms=20`. A name without any is an ordinary short answer. Keys
that begin with `bad` are refused, `silent` ones are never answered, and `chat-only` ones may not list models.

| Key | Meaning |
|---|---|
| `say` | the answer (no `;` in it), said word by word |
| `tokens` | instead: this many words |
| `pace_ms` | pause before each word |
| `fail` | answer with this HTTP status; the body repeats the key and the question, as OpenAI's does |
| `fail_first` | with `fail`: only the first so many requests fail |
| `retry_after` | its `Retry-After` header |
| `retry_delay` | Google's `RetryInfo` in its body, such as `7s` |
| `hang` | `headers`: take the request and say nothing; `error`: send the head of a failure and nothing more |
| `hang_after` | fall silent for ever after this many words; 0 is behind the headers |
| `drip_after` | from there on send comments and nothing else |
| `cut_after` | break the connection after this many words |
| `end_after` | end the body properly after this many words, with no last word |
| `garbage_after` | send something that is no JSON |
| `error_after` | send an error object inside the stream, of `error_code` (500) |
| `event_after` | send `Vendor.event`, whatever a test wants it to be |
| `body` | a failure's body that is no error: `html`, `list` or `broken` |
| `finish` | the vendor's own word for why it stopped |
| `block` | Google: refuse the prompt, for this reason |
| `refuse` | OpenAI: this text as a refusal, after the words |
| `think` | this text as thoughts, before the words |
| `done` | `no`: no `[DONE]` at the end |
| `usage` | `no`: never say how many tokens it were |
| `newline` | `crlf`, `lf` or `cr` |
| `encoding` | `gzip`: compress although nobody asked |
| `embed` | vectors that are not as asked: `few`, `many`, `short`, `zero`, `huge`, `broken`, `odd`, `empty` |
| | OpenAI: `figures` (no base64), `shuffled`, `unnumbered`, `halved` (not whole numbers of bytes) |
"""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Script:
    pairs: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """Each with the white space before it."""
        if tokens := self.pairs.get("tokens"):
            said = " ".join(f"palabra{n}" for n in range(int(tokens)))
        else:
            said = self.pairs.get("say", "Hola, ¿qué tal? Añoro el 🌊.")
        return re.findall(r"\s*\S+|\s+$", said)

    @property
    def pace_s(self) -> float:
        return int(self.pairs.get("pace_ms", "0")) / 1000

    @property
    def newline(self) -> bytes | None:
        return {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r"}.get(self.pairs.get("newline", ""))

    def get(self, name: str) -> str | None:
        return self.pairs.get(name)

    def says(self, name: str, value: str) -> bool:
        return self.pairs.get(name) == value

    def is_at(self, name: str, said: int) -> bool:
        """Whether `name` is to happen once this many words are said."""
        return self.pairs.get(name) == str(said)


def parse(model_id: str) -> Script:
    return Script(dict(part.split("=", 1) for part in model_id.split(";") if "=" in part))
