"""What the application needs from the world: one Protocol a role."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from app.domain.calls.phone_number import PhoneNumber
from app.domain.field.guide import FaultTree
from app.domain.households.customer_row import CustomerRow
from app.domain.retention.offer import Offer
from app.domain.robot.vocabulary import EMPTY_FLOW, Flow
from app.language.knowledge.content import Knowledge
from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.faq import FaqEntry
from app.language.understanding.statements import SpokenRules
from app.link.messages import Order
from app.service.calls.records import Call, Rehearing
from app.service.households.records import Customer, ShortMessage
from app.service.notices import FeedItem, Notice, Topic
from app.service.queue.records import AgentPresence

R = TypeVar("R")


class Clock(Protocol):
    """The only way to know the time."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        ...

    def local(self) -> datetime:
        """The operator's wall clock (HOLDLINE_TZ)."""
        ...


class Subscription(Protocol):
    """One subscriber's notices in order. None where some of them are gone: begin anew."""

    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> FeedItem | None: ...
    def ready(self) -> list[FeedItem]:
        """What has come meanwhile, without waiting."""
        ...

    def follow(self, topics: Iterable[Topic]) -> None:
        """Other topics from the place on that was read last: nothing between is missed."""
        ...

    @property
    def position(self) -> int:
        """Up to this number nothing is left to be read."""
        ...

    async def aclose(self) -> None: ...


class Condition(Protocol):
    """Whether anything can still be stored. Blocking."""

    def faults(self) -> tuple[str, ...]:
        """``database`` and ``disk``, where nothing can be written to them now."""
        ...

    def free_mb(self) -> int | None:
        """MB that are left on the disk, where they are few; else None."""
        ...


class Feed(Protocol):
    """Numbered notices with a bounded memory."""

    def publish(self, *notices: Notice) -> None:
        """From any thread. Never raises: what is committed is committed. Those of one
        transaction come together: no subscriber gets half of them."""
        ...

    async def last_seq(self) -> int:
        """The number of the newest notice; what comes later has a greater one. Raises FeedAway."""
        ...

    def subscribe(self, after: int, topics: Iterable[Topic] | None = None) -> Subscription:
        """What comes after a number in some topics, or in all (None). None first where some is
        gone, and whenever the subscriber is too slow for the memory it is given.

        An outage of the feed is waited for. Number 0 is before everything: None comes first.
        """
        ...

    def listen(self, heard: Callable[[FeedItem | None], None]) -> None:
        """Call this with every notice before any subscriber gets it (None: some are gone).

        From any thread, one at a time; it must be quick and must not call the feed.
        """

    async def close(self) -> None:
        """Let go of what it holds; subscriptions end with their tasks."""
        ...


class ReadSession(Protocol):
    """Reads that see one moment. It never takes the lock that writing takes, and waits for nobody
    who writes; what was read stays readable after it."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...  # fmt: skip
    def get(self, record: type[R], key: object) -> R | None: ...
    def find(self, record: type[R], **equal: object) -> Sequence[R]:
        """Records with these column values, in key order."""
        ...

    def customers_by_phone(
        self, phone: PhoneNumber | None, area_code: str = ""
    ) -> Sequence[Customer]:
        """Households behind a number, however it was written; none behind no number."""
        ...

    def ready_agents(self) -> Sequence[AgentPresence]:
        """Agents in state ready with a phone line, longest idle first."""
        ...

    def staffed_agents(self) -> Sequence[AgentPresence]:
        """Agents that take calls now or soon (ready, ringing, talking, wrapping up)."""
        ...

    def calls_in(self, phases: Sequence[str]) -> Sequence[Call]:
        """Calls in these phases, oldest first."""
        ...

    def grid_of_address(self, address: str) -> int | None:
        """The grid of the estate that an address names."""
        ...

    def offers_made(self, customer_id: int) -> Sequence[str]:
        """Codes of all offers ever put to a customer."""
        ...

    def is_message_due(self, now: datetime) -> bool:
        """Whether a short message waits that nobody is sending."""
        ...

    def is_rehearing_due(self, now: datetime) -> bool:
        """Whether a finished call waits to be heard again that nobody is at."""
        ...


class UnitOfWork(ReadSession, Protocol):
    """One transaction. Leaving without ``commit`` rolls back; notices go out after it."""

    def commit(self) -> None: ...
    def notify(self, notice: Notice) -> None: ...
    def add(self, record: object) -> None: ...
    def flush(self) -> None: ...
    def get(self, record: type[R], key: object, *, lock: bool = False) -> R | None: ...
    def ready_agents(self) -> Sequence[AgentPresence]:
        """As the port for reading says, locked; those that others are choosing are left out."""
        ...

    def next_number(self, sequence: str) -> int:
        """1, 2, 3, … by the name of a sequence; two transactions never get the same."""
        ...

    def claimable_messages(self, now: datetime, limit: int) -> "list[ShortMessage]":
        """Short messages to send now that nobody is sending, oldest first, locked."""
        ...

    def claimable_rehearing(self, now: datetime) -> Rehearing | None:
        """The finished call to hear again now that nobody is at, locked: the newest day's
        first, and of a day the oldest."""
        ...

    def remove(self, record: type[Any], **equal: object) -> int:
        """Delete records with these column values; answers how many."""
        ...


class ReadSessionFactory(Protocol):
    def __call__(self) -> ReadSession: ...


class UnitOfWorkFactory(Protocol):
    def __call__(self) -> UnitOfWork: ...


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word; times in seconds from the start of its segment."""

    word: str
    start: float
    end: float
    confidence: float


