"""Who does not want to stop, or not any more: kept at once, wherever the conversation is.

A stop that is being registered ends kindly and is recorded as kept. One that was registered before,
in this call or on an earlier day, and an appointment, are taken back by a person (a task).
"""

import re

from app.domain.robot import wording
from app.domain.robot.answers import answer
from app.domain.robot.begin import begin, end_with, is_registered, task_of
from app.domain.robot.offers import is_conditional, is_wish
from app.domain.robot.turn import Turn, ask_more
from app.domain.robot.vocabulary import Deed, Place, Said

_STAYS = re.compile(
    "(?:先|就|那|还是|暂时|决定)?不(?:想)?(?:停|拆|退|销|转|换)(?:机|户|网)?了|(?:接着|继续|还是)(?:用|看|留)(?:着|吧|你们|了|下去)?"
    "|先(?:不|别)(?:停|拆|退|销|报停)|别(?:给我)?(?:停|拆|退|销)|留着(?:吧|用)|不报停|不拆机|不销户|不退网|舍不得|(?:还是)?(?:用着|留下)(?:吧|了)"
)
_STILL_STOPS = re.compile(
    "(?:要|想)(?:停|拆|退|销)|再不(?:停|拆|退)|凭什么不(?:停|拆|退)|为什么不(?:停|拆|退)"
)
_STOP = "(?:报停|停机|拆机|销户|转网|退网|停用|停|拆)"
#: A request of before is taken back, though the words name a stop: it is no new wish.
_TAKES_BACK = re.compile(
    f"撤(?:回|销|掉|了|单)?.{{0,6}}(?:申请|登记|{_STOP}(?!了))|撤回|(?:申请|登记|办|报|{_STOP}).{{0,10}}(?:撤(?:回|销|掉|了)|作废)"
    f"|取消.{{0,6}}(?:{_STOP}.{{0,4}})?(?:申请|登记)|取消(?:报停|停机|拆机|销户|转网)"
    f"|(?:申请|登记|办|说|报)(?:了|好|过)?的.{{0,4}}{_STOP}.{{0,8}}(?:取消|不办了|不要了|不停了|不拆了|不想(?:办|停|拆|销)|别(?:办|停|拆))"
    f"|(?:昨天|前天|上次|上周|上个?礼拜|之前|前几天|刚才|早上|上午|那天|昨儿|前儿).{{0,14}}{_STOP}"
    ".{0,12}(?:取消|不(?:想|要)?(?:办|停|拆|销|弄|搞)了?|别(?:办|停|拆))"
)
_TAKEN_BACK_ASKED = re.compile(
    "一直不|到现在(?:也|都|还)?(?:没|不)|怎么还|为什么(?:还)?不|凭什么不"
)
_STOPPED = re.compile("(?:谁|怎么|为什么|凭什么).{0,8}(?:停|拆|销)(?:了|掉|我)")
_VISIT = re.compile(
    "(?:取消|改|换|推|不用|不要|别|延|提前|往后|推迟|退掉|退).{0,8}(?:预约|约|上门|师傅|时间|安装|来了|过来|人来)"
    "|(?:预约|约(?:好|了)|上门|师傅|安装).{0,14}(?:取消|不用来|别来|不要来|改(?:到|成|天|期|时间|一下)|换(?:到|成|一?天|时间)|推(?:到|迟)|延期|不用了|来不了|不在家|不方便)"
)
_VISIT_KINDS = ("service", "none", "deny", "disconnect", "fault", "human", "")


def stays(turn: Turn, event: Said) -> bool:
    """Take somebody at their word who stays; whether they said so."""
    running = _is_running(turn)
    if not _means_to_stay(event, running=running):
        return False
    turn.set(failures=0)
    if running:
        end_with(turn, Deed.KEPT, event)
    elif _is_under_way(turn, event):
        _take_back(turn, event)
    elif turn.state.place in (Place.OPEN, Place.MORE, Place.SURE):
        _not_stopping(turn)
    else:
        return False
    return True


def _is_running(turn: Turn) -> bool:
    """Whether a stop is being registered now, or its offer settled, or it was just asked back."""
    task = turn.flow.tasks.get(turn.state.task)
    asked = turn.state.place is not Place.SURE or turn.state.values.get("reason")
    return task is not None and task.act in (Deed.STOP, Deed.OFFER) and bool(asked)


def _means_to_stay(event: Said, *, running: bool) -> bool:
    if _TAKES_BACK.search(event.text) and not _TAKEN_BACK_ASKED.search(event.text):
        return not wording.is_question(event.text) or wording.wishes(event.text)
    if is_conditional(event.text) or is_wish(event):
        return False
    if event.intent == "disconnect.negated" and event.action != "none":
        return (
            wording.declines(event.text)
            or not wording.is_question(event.text)
            or bool(_STOPPED.search(event.text))
        )
    if event.deed == "withdraw" and event.about == "disconnect":
        return bool(_TAKES_BACK.search(event.text))
    plain = wording.plain(event.text)
    return running and bool(_STAYS.search(plain)) and not _STILL_STOPS.search(plain)


def _is_under_way(turn: Turn, event: Said) -> bool:
    registered = is_registered(turn, Deed.STOP) or is_registered(turn, Deed.OFFER)
    said = _TAKES_BACK.search(event.text) or _STOPPED.search(event.text)
    return registered or turn.house.stopping or bool(said)


def _take_back(turn: Turn, event: Said) -> None:
    begin(turn, task_of(turn, Deed.WITHDRAW), event)


def _not_stopping(turn: Turn) -> None:
    """Nothing was asked for: said plainly, so that nobody worries."""
    turn.set(task="", wish=None, outcome=turn.state.outcome or "answered")
    turn.say(turn.text("not_stopping"))
    ask_more(turn)


def _names_day(turn: Turn, event: Said) -> bool:
    """Another day for the appointment that was just to be moved."""
    told = event.slots.get("when") or event.slots.get("date")
    return "visit_change" in turn.state.finished and bool(told) and event.action != "act"


def changes_visit(turn: Turn, event: Said) -> bool:
    """An appointment is to be cancelled or moved: no new one is made, and somebody tells the
    technician. Whether that was said at a free question."""
    free = turn.state.place in (Place.OPEN, Place.MORE, Place.SURE)
    if free and _names_day(turn, event):
        begin(turn, "visit_change", event)
        return True
    asked = wording.is_question(event.text) and not wording.wishes(event.text)
    if not free or event.family not in _VISIT_KINDS or not _VISIT.search(event.text) or asked:
        return False
    if event.deed and event.entry == "visit-cancel":
        answer(turn, event)
    else:
        begin(turn, "visit_change", event)
    return True
