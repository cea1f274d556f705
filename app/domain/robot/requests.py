"""What may be asked of the robot itself: say it again, slower, a person, a message, my dialect.

Each function says whether it has dealt with the utterance; then nothing else is asked of it.
"""

import re

from app.domain.robot import guide_words
from app.domain.robot.begin import begin, task_of
from app.domain.robot.turn import Turn, hand_over
from app.domain.robot.vocabulary import AskMessage, Deed, Place, Said

_RING_BACK = re.compile(
    "(?:给|跟)?(?:我|咱)?回(?:个|我|一个|下|我个)?(?:电话|电|拨|话)|打(?:回来|给我|过来|个电话给我|电话给我|我电话)"
)
#: Rather the complaint that nobody did.
_NOT_RUNG = re.compile("没|不(?:给|回|打)|一直|老是|从来|等了|怎么还|说(?:好|了|过)|答应")

#: A whole sentence below this is hardly Mandarin: words were found that sound remotely like it.
FOREIGN, _SENTENCE, _LONG_SENTENCE = 0.8, 4, 7
#: "Say that again" is short; what is longer only has the words in it.
_LONGEST_PLEA = 14


def message(turn: Turn) -> None:
    turn.say(turn.text("to_message"))
    turn.set(place=Place.GONE, outcome="message")
    turn.do(AskMessage())


def repeat(turn: Turn) -> None:
    turn.say(*turn.state.said)


def hears_badly(turn: Turn, event: Said) -> bool:
    """Said again, or slower; not where a long story or a fault only sounds like it."""
    if len(event.text) > _LONGEST_PLEA or event.means("fault"):
        return False
    slower = turn.flow.says("slower", event.text)
    if slower:
        turn.set(slow=True)
    if slower or turn.flow.says("repeat", event.text):
        repeat(turn)
        return True
    return False


def wants_call_back(turn: Turn, event: Said) -> bool:
    """To be rung back is something the robot can register, whoever else is asked for with it."""
    free = turn.state.place in (Place.OPEN, Place.MORE, Place.PERSON)
    code = task_of(turn, Deed.CALLBACK)
    if not free or not code or not _RING_BACK.search(event.text):
        return False
    if _NOT_RUNG.search(event.text) or event.family in ("fault", "disconnect", "billing"):
        return False
    begin(turn, code, event)
    return True


def wants_person(turn: Turn, event: Said) -> bool:
    """A person, clearly asked for; where it only sounds like it, the caller is asked."""
    if event.intent != "human.human" or event.action == "none":
        return False
    if turn.state.place is Place.GUIDE and guide_words.wants_visit(event.text):
        return False
    if event.action == "act" or turn.flow.says("person", event.text):
        hand_over(turn, "asked")
        return True
    if turn.state.place not in (Place.OPEN, Place.MORE) or event.answer:
        return False
    turn.keep_fact("asked_person")
    turn.set(place=Place.PERSON)
    turn.say(turn.text("person_sure"))
    return True


def speaks_dialect(turn: Turn, event: Said) -> bool:
    """Offer a person to somebody who speaks a dialect, instead of asking for everything again."""
    if not turn.flow.says("dialect", event.text) and not _sounds_foreign(turn, event):
        return False
    if turn.state.place is Place.PERSON or turn.state.failures:
        hand_over(turn, "dialect")
        return True
    turn.set(place=Place.PERSON, failures=turn.state.failures + 1)
    turn.say(turn.text("dialect"))
    return True


def _sounds_foreign(turn: Turn, event: Said) -> bool:
    """A sentence at a free question of which neither words nor meaning are sure. What may mean
    something has to be longer to be doubted: noise makes short words unclear too."""
    if turn.state.place not in (Place.OPEN, Place.MORE, Place.PERSON) or event.action == "act":
        return False
    least = _SENTENCE if event.action == "none" else _LONG_SENTENCE
    return not event.answer and event.clear < FOREIGN and len(event.text) >= least


def leaves_message(turn: Turn, event: Said) -> bool:
    if not turn.flow.says("message", event.text) or event.answer:
        return False
    message(turn)
    return True
