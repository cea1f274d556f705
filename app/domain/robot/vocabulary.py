"""Vocabulary of the robot's dialogs: their parts, the events, the effects."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from app.domain.field.guide import FaultTree, GuideState
from app.domain.refusal import Invalid, RefusalCode


class House(Protocol):
    """What a dialog may ask about the caller and the house; it is looked up when it is asked.
    Empty texts: unknown.

    ``staffed``: a person can come now; ``on_duty``: somebody can be rung at night; ``hour`` of the
    operator's clock.
    """

    @property
    def phone(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def last4(self) -> str: ...
    @property
    def bill(self) -> str: ...
    @property
    def outage(self) -> str: ...
    @property
    def staffed(self) -> bool: ...
    @property
    def on_duty(self) -> bool: ...
    @property
    def hour(self) -> int: ...
    @property
    def trees(self) -> tuple[FaultTree, ...]: ...

    def offer_for(self, reason: str) -> tuple[str, str] | None:
        """Code and words of the one offer for somebody who wants to stop for this reason."""
        ...


#: What a slot may offer before it asks (``known`` in the dialogs).
KNOWN_FACTS: Mapping[str, Callable[[House], str]] = {
    "phone": lambda house: house.phone, "address": lambda house: house.address,
}  # fmt: skip
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
    """What the house can do for a caller once all is said."""

    FAULT = "fault"
    SERVICE = "service"
    COMPLAINT = "complaint"
    STOP = "stop"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a caller may want done.

    ``done`` is said afterwards with what the deed answered with, ``done_by_phone`` where it has no
    number because somebody rings back first; ``whole``: not to be interrupted.
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


NEEDED_TEXTS = (
    "greeting", "resumed", "ask", "ask_more", "again", "again_keys", "sure", "silent",
    "gone_silent", "bye", "to_person", "to_message", "angry", "no_person", "reason", "wish_noted",
    "identity_wrong", "bill", "solved", "unclear", "dialect",
)  # fmt: skip


#: Says nothing and does nothing: where no dialogs are loaded.
EMPTY_FLOW = Flow(dict.fromkeys(NEEDED_TEXTS, "…"), {}, {}, {})


@dataclass(frozen=True, slots=True)
class Facts:
    """A House of which everything is known beforehand; ``offers`` by reason."""

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

    def offer_for(self, reason: str) -> tuple[str, str] | None:
        return self.offers.get(reason)


@dataclass(frozen=True, slots=True)
class SlotProgress:
    """How far the asking for one slot is. ``asked``: what the house knows was offered already;
    ``confirmed`` by a yes to the read-back; ``denials`` of what was read back."""

    value: str = ""
    asked: bool = False
    confirmed: bool = False
    denials: int = 0


@dataclass(frozen=True, slots=True)
class DialogState:
    """``values``: what was said besides slots (``what``, ``why``, ``reason``, ``offer``,
    ``wants_offer``); ``said``: what was said last, to be repeated; ``failures`` and ``silences``
    in a row."""

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
