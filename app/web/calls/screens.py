"""Fragments of the live screens: which part a notice changes, and how that part looks."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.domain.calls.machine import Phase
from app.domain.queue.presence import Presence, moves
from app.domain.retention.case import REASONS, STOP_KINDS
from app.service.calls.card_shapes import Card
from app.service.calls.cards import build_card
from app.service.calls.handlers import DISPOSITIONS
from app.service.calls.queries import CallView
from app.service.calls.summary import draft
from app.service.ports import Notice
from app.service.retention.gate_view import Gate, build_gate
from app.web.render import Page, in_chinese

#: The part above the columns: who and what waits.
STRIP = "queue"
#: How far back the use of cards is counted for the floor.
CARDS_SINCE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Fragment:
    """``html`` replaces the element with the id ``target``, or is appended where it says so."""

    target: str
    html: str


@dataclass(slots=True)
class DeskState:
    """What the agent's screen shows now."""

    presence: str
    choices: frozenset[str]
    call: CallView | None


class DeskScreen:
    """The agent's screen for one viewer. Methods block (database)."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._user = page.user
        self.call_id: str | None = None
        self._shown_call: str | None = None
        self._presence = Presence.OFFLINE

    def state(self) -> DeskState:
        assert self._user is not None and self._user.id is not None  # noqa: PT018, S101
        rows = [row for row in self._page.deps.queries.agents() if row.user.id == self._user.id]
        presence = rows[0].presence if rows else None
        if rows:
            # the socket outlives changes of the person's own settings
            self._page.user = self._user = rows[0].user
        state = presence.state if presence is not None else Presence.OFFLINE
        self._presence = Presence(state)
        self.call_id = presence.call_id if presence is not None else None
        call = self._page.deps.queries.call(self.call_id) if self.call_id else None
        return DeskState(state, moves(Presence(state)), call)

    def values(self, state: DeskState) -> dict[str, Any]:
        """Everything that the desk's templates need."""
        return {**self._call_values(state), **self._strip_values(state)}

    def _strip_values(self, state: DeskState) -> dict[str, Any]:
        """The lists that wait; asked for only where their strip is drawn."""
        deps = self._page.deps
        assert self._user is not None and self._user.id is not None  # noqa: PT018, S101
        return {
            "state": state, "waiting": deps.queries.waiting(), "line_up": bool(deps.bridges()),
            "tasks": deps.queries.tasks(self._user.id),
            "callbacks": deps.queries.callbacks(), "now_utc": deps.clock.now(),
            "messages": [m for m in deps.queries.voicemails(50) if m.voicemail.state != "done"],
            "scenarios": deps.simulator.scenarios() if deps.simulator else {},
        }  # fmt: skip

    def _call_values(self, state: DeskState) -> dict[str, Any]:
        """The call, its card and what goes with them."""
        deps = self._page.deps
        card, gate, summary = None, Gate(), None
        if state.call is not None:
            content = deps.content.current()
            card = build_card(state.call, content, deps.clock.local().date())
            gate = build_gate(state.call, content.spoken)
            if state.call.call.phase == Phase.WRAP_UP:
                summary = draft(state.call, content, deps.clock.local(), in_chinese)
        return {
            "state": state, "view": state.call, "card": card, "gate": gate, "summary": summary,
            "likely": self._likely(state.call, card), "stop_kinds": STOP_KINDS,
            "case_reasons": REASONS, "dispositions": DISPOSITIONS,
            "all_kinds": deps.content.current().knowledge.kinds,
            "scripts": deps.content.current().scripts,
            "grids": deps.queries.grids() if state.call else (),
            "plans": deps.queries.plans() if state.call and not state.call.customer else (),
            "today": deps.clock.local().date(),
        }  # fmt: skip

    def _likely(self, view: CallView | None, card: Card | None) -> list[str]:
        """What the caller may have meant instead of what the card says."""
        if view is None or card is None or card.utterance_id is None:
            return []
        text = next((u.text for u in view.utterances if u.id == card.utterance_id), "")
        kinds = self._page.deps.content.current().engine.likely(text)
        return [kind for kind in kinds if kind not in (card.intent, "none.other")]

    def parts(self, *names: str) -> list[Fragment]:
        """Fragments by name: the same templates that the whole page includes."""
        state = self.state()
        values = {} if names == (STRIP,) else self._call_values(state)
        values |= self._strip_values(state) if STRIP in names else {}
        return [Fragment(n, self._page.html(f"desk/{n}.html", **values)) for n in names]

    def fragments(self, notice: Notice) -> list[Fragment]:
        """What a notice changes on this screen."""
        make = _DESK.get(notice.kind)
        return make(self, notice) if make is not None else []

    def _mine(self, notice: Notice) -> bool:
        user_id = self._user.id if self._user is not None else 0
        return notice.user_id == user_id or (bool(self.call_id) and notice.call_id == self.call_id)

    def on_presence(self, notice: Notice) -> list[Fragment]:
        if not self._mine(notice):
            return []
        return [*self.parts("presence", "callbar", "who", "card"), *self._said_of_another()]

    def begin(self) -> None:
        """The page has just been loaded: it shows the call as it stands."""
        self.state()
        self._shown_call = self.call_id

    def _said_of_another(self) -> list[Fragment]:
        """The transcript as a whole only where another call begins: it may be hours long."""
        if self.call_id == self._shown_call and self._presence != Presence.RINGING:
            return []
        self._shown_call = self.call_id
        return self.parts("said")

    def on_call(self, notice: Notice) -> list[Fragment]:
        if not self._mine(notice):
            return self.parts(STRIP)
        return self.parts("presence", STRIP, "callbar", "who", "card")

    def on_card(self, notice: Notice) -> list[Fragment]:
        return self.parts("card", "who") if self._mine(notice) else []

    def on_message(self, notice: Notice) -> list[Fragment]:
        return self.parts(STRIP)

    def on_outage(self, notice: Notice) -> list[Fragment]:
        return self.parts("card") if self.call_id else []

    def on_partial(self, notice: Notice) -> list[Fragment]:
        if not self._mine(notice):
            return []
        side = str(notice.data["side"])
        html = self._page.html("desk/partial.html", side=side, text=notice.data["text"])
        return [Fragment(f"partial-{side}", html)]

    def on_hint(self, notice: Notice) -> list[Fragment]:
        if not self._mine(notice):
            return []
        html = self._page.html("desk/hint.html", intent=notice.data["intent"])
        return [Fragment("hint", html)]

    def on_deaf(self, notice: Notice) -> list[Fragment]:
        return self.parts("said") if self._mine(notice) else []

    def on_utterance(self, notice: Notice) -> list[Fragment]:
        if not self._mine(notice):
            return []
        utterance = self._page.deps.queries.utterance(int(notice.data["id"]))
        if utterance is None:
            return []
        html = self._page.html("desk/utterance.html", u=utterance, live=True)
        return [Fragment(f"u-{utterance.id}", html)]


