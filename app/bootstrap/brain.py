"""The brain: everything wired."""

import logging
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from app.adapters.bridge_link import BridgeLinkServer
from app.adapters.crm.crm_rest import CrmMapping, CrmMappingError, RestCrm
from app.adapters.db.condition_system import SystemCondition
from app.adapters.db.demo_data import PASSWORD
from app.adapters.db.housekeeping import purge
from app.adapters.db.knowledge.queries import SqlKnowledgeQueries
from app.adapters.db.queries import SqlQueries
from app.adapters.db.unit_of_work import SqlUnitOfWork
from app.adapters.feed.feed_memory import MemoryFeed
from app.adapters.feed.feed_redis import RedisFeed
from app.adapters.knowledge.content_files import Said, parse_dialogs
from app.adapters.knowledge.knowledge_process import KnowledgeProcesses
from app.adapters.notify.notify_sms import HttpGateway, LogGateway
from app.adapters.simulator_process import ProcessSimulator
from app.adapters.speech.asr_remote import RemoteRecogniser
from app.adapters.speech.asr_switch import SwitchingRecogniser
from app.adapters.speech.learning_process import LearningProcess
from app.adapters.speech.second_pass_measured import SwitchingSecondPass
from app.adapters.speech.speech_process import SpeechRebuilder
from app.adapters.stored_recordings import StoredRecordings
from app.bootstrap.demo import start_demo
from app.bootstrap.demo_rules import answering_hours
from app.bootstrap.knowledge import load_published, make_said, make_worker, seed_knowledge
from app.bootstrap.speech import make_recogniser, make_second_pass
from app.bootstrap.speech_models import adaptable, learned_models
from app.bootstrap.store import StartError, Store, child_environment, open_store
from app.bootstrap.voice import RobotsVoice, make_prompts
from app.domain.queue.hours import OpeningHours
from app.language.texts.hot_words import own_words
from app.service.bus import CommandBus
from app.service.calls.later_hearing import LaterHearing, LaterPorts
from app.service.calls.session_vocabulary import Rules
from app.service.calls.switchboard import Switchboard, SwitchboardPorts
from app.service.context import Context
from app.service.households.outbox import Outbox
from app.service.knowledge.keeper import KnowledgeKeeper
from app.service.knowledge.learned_speech import LearnedSpeech
from app.service.knowledge.learning_night import LearningNight, Night
from app.service.people.hashing import PasswordChecker
from app.service.ports import Feed
from app.service.robot.voice_keeper import VoiceKeeper
from app.service.second_pass import NO_SECOND_PASS, SecondPassStatus
from app.settings import ROOT, Settings
from app.simulator.cast import scenario_titles
from app.web.deps import WebDeps
from app.web.reads import Reads

log = logging.getLogger(__name__)


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


def make_context(
    settings: Settings, store: Store, content: KnowledgeKeeper, voices: tuple[str, ...]
) -> Context:
    """What handlers know. Behind one extension of a PBX nobody can be rung: the robot and the
    voicemail answer at any time."""
    if settings.extension:
        hours, on_duty = OpeningHours.never(), ""
    else:
        hours = OpeningHours.daily(answering_hours(settings), settings.days_off)
        on_duty = settings.on_duty
    return Context(
        store.clock, content, hours, on_duty, settings.area_code, voices, may_learn=settings.learn
    )


def make_rules(settings: Settings) -> Rules:
    return Rules(
        queue_s=settings.queue_seconds, ring_s=settings.ring_seconds, overload=settings.overload,
        robot=settings.robot,
    )  # fmt: skip


def make_outbox(settings: Settings, store: Store, bus: CommandBus) -> Outbox:
    """Where short messages go: to the operator's gateway, or into the log."""
    gateway = HttpGateway(settings.sms_url) if settings.sms_url else LogGateway()
    return Outbox(bus, store.reads, gateway, store.clock)


