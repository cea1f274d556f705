"""The calls that are on screens, kept as they stand: read once, brought up to date by notices."""

import threading
from dataclasses import dataclass, field
from itertools import count

from app.service.calls.on_screen import KEPT, OnScreen
from app.service.calls.queries import CallQueries, CallView
from app.service.notices import OPERATOR, FeedItem, Notice, NoticeKind

_UTTERANCE = frozenset({"Utterance"})


@dataclass(slots=True)
class _Kept:
    """A view, and what was written since it was read."""

    version: int
    view: CallView | None = None
    changed: set[str] = field(default_factory=set)
    said: set[int] = field(default_factory=set)
    reading: threading.Lock = field(default_factory=threading.Lock)


class LiveViews:
    """Thread-safe. ``heard`` must get every notice before a screen asks because of it."""

    def __init__(self, queries: CallQueries, kept: int = KEPT) -> None:
        self._queries = queries
        self._lock = threading.Lock()
        self._versions = count(1)
        self._calls = OnScreen(lambda: _Kept(next(self._versions)), kept)

    def heard(self, item: FeedItem | None) -> None:
        """Note what a transaction has written; after a loss nothing that is kept can be trusted."""
        with self._lock:
            if item is None:
                self._calls.clear()
            elif OPERATOR in item.notice.topics:
                for kept in self._calls:
                    self._note(kept, item.notice)
            elif (found := self._calls.find(item.notice.call_id)) is not None:
                self._note(found, item.notice)

    def get(self, call_id: str) -> tuple[CallView | None, int]:
        """The call as it stands now, and the version of it. Blocking."""
        kept = self._place(call_id)
        with kept.reading:
            with self._lock:
                version = kept.version
                changed, kept.changed = frozenset(kept.changed), set()
                said, kept.said = frozenset(kept.said), set()
            # where the read fails, the next one reads the call as a whole
            view, kept.view = kept.view, None
            kept.view = self._read(call_id, view, changed, said)
            return kept.view, version

    def fresh(self, call_id: str) -> CallView | None:
        """The same, read as a whole: for a page that is loaded. Blocking."""
        with self._lock:
            self._calls.drop(call_id)
        return self.get(call_id)[0]

    def _place(self, call_id: str) -> _Kept:
        with self._lock:
            return self._calls.look(call_id)

    def _read(
        self, call_id: str, view: CallView | None, changed: frozenset[str], said: frozenset[int]
    ) -> CallView | None:
        if view is None:
            return self._queries.call(call_id)
        return self._queries.call_again(view, changed, said) if changed else view

    def _note(self, kept: _Kept, notice: Notice) -> None:
        """Utterances are told one by one: the other notices of their transaction need not."""
        kept.version = next(self._versions)
        if notice.kind is NoticeKind.UTTERANCE and notice.subject_id:
            kept.changed |= notice.parts | _UTTERANCE
            kept.said.add(notice.subject_id)
        else:
            kept.changed |= notice.parts - _UTTERANCE
