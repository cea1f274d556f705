"""Pages for monitoring: ``/healthz``, ``/readyz``, ``/metrics``."""

import asyncio
from collections import Counter

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from app.web.deps import deps_of
from app.web.metrics import REGISTRY

router = APIRouter()


@router.get("/healthz")
async def healthz() -> PlainTextResponse:
    """Answer that the process runs."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Calls can be taken: the database answers and a bridge is connected."""
    deps = deps_of(request)
    try:
        await asyncio.to_thread(deps.queries.waiting)
        database = True
    except Exception:
        database = False
    ready = database and bool(deps.bridges())
    body = {"ready": ready, "database": database, "bridges": len(deps.bridges())}
    return JSONResponse(body, 200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> PlainTextResponse:
    """Answer with all counters in the Prometheus text format."""
    deps = deps_of(request)
    registry = CollectorRegistry()
    now = deps.clock.now()
    agents, waiting, (rung, late) = await asyncio.to_thread(
        lambda: (
            deps.queries.agents(), deps.queries.waiting(), deps.queries.callbacks_waiting(now),
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
