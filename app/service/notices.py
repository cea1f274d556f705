"""What screens are told after a commit: one kind of notice a fact, and the topics it belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

#: What a subscriber may ask for: one call, one person, or a board that many look at.
Topic = NewType("Topic", str)

#: Who waits: callers, call-backs, voice messages. Seen by everybody at a desk.
QUEUE: Final = Topic("queue")
#: Who does what, and what is wrong. Seen by supervisors.
FLOOR: Final = Topic("floor")
#: What changes every call at once: outages, stock for offers.
OPERATOR: Final = Topic("operator")
#: Retention cases that have moved: whoever runs the call must know what a yes would answer.
CASES: Final = Topic("cases")
#: The published knowledge base and the robot's dialogs.
KNOWLEDGE: Final = Topic("knowledge")
#: Which voice the robot is to have.
VOICE: Final = Topic("voice")


class NoticeKind(StrEnum):
    """What happened. The values are stored in the feed: a renamed one is lost in an update.

    Each utterance that is stored or changed has an UTTERANCE of its own: screens read it alone.
    """

    CALL = "call"
    CARD = "card"
    UTTERANCE = "utterance"
    PARTIAL = "partial"
    HINT = "hint"
    RECOGNITION_GAP = "recognition_gap"
    SMS = "sms"
    TICKET = "ticket"
    PRESENCE = "presence"
    TASK = "task"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    WARNING = "warning"
    OUTAGE = "outage"
    STOCK = "stock"
    KNOWLEDGE = "knowledge"
    DIALOGS = "dialogs"
    VOICE = "voice"
    UNKNOWN = "unknown"


_BOARDS: Mapping[NoticeKind, frozenset[Topic]] = {
    NoticeKind.CALL: frozenset({QUEUE, FLOOR}),
    NoticeKind.PRESENCE: frozenset({FLOOR}),
    NoticeKind.WARNING: frozenset({FLOOR}),
    NoticeKind.VOICEMAIL: frozenset({QUEUE}),
    NoticeKind.CALLBACK: frozenset({QUEUE}),
    NoticeKind.OUTAGE: frozenset({FLOOR, OPERATOR}),
    NoticeKind.STOCK: frozenset({FLOOR, OPERATOR}),
    NoticeKind.KNOWLEDGE: frozenset({KNOWLEDGE}),
    NoticeKind.DIALOGS: frozenset({KNOWLEDGE}),
    NoticeKind.VOICE: frozenset({VOICE}),
}


def call_topic(call_id: str) -> Topic:
    return Topic(f"call:{call_id}")


def user_topic(user_id: int) -> Topic:
    return Topic(f"user:{user_id}")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that screens may want to know, told only after the commit.

    ``call_id`` and ``user_id`` say whom it concerns (empty and 0: nobody in particular);
    ``subject_id`` is the utterance, ticket or message; ``side``, ``text`` and ``intent`` are what
    is being said before it is stored; ``final_at`` is when its last word was recognised (seconds
    of the epoch); ``case`` is the phase that the call's retention case has moved to; ``parts`` are
    the kinds of records that its transaction wrote.
    """

    kind: NoticeKind
    call_id: str = ""
    user_id: int = 0
    subject_id: int = 0
    side: str = ""
    text: str = ""
    intent: str = ""
    final_at: float = 0.0
    case: str = ""
    parts: frozenset[str] = frozenset()

    @property
    def topics(self) -> frozenset[Topic]:
        """Who hears of it: those at the call, the person, and the boards that show it."""
        found = _BOARDS.get(self.kind, frozenset())
        if self.call_id:
            found |= {call_topic(self.call_id)}
        if self.user_id:
            found |= {user_topic(self.user_id)}
        if self.case:
            found |= {CASES}
        return found


@dataclass(frozen=True, slots=True)
class FeedItem:
    """A notice and its number; numbers rise by one, over restarts too."""

    seq: int
    notice: Notice
