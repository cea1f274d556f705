"""What comes before any task: danger, despair, anger, a death, a child, "are you real?".

Each function says whether it has dealt with the utterance; then nothing else is asked of it.
"""

import re
from collections.abc import Callable

from app.domain.robot import wording
from app.domain.robot.begin import begin, is_fraud, task_of
from app.domain.robot.offers import is_wish
from app.domain.robot.turn import Turn, ask_more, hand_over, is_reachable, leave
from app.domain.robot.vocabulary import Deed, Place, Said

_ROBOT = re.compile(
    "(?:是不是|是|不是|真是)(?:个|一个|那个)?(?:机器人?|人工智能|AI|ai|电脑|真人|活人|录音|语音助手|智能客服)"
    "|(?:跟|和)(?:我)?(?:说话|讲话|聊)的是(?:谁|人|机器)|你是(?:谁|人吗|人还是|什么人|哪个|哪位|干嘛的)|真人(?:吗|还是)|你叫什么"
)
_NOT_ROBOT = re.compile(
    "(?:转|要|找|换|叫|给我|来)(?:个|一个|一下)?(?:真人|活人|人工)|不(?:要|想).{0,6}(?:机器|录音)"
)
#: Somebody's mother, which has the sound of a curse in it.
_MOTHER = re.compile(
    "[我咱俺老姑姨舅大干奶爸丈岳]妈(?:妈)?的?|[你您他她]妈妈|[他她](?:爸)?妈(?=是|在|不|也|都|说|家|要|想|来)"
)
_CHILD = re.compile(
    "我(?:今年|才|刚|快|只有)*(?:[三四五六七八九]|十[一二三四五六七]?|[3-9]|1[0-7])岁|我(?:还)?是(?:个)?(?:小孩|小朋友|小学生|初中生)"
    "|我(?:还)?(?:在)?(?:上|读|念)(?:小学|初[一二三中]|[一二三四五六]年级|幼儿园)"
)
#: A grown-up who speaks of one.
_OF_A_CHILD = re.compile("我(?:家|们家)?(?:的)?(?:儿子|女儿|孩子|小孩|娃|孙)")
_ADULT = re.compile(
    "大人|爸|妈|爷爷|奶奶|家长|户主|我是(?:他|她|孩子)|成年|十[八九]岁|叫(?:他|她)|来了|等(?:一下|等|会)"
)
_ALONE = re.compile("不在|没(?:有)?(?:大人|人)|出去|上班|一个人|没回|还没来|睡|不肯|不方便|没空")


def danger(turn: Turn, event: Said) -> bool:
    """Safety first, in words and in deed: an urgent ticket at once, with what is known, and then
    whoever can be rung."""
    if not _is_dangerous(turn, event) or _is_at(turn, Deed.DANGER):
        return False
    turn.set(failures=0, later=None)
    turn.say(turn.text("danger"), whole=True)
    if "danger" in turn.state.facts:
        hand_over_or_more(turn)
        return True
    turn.keep_fact("danger")
    begin(turn, task_of(turn, Deed.DANGER), event)
    return True


def _is_dangerous(turn: Turn, event: Said) -> bool:
    if turn.flow.says("no_danger", event.text):
        return False
    said = turn.flow.says("danger", event.text)
    meant = event.intent == "fault.danger" and event.action != "none"
    return said or meant or (event.deed == "danger" and event.family in ("fault", "none", ""))


def _is_at(turn: Turn, deed: Deed) -> bool:
    task = turn.flow.tasks.get(turn.state.task)
    return task is not None and task.act is deed


def hand_over_or_more(turn: Turn) -> None:
    """To a person where one can be rung for it, else on with the call."""
    if is_reachable(turn, urgent=True):
        hand_over(turn, "danger", urgent=True)
    else:
        ask_more(turn)


def place_of_danger(turn: Turn, event: Said) -> bool:
    """Where it is, said after the ticket was opened: added for whoever goes there."""
    told = event.slots.get("address") or event.slots.get("estate")
    free = turn.state.place in (Place.OPEN, Place.MORE)
    if "danger" not in turn.state.facts or not free or not told or event.action == "act":
        return False
    begin(turn, "danger_place", event)
    return True


