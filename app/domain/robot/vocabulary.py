"""The words of the robot's dialogs: what they are made of, what happens in them, what follows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.field.guide import FaultTree, GuideState
from app.domain.refusal import Invalid

SLOT_KINDS = ("address", "phone", "when", "last4", "text")
OPENINGS = ("guide", "reason", "identity")


class Place(StrEnum):
    """Where a dialog is: what the last question was."""

    OPEN = "open"
    SURE = "sure"
    GUIDE = "guide"
    REASON = "reason"
    OFFER = "offer"
    SLOT = "slot"
    CONFIRM = "confirm"
    MORE = "more"
    PERSON = "person"
    ACTING = "acting"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Slot:
    """Something to be asked for. ``confirm`` reads it back; empty: it is taken as it was heard.

    ``known``: the name of a fact that is offered first (``offer_known`` is how).
    """

    kind: str
    ask: str
    again: str
    confirm: str = ""
    known: str = ""
    offer_known: str = ""

    def __post_init__(self) -> None:
        if self.kind not in SLOT_KINDS or not self.ask or not self.again:
            raise Invalid("dialog", f"a slot needs ask, again and a kind of {SLOT_KINDS}")


@dataclass(frozen=True, slots=True)
class Task:
    """What a caller may want done. ``before``: guide, reason or identity; ``act``: what is done.

    ``done`` is said afterwards with what the deed answered with; ``whole``: not to be interrupted.
    """

    name: str
    intents: tuple[str, ...]
    act: str
    done: str
    key: str = ""
    start: str = ""
    before: str = ""
    slots: tuple[str, ...] = ()
    whole: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """All dialogs. Raises Invalid for a task that asks for an unknown slot or shares a key."""

    texts: Mapping[str, str]
    tasks: Mapping[str, Task]
    slots: Mapping[str, Slot]
    words: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        keys = [task.key for task in self.tasks.values() if task.key]
        if len(keys) != len(set(keys)):
            raise Invalid("dialog", "two tasks share a key")
        for code, task in self.tasks.items():
            unknown = [slot for slot in task.slots if slot not in self.slots]
            if unknown or (task.before and task.before not in OPENINGS):
                raise Invalid("dialog", f"task {code} names {unknown or task.before!r}")
        missing = [name for name in NEEDED_TEXTS if not self.texts.get(name)]
        if missing:
            raise Invalid("dialog", f"texts lack {', '.join(missing)}")
        for name, text in self._spoken():
            _check_values(name, text)

    def _spoken(self) -> Iterator[tuple[str, str]]:
        yield from self.texts.items()
        yield from ((code, task.done) for code, task in self.tasks.items())
        for code, slot in self.slots.items():
            yield code, slot.confirm
            yield code, slot.offer_known

    def says(self, group: str, text: str) -> bool:
        """Whether a text holds one of the words of a group."""
        return any(word in text for word in self.words.get(group, ()))


#: What may stand in braces in what is said.
_VALUES = dict.fromkeys(("task", "bill", "hello", "value", "number", "promise"), "")


def _check_values(name: str, text: str) -> None:
    try:
        text.format_map(_VALUES)
    except (KeyError, ValueError, IndexError) as error:
        raise Invalid("dialog", f"{name}: nothing is known for {error} in braces") from None


NEEDED_TEXTS = (
    "greeting", "resumed", "ask", "ask_more", "again", "again_keys", "sure", "silent",
    "gone_silent", "bye", "to_person", "to_message", "angry", "no_person", "reason", "wish_noted",
    "identity_wrong", "bill", "solved", "unclear", "dialect",
)  # fmt: skip


#: Says nothing and does nothing: where no dialogs are loaded.
EMPTY_FLOW = Flow(dict.fromkeys(NEEDED_TEXTS, "…"), {}, {}, {})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the house knows besides the conversation. Empty texts: unknown.

    ``offers``: by reason, code and words of the one offer that fits; ``on_duty``: somebody can be
    rung at night; ``hour`` of the operator's clock.
    """

    phone: str = ""
    address: str = ""
    last4: str = ""
    bill: str = ""
    staffed: bool = False
    outage: str = ""
    offers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    on_duty: bool = False
    hour: int = 12
    trees: tuple[FaultTree, ...] = ()


@dataclass(frozen=True, slots=True)
class DialogState:
    """``values``: slot to value; ``said``: what was said last, to be repeated; ``failures`` and
    ``silences`` in a row."""

    place: Place = Place.OPEN
    task: str = ""
    slot: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    pending: str = ""
    guide: GuideState | None = None
    said: tuple[str, ...] = ()
    failures: int = 0
    silences: int = 0
    slow: bool = False
    offered: bool = False
    finished: tuple[str, ...] = ()
    outcome: str = ""


# -- events ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """``resumed``: the house was gone for a moment in the middle of it."""

    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """``answer``: the short spoken answer of the knowledge base; ``digits`` in the words;
    ``clear``: how sure the recogniser was, 0 to 1."""

    text: str
    intent: str = ""
    action: str = "none"
    slots: Mapping[str, str] = field(default_factory=dict)
    digits: str = ""
    answer: str = ""
    clear: float = 1.0

    @property
    def family(self) -> str:
        return self.intent.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Pressed:
    digit: str


@dataclass(frozen=True, slots=True)
class Silent:
    """Nobody spoke for a while after a question."""


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done, with what it answered (a number, a promise)."""

    values: Mapping[str, str]


DialogEvent = Started | Said | Pressed | Silent | Acted

# -- effects ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """``whole``: must be heard to its end."""

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """Something for the house to do; it answers with Acted."""

    what: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HandOver:
    """To a person; ``urgent`` reaches the one on duty."""

    why: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class AskMessage:
    """The caller leaves a voice message."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The robot has said good-bye."""


DialogEffect = Say | Act | HandOver | AskMessage | Leave
DialogStep = tuple[DialogState, tuple[DialogEffect, ...]]
