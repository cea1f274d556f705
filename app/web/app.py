"""The FastAPI application: pages, API, live socket, static files."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from app.web import health, live, problems
from app.web.api import v1
from app.web.callbacks import pages as callbacks
from app.web.callbacks import voicemails
from app.web.calls import day, desk, word_errors
from app.web.calls import pages as calls
from app.web.calls.shared import Shared
from app.web.deps import WebDeps
from app.web.field import pages as tickets
from app.web.knowledge import pages as knowledge
from app.web.people import login
from app.web.robot import flow as robot_flow
from app.web.robot import pages as robot
from app.web.robot import try_it as robot_try
from app.web.robot import voice as robot_voice


def create_app(deps: WebDeps, brain: AbstractAsyncContextManager[object]) -> FastAPI:
    """Everything under one application; ``brain`` runs on its event loop while it serves."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with brain:
            yield

    app = v1.DescribedApp(
        title="Holdline", version="1", lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )  # fmt: skip
    app.state.deps = deps
    shared = Shared(deps)
    app.state.shared = shared
    app.state.late_callbacks = lambda: shared.queue.value().late
    problems.install(app)
    pages = (
        login,
        desk,
        day,
        calls,
        word_errors,
        callbacks,
        robot,
        robot_flow,
        robot_try,
        robot_voice,
        tickets,
        voicemails,
        knowledge,
    )
    for module in pages:
        app.include_router(module.router, include_in_schema=False)
    app.include_router(health.router, include_in_schema=False)
    app.include_router(live.router)
    app.include_router(v1.router)
    app.mount("/static", StaticFiles(directory=deps.static), name="static")
    return app
