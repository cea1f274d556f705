"""The brain: everything wired."""

import logging
import os
from datetime import datetime

import uvicorn
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from app.adapters.bridge_link import BridgeLinkServer
from app.adapters.condition_system import SystemCondition
from app.adapters.crm.crm_rest import CrmMapping, CrmMappingError, RestCrm
from app.adapters.db.demo_data import PASSWORD, Demo, has_real_customers
from app.adapters.db.housekeeping import purge
from app.adapters.db.knowledge.queries import SqlKnowledgeQueries
from app.adapters.db.queries import SqlQueries
from app.adapters.db.unit_of_work import SqlUnitOfWork
from app.adapters.feed.feed_memory import MemoryFeed
from app.adapters.feed.feed_redis import RedisFeed
from app.adapters.knowledge.content_files import parse_dialogs
from app.adapters.notify.notify_sms import HttpGateway, LogGateway
from app.adapters.simulator_process import ProcessSimulator
from app.adapters.speech.speech_process import SpeechRebuilder
from app.bootstrap.knowledge import load_published, make_said, make_worker, seed_knowledge
from app.bootstrap.speech import adaptable, make_recogniser
from app.bootstrap.store import StartError, Store, child_environment, open_store
from app.bootstrap.voice import make_prompts
from app.domain.queue.hours import OpeningHours
from app.language.texts.hot_words import own_words
from app.link import codec
from app.service.bus import CommandBus
from app.service.calls.session_vocabulary import Rules
from app.service.calls.switchboard import Parts, Switchboard
from app.service.context import Context
from app.service.households.outbox import Outbox
from app.service.knowledge.keeper import KnowledgeKeeper
from app.service.people.hashing import PasswordChecker
from app.service.people.passwords import hash_password
from app.service.people.records import User
from app.service.ports import Feed
from app.settings import ROOT, Settings, split_address
from app.simulator.cast import scenario_titles
from app.web.app import create_app
from app.web.deps import WebDeps
from app.web.reads import Reads

log = logging.getLogger(__name__)


def load_demo(store: Store) -> bool:
    """Write the demo's people and customers into an empty database."""
    if has_real_customers(store.engine):
        return False
    with store.unit_of_work() as uow:
        if uow.find(User):
            return False
        Demo(uow, store.clock, hash_password(PASSWORD)).load()
        uow.commit()
    return True


def is_demo(settings: Settings, store: Store) -> bool:
    """Whether the demo's people may log in: where it is wanted, and never beside real customers.

    Raises StartError on an address that others reach, unless the demo is said to be open.
    """
    if settings.demo_fault:
        raise StartError(settings.demo_fault)
    if settings.demo and has_real_customers(store.engine):
        log.warning("there are real customers: the demo's log-ins (password demo1234) are refused")
        return False
    return settings.demo


def start_demo(settings: Settings, store: Store) -> bool:
    """Load the demo where it is wanted and may be. Raises StartError."""
    wanted = is_demo(settings, store)
    if wanted:
        load_demo(store)
    return wanted


def make_feed(settings: Settings) -> Feed:
    return RedisFeed(settings.redis_url) if settings.redis_url else MemoryFeed()


def make_crm(settings: Settings) -> RestCrm | None:
    """The operator's customer system, where one is set. Raises StartError."""
    if settings.crm is None:
        return None
    try:
        return RestCrm(CrmMapping.load(settings.crm), area_code=settings.area_code)
    except CrmMappingError as error:
        raise StartError(f"HOLDLINE_CRM: {error}") from None


def make_context(settings: Settings, store: Store, content: KnowledgeKeeper) -> Context:
    """Clock, content and hours. Behind one extension of a PBX nobody can be rung: the robot and
    the voicemail answer at any time."""
    if settings.extension:
        never = OpeningHours.never()
        return Context(store.clock, content, never, area_code=settings.area_code)
    hours = OpeningHours.daily(settings.hours, settings.days_off)
    return Context(store.clock, content, hours, settings.on_duty, settings.area_code)