class RecogniserStream(Protocol):
    """One side of one call, 8000 Hz PCM16. Blocking; used from one thread at a time."""

    def feed(self, pcm16: bytes) -> str:
        """Take audio and answer with the partial text so far."""
        ...

    def finish(self) -> Sequence[Word]:
        """End the segment: the final words. The stream is ready for the next one."""
        ...


class Recogniser(Protocol):
    @property
    def name(self) -> str:
        """Of the model that the next stream will have."""
        ...

    def stream(self) -> RecogniserStream: ...


class Synthesiser(Protocol):
    """Text to speech at 8000 Hz."""

    def speak(self, text: str) -> bytes:
        """PCM16 of a Chinese sentence. Blocking."""
        ...


class MessageGateway(Protocol):
    """Sends short messages to telephones."""

    def send(self, phone: str, text: str) -> None:
        """Blocking. Raises OSError or ValueError with why it was not taken."""
        ...


class CustomerSource(Protocol):
    """The operator's own customer system."""

    def find(self, phone: PhoneNumber) -> Sequence[CustomerRow]:
        """Households behind a number; nothing where it does not answer in time. Blocking."""
        ...


class Line(Protocol):
    """Orders to the bridge that carries a call."""

    @property
    def bridges(self) -> tuple[str, ...]:
        """Those that are connected."""
        ...

    def order(self, bridge: str, order: Order) -> None: ...
    def prompt(self, bridge: str, key: str, pcm16: bytes) -> None: ...


class CallSimulator(Protocol):
    """Plays callers (and, if wanted, agents' phones) for demonstration and training."""

    def scenarios(self) -> Mapping[str, Mapping[str, str]]:
        """Titles by language, by name."""
        ...

    def ring(self, scenario: str, agent_line: str) -> None:
        """Start a simulated call. Raises Refused for an unknown scenario or too many at once."""
        ...


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that supervisors write: what is understood, answered, offered and said."""

    engine: UnderstandingEngine
    knowledge: Knowledge
    offers: tuple[Offer, ...]
    scripts: dict[str, Any]
    prompts: dict[str, str]
    spoken: SpokenRules
    faults: tuple[FaultTree, ...] = ()
    dialogs: Flow = EMPTY_FLOW

    def faq_entry(self, entry_id: str) -> FaqEntry | None:
        return self.knowledge.entry(entry_id)

    def offer(self, code: str) -> Offer | None:
        return next((o for o in self.offers if o.code == code), None)


@dataclass(frozen=True, slots=True)
class Shadow:
    """A draft that looks at live utterances beside the published version."""

    version_id: int
    engine: UnderstandingEngine


class ContentSource(Protocol):
    """What is served now; a reference taken stays whole while another version is swapped in."""

    def current(self) -> Content: ...
    def shadow(self) -> Shadow | None: ...
    def dialogs_of(self, text: str) -> Flow:
        """Dialogs from YAML. Raises ContentError."""
        ...


class WorkFailed(Exception):  # noqa: N818  said to people
    """A job on the knowledge base did not end well; the text says why."""


Progress = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A version of the knowledge base to work on: its files and its embedding, if it has one."""

    files: Mapping[str, str]
    embedding: bytes = b""


@dataclass(frozen=True, slots=True)
class JobResult:
    """``report`` for people; ``embedding`` where a training made one that wins."""

    report: dict[str, Any]
    embedding: bytes = b""


class KnowledgeWorker(Protocol):
    """Heavy work on the knowledge base, away from the brain. Blocking."""

    def engine(self, snapshot: Snapshot) -> UnderstandingEngine:
        """The engine of a snapshot, learned where it was not yet. Raises WorkFailed."""
        ...

    def run(self, kind: str, draft: Snapshot, published: Snapshot, progress: Progress) -> JobResult:
        """``kind``: check, test or embedding. Raises WorkFailed."""
        ...
