"""Vocabulary of the robot's dialogs: their parts, the events, the effects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.field.guide import GuideState
from app.domain.refusal import Invalid, RefusalCode
from app.domain.robot.house import KNOWN_FACTS

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
    ADULT = "adult"
    ACTING = "acting"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Slot:
    """Something to be asked for. ``confirm`` reads it back; empty: it is taken as it was heard.

    ``known``: which of KNOWN_FACTS is offered first (``offer_known`` is how).
    """

    kind: str
    ask: str
    again: str
    confirm: str = ""
    known: str = ""
    offer_known: str = ""

    def __post_init__(self) -> None:
        if self.kind not in SLOT_KINDS or not self.ask or not self.again:
            raise Invalid(RefusalCode.DIALOG, f"a slot needs ask, again and a kind of {SLOT_KINDS}")
        if self.known and self.known not in KNOWN_FACTS:
            known = ", ".join(KNOWN_FACTS)
            raise Invalid(
                RefusalCode.DIALOG, f"nothing is known by {self.known!r}: it is one of {known}"
            )


class Deed(StrEnum):
    """What the house can do for a caller once all is said.

    ``callback``: somebody rings back; ``danger``: an urgent repair; ``kept``: the caller stays;
    ``offer``: a person settles an offer that was accepted, or is still open; ``withdraw``: a
    person takes back what was asked for earlier (a stop, an appointment).
    """

    FAULT = "fault"
    SERVICE = "service"
    COMPLAINT = "complaint"
    STOP = "stop"
    CALLBACK = "callback"
    DANGER = "danger"
    KEPT = "kept"
    OFFER = "offer"
    WITHDRAW = "withdraw"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a caller may want done.

    ``done`` is said afterwards with what the deed answered with, ``done_by_phone`` where it has no
    number because somebody rings back first; ``whole``: not to be interrupted; ``quiet``: facts
    that are known are taken without being read back.
    """

    name: str
    intents: tuple[str, ...]
    act: Deed
    done: str
    key: str = ""
    start: str = ""
    before: str = ""
    slots: tuple[str, ...] = ()
    whole: bool = False
    urgent: bool = False
    done_by_phone: str = ""
    quiet: bool = False

    def __post_init__(self) -> None:
        if self.act not in tuple(Deed):
            raise Invalid(RefusalCode.DIALOG, f"act is one of {', '.join(Deed)}, not {self.act!r}")


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
            raise Invalid(RefusalCode.DIALOG, "two tasks share a key")
        for code, task in self.tasks.items():
            unknown = [slot for slot in task.slots if slot not in self.slots]
            if unknown or (task.before and task.before not in OPENINGS):
                raise Invalid(RefusalCode.DIALOG, f"task {code} names {unknown or task.before!r}")
        missing = [name for name in NEEDED_TEXTS if not self.texts.get(name)]
        if missing:
            raise Invalid(RefusalCode.DIALOG, f"texts lack {', '.join(missing)}")
        for name, text in self._spoken():
            _check_values(name, text)

    def _spoken(self) -> Iterator[tuple[str, str]]:
        yield from self.texts.items()
        for code, task in self.tasks.items():
            yield code, task.done
            yield code, task.done_by_phone
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
        raise Invalid(
            RefusalCode.DIALOG, f"{name}: nothing is known for {error} in braces"
        ) from None


#: What dialogs of every release have; newer texts may be completed from the installation's.
CORE_TEXTS = (
    "greeting", "resumed", "ask", "ask_more", "again", "again_keys", "sure", "silent",
    "gone_silent", "bye", "to_person", "to_message", "angry", "no_person", "reason", "wish_noted",
    "identity_wrong", "bill", "solved", "unclear", "dialect",
)  # fmt: skip
NEEDED_TEXTS = (
    *CORE_TEXTS, "again_menu", "no_person_angry",
    "danger", "danger_reached", "crisis", "crisis_alone", "condolence", "minor", "minor_alone",
    "robot", "why_digits", "identity_elsewhere", "identity_unknown", "why_phone", "why_reason",
    "not_stopping", "stop_wanted", "stop_unanswered", "wanted", "once_more", "condition",
    "compare", "no_answer", "later", "next_topic", "dropped", "fraud", "again_guide", "person_sure",
    "offer_question", "stop_registered", "left_open",
)  # fmt: skip


