"""The page of one call while it is open: its transcript follows what is heard again."""

from collections.abc import Iterable

from app.domain.people.permission import Permission
from app.service.calls.records import Call
from app.service.notices import FeedItem, NoticeKind, Topic, call_topic
from app.service.people.records import User
from app.web.fragment import Fragment
from app.web.people.auth import actor_of
from app.web.render import Page


def may_see(user: User, call: Call) -> bool:
    """Agents hear their own calls and messages; supervisors hear all."""
    actor = actor_of(user)
    return actor.may(Permission.SEE_CALLS) or call.agent_id is None or actor.is_user(call.agent_id)


class CallScreen:
    """For one viewer. Methods block (database)."""

    def __init__(self, page: Page, user: User, call_id: str) -> None:
        self._page, self._user, self._call_id = page, user, call_id

    @property
    def topics(self) -> frozenset[Topic]:
        return frozenset({call_topic(self._call_id)})

    def begin(self) -> bool:
        """Whether the viewer may see this call."""
        view = self._page.deps.reads.calls.call(self._call_id)
        return view is not None and may_see(self._user, view.call)

    def fragments(self, items: Iterable[FeedItem]) -> list[Fragment]:
        """The utterances that were stored or changed, in their order."""
        said = (i.notice.subject_id for i in items if i.notice.kind is NoticeKind.UTTERANCE)
        rows = [self._page.deps.reads.calls.utterance(each) for each in dict.fromkeys(said)]
        return [
            Fragment(f"u-{row.id}", self._page.html("call_utterance.html", u=row))
            for row in rows if row is not None
        ]  # fmt: skip
