"""Many streams held at once: the gaps between tokens at the client against the vendor's own."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from tests.bench.chat_load import stub
from tests.bench.chat_load.client import BYTCHAT, Heard, Load, whole
from tests.bench.chat_load.cpu import Meter, memory_mb
from tests.bench.chat_load.figures import Budget, Section, Spread, table
from tests.bench.chat_load.scene import Scene

_STREAMS = 300
_TOKENS = 200
_PACE_MS = 50
_ALONE_S = (_TOKENS - 1) * _PACE_MS / 1000
_PROBE_EVERY_S = 0.1
_PROBES = 120
_ALLOWED_MS = 100
# A token of the stub's is the time at which it was sent, in microseconds.
_STAMP = re.compile(rb' (\d{7,})(?=[ "])')


@dataclass(frozen=True, slots=True)
class Stream:
    """When the vendor sent each token and when it came, in milliseconds of one clock."""

    sent: list[float]
    came: list[float]


def measure(scene: Scene) -> Section:
    bot_id = scene.plain_bot(stub.model_id(_TOKENS, pace_ms=_PACE_MS))
    idle_mb = memory_mb(scene.groups["API"])
    meter = Meter(scene.groups)
    requests = [scene.chat(bot_id, f"¿Qué dice el manual de la página {page}?") for page in range(_STREAMS)]
    scene.probe.begin(Load(scene.port, [scene.get("/bots/")] * _PROBES, every_s=_PROBE_EVERY_S))
    scene.client.begin(Load(scene.port, requests, concurrency=_STREAMS))
    probes = scene.probe.answer()
    held_mb = memory_mb(scene.groups["API"])
    answers = whole(scene.client.answer(), BYTCHAT.last)
    return _section(answers, whole(probes, b""), spent=meter.spent_ms(), memory=(idle_mb, held_mb))


def _stream(heard: Heard) -> Stream:
    ends = list(accumulate(len(piece) for _, piece in heard.pieces))
    found = list(_STAMP.finditer(heard.text))
    came = [heard.pieces[bisect_left(ends, stamp.end())][0] / 1e6 for stamp in found]
    return Stream([int(stamp[1]) / 1e3 for stamp in found], came)


def _gaps(times: Sequence[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


def _section(
    answers: Sequence[Heard], probes: Sequence[Heard], *, spent: dict[str, float], memory: tuple[float, float]
) -> Section:
    streams = [_stream(heard) for heard in answers]
    complete = sum(len(stream.came) == _TOKENS for stream in streams)
    theirs = Spread.of(gap for stream in streams for gap in _gaps(stream.sent))
    ours = Spread.of(gap for stream in streams for gap in _gaps(stream.came))
    late = Spread.of(came - sent for stream in streams for sent, came in zip(stream.sent, stream.came, strict=True))
    first = Spread.of(BYTCHAT.first_token_ms(answers))
    lengths = Spread.of((stream.came[-1] - stream.came[0]) / 1000 for stream in streams)
    probed = Spread.of(probe.whole_ms for probe in probes)
    text = f"""
{_STREAMS} streams that all begin at the same moment, {_TOKENS} tokens each, one each {
        _PACE_MS
    } ms, on a bot without
documents; `GET /bots/` each {1000 * _PROBE_EVERY_S:.0f} ms beside them. {complete} of {_STREAMS} came whole. From
first to last token an answer takes the vendor {_ALONE_S:.2f} s; it took {lengths.p50:.2f} s (p50) and
{lengths.most:.2f} s (longest).

{
        table(
            ("milliseconds", "p50", "p99", "most"),
            [
                ("gap between two tokens, as the vendor sent them", theirs.p50, theirs.p99, theirs.most),
                ("gap between two tokens, as they came", ours.p50, ours.p99, ours.most),
                ("a token, from the vendor's hand to the client's", late.p50, late.p99, late.most),
                (f"first token, {_STREAMS} questions at once", first.p50, first.p99, first.most),
                ("`GET /bots/` beside them", probed.p50, probed.p99, probed.most),
            ],
        )
    }

The API used {spent["API"] / len(streams):.0f} ms of processor an answer, {
        spent["API"] / _STREAMS / _TOKENS:.2f} ms a
token, and held {memory[1]:.0f} MB against {memory[0]:.0f} MB before.
"""
    return Section(
        f"{_STREAMS} streams held",
        text,
        (
            Budget("gaps' p99 beyond the vendor's", ours.p99 - theirs.p99, _ALLOWED_MS, "ms"),
            Budget("streams that came whole", complete, _STREAMS, "", at_least=True),
        ),
    )