#: Says nothing and does nothing: where no dialogs are loaded.
EMPTY_FLOW = Flow(dict.fromkeys(NEEDED_TEXTS, "…"), {}, {}, {})


@dataclass(frozen=True, slots=True)
class Said:
    """``answer``: the short spoken answer of the knowledge base, by ``entry``, its ``about`` (a
    family of intents) and its ``deed`` (what it promises); ``digits`` in the words; ``clear``: how
    sure the recogniser was, 0 to 1; ``later``: a second topic of the same breath."""

    text: str
    intent: str = ""
    action: str = "none"
    slots: Mapping[str, str] = field(default_factory=dict)
    digits: str = ""
    answer: str = ""
    clear: float = 1.0
    entry: str = ""
    about: str = ""
    deed: str = ""
    later: "Said | None" = None

    @property
    def family(self) -> str:
        return self.intent.partition(".")[0]

    @property
    def kind(self) -> str:
        return self.intent.partition(".")[2]

    def means(self, family: str) -> bool:
        """Whether it clearly is of a family: what is only guessed decides nothing."""
        return self.family == family and self.action == "act"


@dataclass(frozen=True, slots=True)
class SlotProgress:
    """How far the asking for one slot is. ``asked``: what the house knows was offered already;
    ``confirmed`` by a yes to the read-back; ``denials`` of what was read back, or refusals to
    tell; ``skipped``: whoever rings back asks for it."""

    value: str = ""
    asked: bool = False
    confirmed: bool = False
    denials: int = 0
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class DialogState:
    """``values``: what was said besides slots (``what``, ``why``, ``reason``, ``offer``,
    ``wants_offer``, ``kind``, ``condition``); ``said``: what was said last, to be repeated;
    ``failures`` and ``silences`` in a row; ``facts`` that hold for the whole call (``deceased``,
    ``minor``, ``stop_wanted``); ``asides``: questions answered within a task; ``wish``: the words
    that are asked back; ``later``: what is taken up after this task."""

    place: Place = Place.OPEN
    task: str = ""
    slot: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, SlotProgress] = field(default_factory=dict)
    pending: str = ""
    guide: GuideState | None = None
    said: tuple[str, ...] = ()
    failures: int = 0
    silences: int = 0
    slow: bool = False
    offered: bool = False
    finished: tuple[str, ...] = ()
    outcome: str = ""
    facts: tuple[str, ...] = ()
    asides: int = 0
    wish: Said | None = None
    later: Said | None = None

    def progress(self, slot: str) -> SlotProgress:
        return self.slots.get(slot, SlotProgress())

    def given(self) -> Mapping[str, str]:
        """All that was said for the task: the values, and those of the slots by their names."""
        said = {name: slot.value for name, slot in self.slots.items() if slot.value}
        return {**self.values, **said}


# -- events ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The conversation begins; ``resumed`` after a restart in the middle of it."""

    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    digit: str


@dataclass(frozen=True, slots=True)
class Silent:
    """Nobody spoke for a while after a question."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The action has been carried out; ``values`` hold its result (a number, a promise)."""

    values: Mapping[str, str]


DialogEvent = Started | Said | Pressed | Silent | Acted

# -- effects ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a sentence; ``whole``: it must be heard to its end."""

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """Carry out an action; it is answered with Acted."""

    what: Deed
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HandOver:
    """Hand over to a person; ``urgent`` also reaches whoever is on duty."""

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
