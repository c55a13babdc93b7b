"""What the server counts, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.registry import Collector

Collect = Callable[[], Iterable[Metric]]
"""Further figures, asked for at each reading in a thread of its own."""

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Metrics:
    """Counters of one server, in a registry of their own."""

    def __init__(self, collect: Collect = tuple) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._requests = Counter(
            "reengage_webhook_requests", "Requests to webhooks", ["connector", "status"], registry=self._registry
        )
        self._bytes = Counter(
            "reengage_webhook_bytes", "Bytes of verified bodies", ["connector"], registry=self._registry
        )
        self._waiting = Gauge("reengage_webhook_waiting", "Deliveries that wait to be stored", registry=self._registry)
        self.keeping = Histogram(
            "reengage_webhook_keep_seconds",
            "Seconds until a delivery was stored",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Collected(collect))

    def count_request(self, connector: str, status: int) -> None:
        """One request to a connector, and how it was answered."""
        self._requests.labels(connector, str(status)).inc()

    def count_bytes(self, connector: str, size: int) -> None:
        """The size of one verified body."""
        self._bytes.labels(connector).inc(size)

    def watch_waiting(self, waiting: Callable[[], int]) -> None:
        """Ask this for the number of waiting deliveries."""
        self._waiting.set_function(waiting)

    def text(self) -> bytes:
        """Everything in the text format, whatever `collect` raises."""
        return generate_latest(self._registry)


class _Collected(Collector):
    """Figures of others; where they cannot be had, that is a figure too, and ours are still told."""

    def __init__(self, collect: Collect) -> None:
        self._collect = collect

    def collect(self) -> Iterator[Metric]:
        found: list[Metric] = []
        failed = Gauge("reengage_metrics_failed", "1 where further figures could not be had", registry=None)
        try:
            found.extend(self._collect())
        except Exception:
            failed.set(1)
        yield from found
        yield from failed.collect()
