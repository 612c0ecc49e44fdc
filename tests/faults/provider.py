"""A stub of a language model whose every answer follows from the question, and which fails when it is told to.

It speaks OpenAI's protocol on loopback. Whoever knows a question can compute what its answer must be: `answer_to`.
"""

import hashlib
import random
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

# The vectors that the oracle expects are those of the scripted embedder.
from app.providers.scripted import _bag_of_words as vector_of
from tests.vendors.script import Script
from tests.vendors.server import vendor_server
from tests.vendors.wire import OPENAI, OPENAI_DIMENSIONS, Received, Wire, openai_vectors

# What makes a question one of a kind; an answer depends on this alone, whatever a prompt adds around it.
_MARK = re.compile(r"«q:[^»]*»")
_PASSAGE = '<passage n="1">'
_WORDS = """faro puerto marea barco ancla viento costa red pesca isla bahía duna roca playa niebla torre
guardia lámpara escalera muelle remo vela cabo estrella arena gaviota""".split()
_LONGEST = 140
_KEEPS = 100


class Behaviour(StrEnum):
    """What becomes of a request for an answer."""

    WELL = "well"
    DRIP = "drip"
    KEY_REFUSED = "401"
    BUSY = "429"
    FAILS = "500"
    HANGS = "hang"
    CUT = "cut"
    BAD_JSON = "bad-json"
    NO_END = "no-end"
    COMMENTS = "comments"


def answer_to(question: str, *, cites: bool) -> str:
    """The whole answer, word by word a delta: a fixed function of the question's mark, `«q:…»`, or its text."""
    found = _MARK.search(question)
    draw = random.Random(hashlib.sha256((found[0] if found else question).encode()).digest())
    # Most are short, and some long enough that much can happen meanwhile.
    count = draw.choice((*range(5, 30), 60, 90, _LONGEST))
    words = [draw.choice(_WORDS) for _ in range(count)]
    if cites:
        words.insert(draw.randrange(1, len(words)), "[1]")
    return " ".join((f"Respuesta-{draw.getrandbits(32):08x}", *words)) + "."


@dataclass(slots=True)
class Provider:
    """The running stub. `seen` counts the requests for an answer by what became of them."""

    url: str = ""
    seen: Counter[str] = field(default_factory=Counter)
    # Of any kind, the last of them.
    requests: list[Received] = field(default_factory=list)
    _lots: random.Random = field(default_factory=random.Random)
    _behaviours: tuple[Behaviour, ...] = (Behaviour.WELL,)
    _drawing: threading.Lock = field(default_factory=threading.Lock)

    def behave(self, *behaviours: Behaviour) -> None:
        """From now on each request draws one of these; none of them is to behave well."""
        self._behaviours = behaviours or (Behaviour.WELL,)

    def script_for(self, question: str, *, cites: bool) -> str:
        """How to answer, in the words of `tests.vendors.script`."""
        said = answer_to(question, cites=cites)
        with self._drawing:
            behaviour = self._lots.choice(self._behaviours)
            stops_at = self._lots.randrange(len(said.split()))
            pace_ms = self._lots.choice((0, 5, 20))
        self.seen[behaviour] += 1
        return ";".join((f"say={said}", *_mishap(behaviour, stops_at=stops_at, pace_ms=pace_ms)))


def _mishap(behaviour: Behaviour, *, stops_at: int, pace_ms: int) -> Sequence[str]:
    pace = f"pace_ms={pace_ms}"
    return {
        Behaviour.WELL: (pace,),
        Behaviour.DRIP: ("pace_ms=250",),
        Behaviour.KEY_REFUSED: ("fail=401",),
        Behaviour.BUSY: ("fail=429", "retry_after=1"),
        Behaviour.FAILS: ("fail=500",),
        Behaviour.HANGS: ("hang_after=0",),
        Behaviour.CUT: (pace, f"cut_after={stops_at}"),
        Behaviour.BAD_JSON: (pace, f"garbage_after={stops_at}"),
        Behaviour.NO_END: (pace, "finish=none", "done=no"),
        Behaviour.COMMENTS: (pace, f"drip_after={stops_at}"),
    }[behaviour]


@contextmanager
def provider(*, seed: int) -> Iterator[Provider]:
    """The stub for the length of a block, in a thread of its own. Embeddings it always makes well."""
    made = Provider(_lots=random.Random(seed))
    with vendor_server("openai", wire=_wire(made)) as vendor:
        made.url, made.requests = vendor.url, vendor.requests
        yield made


def _wire(made: Provider) -> Wire:
    def script_of(request: Received) -> str | None:
        del made.requests[:-_KEEPS]
        if not request.path.endswith("/chat/completions"):
            return None
        messages: list[dict[str, str]] = request.json["messages"]
        cites = any(_PASSAGE in message["content"] for message in messages if message["role"] == "system")
        return made.script_for(messages[-1]["content"], cites=cites)

    return replace(OPENAI, model_of=script_of, vectors=_vectors)


def _vectors(texts: list[str], script: Script) -> bytes:
    return openai_vectors([vector_of(text, OPENAI_DIMENSIONS) for text in texts])
