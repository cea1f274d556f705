"""What the screens show of a call: worked out once a change, rendered once a language and mode."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.calls.dispositions import DISPOSITIONS
from app.domain.retention.case import REASONS, STOP_KINDS
from app.service.calls.live_views import LiveViews
from app.service.calls.on_screen import OnScreen
from app.service.calls.queries import CallView
from app.service.calls.views import DeskCall, build_desk_call
from app.service.ports import Content
from app.web.calls.desk_changes import Part
from app.web.deps import WebDeps
from app.web.kept import Kept
from app.web.render import Page, in_chinese

#: Grids change with an import of customers.
_GRIDS_S = 60.0
#: What depends on nothing but the call, the language and how much an agent wants to read.
SHARED = frozenset({Part.CALLBAR, Part.WHO, Part.SAID, Part.CARD})


@dataclass(frozen=True, slots=True)
class _Shown:
    """Everything that a version of a call looks like depends on."""

    version: int
    content: Content
    today: date

    def same(self, other: "_Shown") -> bool:
        """Content is compared by identity: a published version is another object."""
        moment = (self.version, self.today) == (other.version, other.today)
        return moment and self.content is other.content


@dataclass(slots=True)
class _Drawn:
    """One call's values and html, good for what was ``shown``."""

    shown: _Shown | None = None
    values: dict[str, Any] = field(default_factory=dict)
    html: dict[tuple[str, str, str], str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class CallFragments:
    """Thread-safe; everything blocks."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self.views = LiveViews(deps.reads.calls)
        self._grids = Kept(deps.reads.field.grids, _GRIDS_S)
        self._lock = threading.Lock()
        self._calls = OnScreen(_Drawn)

    def view(self, call_id: str) -> CallView | None:
        """The call as it stands; nothing is worked out for templates."""
        return self.views.get(call_id)[0]

    def values(self, call_id: str) -> Mapping[str, Any]:
        """What templates need of a call as it stands; ``desk`` is None without one."""
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
            return self._calls.look(call_id)

    def _current(self, drawn: _Drawn, call_id: str) -> _Drawn:
        view, version = self.views.get(call_id) if call_id else (None, 0)
        content, today = self._deps.content.current(), self._deps.clock.local().date()
        shown = _Shown(version, content, today)
        if drawn.shown is None or not drawn.shown.same(shown):
            drawn.shown, drawn.html = shown, {}
            drawn.values = self._values(view, content)
        return drawn

    def _values(self, view: CallView | None, content: Content) -> dict[str, Any]:
        now = self._deps.clock.local()
        desk = build_desk_call(view, content, now, in_chinese) if view is not None else None
        return {
            "desk": desk, "on_duty": self._on_duty(desk),
            "stop_kinds": STOP_KINDS, "case_reasons": REASONS, "dispositions": DISPOSITIONS,
            "all_kinds": content.knowledge.kinds, "scripts": content.scripts,
            "grids": self._grids() if view is not None else (),
        }  # fmt: skip

    def _on_duty(self, desk: DeskCall | None) -> str:
        """Who is rung at night, by the name that people know; asked for only where it matters."""
        name = self._deps.on_duty
        if desk is None or desk.card.care is None or not name:
            return ""
        user = self._deps.reads.people.user_by_name(name)
        return user.display_name if user is not None and user.active else ""
