"""`GET /metrics`: what Prometheus reads (https://prometheus.io/docs/instrumenting/exposition_formats/).

What the database knows is the same in every web process: ask one of them for it. Deliveries each process counts for
itself, as gunicorn runs one that answers: with several web processes, each is a target of its own.
"""

from __future__ import annotations

import hmac
import time
from collections import Counter as Counts
from collections.abc import Iterator

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from pydantic import SecretStr

from bot.errors import TransientError
from bot.runs import Runs
from bot.values.cost import Usage
from bot.values.figures import RunFigures, turns_of
from bot.web.events import EVENTS
from bot.web.visitors import at_this_machine

_KNOWN = frozenset({*EVENTS, "installation", "installation_repositories", "ping"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Deliveries:
    """Counts what the webhook has answered in this process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answered = Counter(
            "gptdeploy_deliveries", "Webhook deliveries that were answered.", ("event", "status"), registry=registry
        )
        self._seconds = Histogram(
            "gptdeploy_delivery_seconds",
            "From a delivery that has arrived whole to its answer.",
            registry=registry,
            buckets=_SECONDS,
        )

    def answered(self, event: str, status: int, seconds: float) -> None:
        """Count a delivery. What is no event of GitHub's that the bot is told of counts as "other": anybody can send
        it."""
        self._answered.labels(event if event in _KNOWN else "other", str(status)).inc()
        self._seconds.observe(seconds)


class _Told(Collector):
    """What the database tells, read when it is asked for.

    The figures of runs are those of all runs that the bot remembers, of 30 days: they also fall.
    """

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def describe(self) -> list[GaugeMetricFamily]:
        # Without it, the registry would collect to learn the names.
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now, reports = time.time(), self._runs.reports
        queue = reports.queue()
        yield GaugeMetricFamily("gptdeploy_queue", "Stored, and begun by no worker.", queue.waiting)
        yield GaugeMetricFamily(
            "gptdeploy_queue_lag_seconds", "How long the first in the queue has waited.", queue.lag(now)
        )
        figures = reports.figures()
        yield from self._of_runs(figures)
        yield from self._of_turns(figures, now)
        left = _gauge("gptdeploy_github_requests_left", "What GitHub takes until the reset.", "resource")
        limit = _gauge("gptdeploy_github_requests_limit", "What GitHub takes in an hour.", "resource")
        for rate in reports.rate_limits():
            left.add_metric((rate.account, rate.resource), rate.left(now))
            limit.add_metric((rate.account, rate.resource), rate.limit)
        yield from (left, limit)

    def _of_turns(self, figures: list[RunFigures], now: float) -> Iterator[GaugeMetricFamily]:
        waiting = _gauge("gptdeploy_waiting", "Runs that wait for their turn because of a limit.", "limit")
        lag = _gauge("gptdeploy_waiting_lag_seconds", "How long the first of these has waited.", "limit")
        for turns in turns_of(figures, lambda key: self._runs.name(key).partition("/")[0]):
            name = turns.work.replace(" ", "_")
            waiting.add_metric((turns.owner, name), turns.runs)
            lag.add_metric((turns.owner, name), turns.lag(now))
        yield from (waiting, lag)

    def _of_runs(self, figures: list[RunFigures]) -> Iterator[GaugeMetricFamily]:
        owners = {key: self._runs.name(key).partition("/")[0] for key in {run.repo for run in figures}}
        stages = Counts((owners[run.repo], run.stage) for run in figures)
        by_people = Counts(owners[run.repo] for run in figures if run.by_people)
        counted = {
            "fixes": _gauge("gptdeploy_fixes", "Fix commits pushed."),
            "builds": _gauge("gptdeploy_builds", "Builds that have ended."),
            "reruns": _gauge("gptdeploy_builds_repeated", "Builds run again for a passing reason."),
        }
        for name, gauge in counted.items():
            totals: Counts[str] = Counts()
            for run in figures:
                totals[owners[run.repo]] += getattr(run, name)
            _fill(gauge, totals)
        tokens = _gauge("gptdeploy_tokens", "Tokens sent to the model and received.", "direction")
        cost = _gauge("gptdeploy_cost_usd", "What the model has cost, where its price is known.")
        for owner in set(owners.values()):
            usage = sum((run.usage for run in figures if owners[run.repo] == owner), Usage())
            tokens.add_metric((owner, "sent"), usage.prompt)
            tokens.add_metric((owner, "received"), usage.completion)
            cost.add_metric((owner,), usage.cost_usd or 0.0)
        runs = _gauge("gptdeploy_runs", "Runs by their stage.", "stage")
        for (owner, stage), count in stages.items():
            runs.add_metric((owner, stage), count)
        people = _gauge("gptdeploy_runs_waiting_for_people", "Runs for which somebody has to do something.")
        _fill(people, by_people)
        yield from (runs, people, *counted.values(), tokens, cost)


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    """Return a gauge by installation, which GitHub makes for an owner of repositories, and by more."""
    return GaugeMetricFamily(name, text, labels=("installation", *labels))


def _fill(gauge: GaugeMetricFamily, totals: Counts[str]) -> None:
    for owner, total in totals.items():
        gauge.add_metric((owner,), total)


def registry_of(runs: Runs) -> CollectorRegistry:
    """Return what is told: of the database, and of this process."""
    registry = CollectorRegistry()
    registry.register(_Told(runs))
    ProcessCollector(registry=registry)
    return registry


def metrics(registry: CollectorRegistry, token: SecretStr | None) -> Blueprint:
    """Return the page, for this machine and for whoever has the token.

    Args:
        token: None where nobody else may see it.
    """
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def tell() -> Response:
        if not at_this_machine() and not _has(token):
            abort(401 if token else 403)
        encoder, content_type = choose_encoder(request.headers.get("Accept", ""))
        try:
            return Response(encoder(registry), content_type=content_type)
        except TransientError as error:
            return Response(str(error), 503)

    return blueprint


def _has(token: SecretStr | None) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if token is None or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), token.get_secret_value().encode())
