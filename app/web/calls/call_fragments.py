"""What the screens show of a call: worked out once a change, rendered once a language and mode."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.calls.machine import Phase
from app.domain.retention.case import REASONS, STOP_KINDS
from app.service.calls.card_shapes import Card
from app.service.calls.cards import build_card
from app.service.calls.handlers import DISPOSITIONS
from app.service.calls.live_views import KEPT, LiveViews
from app.service.calls.queries import CallView
from app.service.calls.summary import draft
from app.service.ports import Content
from app.service.retention.gate_view import Gate, build_gate
from app.web.calls.desk_changes import Part
from app.web.deps import WebDeps
from app.web.render import Page, in_chinese

#: What depends on nothing but the call, the language and how much an agent wants to read.
SHARED = frozenset({Part.CALLBAR, Part.WHO, Part.SAID, Part.CARD})


@dataclass(frozen=True, slots=True)
class _Shown:
    """Everything that a version of a call looks like depends on."""

    version: int
    content: Content | None
    today: date


@dataclass(slots=True)
class _Drawn:
    """One call's values and html, good for what was ``shown``."""

    shown: _Shown | None = None
    view: CallView | None = None
    values: dict[str, Any] = field(default_factory=dict)
    html: dict[tuple[str, str, str], str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class CallFragments:
    """Thread-safe; everything blocks."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self.views = LiveViews(deps.queries)
        self._lock = threading.Lock()
        self._calls: OrderedDict[str, _Drawn] = OrderedDict()

    def values(self, call_id: str) -> Mapping[str, Any]:
        """What templates need of a call as it stands; ``view`` is None without one."""
        drawn = self._place(call_id)
        with drawn.lock:
            return self._current(drawn, call_id).values

    def html(self, part: str, page: Page, call_id: str) -> str:
        """A part of a call as a viewer reads it."""
        drawn = self._place(call_id)
        key = (part, page.translate.language, page.user.desk_mode if page.user else "")
        with drawn.lock:
            current = self._current(drawn, call_id)
            if key not in current.html:
                current.html[key] = page.html(f"desk/{part}.html", **current.values)
            return current.html[key]

    def _place(self, call_id: str) -> _Drawn:
        with self._lock:
            drawn = self._calls.setdefault(call_id, _Drawn())
            self._calls.move_to_end(call_id)
            if len(self._calls) > KEPT:
                self._calls.popitem(last=False)
            return drawn

    def _current(self, drawn: _Drawn, call_id: str) -> _Drawn:
        view, version = self.views.get(call_id) if call_id else (None, 0)
        content, today = self._deps.content.current(), self._deps.clock.local().date()
        shown = _Shown(version, content, today)
        old = drawn.shown
        same = old is not None and old.version == version and old.today == today
        if not same or old is None or old.content is not content:
            drawn.shown, drawn.view, drawn.html = shown, view, {}
            drawn.values = self._values(view, content, today)
        return drawn

    def _values(self, view: CallView | None, content: Content, today: date) -> dict[str, Any]:
        deps = self._deps
        card, gate, summary = None, Gate(), None
        if view is not None:
            card = build_card(view, content, today)
            gate = build_gate(view, content.spoken)
            if view.call.phase == Phase.WRAP_UP:
                summary = draft(view, content, deps.clock.local(), in_chinese)
        return {
            "view": view, "card": card, "gate": gate, "summary": summary,
            "likely": _likely(view, card, content), "stop_kinds": STOP_KINDS,
            "case_reasons": REASONS, "dispositions": DISPOSITIONS,
            "all_kinds": content.knowledge.kinds, "scripts": content.scripts,
            "grids": deps.queries.grids() if view else (), "today": today,
            "plans": view.plans if view else (),
        }  # fmt: skip


def _likely(view: CallView | None, card: Card | None, content: Content) -> list[str]:
    """What the caller may have meant instead of what the card says."""
    if view is None or card is None or card.utterance_id is None:
        return []
    text = next((u.text for u in view.utterances if u.id == card.utterance_id), "")
    return [k for k in content.engine.likely(text) if k not in (card.intent, "none.other")]
