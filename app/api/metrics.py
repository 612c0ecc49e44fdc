"""What `/metrics` tells Prometheus. Labels are few and fixed: none holds a stranger's or an owner's text."""

import asyncio
from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.api.readiness import Probes
from app.api.streaming import LiveStreams
from app.chat.metrics import AnswerMetrics
from app.queries.backlog import Backlog

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "OTHER"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class RequestMetrics:
    """Requests, by the template of their route. Time runs to the first byte: streams count by when they begin."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "bytchat_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "bytchat_http_request_duration_seconds",
            "From a request's arrival to the first byte of its answer.",
            ("method", "route"),
            registry=registry,
            buckets=_SECONDS,
        )
        # Looking one up by its labels costs more than counting.
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, *, seconds: float) -> None:
        key = method if method in _METHODS else _OTHER, route, status
        if (series := self._series.get(key)) is None:
            series = self._series[key] = self._requests.labels(*key), self._seconds.labels(*key[:2])
        count, duration = series
        count.inc()
        duration.observe(seconds)


class Metrics:
    """Everything that one process counts."""

    def __init__(self) -> None:
        # The times at which the series began would double their number.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self.requests = RequestMetrics(self._registry)
        self.answers = AnswerMetrics(self._registry)
        self._streams = Gauge("bytchat_streams_open", "Streams that are open now.", registry=self._registry)

    def watch(self, live: LiveStreams) -> None:
        self._streams.set_function(lambda: len(live))

    async def exposition(self, probes: Probes) -> bytes:
        """The whole page, in Prometheus' text form. What does not answer in time is absent."""
        database, backlog, queues = await asyncio.gather(
            probes.database.find(), probes.backlog.find(), probes.queues.find()
        )
        asked = CollectorRegistry()
        asked.register(_Found(database is None, backlog, queues))
        return generate_latest(self._registry) + generate_latest(asked)


class _Found(Collector):
    """What the database and the broker said just now; the same from every replica."""

    def __init__(
        self, is_database_up: bool, backlog: Backlog | Exception, queues: dict[str, int] | Exception
    ) -> None:
        self._is_database_up, self._backlog, self._queues = is_database_up, backlog, queues

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _up("database", self._is_database_up)
        yield _up("broker", not isinstance(self._queues, Exception))
        if not isinstance(self._queues, Exception):
            waiting = _gauge("bytchat_queue_jobs", "Jobs that wait at the broker.", "queue")
            for queue, jobs in self._queues.items():
                waiting.add_metric([queue], jobs)
            yield waiting
        if not isinstance(self._backlog, Exception):
            yield from _of(self._backlog)


def _of(backlog: Backlog) -> Iterator[GaugeMetricFamily]:
    documents = _gauge("bytchat_documents", "Documents, by their status.", "status")
    for status, count in backlog.documents.items():
        documents.add_metric([status.value], count)
    yield documents
    oldest = _gauge(
        "bytchat_oldest_unfinished_document_seconds",
        "Since the oldest document that is not done was uploaded; 0 where there is none.",
        "status",
    )
    for status, age_s in backlog.oldest_s.items():
        oldest.add_metric([status.value], age_s)
    yield oldest


def _up(service: str, is_up: bool) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bytchat_{service}_up", f"Whether the {service} answers this process.", float(is_up))


def _gauge(name: str, documentation: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, labels=[label])
