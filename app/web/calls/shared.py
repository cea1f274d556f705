"""What all screens of a brain share: fragments that all see alike, and the calls as they look."""

from collections import deque

from starlette.requests import HTTPConnection

from app.service.notices import FLOOR, QUEUE, FeedItem, NoticeKind
from app.service.queue.views import (
    CARDS_SINCE,
    CardUse,
    FloorView,
    QueueView,
    Trouble,
    card_use,
    floor_view,
    lasting,
    queue_view,
)
from app.web.calls.call_fragments import CallFragments
from app.web.deps import WebDeps
from app.web.kept import Kept
from app.web.render import Page
from app.web.shared_fragment import SharedFragment

#: The use of cards is counted over a month of them: seldom.
_CARDS_FOR_S = 60.0


class Shared:
    """Made once, with the application."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._warnings: deque[Trouble] = deque(maxlen=20)
        self._cards = Kept(self._card_use, _CARDS_FOR_S)
        self.calls = CallFragments(deps)
        self.queue = SharedFragment(deps.feed, QUEUE, self._queue, self._draw_queue)
        self.floor = SharedFragment(deps.feed, FLOOR, self._floor, self._draw_floor)
        deps.feed.listen(self._heard)

    def _heard(self, item: FeedItem | None) -> None:
        self.calls.views.heard(item)
        if item is not None and item.notice.kind is NoticeKind.WARNING:
            notice = item.notice
            self._warnings.append(Trouble(self._deps.clock.now(), notice.text, notice.side))

    def _queue(self) -> QueueView:
        deps, reads = self._deps, self._deps.reads
        up = bool(deps.bridges())
        return queue_view(reads.queue, reads.callbacks, deps.clock.now(), up)

    def _draw_queue(self, view: QueueView, language: str) -> str:
        return Page(self._deps, language, None).html("desk/queue.html", queue=view)

    def _floor(self) -> FloorView:
        deps, reads = self._deps, self._deps.reads
        return floor_view(
            reads.queue, reads.field, reads.retention, deps.content.current(),
            line_up=bool(deps.bridges()),
            live_calls=deps.switchboard.live, cards=self._cards(),
            warnings=lasting(tuple(self._warnings), deps.clock.now()),
            free_mb=deps.condition.free_mb(),
        )  # fmt: skip

    def _card_use(self) -> tuple[CardUse, ...]:
        since = self._deps.clock.now() - CARDS_SINCE
        return card_use(self._deps.reads.calls.card_figures(since))

    def _draw_floor(self, view: FloorView, language: str) -> str:
        return Page(self._deps, language, None).html("floor.html", floor=view)


def shared_of(connection: HTTPConnection) -> Shared:
    """What the running application's screens share."""
    found: Shared = connection.app.state.shared
    return found
