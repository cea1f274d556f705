"""The composition root: the only place that names concrete adapters."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.routing import WebSocketRoute

from app.adapters.asr_vosk import SpeechModelError, VoskRecogniser
from app.adapters.bridge_link import BridgeLinkServer
from app.adapters.clock_system import SystemClock
from app.adapters.content_files import Said, load_said, read_files
from app.adapters.db.housekeeping import purge
from app.adapters.db.migrate import migrate
from app.adapters.db.queries import SqlQueries
from app.adapters.db.unit_of_work import SqlUnitOfWork, make_engine
from app.adapters.db.workshop_queries import SqlWorkshopQueries
from app.adapters.demo_data import PASSWORD, Demo
from app.adapters.feed_memory import MemoryFeed
from app.adapters.feed_redis import RedisFeed
from app.adapters.knowledge_process import KnowledgeProcesses
from app.adapters.prompt_cache import PromptCache
from app.adapters.simulator_process import ProcessSimulator
from app.adapters.tts_espeak import EspeakSynthesiser
from app.domain.hours import OpeningHours
from app.language.engine import Bands
from app.language.knowledge import ContentError
from app.service import link, records
from app.service.commands import SeedKnowledge
from app.service.desk import Context, Desk
from app.service.knowledge_keeper import KnowledgeKeeper
from app.service.ports import Feed, WorkFailed
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


def today(settings: Settings) -> date:
    """The operator's day."""
    return SystemClock(settings.tz).local().date()


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


def bands_of(settings: Settings) -> Bands:
    return Bands(settings.act_from, settings.clarify_from, settings.answer_from)


def make_said() -> Said:
    """The project's scripts, offers and prompts. Raises StartError naming file and line."""
    try:
        return load_said(ROOT)
    except ContentError as error:
        raise StartError(f"content cannot be used: {error}") from None


def make_worker(settings: Settings, store: Store) -> KnowledgeProcesses:
    """Heavy work on the knowledge base, in processes."""
    return KnowledgeProcesses(
        settings.home / "engines", child_environment(settings),
        lambda: store.clock.local().date(), bands_of(settings),
    )  # fmt: skip


def seed_knowledge(desk: Desk) -> None:
    """The installation's files into the database. Raises StartError naming file and line."""
    try:
        desk.execute(SeedKnowledge(read_files(ROOT / "faq")))
    except ContentError as error:
        raise StartError(f"the knowledge base cannot be used: {error}") from None


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """The versions of the knowledge base, outside the brain (verbs)."""

    desk: Desk
    keeper: KnowledgeKeeper
    unit_of_work: Callable[[], SqlUnitOfWork]
    worker: KnowledgeProcesses


def open_knowledge(settings: Settings) -> KnowledgeBase:
    """The published version, ready to understand. Raises StartError."""
    store = open_store(settings)
    worker = make_worker(settings, store)
    keeper = KnowledgeKeeper(store.unit_of_work, worker, make_said().content)
    hours = OpeningHours.daily(settings.hours)
    desk = Desk(store.unit_of_work, Context(store.clock, keeper, hours))
    seed_knowledge(desk)
    _load(keeper)
    return KnowledgeBase(desk, keeper, store.unit_of_work, worker)


def _load(keeper: KnowledgeKeeper) -> None:
    try:
        keeper.load()
    except WorkFailed as error:
        raise StartError(f"the knowledge base cannot be used: {error}") from None


def build_web(settings: Settings) -> FastAPI:
    """The brain: everything wired. Raises StartError where it cannot start."""
    recogniser = make_recogniser(settings)
    store = open_store(settings)
    purge(store.engine, store.clock.now())
    if settings.demo:
        load_demo(store)
    feed = make_feed(settings)

    def unit_of_work() -> SqlUnitOfWork:
        return SqlUnitOfWork(store.engine, feed.publish)

    worker = make_worker(settings, store)
    said = make_said()
    content = KnowledgeKeeper(unit_of_work, worker, said.content)
    desk = Desk(unit_of_work, Context(store.clock, content, OpeningHours.daily(settings.hours)))
    seed_knowledge(desk)
    _load(content)
    content.bury_jobs(desk)
    prompts = PromptCache(
        EspeakSynthesiser(), said.prompts, ROOT / "prompts" / "robot",
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
        content.follow(feed)
        await content.refresh()
        log.info("brain ready on %s", settings.http)

    async def on_stop() -> None:
        worker.close()
        await content.close()
        await switchboard.close()
        if simulator is not None:
            simulator.close()
        store.engine.dispose()

    def local_time(moment: datetime) -> datetime:
        return moment.astimezone(store.clock.local().tzinfo)

    deps = WebDeps(
        desk, switchboard, SqlQueries(store.engine, settings.tz),
        SqlWorkshopQueries(store.engine), unit_of_work, feed, content,
        store.clock, settings.home, ROOT / "static", settings.demo, simulator,
        lambda: line.bridges, local_time, recogniser,
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