def make_simulator(settings: Settings) -> ProcessSimulator:
    return ProcessSimulator(scenario_titles(), child_environment(settings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What everything else stands on. ``demo``: whether the demo's people may log in."""

    settings: Settings
    store: Store
    demo: bool
    feed: Feed
    said: Said


def lay_foundation(settings: Settings) -> Foundation:
    """The database, opened and purged, the feed and the texts. Raises StartError."""
    store = open_store(settings)
    purge(store.engine, store.clock.now())
    demo, feed = start_demo(settings, store), make_feed(settings)
    return Foundation(settings=settings, store=store, demo=demo, feed=feed, said=make_said())


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSide:
    """The knowledge base in use, its heavy work, and the bus over both."""

    worker: KnowledgeProcesses
    content: KnowledgeKeeper
    bus: CommandBus


def make_command_side(base: Foundation, voices: tuple[str, ...]) -> CommandSide:
    """What is published, loaded. Raises StartError."""
    settings, store = base.settings, base.store
    worker = make_worker(settings, store)
    content = KnowledgeKeeper(store.reads, worker, base.said.content, parse_dialogs)
    unit_of_work = partial(SqlUnitOfWork, store.engine, base.feed.publish)
    bus = CommandBus(unit_of_work, make_context(settings, store, content, voices))
    seed_knowledge(bus)
    load_published(content)
    return CommandSide(worker=worker, content=content, bus=bus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """The recogniser, and who makes its model anew when other words are published."""

    recogniser: SwitchingRecogniser | RemoteRecogniser
    rebuilder: SpeechRebuilder
    second_pass: SwitchingSecondPass | None


def make_hearing(settings: Settings, content: KnowledgeKeeper) -> Hearing:
    """Raises StartError where the speech model cannot be used."""
    recogniser = make_recogniser(settings, lambda: own_words(content.current().knowledge))
    rebuilder = SpeechRebuilder(child_environment(settings), lambda: adaptable(settings))
    content.on_swap = rebuilder.published
    second_pass = make_second_pass(settings, child_environment(settings))
    return Hearing(recogniser=recogniser, rebuilder=rebuilder, second_pass=second_pass)


def make_learning(
    settings: Settings, store: Store, bus: CommandBus, rebuild: Callable[[], None]
) -> LearningNight:
    """Learning from own calls, where it is allowed; rolling back works in any case."""
    learned = LearnedSpeech(bus, store.reads, learned_models(settings))
    worker = LearningProcess(child_environment(settings))
    night = Night.of(settings.learn_hours) if settings.learn else None
    return LearningNight(bus, store.reads, learned, worker, store.clock, night, rebuild)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephony:
    """The live calls, the link to the bridges, and the operator's customer system."""

    line: BridgeLinkServer
    switchboard: Switchboard
    crm: RestCrm | None
    voice: RobotsVoice
    voice_keeper: VoiceKeeper | None


def make_telephony(
    base: Foundation, commands: CommandSide, hearing: Hearing, voice: RobotsVoice
) -> Telephony:
    """Raises StartError where the customer system cannot be used."""
    settings = base.settings
    voice.prompts.warm()
    crm, line = make_crm(settings), BridgeLinkServer(settings.secret())
    switchboard = Switchboard(SwitchboardPorts(
        bus=commands.bus, reads=base.store.reads, feed=base.feed, line=line,
        recogniser=hearing.recogniser, second_pass=hearing.second_pass,
        content=commands.content, prompts=voice.prompts,
        rules=make_rules(settings), threads=max(2, os.cpu_count() or 2), customers=crm,
        trunk=settings.trunk,
    ))  # fmt: skip
    line.attach(switchboard)
    return Telephony(line=line, switchboard=switchboard, crm=crm, voice=voice,
                     voice_keeper=make_voice_keeper(base, commands, voice))  # fmt: skip


def make_voice_keeper(
    base: Foundation, commands: CommandSide, voice: RobotsVoice
) -> VoiceKeeper | None:
    """None where the robot has a voice of the operator's own, or none but espeak-ng's."""
    if voice.studio is None:
        return None
    return VoiceKeeper(base.store.reads, commands.content, voice.studio)


def make_later_hearing(
    base: Foundation, commands: CommandSide, hearing: Hearing, telephony: Telephony
) -> LaterHearing | None:
    """Who hears finished calls again, where anybody can."""
    if hearing.second_pass is None:
        return None
    return LaterHearing(LaterPorts(
        bus=commands.bus, reads=base.store.reads, second_pass=hearing.second_pass,
        recordings=StoredRecordings(base.settings.home),
        live=lambda: telephony.switchboard.live,
    ))  # fmt: skip


def _reads(settings: Settings, store: Store) -> Reads:
    queries = SqlQueries(store.engine, settings.tz, settings.area_code)
    return Reads.of(queries, SqlKnowledgeQueries(store.engine))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brain:
    """Everything that runs in the brain's process; it runs while ``async with`` holds it."""

    base: Foundation
    commands: CommandSide
    hearing: Hearing
    telephony: Telephony
    outbox: Outbox
    later: LaterHearing | None
    learning: LearningNight
    passwords: PasswordChecker
    simulator: ProcessSimulator | None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """On the event loop that serves. Raises StorageAway, WorkFailed."""
        content = self.commands.content
        self.hearing.recogniser.start()
        if self.hearing.second_pass is not None:
            self.hearing.second_pass.start()
        if self.later is not None:
            self.later.start()
        self.outbox.start()
        self.learning.start()
        self.telephony.switchboard.start()
        content.follow(self.base.feed)
        content.watch_jobs(self.commands.bus)
        await content.refresh()
        if self.telephony.voice_keeper is not None:
            self.telephony.voice_keeper.follow(self.base.feed)
        log.info("brain ready on %s", self.base.settings.http)

    async def stop(self) -> None:
        """Who uses others is closed before them; where one fails, the rest is still closed."""
        async with AsyncExitStack() as closing:
            closing.callback(self.base.store.engine.dispose)
            for outside in (self.simulator, self.telephony.crm):
                if outside is not None:
                    closing.callback(outside.close)
            closing.push_async_callback(self.base.feed.close)
            closing.push_async_callback(self.telephony.switchboard.close)
            closing.push_async_callback(self.commands.content.close)
            closing.callback(self.telephony.voice.close)
            if self.telephony.voice_keeper is not None:
                closing.push_async_callback(self.telephony.voice_keeper.close)
            closing.callback(self.commands.worker.close)
            closing.callback(self.passwords.close)
            closing.callback(self.hearing.rebuilder.close)
            closing.callback(self.outbox.close)
            closing.callback(self.learning.close)
            closing.callback(self.hearing.recogniser.close)
            if self.hearing.second_pass is not None:
                closing.callback(self.hearing.second_pass.close)
            if self.later is not None:
                closing.callback(self.later.close)

    def web_deps(self) -> WebDeps:
        """What pages and the API are given of it."""
        base, settings, store = self.base, self.base.settings, self.base.store
        return WebDeps(
            bus=self.commands.bus, switchboard=self.telephony.switchboard,
            reads=_reads(settings, store), feed=base.feed,
            content=self.commands.content, clock=store.clock, home=settings.home,
            static=ROOT / "static", demo=base.demo, simulator=self.simulator,
            bridges=lambda: self.telephony.line.bridges, local_time=self._local_time,
            recogniser=self.hearing.recogniser, second_pass=self._second_pass,
            passwords=self.passwords, voice=self.telephony.voice_keeper,
            learning=self.learning, learn_days=settings.learn_days, on_duty=settings.on_duty,
            condition=SystemCondition(
                store.engine, store.clock, settings.home, settings.disk_warn_mb
            ),
            refused_passwords=frozenset() if base.demo else frozenset({PASSWORD}),
        )  # fmt: skip

    def _second_pass(self) -> SecondPassStatus:
        running = self.hearing.second_pass
        return running.status if running is not None else NO_SECOND_PASS

    def _local_time(self, moment: datetime) -> datetime:
        return moment.astimezone(self.base.store.clock.local().tzinfo)


def build_brain(settings: Settings) -> Brain:
    """Everything made and nothing started. Raises StartError where it cannot start."""
    base = lay_foundation(settings)
    voice = make_prompts(settings, base.said.prompts)
    commands = make_command_side(base, voice.voices)
    hearing = make_hearing(settings, commands.content)
    telephony = make_telephony(base, commands, hearing, voice)
    return Brain(
        base=base, commands=commands, hearing=hearing, telephony=telephony,
        later=make_later_hearing(base, commands, hearing, telephony),
        outbox=make_outbox(settings, base.store, commands.bus),
        learning=make_learning(
            settings, base.store, commands.bus, hearing.rebuilder.published
        ),
        passwords=PasswordChecker(),
        simulator=make_simulator(settings) if base.demo else None,
    )  # fmt: skip
