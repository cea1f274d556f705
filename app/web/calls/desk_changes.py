"""Which parts of an agent's screen notices change: a table, and nothing but a table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.service.notices import OPERATOR, Notice, NoticeKind


class Part(StrEnum):
    """A fragment of the desk: its template in desk/ and its element have this name."""

    PRESENCE = "presence"
    TASKS = "tasks"
    TOOLS = "tools"
    CALLBAR = "callbar"
    WHO = "who"
    SAID = "said"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Changes:
    """``own``: the agent's presence, call or settings may be others; ``utterances`` are ids;
    ``partials``: words by side; ``hint``: the intent that they sound like."""

    parts: frozenset[Part] = frozenset()
    own: bool = False
    utterances: tuple[int, ...] = ()
    partials: Mapping[str, str] = field(default_factory=dict)
    hint: str | None = None

    @property
    def only_words(self) -> bool:
        """Nothing stored has changed: nothing has to be read."""
        return not self.own and not self.parts and not self.utterances


_PARTS: Mapping[NoticeKind, frozenset[Part]] = {
    NoticeKind.PRESENCE: frozenset(
        {Part.PRESENCE, Part.TOOLS, Part.CALLBAR, Part.WHO, Part.CARD}
    ),
    NoticeKind.CALL: frozenset({Part.PRESENCE, Part.CALLBAR, Part.WHO, Part.CARD}),
    NoticeKind.CARD: frozenset({Part.CARD}),
    NoticeKind.TICKET: frozenset({Part.CARD}),
    NoticeKind.SMS: frozenset({Part.CARD}),
    NoticeKind.OUTAGE: frozenset({Part.CARD}),
    NoticeKind.STOCK: frozenset({Part.CARD}),
    NoticeKind.TASK: frozenset({Part.TASKS}),
    NoticeKind.RECOGNITION_GAP: frozenset({Part.SAID}),
}  # fmt: skip
#: They move the agent: told of the person, or of a call that becomes the agent's.
_OWN = frozenset({NoticeKind.PRESENCE, NoticeKind.CALL})
#: Records that the customer's column shows.
_HOUSEHOLD = frozenset(
    {"Customer", "CustomerPhone", "FieldTicket", "OfferTrial", "ShortMessage", "Voicemail"}
)


def changes(notices: Iterable[Notice], user_id: int, call_id: str) -> Changes:
    """What notices change for an agent who is in a call (empty: in none), all at once."""
    parts: set[Part] = set()
    own, hint = False, None
    utterances: dict[int, None] = {}
    partials: dict[str, str] = {}
    for notice in notices:
        if not _concerns(notice, user_id, call_id):
            continue
        parts |= _parts(notice)
        own = own or notice.kind in _OWN
        if notice.kind is NoticeKind.UTTERANCE:
            utterances[notice.subject_id] = None
        elif notice.kind is NoticeKind.PARTIAL:
            partials[notice.side] = notice.text
        elif notice.kind is NoticeKind.HINT:
            hint = notice.intent
    return Changes(frozenset(parts), own, tuple(utterances), partials, hint)


def _parts(notice: Notice) -> frozenset[Part]:
    parts = _PARTS.get(notice.kind, frozenset())
    return parts | {Part.WHO} if Part.CARD in parts and notice.parts & _HOUSEHOLD else parts


def _concerns(notice: Notice, user_id: int, call_id: str) -> bool:
    """What is said of a call that the agent has left belongs to no screen any more."""
    if OPERATOR in notice.topics:
        return bool(call_id)
    if notice.call_id and notice.call_id == call_id:
        return True
    moved = notice.kind in _OWN or notice.kind is NoticeKind.TASK
    return notice.user_id == user_id and (moved or not notice.call_id)
