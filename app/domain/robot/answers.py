"""Answers from the knowledge base, and what they promise: every promise has its deed.

An entry says in ``deed`` what its words promise (FaqEntry.deed). When the robot has spoken such an
answer, the task that ends in this deed begins: with what is known, or by asking for the rest.
"""

from app.domain.robot.begin import ask_whether, begin, closed, is_registered, task_of
from app.domain.robot.turn import Turn, ask_more
from app.domain.robot.vocabulary import Deed, Said

#: The deeds that an answer may promise. Tickets of an answer ask for nothing that is known.
PROMISED = {
    "callback": Deed.CALLBACK, "fault": Deed.FAULT, "service": Deed.SERVICE,
    "complaint": Deed.COMPLAINT, "danger": Deed.DANGER, "withdraw": Deed.WITHDRAW,
}  # fmt: skip


def promise_task(turn: Turn, deed: str) -> str:
    """The quiet task that keeps a promise; empty for a deed that nobody promised."""
    wanted = PROMISED.get(deed)
    if wanted is None:
        return ""
    tasks = turn.flow.tasks.items()
    quiet = (code for code, task in tasks if task.act is wanted and task.quiet)
    return next(quiet, "") or task_of(turn, wanted)


def answer(turn: Turn, event: Said) -> None:
    """Say the answer; what it promises is done, else anything more is asked for."""
    turn.set(failures=0)
    if event.later is not None:
        turn.set(later=event.later)
    task = promise_task(turn, event.deed)
    begins_itself = bool(task) and bool(turn.flow.tasks[task].start)
    turn.say("" if begins_itself and event.entry == "callback-req" else event.answer)
    if task:
        begin(turn, task, event)
        return
    closed(turn)
    turn.set(outcome=turn.state.outcome or "answered")
    ask_more(turn)


def answer_and_offer(turn: Turn, event: Said, task: str) -> None:
    """Answer somebody who only asks, then ask once whether it is wanted too."""
    known = is_registered(turn, turn.flow.tasks[task].act) or not turn.keep_fact(f"offered_{task}")
    if known or promise_task(turn, event.deed):
        answer(turn, event)
        return
    turn.say(event.answer)
    stop = turn.flow.tasks[task].act is Deed.STOP
    text = "stop_wanted" if stop else "wanted"
    ask_whether(turn, task, event, turn.text(text, task=turn.flow.tasks[task].name))