def make_rules(settings: Settings) -> Rules:
    return Rules(
        queue_s=settings.queue_seconds, ring_s=settings.ring_seconds, overload=settings.overload,
        robot=settings.robot,
    )  # fmt: skip


def make_switchboard(line: BridgeLinkServer, parts: Parts) -> Switchboard:
    """The live calls, at the other end of the link."""
    switchboard = Switchboard(parts)
    line.attach(switchboard)
    return switchboard


def build_web(settings: Settings) -> FastAPI:
    """The brain: everything wired. Raises StartError where it cannot start."""
    store = open_store(settings)
    purge(store.engine, store.clock.now())
    demo = start_demo(settings, store)
    feed = make_feed(settings)

    def unit_of_work() -> SqlUnitOfWork:
        return SqlUnitOfWork(store.engine, feed.publish)

    worker = make_worker(settings, store)
    said = make_said()
    content = KnowledgeKeeper(store.reads, worker, said.content, parse_dialogs)
    bus = CommandBus(unit_of_work, make_context(settings, store, content))
    seed_knowledge(bus)
    load_published(content)
    recogniser = make_recogniser(settings, lambda: own_words(content.current().knowledge))
    rebuilder = SpeechRebuilder(child_environment(settings), lambda: adaptable(settings))
    content.on_swap = rebuilder.published
    prompts = make_prompts(settings, said.prompts)
    prompts.warm()
    crm = make_crm(settings)
    line = BridgeLinkServer(settings.secret())
    switchboard = make_switchboard(line, Parts(
        bus=bus, reads=store.reads, feed=feed, line=line,
        recogniser=recogniser, content=content, prompts=prompts, rules=make_rules(settings),
        threads=max(2, os.cpu_count() or 2), customers=crm, trunk=settings.trunk,
    ))  # fmt: skip
    simulator = _simulator(settings) if demo else None

    gateway = HttpGateway(settings.sms_url) if settings.sms_url else LogGateway()
    passwords = PasswordChecker()
    outbox = Outbox(bus, store.reads, gateway, store.clock)

    async def on_start() -> None:
        recogniser.start()
        outbox.start()
        switchboard.start()
        content.follow(feed)
        content.watch_jobs(bus)
        await content.refresh()
        log.info("brain ready on %s", settings.http)

    async def on_stop() -> None:
        recogniser.close()
        outbox.close()
        rebuilder.close()
        passwords.close()
        worker.close()
        await content.close()
        await switchboard.close()
        await feed.close()
        if crm is not None:
            crm.close()
        if simulator is not None:
            simulator.close()
        store.engine.dispose()

    def local_time(moment: datetime) -> datetime:
        return moment.astimezone(store.clock.local().tzinfo)

    deps = WebDeps(
        bus=bus, switchboard=switchboard, reads=_reads(settings, store), feed=feed,
        content=content, clock=store.clock, home=settings.home, static=ROOT / "static", demo=demo,
        simulator=simulator, bridges=lambda: line.bridges, local_time=local_time,
        recogniser=recogniser, passwords=passwords, condition=SystemCondition(
            store.engine, store.clock, settings.home, settings.disk_warn_mb
        ), refused_passwords=frozenset() if demo else frozenset({PASSWORD}),
    )  # fmt: skip
    app = create_app(deps, on_start, on_stop)
    app.router.routes.append(WebSocketRoute(codec.PATH, line.endpoint))
    return app


def _reads(settings: Settings, store: Store) -> Reads:
    queries = SqlQueries(store.engine, settings.tz, settings.area_code)
    return Reads.of(queries, SqlKnowledgeQueries(store.engine))


def _simulator(settings: Settings) -> ProcessSimulator:
    return ProcessSimulator(scenario_titles(), child_environment(settings))


def run_web(settings: Settings) -> None:
    """Serve the brain until it is told to stop."""
    host, port = split_address(settings.http)
    config = uvicorn.Config(
        build_web(settings), host=host, port=port, log_level="warning", ws="websockets-sansio",
        ws_max_size=1 << 20, ws_ping_interval=10, ws_ping_timeout=20,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    uvicorn.Server(config).run()
