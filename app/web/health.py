"""Pages for monitoring: ``/healthz``, ``/readyz``, ``/metrics``."""

import asyncio
from collections import Counter

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from app.service.second_pass import Readiness
from app.web.deps import WebDeps, deps_of, feed_seq
from app.web.metrics import REGISTRY
from app.web.reads import CallbackReads, QueueReads

router = APIRouter()
#: A database that takes nothing for so long takes nothing.
PROBE_S = 4.0
#: What an operator can do about a second pass that does not hear.
ADVICE = {
    Readiness.TOO_SLOW: "switched off by measurement, this machine is too slow for the model: run"
    " 'holdline model advise', choose another with 'holdline model use', or give it faster cores",
    Readiness.SILENT: "the model does not answer: 'holdline model check NAME' says why",
}


@router.get("/healthz")
async def healthz() -> PlainTextResponse:
    """Answer that the process runs."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Calls can be taken and stored: database and disk take what is written, a bridge is connected,
    screens hear of it. Else 503 with what is missing in ``causes``. ``second_pass`` says whether
    sentences are heard again; calls go on without it."""
    deps = deps_of(request)
    causes = await _causes(deps)
    body = {"ready": not causes, "database": "database" not in causes,
            "bridges": len(deps.bridges()), "second_pass": _second_pass(deps)}  # fmt: skip
    if not causes:
        return JSONResponse(body)
    about = {"disk": "disk" not in causes, "feed": "feed" not in causes, "causes": causes}
    return JSONResponse(body | about, 503)


def _second_pass(deps: WebDeps) -> dict[str, object]:
    status = deps.second_pass()
    return {"state": status.readiness, "model": status.model, "factor": status.factor,
            "calls": status.calls, "advice": ADVICE.get(status.readiness, "")}  # fmt: skip


async def _causes(deps: WebDeps) -> list[str]:
    """What is wrong of ``database``, ``disk``, ``bridges`` and ``feed``."""
    try:
        async with asyncio.timeout(PROBE_S):
            causes = list(await asyncio.to_thread(deps.condition.faults))
    except TimeoutError:
        causes = ["database"]
    if not deps.bridges():
        causes.append("bridges")
    if not await feed_seq(deps):
        causes.append("feed")
    return causes


@router.get("/metrics")
async def metrics(
    request: Request, queue: QueueReads, callbacks: CallbackReads
) -> PlainTextResponse:
    """Answer with all counters in the Prometheus text format."""
    deps = deps_of(request)
    registry = CollectorRegistry()
    now = deps.clock.now()
    agents, waiting, (rung, late) = await asyncio.to_thread(
        lambda: (
            queue.agents(), queue.waiting(), callbacks.callbacks_waiting(now),
        )
    )  # fmt: skip
    Gauge("holdline_live_calls", "Calls with a session", registry=registry).set(
        deps.switchboard.live
    )
    Gauge("holdline_tasks", "Tasks of the event loop", registry=registry).set(
        len(asyncio.all_tasks())
    )
    Gauge("holdline_waiting_calls", "Callers in the queue", registry=registry).set(waiting)
    Gauge("holdline_bridges", "Bridges connected", registry=registry).set(len(deps.bridges()))
    _count_second_pass(registry, deps)
    gauge = Gauge("holdline_callbacks", "Call-backs open; late: past their time", ["state"],
                  registry=registry)  # fmt: skip
    gauge.labels("open").set(rung)
    gauge.labels("late").set(late)
    gauge = Gauge("holdline_agents", "Agents by state", ["state"], registry=registry)
    states = Counter(a.presence.state if a.presence else "offline" for a in agents)
    for state, count in states.items():
        gauge.labels(state).set(count)
    text = generate_latest(registry) + generate_latest(REGISTRY)
    return PlainTextResponse(text.decode())


def _count_second_pass(registry: CollectorRegistry, deps: WebDeps) -> None:
    """States are 1 for the one that holds; times and counts only of a pass that there is."""
    status = deps.second_pass()
    states = Gauge("holdline_second_pass", "Whether sentences are heard again: 1 for its state",
                   ["state"], registry=registry)  # fmt: skip
    for each in Readiness:
        states.labels(each).set(each is status.readiness)
    Gauge(
        "holdline_second_pass_factor", "Seconds of work a second of speech, measured at the start",
        registry=registry,
    ).set(status.factor if status.factor is not None else float("nan"))  # fmt: skip
    jobs = Gauge("holdline_second_pass_utterances", "Heard again, dropped as late; workers died",
                 ["fate"], registry=registry)  # fmt: skip
    for fate, count in (("heard", status.heard), ("late", status.late), ("died", status.died)):
        jobs.labels(fate).set(count)
