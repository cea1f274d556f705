"""The lists of call-backs and messages while they are open: the words follow what is heard again.

Nothing is sorted anew or taken away under the reader's eyes.
"""

from collections.abc import Iterable

from app.service.callbacks.views import callback_lines
from app.service.notices import QUEUE, FeedItem, NoticeKind, Topic
from app.service.people.records import User
from app.web.fragment import Fragment
from app.web.render import Page


def _subjects(items: Iterable[FeedItem], kind: NoticeKind) -> list[int]:
    """What the notices of a kind are about, each once."""
    found = (i.notice.subject_id for i in items if i.notice.kind is kind)
    return list(dict.fromkeys(filter(None, found)))


class CallbackScreen:
    """For one viewer. Methods block (database)."""

    topics: frozenset[Topic] = frozenset({QUEUE})

    def __init__(self, page: Page, user: User) -> None:
        self._page, self._user = page, user

    def begin(self) -> bool:
        return True

    def fragments(self, items: Iterable[FeedItem]) -> list[Fragment]:
        wanted = _subjects(items, NoticeKind.CALLBACK)
        if not wanted:
            return []
        deps = self._page.deps
        rows = [row for row in deps.reads.callbacks.callbacks() if row.callback.id in wanted]
        trunk = bool(deps.switchboard.outbound.trunk)
        return [
            Fragment(
                f"callback-{line.callback.id}",
                self._page.html("callback.html", line=line, trunk=trunk),
            )
            for line in callback_lines(rows, self._user.id, deps.clock.now())
        ]


class MessageScreen:
    """For one viewer. Methods block (database)."""

    topics: frozenset[Topic] = frozenset({QUEUE})

    def __init__(self, page: Page) -> None:
        self._page = page

    def begin(self) -> bool:
        return True

    def fragments(self, items: Iterable[FeedItem]) -> list[Fragment]:
        """The words alone: what is being played goes on playing."""
        reads = self._page.deps.reads.callbacks
        rows = [reads.voicemail(each) for each in _subjects(items, NoticeKind.VOICEMAIL)]
        return [
            Fragment(
                f"voicemail-words-{row.voicemail.id}",
                self._page.html("voicemail_words.html", v=row.voicemail),
            )
            for row in rows if row is not None
        ]  # fmt: skip
