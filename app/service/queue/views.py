"""What waits, and who does what: the boards that many people look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.queue.presence import Presence
from app.service.callbacks.queries import CallbackQueries
from app.service.field.queries import FieldQueries
from app.service.ports import Content
from app.service.queue.queries import QueueQueries
from app.service.retention.queries import RetentionQueries

#: How far back the use of cards is counted for the floor.
CARDS_SINCE = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """How many wait: callers, call-backs (``late`` past the promised time), voice messages."""

    line_up: bool
    waiting: int
    callbacks: int
    late: int
    messages: int


def queue_view(
    queue: QueueQueries, callbacks: CallbackQueries, now: datetime, line_up: bool
) -> QueueView:
    """Who waits now. Blocking: three counts."""
    waiting, late = callbacks.callbacks_waiting(now)
    return QueueView(
        line_up=line_up, waiting=queue.waiting(), callbacks=waiting, late=late,
        messages=callbacks.voicemails_open(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AgentLine:
    user_id: int
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class OutageLine:
    grid_id: int
    grid: str
    text: str
    until: datetime


@dataclass(frozen=True, slots=True)
class CardUse:
    """How agents use the cards of a family of intents: ``shown`` times, and shares in percent."""

    family: str
    shown: int
    used: int
    corrected: int
    put_away: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A warning for supervisors: ``side`` is not heard, or a recording failed because ``why``."""

    at: datetime
    why: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorView:
    """``stock``: what is left of each item that offers hand over; None where nobody counts.
    ``free_mb``: what is left of a disk that is nearly full."""

    line_up: bool
    live_calls: int
    waiting: int
    agents: tuple[AgentLine, ...]
    outages: tuple[OutageLine, ...]
    grids: tuple[tuple[int, str], ...]
    stock: tuple[tuple[str, int | None], ...]
    cards: tuple[CardUse, ...]
    warnings: tuple[Trouble, ...] = ()
    free_mb: int | None = None

    @property
    def sold_out(self) -> tuple[str, ...]:
        return tuple(item for item, left in self.stock if left == 0)


def floor_view(
    queue: QueueQueries, field: FieldQueries, retention: RetentionQueries, content: Content, *,
    line_up: bool, live_calls: int, cards: tuple[CardUse, ...], warnings: tuple[Trouble, ...],
    free_mb: int | None = None,
) -> FloorView:  # fmt: skip
    """The floor as it stands. Blocking: six queries, however many look at it."""
    return FloorView(
        line_up=line_up, live_calls=live_calls, waiting=queue.waiting(),
        agents=_agents(queue),
        outages=tuple(
            OutageLine(grid.id or 0, grid.name, outage.text, outage.until)
            for outage, grid in field.outages()
        ),
        grids=tuple((grid.id or 0, grid.name) for grid in field.grids()),
        stock=_stock(retention, content), cards=cards, warnings=warnings,
        free_mb=free_mb,
    )  # fmt: skip


def _agents(queue: QueueQueries) -> tuple[AgentLine, ...]:
    return tuple(
        AgentLine(
            row.user.id or 0,
            row.user.display_name,
            row.presence.state if row.presence is not None else Presence.OFFLINE,
        )
        for row in queue.agents()
    )


def _stock(retention: RetentionQueries, content: Content) -> tuple[tuple[str, int | None], ...]:
    left = {row.item: row.left for row in retention.stock()}
    items = dict.fromkeys(offer.item for offer in content.offers if offer.item)
    return tuple((item, left.get(item)) for item in items)


def card_use(figures: Mapping[str, Mapping[str, int]]) -> tuple[CardUse, ...]:
    """From counts of fates by family (``shown`` counts all of them)."""
    return tuple(
        CardUse(
            family, n["shown"], _share(n, "used", "answered"), _share(n, "overridden"),
            _share(n, "dismissed"),
        )
        for family, n in figures.items()
    )  # fmt: skip


def _share(counts: Mapping[str, int], *fates: str) -> int:
    return sum(counts.get(fate, 0) for fate in fates) * 100 // counts["shown"]


def lasting(warnings: Sequence[Trouble], now: datetime, most: int = 3) -> tuple[Trouble, ...]:
    """The newest warnings of the last hour."""
    return tuple(w for w in warnings if now - w.at < timedelta(hours=1))[-most:]
