"""One event of the robot's conversation: what is said and done in it, and how it ends."""

from dataclasses import replace

from app.domain.robot.house import House
from app.domain.robot.vocabulary import (
    AskMessage,
    DialogEffect,
    DialogState,
    DialogStep,
    Flow,
    HandOver,
    Leave,
    Place,
    Say,
)

#: In a row; then a person or a message.
MOST_FAILURES = 3


class Turn:
    """One event in one state: collects what is said and done."""

    def __init__(self, flow: Flow, house: House, state: DialogState) -> None:
        self.flow, self.house, self.state = flow, house, state
        self.effects: list[DialogEffect] = []

    def set(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]

    def progress(self, slot: str, **changes: object) -> None:
        """Note how far the asking for a slot is."""
        after = replace(self.state.progress(slot), **changes)  # type: ignore[arg-type]
        self.set(slots={**self.state.slots, slot: after})

    def say(self, *texts: str, whole: bool = False) -> None:
        """Say sentences and remember them, so that they can be repeated."""
        spoken = tuple(text for text in texts if text)
        before = self.state.said if any(isinstance(e, Say) for e in self.effects) else ()
        self.effects += [Say(text, whole) for text in spoken]
        self.set(said=(*before, *spoken))

    def ask_again(self, *before: str) -> None:
        """Say something and then the last question once more."""
        self.say(*before, *self.state.said[-1:])

    def keep_fact(self, name: str) -> bool:
        """Note what holds for the whole call; whether it is new."""
        new = name not in self.state.facts
        if new:
            self.set(facts=(*self.state.facts, name))
        return new

    def keep_values(self, **values: str) -> None:
        """Note what was said besides slots."""
        self.set(values={**self.state.values, **values})

    def drop_value(self, name: str) -> None:
        """Forget what was said besides slots."""
        self.set(values={key: value for key, value in self.state.values.items() if key != name})

    def text(self, name: str, **values: str) -> str:
        return self.flow.texts[name].format(**values)

    def do(self, *effects: DialogEffect) -> None:
        self.effects += effects

    def done(self) -> DialogStep:
        return self.state, tuple(self.effects)


def leave(turn: Turn, text: str, outcome: str) -> None:
    """Say good-bye, to the end, and hang up."""
    turn.say(turn.text(text), whole=True)
    turn.set(place=Place.GONE, outcome=turn.state.outcome or outcome)
    turn.do(Leave())


def ask_more(turn: Turn) -> None:
    """Ask whether there is anything else, unless something else was said already."""
    turn.set(place=Place.MORE)
    if turn.state.later is None:
        turn.say(turn.text("ask_more"))


def is_reachable(turn: Turn, *, urgent: bool = False) -> bool:
    """Whether somebody can take the call now: an agent, or who is on duty for what is urgent."""
    return turn.house.staffed or (urgent and turn.house.on_duty)


#: What is said before a person takes over, or a message is left; for the rest the usual words.
_TO_PERSON = {"anger": "angry", "danger": "danger_reached"}
_NO_PERSON = {"anger": "no_person_angry"}


def hand_over(turn: Turn, why: str, *, urgent: bool = False) -> None:
    """Hand over to an agent, or to whoever is on duty; if nobody is there, take a message."""
    task = turn.flow.tasks.get(turn.state.task)
    urgent = urgent or (task is not None and (task.urgent or bool(turn.house.outage)))
    if is_reachable(turn, urgent=urgent):
        turn.say(turn.text(_TO_PERSON.get(why, "to_person")))
        turn.set(place=Place.GONE, outcome="person")
        turn.do(HandOver(why, urgent))
        return
    turn.say(turn.text(_NO_PERSON.get(why, "no_person")))
    turn.set(place=Place.GONE, outcome="message")
    turn.do(AskMessage())


def end_again(turn: Turn) -> None:
    """The house was gone while the end was being said: what was decided then still holds."""
    if turn.state.outcome == "person":
        hand_over(turn, "resumed", urgent=not turn.house.staffed)
    elif turn.state.outcome == "message":
        turn.say(turn.text("to_message"))
        turn.do(AskMessage())
    else:
        leave(turn, "bye", "answered")


#: Where the words that ask again are not the question itself.
_QUESTIONS = (Place.CONFIRM, Place.GUIDE, Place.OFFER)


def fail(turn: Turn, again: str) -> None:
    """Not understood: ask once more in other words, then hand over or take a message."""
    turn.set(failures=turn.state.failures + 1)
    if turn.state.failures >= MOST_FAILURES:
        hand_over(turn, "not_understood")
    elif turn.state.place in _QUESTIONS:
        turn.ask_again(again)
    else:
        turn.say(again)
