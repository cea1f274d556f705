"""The composition root: the only place that names concrete adapters."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.routing import WebSocketRoute

from app.adapters.asr_vosk import SpeechModelError, VoskRecogniser
from app.adapters.bridge_link import BridgeLinkServer
from app.adapters.clock_system import SystemClock
from app.adapters.content_files import ContentError, FileContent
from app.adapters.db.housekeeping import purge
from app.adapters.db.migrate import migrate
from app.adapters.db.queries import SqlQueries
from app.adapters.db.unit_of_work import SqlUnitOfWork, make_engine
from app.adapters.demo_data import PASSWORD, Demo
from app.adapters.feed_memory import MemoryFeed
from app.adapters.feed_redis import RedisFeed
from app.adapters.prompt_cache import PromptCache
from app.adapters.simulator_process import ProcessSimulator
from app.adapters.tts_espeak import EspeakSynthesiser
from app.domain.hours import OpeningHours
from app.service import link, records
from app.service.desk import Context, Desk
from app.service.ports import Feed
from app.service.switchboard import Parts, Switchboard, Times
from app.settings import ROOT, Settings, split_address
from app.simulator.cast import load_scenarios
from app.web.app import create_app
from app.web.auth import hash_password
from app.web.deps import WebDeps

log = logging.getLogger(__name__)


class StartError(Exception):
    """Something that the operator must mend before the start; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Store:
    """The database and what is built on it."""

    engine: Engine
    clock: SystemClock

    def unit_of_work(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.engine, lambda _: None)


def open_store(settings: Settings) -> Store:
    """The database, migrated."""
    engine = make_engine(settings.database)
    migrate(engine)
    return Store(engine, SystemClock(settings.tz))


def load_demo(store: Store) -> bool:
    """Write the demo's people and customers into an empty database."""
    with store.unit_of_work() as uow:
        if uow.find(records.User):
            return False
        Demo(uow, store.clock, hash_password(PASSWORD)).load()
        uow.commit()
    return True


def make_feed(settings: Settings) -> Feed:
    return RedisFeed(settings.redis_url) if settings.redis_url else MemoryFeed()


def make_recogniser(settings: Settings) -> VoskRecogniser:
    """The recogniser on the configured model. Raises StartError with what to do."""
    try:
        return VoskRecogniser(settings.speech_model)
    except SpeechModelError as error:
        raise StartError(str(error)) from None


def make_content() -> FileContent:
    """The project's content. Raises StartError naming file and line."""
    try:
        return FileContent(ROOT)
    except ContentError as error:
        raise StartError(f"content cannot be used: {error}") from None


def build_web(settings: Settings) -> FastAPI:
    """The brain: everything wired. Raises StartError where it cannot start."""
    recogniser = make_recogniser(settings)
    content = make_content()
    store = open_store(settings)
    purge(store.engine, store.clock.now())
    if settings.demo:
        load_demo(store)
    feed = make_feed(settings)

    def unit_of_work() -> SqlUnitOfWork:
        return SqlUnitOfWork(store.engine, feed.publish)

    desk = Desk(unit_of_work, Context(store.clock, content, OpeningHours.daily(settings.hours)))
    prompts = PromptCache(
        EspeakSynthesiser(), content.current().prompts, ROOT / "prompts" / "robot",
        settings.home / "prompts",
    )  # fmt: skip
    prompts.warm()
    line = BridgeLinkServer(settings.secret())
    switchboard = Switchboard(Parts(
        desk, unit_of_work, feed, line, recogniser, content, prompts,
        Times(settings.queue_seconds, settings.ring_seconds), max(2, os.cpu_count() or 2),
    ))  # fmt: skip
    line.attach(switchboard)
    simulator = _simulator(settings) if settings.demo else None

    async def on_start() -> None:
        log.info("brain ready on %s", settings.http)

    async def on_stop() -> None:
        await switchboard.close()
        if simulator is not None:
            simulator.close()
        store.engine.dispose()

    def local_time(moment: datetime) -> datetime:
        return moment.astimezone(store.clock.local().tzinfo)

    deps = WebDeps(
        desk, switchboard, SqlQueries(store.engine, settings.tz), unit_of_work, feed, content,
        store.clock, settings.home, ROOT / "static", settings.demo, simulator,
        lambda: line.bridges, local_time,
    )  # fmt: skip
    app = create_app(deps, on_start, on_stop)
    app.router.routes.append(WebSocketRoute(link.PATH, line.endpoint))
    return app


def _simulator(settings: Settings) -> ProcessSimulator:
    return ProcessSimulator(tuple(load_scenarios()), child_environment(settings))


def child_environment(settings: Settings) -> Mapping[str, str]:
    """The environment of a process that must see the same settings."""
    return {
        **os.environ, "PYTHONPATH": str(ROOT), "HOLDLINE_SIP": settings.sip,
        "HOLDLINE_HTTP": settings.http, "HOLDLINE_HOTLINE": settings.hotline,
    }  # fmt: skip


def run_web(settings: Settings) -> None:
    """Serve the brain until it is told to stop."""
    host, port = split_address(settings.http)
    config = uvicorn.Config(
        build_web(settings), host=host, port=port, log_level="warning", ws="websockets-sansio",
        ws_max_size=1 << 20, ws_ping_interval=10, ws_ping_timeout=20,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    uvicorn.Server(config).run()
