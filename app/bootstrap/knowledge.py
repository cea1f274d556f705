"""The knowledge base: its versions, its engine, its jobs."""

from collections.abc import Callable
from dataclasses import dataclass

from app.adapters.db.read_session import SqlReadSession
from app.adapters.knowledge.content_files import Said, load_said, parse_dialogs, read_files
from app.adapters.knowledge.knowledge_process import KnowledgeProcesses
from app.bootstrap.demo_rules import answering_hours
from app.bootstrap.store import StartError, Store, child_environment, open_store
from app.domain.queue.hours import OpeningHours
from app.language.knowledge.content import ContentError
from app.language.understanding.bands import Bands
from app.service.bus import CommandBus
from app.service.context import Context
from app.service.knowledge.commands import SeedKnowledge
from app.service.knowledge.keeper import KnowledgeKeeper
from app.service.ports import WorkFailed
from app.settings import ROOT, Settings


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


def seed_knowledge(bus: CommandBus) -> None:
    """The installation's files into the database. Raises StartError naming file and line."""
    try:
        bus.execute(SeedKnowledge(files=read_files(ROOT / "faq")))
    except ContentError as error:
        raise StartError(f"the knowledge base cannot be used: {error}") from None


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """The versions of the knowledge base, outside the brain (verbs)."""

    bus: CommandBus
    keeper: KnowledgeKeeper
    reads: Callable[[], SqlReadSession]
    worker: KnowledgeProcesses


def open_knowledge(settings: Settings) -> KnowledgeBase:
    """The published version, ready to understand. Raises StartError."""
    store = open_store(settings)
    worker = make_worker(settings, store)
    keeper = KnowledgeKeeper(store.reads, worker, make_said().content, parse_dialogs)
    hours = OpeningHours.daily(answering_hours(settings))
    context = Context(store.clock, keeper, hours, may_learn=settings.learn)
    bus = CommandBus(store.unit_of_work, context)
    seed_knowledge(bus)
    load_published(keeper)
    return KnowledgeBase(bus, keeper, store.reads, worker)


def load_published(keeper: KnowledgeKeeper) -> None:
    """Raises StartError where what is published cannot be served."""
    try:
        keeper.load()
    except WorkFailed as error:
        raise StartError(f"the knowledge base cannot be used: {error}") from None
