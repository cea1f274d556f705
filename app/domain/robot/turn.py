"""One event of the robot's conversation: what is said and done in it, and how it ends."""

from dataclasses import replace

from app.domain.robot.vocabulary import (
    AskMessage,
    DialogEffect,
    DialogState,
    DialogStep,
    Facts,
    Flow,
    HandOver,
    Leave,
    Place,
    Say,
)

#: In a row; then a person or a message.
MOST_FAILURES = 2


class Turn:
    """One event in one state: collects what is said and done."""

    def __init__(self, flow: Flow, facts: Facts, state: DialogState) -> None:
        self.flow, self.facts, self.state = flow, facts, state
        self.effects: list[DialogEffect] = []

    def set(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]

    def say(self, *texts: str, whole: bool = False) -> None:
        """What is said now is what will be repeated."""
        spoken = tuple(text for text in texts if text)
        before = self.state.said if any(isinstance(e, Say) for e in self.effects) else ()
        self.effects += [Say(text, whole) for text in spoken]
        self.set(said=(*before, *spoken))

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


def hand_over(turn: Turn, why: str, *, urgent: bool = False) -> None:
    """A person where one is there, or the one on duty; else a message: never nothing."""
    task = turn.flow.tasks.get(turn.state.task)
    urgent = urgent or (task is not None and (task.urgent or bool(turn.facts.outage)))
    if turn.facts.staffed or (urgent and turn.facts.on_duty):
        turn.say(turn.text("angry" if why == "anger" else "to_person"))
        turn.set(place=Place.GONE, outcome="person")
        turn.do(HandOver(why, urgent))
        return
    turn.say(turn.text("no_person"))
    turn.set(place=Place.GONE, outcome="message")
    turn.do(AskMessage())


def fail(turn: Turn, again: str) -> None:
    """Not understood: once more in other words, then a person or a message."""
    turn.set(failures=turn.state.failures + 1)
    if turn.state.failures >= MOST_FAILURES:
        hand_over(turn, "not_understood")
    else:
        turn.say(again)
