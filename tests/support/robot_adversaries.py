"""Callers who do not follow the script, by text: goals and manners of tests/scenarios/robot, played against the pure robot.

Each caller has a goal (what must be recorded, and what never) and a manner (asks, insults, corrects, …). It hears which question was
asked (the robot's place) and answers by its agenda; the words go through the real engine with the place's short replies, as on the line.
Deeds are recorded by a double. Nothing here knows how the robot decides.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.domain.robot import conversation as dialog
from app.domain.robot.house import Facts
from app.domain.robot.speaker import replies_at
from app.domain.robot.vocabulary import (
    Act,
    Acted,
    AskMessage,
    DialogEffect,
    DialogState,
    HandOver,
    Leave,
    Place,
    Said,
    Say,
    Silent,
    Started,
)
from app.language.understanding.understood import Situation
from app.service.ports import Content
from app.service.robot.said import said_of

FOLDER = Path(__file__).resolve().parent.parent / "scenarios" / "robot"
#: Turns after which a conversation goes round in a circle.
MOST_TURNS = 30
#: What a caller answers who has nothing of their own to say to a question.
USUAL = {
    "sure": ["对"], "guide": ["没有"], "confirm": ["对", "是的"], "slot:when": ["明天下午三点"], "slot:call_time": ["明天下午三点"], "slot:address": ["海景花园三栋三零二"],
    "slot:new_address": ["滨海小区八栋五零一"], "slot:phone": ["一三九零零一一二二三三"], "slot:story": ["约了三回都没来"], "reason": ["嫌贵"], "offer": ["不要"],
    "more": ["没有了谢谢", "没别的事了"], "open": ["没事了再见"], "person": ["不用"], "adult": ["大人不在家"], "slot:last4": ["一二三四"],
}
#: What the robot says of a deed that was done; where it is said, a deed must be there.
_PROMISES = re.compile("已经(?:给您|登记|记下|记录|按紧急|请)|单号|会给您回电话|转给同事")
#: An offer's words, which nobody hears after a death.
OFFER = ("cut", "给您打七折，合约一年，好吗？")
_DEEDS_LENT = {"callback-req": "callback", "line-danger": "danger", "box-hot": "danger"}


@dataclass(frozen=True)
class Adversary:
    """One caller: the goal's data and the manner's, with one of the openings."""

    name: str
    goal: dict[str, Any]
    manner: dict[str, Any]
    opening: str
    number: int = 0

    @property
    def wants(self) -> list[str]:
        own = [] if self.manner.get("drops") else [*self.goal["wants"], *self._also()]
        return [*own, *self.manner.get("wants", [])]

    def _also(self) -> list[str]:
        return self.goal["also"][self.number] if "also" in self.goal else []

    @property
    def never(self) -> list[str]:
        return [deed for deed in self.goal.get("never", []) if deed not in self.wants]


@dataclass
class Played:
    """What came of a call; ``faults`` are whole sentences, ``unheard`` what the engine took for something else."""

    caller: Adversary
    acts: list[Act] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    end: str = ""
    outcome: str = ""
    turns: int = 0
    wrong_turns: list[str] = field(default_factory=list)
    unheard: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def adversaries() -> Iterator[Adversary]:
    """All of them: every opening of every goal in every manner that fits it."""
    goals = yaml.safe_load((FOLDER / "goals.yaml").read_text(encoding="utf-8"))
    manners = yaml.safe_load((FOLDER / "manners.yaml").read_text(encoding="utf-8"))
    for name, goal in goals.items():
        for manner in goal["manners"]:
            for number, opening in enumerate(goal["opening"]):
                words = manners[manner].get("before", "") + opening
                yield Adversary(f"{name}/{manner}/{number}", goal, manners[manner], words, number)


def content_for(content: Content) -> Content:
    """The shipped content; promises whose deed its entries do not say yet are lent one."""
    entries = tuple(replace(e, deed=e.deed or _DEEDS_LENT.get(e.id, "")) for e in content.knowledge.entries)
    return replace(content, knowledge=replace(content.knowledge, entries=entries))


def house_of(kind: str, content: Content) -> Facts:
    """What the house knows: a household, a stranger, one with a stop under way, with people there or somebody on duty."""
    answers = {entry.id: entry.spoken for entry in content.knowledge.entries}
    known = Facts("13800000001", "海景花园3栋302", "1234", "每月59元，没有欠费", trees=content.faults, answers=answers, hour=23,
                  offers=dict.fromkeys(("price", "not_watching", "competitor", "service", "moving", "other", "abroad", "house_let"), OFFER))
    if kind == "stranger":
        return Facts("13800000001", trees=content.faults, answers=answers, hour=23)
    return replace(known, staffed=kind == "staffed", on_duty=kind == "on_duty", stopping=kind == "stopping")


class Agenda:
    """What a caller says next, by the robot's place."""

    def __init__(self, caller: Adversary) -> None:
        self._caller, self._counts, self._put_in = caller, Counter[str](), set[str]()
        self._silent = set(caller.manner.get("silence", ()))
        self.opened = False

    def next(self, state: DialogState) -> str | None:
        """The words; None for silence."""
        place = str(state.place)
        if place in self._silent:
            self._silent.discard(place)
            return None
        if not self.opened:
            self.opened = True
            return self._caller.opening
        keys = (f"{place}:{state.slot}", place)
        put_in = next((k for k in keys if k in self._caller.manner.get("says", {}) and k not in self._put_in), "")
        if put_in:
            self._put_in.add(put_in)
            return str(self._caller.manner["says"][put_in][0])
        sources = (self._caller.manner.get("instead", {}), self._caller.goal["answers"], USUAL)
        for answers in sources:
            for key in keys:
                if key in answers:
                    return self._answer(key, answers[key], state.said)
        return "嗯"

    def _answer(self, key: str, answers: list[str] | dict[str, str], said: tuple[str, ...]) -> str:
        """By turns, or by a word of the question."""
        if isinstance(answers, dict):
            asked = said[-1] if said else ""
            return next((answer for word, answer in answers.items() if word in asked), "没有")
        at = self._counts[key]
        self._counts[key] += 1
        return answers[min(at, len(answers) - 1)]