def crisis(turn: Turn, event: Said) -> bool:
    """Somebody does not want to live: kind words and a person; at night the numbers of those who
    can help now, and a call-back."""
    meant = event.intent == "human.crisis" and event.action != "none"
    if not meant and not turn.flow.says("crisis", event.text):
        return False
    turn.say(turn.text("crisis"))
    if is_reachable(turn, urgent=True):
        hand_over(turn, "crisis", urgent=True)
        return True
    turn.say(turn.text("crisis_alone"))
    turn.set(place=Place.MORE, task="", failures=0, later=None)
    if turn.keep_fact("crisis"):
        begin(turn, "crisis", event)
    return True


def fraud(turn: Turn, event: Said) -> bool:
    """Somebody pretends to be us: how to be safe first, then a complaint that one looks into."""
    code = task_of(turn, Deed.COMPLAINT)
    free = turn.state.place in (Place.OPEN, Place.MORE)
    if not free or not code or not is_fraud(event) or wording.is_question(event.text):
        return False
    if wording.plain(event.text).startswith("你") and turn.flow.says("anger", event.text):
        return False  # that is meant for us
    begin(turn, code, event)
    return True


def anger(turn: Turn, event: Said) -> bool:
    """Whoever insults is not argued with: a person, or a message that one answers."""
    text = _MOTHER.sub("", wording.plain(event.text))
    alone = text in turn.flow.words.get("anger_alone", ())
    if not alone and not turn.flow.says("anger", text):
        return False
    hand_over(turn, "anger", urgent=True)
    return True


def robot(turn: Turn, event: Said) -> bool:
    """Asked whether it is one, a robot says so, and goes on where it was."""
    meant = event.intent == "none.robot" or event.entry == "robot-identity"
    said = _ROBOT.search(event.text) and not _NOT_ROBOT.search(event.text)
    short = len(wording.plain(event.text)) <= 24
    if not said and (not meant or event.means("human")):
        return False
    if not short:
        return False
    turn.set(failures=0)
    turn.ask_again(turn.text("robot"))
    return True


def bereaved(turn: Turn, event: Said) -> bool:
    """Condolence, once. The formalities follow with the wish itself; nothing is ever offered."""
    household = event.slots.get("household", "").split(",")
    if "deceased" not in household and event.slots.get("reason") != "deceased":
        return False
    turn.drop_value("offer")
    if turn.keep_fact("deceased") and not _condoles(turn, event):
        turn.say(turn.text("condolence"))
    return False


def _condoles(turn: Turn, event: Said) -> bool:
    """Whether what is going to be said begins with it."""
    free = turn.state.place in (Place.OPEN, Place.MORE)
    return free and "节哀" in event.answer and not is_wish(event)


def minor(turn: Turn, event: Said) -> bool:
    """A child is asked for a grown-up, kindly; questions are answered."""
    named = "minor" in event.slots.get("household", "").split(",")
    is_minor = named or (bool(_CHILD.search(event.text)) and not _OF_A_CHILD.search(event.text))
    if not is_minor or turn.state.place is Place.ADULT or "minor" in turn.state.facts:
        return False
    if event.answer and wording.is_question(event.text):
        return False
    turn.keep_fact("minor")
    turn.set(place=Place.ADULT, task="", slot="", slots={}, guide=None, failures=0)
    turn.say(turn.text("minor"))
    return True


def answer_adult(turn: Turn, event: Said, start: Callable[[Turn, Said], None]) -> None:
    """Who answers after a grown-up was asked for: the grown-up, or a child that is alone."""
    adult = bool(_ADULT.search(event.text))
    alone = _ALONE.search(event.text) or (event.means("deny") and not adult)
    if alone:
        turn.say(turn.text("minor_alone"))
        leave(turn, "bye", "answered")
        return
    turn.set(place=Place.OPEN)
    if event.means("affirm") or (adult and (event.action != "act" or event.means("deny"))):
        turn.say(turn.text("ask"))
    else:
        start(turn, event)
