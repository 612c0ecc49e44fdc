"""The parts of the report: what each measures, in words and tables, and what must be kept."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.bench.chat_load.figures import Budget, Section, table
from tests.bench.restarts_load import growth as grown
from tests.bench.restarts_load import outages, trainings, turns
from tests.bench.restarts_load.growth import Growth, Replica
from tests.bench.restarts_load.outages import Outage
from tests.bench.restarts_load.stack import Stack
from tests.bench.restarts_load.trainings import Killed

_SERVICES = ("web", "nginx", "db", "redis")
_OUTAGE_S = 10
_YES = {True: "yes", False: "no"}


def one_replica(stack: Stack) -> Section:
    """Each service restarted, where there is no other to take its place."""
    short = [outages.restart(stack, service) for service in _SERVICES]
    long = [outages.restart(stack, service, while_a_model_speaks=True) for service in ("web", "nginx")]
    measured = [*short, *long]
    text = f"""
{_outages(measured)}

The outage is from the first request that failed to the last. *Broken* is a connection without a whole answer, as
when nginx itself is away. What failed:

{_failures(measured)}
"""
    budgets = (
        Budget("`restart web`: outage", measured[0].lasted_s, _OUTAGE_S, "s"),
        Budget("`restart web`: broken connections", len(measured[0].broken), 0, ""),
        Budget("`restart web` or `nginx`, a long stream open: outage", _longest_s(long), _OUTAGE_S, "s"),
        *_kept(measured, "restarts"),
    )
    return Section("One replica of each, restarted", text, budgets)


def replicas(stack: Stack) -> Section:
    """More than one of the API: nobody may notice."""
    turn = turns.in_turn(stack)
    arrival, arrived = turns.arrive(stack)
    measured = [turn, arrival, turns.leave(stack)]
    found = ", ".join(f"`{one.name}` {one.answered_after_s:.1f} s" for one in arrived)
    text = f"""
{_outages(measured)}

nginx was never restarted. From the start of its container until it answered the first person, its own start
included: {found}.
"""
    budgets = (
        Budget(
            "replicas that come, go or restart: requests failed", sum(len(one.failed) for one in measured), 0, ""
        ),
        *_kept(measured, "replicas"),
    )
    return Section("Replicas of the API come, go and are restarted in turn", text, budgets)


def workers(stack: Stack) -> Section:
    """Killed in several ways, each in the middle of a training."""
    measured = trainings.measure(stack)
    kb = len(trainings.long_text()) // 1000
    head = ("killed with SIGKILL", "runs again by itself", "started by hand", "ready after, s", "exact")
    text = f"""
Each while a document of {kb} KB is half embedded. *Exact*: its chunks are those of an undisturbed training of the
same text, each with its vector.

{table(head, map(_row, measured))}

What crashes inside comes back by itself. An engine does not start again what it was told to kill: another replica
goes on with its jobs, and `beat` where there is none, until somebody says `docker compose up -d`.
"""
    inside = [one for one in measured if one.is_inside]
    back = sum(one.came_back for one in inside)
    exact = sum(one.is_exact for one in measured)
    longest_s = max(one.ready_after_s for one in measured)
    budgets = (
        Budget("workers that crashed inside and run again by themselves", back, len(inside), "", at_least=True),
        Budget("workers killed: started by hand", sum(one.was_started_by_hand for one in measured), 0, ""),
        Budget("workers killed: documents ready and exact", exact, len(measured), "", at_least=True),
        Budget("workers killed: longest until ready", longest_s, trainings.READY_WITHIN_S, "s"),
    )
    return Section("A worker is killed during a training", text, budgets)


def growth(stack: Stack) -> Section:
    """Everything busy, and one replica of each killed."""
    measured = grown.measure(stack)
    api = [(_named(one), str(one.streams), str(one.whole), str(one.broken)) for one in measured.api]
    workers = [(_named(one), str(one.documents)) for one in measured.workers]
    text = f"""
`up -d --scale web={grown.WEB} --scale worker={grown.WORKER}`: {grown.STREAMS} streams and
{grown.DOCUMENTS} trainings at once; in the middle one replica of each is killed, and nothing is started again.
*Broken*: the connection ended before the stream's last event.

{table(("API", "streams", "whole", "broken"), api)}

{table(("worker", "documents that it embedded, or went on with"), workers)}

{measured.exact} of {grown.DOCUMENTS} documents ended ready with exactly the chunks of an undisturbed training, the
last {measured.ready_after_s:.0f} s after the kill.
"""
    return Section("Three replicas of the API and four of the worker", text, _growth_budgets(measured))


def _growth_budgets(measured: Growth) -> tuple[Budget, ...]:
    killed = [one for one in measured.api if one.was_killed]
    others = [one for one in measured.api if not one.was_killed]
    return (
        Budget("growth: API replicas with streams", _busy(measured.api), grown.WEB, "", at_least=True),
        Budget("growth: workers with trainings", _busy(measured.workers), grown.WORKER, "", at_least=True),
        Budget("growth: streams elsewhere not whole", sum(one.streams - one.whole for one in others), 0, ""),
        Budget(
            "growth: killed replica's streams not visibly broken",
            sum(one.streams - one.broken for one in killed),
            0,
            "",
        ),
        Budget("growth: documents ready and exact", measured.exact, grown.DOCUMENTS, "", at_least=True),
    )


def _busy(found: Iterable[Replica]) -> int:
    return sum(one.streams + one.documents > 0 for one in found)


def _named(replica: Replica) -> str:
    return f"`{replica.name}`, killed" if replica.was_killed else f"`{replica.name}`"


def _longest_s(measured: Sequence[Outage]) -> float:
    return max(one.lasted_s for one in measured)


def _kept(measured: Sequence[Outage], name: str) -> tuple[Budget, ...]:
    return (
        Budget(f"{name}: failed before anything happened", sum(one.failed_before for one in measured), 0, ""),
        Budget(f"{name}: acknowledged and missing", sum(len(one.effects.missing) for one in measured), 0, ""),
        Budget(f"{name}: doubled", sum(len(one.effects.doubled) for one in measured), 0, ""),
        Budget(
            f"{name}: neither 2xx nor 502 or 503 with Retry-After", sum(len(one.wrong) for one in measured), 0, ""
        ),
    )


def _outages(measured: Sequence[Outage]) -> str:
    head = ("", "requests", "2xx", "502 or 503", "broken", "else", "outage, s", "missing", "doubled")
    return table(head, [_outage(one) for one in measured])


def _outage(one: Outage) -> tuple[str, ...]:
    counts = (len(one.sent), one.acknowledged, len(one.refused), len(one.broken), len(one.wrong))
    effects = (len(one.effects.missing), len(one.effects.doubled))
    return (one.name, *map(str, counts), f"{one.lasted_s:.1f}", *map(str, effects))


def _failures(measured: Sequence[Outage]) -> str:
    rows = []
    for outage in measured:
        counts = Counter(one.outcome for one in outage.failed)
        rows.append(
            (outage.name, ", ".join(f"{count} × {name}" for name, count in counts.most_common()) or "nothing")
        )
    return table(("", "what failed"), rows)


def _row(one: Killed) -> tuple[str, ...]:
    return (
        one.case,
        _YES[one.came_back],
        _YES[one.was_started_by_hand],
        f"{one.ready_after_s:.0f}",
        _YES[one.is_exact],
    )