class Player:
    """Plays callers; what the engine says of a sentence is worked out once."""

    def __init__(self, content: Content) -> None:
        self.content = content_for(content)
        self._heard = cache(self._understand)

    def _understand(self, text: str, expecting: str) -> Said:
        found = self.content.engine.understand(text, Situation(expecting=expecting))
        return said_of(found, 1.0, self.content)

    def play(self, caller: Adversary) -> Played:
        """One call to its end, or until it goes round in a circle."""
        played, agenda = Played(caller), Agenda(caller)
        house = house_of(caller.goal.get("house", ""), self.content)
        state, effects = self._step(house, DialogState(), Started())
        self._note(played, effects)
        while not played.end and played.turns < MOST_TURNS:
            before, words = state, agenda.next(state)
            event = Silent() if words is None else self._heard(words, replies_at(state.place))
            state, effects = self._step(house, state, event)
            played.lines.append(f"- {words or '…'}  [{getattr(event, 'intent', '')} {getattr(event, 'action', '')}] {before.place}:{before.slot}")
            self._note(played, effects)
            if words is not None:
                self._grade(played, before, state, words)
            if words == caller.opening:
                self._compare(played, event)
        played.outcome = state.outcome
        self._judge(played)
        return played

    def _step(self, house: Facts, state: DialogState, event: Any) -> tuple[DialogState, list[DialogEffect]]:
        state, effects = dialog.step(self.content.dialogs, house, state, event)
        pending, done = list(effects), list[DialogEffect]()
        while pending:
            effect = pending.pop(0)
            done.append(effect)
            if isinstance(effect, Act):
                state, more = dialog.step(self.content.dialogs, house, state, Acted({"number": "零零幺二"}))
                pending = [*more, *pending]
        return state, done

    @staticmethod
    def _note(played: Played, effects: list[DialogEffect]) -> None:
        for effect in effects:
            if isinstance(effect, Act):
                played.acts.append(effect)
            elif isinstance(effect, Say):
                played.said.append(effect.text)
            else:
                played.end = {HandOver: "person", AskMessage: "message", Leave: "bye"}[type(effect)]
        shown = "".join(e.text if isinstance(e, Say) else f"<{type(e).__name__} {getattr(e, 'what', '')}>" for e in effects)
        played.lines.append(f"+ {shown}")

    @staticmethod
    def _grade(played: Played, before: DialogState, after: DialogState, words: str) -> None:
        """Wrong: sensible words that were not understood, or a message though something could be done."""
        played.turns += 1
        failed = after.failures > before.failures
        dead = after.place is Place.GONE and after.outcome == "message" and "message" not in played.caller.goal.get("may_end", ())
        if failed or dead:
            played.wrong_turns.append(words)

    @staticmethod
    def _compare(played: Played, event: Any) -> None:
        """What the engine had to understand in the opening; where it did not, the robot is not to blame."""
        wanted = played.caller.goal["intent"]
        right = event.intent.startswith(wanted) and (event.action != "none")
        if wanted != "none" and not right:
            played.unheard.append((played.caller.opening, wanted, f"{event.intent} {event.action}"))

    def _judge(self, played: Played) -> None:
        caller, did = played.caller, [str(act.what) for act in played.acts]
        spoken = "".join(played.said)
        faults = [f"{deed} is missing" for deed in caller.wants if deed not in did]
        faults += [f"{deed} was booked" for deed in caller.never if deed in did]
        faults += [f"{deed} twice" for deed, count in Counter(did).items() if count > 1]
        if not played.end:
            faults.append("no end")
        if played.end in ("message", "person") and played.end not in caller.goal.get("may_end", ()):
            faults.append(f"a dead end: {played.end}")
        if _PROMISES.search(spoken) and not did and played.end != "message":
            faults.append("a promise without a deed")
        faults += _of_words(caller, played, spoken)
        if "outcome" in caller.goal and played.outcome != caller.goal["outcome"]:
            faults.append(f"outcome {played.outcome}")
        played.faults = faults


