"""The agent's screen: what notices change on it, and how those parts look."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.domain.queue.presence import Presence, moves
from app.service.notices import OPERATOR, FeedItem, Topic, call_topic, user_topic
from app.service.people.records import User
from app.web.calls.call_fragments import SHARED
from app.web.calls.desk_changes import Changes, Part, changes
from app.web.calls.shared import Shared
from app.web.fragment import Fragment
from app.web.render import Page


@dataclass(frozen=True, slots=True)
class DeskState:
    """Where the agent is, what they may choose, and which call is theirs (empty: none)."""

    presence: Presence = Presence.OFFLINE
    call_id: str = ""

    @property
    def choices(self) -> frozenset[str]:
        return moves(self.presence)


class DeskScreen:
    """The agent's screen for one viewer. Methods block (database) unless they say otherwise."""

    def __init__(self, page: Page, user: User, shared: Shared) -> None:
        self._page, self._user, self._shared = page, user, shared
        self.state = DeskState()
        self._shown_call = ""

    @property
    def user_id(self) -> int:
        assert self._user.id is not None  # noqa: S101  stored users have one
        return self._user.id

    @property
    def topics(self) -> frozenset[Topic]:
        """What this screen has to hear of now."""
        own = {user_topic(self.user_id), OPERATOR}
        return frozenset(own | {call_topic(self.state.call_id)} if self.state.call_id else own)

    def begin(self) -> None:
        """The page has just been loaded: it shows the call as it stands."""
        self._read_state()
        self._shown_call = self.state.call_id

    def _read_state(self) -> None:
        row = self._page.deps.reads.queue.agent(self.user_id)
        if row is None:
            self.state = DeskState()
            return
        # the socket outlives changes of the person's own settings
        self._page.user = self._user = row.user
        at = row.presence
        self.state = DeskState(Presence(at.state), at.call_id or "") if at else DeskState()

    def values(self) -> dict[str, Any]:
        """Everything that the desk's templates need, read anew."""
        self.begin()
        calls = self._shared.calls
        if self.state.call_id:
            calls.views.fresh(self.state.call_id)
        return {
            **calls.values(self.state.call_id), **self._own_values(),
            "queue": self._shared.queue.value(),
        }  # fmt: skip

    def _own_values(self) -> dict[str, Any]:
        deps = self._page.deps
        return {
            "state": self.state, "open_tasks": deps.reads.callbacks.tasks_open(self.user_id),
            "scenarios": deps.simulator.scenarios() if deps.simulator else {},
        }  # fmt: skip

    def changes(self, items: Iterable[FeedItem]) -> Changes:
        """What notices change here. Does not block."""
        return changes((item.notice for item in items), self.user_id, self.state.call_id)

    def words(self, changed: Changes) -> list[Fragment]:
        """What is being said, before it is stored. Does not block."""
        found = [
            Fragment(f"partial-{side}", self._page.html("desk/partial.html", side=side, text=text))
            for side, text in changed.partials.items()
        ]
        if changed.hint is not None:
            found.append(Fragment("hint", self._page.html("desk/hint.html", intent=changed.hint)))
        return found

    def fragments(self, changed: Changes) -> list[Fragment]:
        """The changed parts in the order of the page: utterances first, then what is being said."""
        if changed.own:
            self._read_state()
        parts = set(changed.parts)
        if self._another_call():
            parts.add(Part.SAID)
        # a transcript as a whole has them all: it may be hours long, and is sent only when needed
        said = [] if Part.SAID in parts else self._utterances(changed.utterances)
        drawn = [Fragment(part, self._html(part)) for part in Part if part in parts]
        return [*said, *drawn, *self.words(changed)]

    def _another_call(self) -> bool:
        """The transcript as a whole where another call begins."""
        another = self.state.call_id != self._shown_call
        self._shown_call = self.state.call_id
        return another or self.state.presence == Presence.RINGING

    def _utterances(self, wanted: Iterable[int]) -> list[Fragment]:
        """Those of this call, in the order in which they were said."""
        ids = set(wanted)
        if not ids or not self.state.call_id:
            return []
        view = self._shared.calls.view(self.state.call_id)
        rows = [row for row in view.utterances if row.id in ids] if view is not None else []
        return [
            Fragment(f"u-{row.id}", self._page.html("desk/utterance.html", u=row)) for row in rows
        ]

    def _html(self, part: Part) -> str:
        if part in SHARED:
            return self._shared.calls.html(part, self._page, self.state.call_id)
        return self._page.html(f"desk/{part}.html", **self._own_values())