_DESK: dict[str, Callable[[DeskScreen, Notice], list[Fragment]]] = {
    "presence": DeskScreen.on_presence,
    "call": DeskScreen.on_call,
    "card": DeskScreen.on_card,
    "ticket": DeskScreen.on_card,
    "task": DeskScreen.on_message,
    "sms": DeskScreen.on_card,
    "outage": DeskScreen.on_outage,
    "voicemail": DeskScreen.on_message,
    "callback": DeskScreen.on_message,
    "partial": DeskScreen.on_partial,
    "hint": DeskScreen.on_hint,
    "deaf": DeskScreen.on_deaf,
    "utterance": DeskScreen.on_utterance,
}


class FloorScreen:
    """The strip above the supervisor's lists: who does what, who waits, what is wrong."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._warnings: list[str] = []

    def values(self) -> dict[str, Any]:
        deps = self._page.deps
        return {
            "agents": deps.queries.agents(), "waiting": deps.queries.waiting(),
            "live_calls": deps.switchboard.live, "line_up": bool(deps.bridges()),
            "warnings": self._warnings, "free_mb": deps.condition.free_mb(),
            "outages": deps.queries.outages(),
            "grids": deps.queries.grids(), "stock": self._stock(),
            "card_figures": deps.queries.card_figures(deps.clock.now() - CARDS_SINCE),
        }  # fmt: skip

    def _stock(self) -> dict[str, int | None]:
        """What is left of each item that offers hand over; None where nobody counts."""
        deps = self._page.deps
        left = {row.item: row.left for row in deps.queries.stock()}
        return {o.item: left.get(o.item) for o in deps.content.current().offers if o.item}

    def fragments(self, notice: Notice) -> list[Fragment]:
        if notice.kind == "warning":
            self._warnings = [*self._warnings[-2:], str(notice.data.get("why", ""))]
        if notice.kind not in ("presence", "call", "warning", "outage"):
            return []
        return [Fragment("floor", self._page.html("floor.html", **self.values()))]


Screen = DeskScreen | FloorScreen


async def render(screen: Screen, notice: Notice) -> list[Fragment]:
    """Fragments of a notice, off the event loop."""
    if isinstance(screen, DeskScreen) and notice.kind == "partial":
        return screen.on_partial(notice)
    if isinstance(screen, DeskScreen) and notice.kind == "hint":
        return screen.on_hint(notice)
    return await asyncio.to_thread(screen.fragments, notice)