def _of_words(caller: Adversary, played: Played, spoken: str) -> list[str]:
    """What had to be said, or must not be; what a deed must hold."""
    faults = []
    if caller.goal.get("says", "") not in spoken:
        faults.append(f"{caller.goal['says']} was not said")
    if "unsaid" in caller.goal and caller.goal["unsaid"] in spoken:
        faults.append(f"{caller.goal['unsaid']} was said")
    held = [act.values for act in played.acts]
    for name, value in {**caller.goal.get("holds", {}), **caller.manner.get("holds", {})}.items():
        if not caller.manner.get("drops") and not any(value in values.get(name, "") for values in held):
            faults.append(f"{name} lacks {value}")
    return faults


@dataclass(frozen=True)
class Tally:
    """Figures over callers: all of them, and those whose opening the engine understood."""

    played: tuple[Played, ...]

    @property
    def understood(self) -> "Tally":
        return Tally(tuple(one for one in self.played if not one.unheard))

    @property
    def passed(self) -> int:
        return sum(not one.faults for one in self.played)

    @property
    def turns(self) -> int:
        return sum(one.turns for one in self.played)

    @property
    def wrong_turns(self) -> int:
        return sum(len(one.wrong_turns) for one in self.played)

    @property
    def right_share(self) -> float:
        return 1 - self.wrong_turns / max(1, self.turns)

    def table(self) -> list[str]:
        """Lines by goal, and what is left to explain."""
        goals = dict.fromkeys(one.caller.name.partition("/")[0] for one in self.played)
        rows = []
        for goal in goals:
            own = Tally(tuple(p for p in self.played if p.caller.name.partition("/")[0] == goal))
            rows.append(f"  {goal:24} {own.passed:3} of {len(own.played):3}   turns right {own.right_share:6.1%} of {own.turns}")
        return rows
