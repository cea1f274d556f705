"""Why somebody wants to stop, the one offer, and what is answered to it.

Only a clear yes accepts and only a clear no declines. A condition, a comparison, "I will think
about it" are neither: they are noted, and a person settles them. Nothing is offered after a death,
or where the household has gone abroad: there the formalities are told.
"""

import re
from collections.abc import Callable

from app.domain.robot import wording
from app.domain.robot.slots import next_slot
from app.domain.robot.turn import MOST_FAILURES, Turn, fail
from app.domain.robot.vocabulary import Deed, Place, Said

#: Wishes to stop; the other kinds of the family deny it, or only ask.
STOP_KINDS = ("suspend", "cancel", "switch")
#: Whose formalities are told, and nothing offered: the entry of the knowledge base by the reason.
FORMALITIES = {"deceased": "cancel-elder", "abroad": "cancel-abroad"}
#: What a fault or a complaint says where the reason was asked.
_REASONS = {"fault.slow": "slow", "fault": "service", "complaint": "service"}
_CONDITION = re.compile(
    "(?:打|给|再|便宜|送|降|减|免|优惠|少|能|修好|弄好|补|退).{0,12}(?:我)?(?:就|才|可以|都|也许)"
    ".{0,4}(?:不停|不拆|不退|不走|不换|不销|留|继续|接着|续|考虑|用下去|用着)"
    "|(?:除非|要是|如果|只要|假如).{0,16}(?:不停|不拆|不退|不走|不换|不销|留下|继续|接着用|续|考虑|用下去)"
    "|(?:再|能不能|可不可以|可以).{0,4}(?:便宜|优惠|少|低|降|打折)|还能(?:再)?(?:便宜|优惠|少|低|降)"
    "|[一二三四五六七八九半](?:点[一二三四五六七八九])?折(?:行|可以|能|好|就)|打(?:个)?[一二三四五六七八九半]折"
)
#: Said already when the formalities are told.
_CONDOLENCE = re.compile("^[^，。]*节哀[，。]")
_COMPARES = re.compile(
    "(?:他们|人家|别家|别人|那边|隔壁|对面|电信|移动|联通|铁通|广电别).{0,14}(?:便宜|块|元|免费|送|快|只要|才)"
)
_UNDECIDED = re.compile(
    "考虑|想想|想一想|商量|再看|看看再|再说|不急|等(?:我|他|她|一下|几天)|问(?:一?下|问)?(?:我)?(?:老公|老婆|儿子|女儿|家里|爱人|孩子|老伴|老人)"
    "|不确定|没想好|说不好|犹豫|到时候"
)


def is_wish(event: Said) -> bool:
    """Whether somebody clearly wants to stop; what only resembles it is asked back."""
    return event.means("disconnect") and event.kind in STOP_KINDS


def is_conditional(text: str) -> bool:
    """Whether somebody would stay if they were given something."""
    return bool(_CONDITION.search(text))


def reason_of(event: Said) -> str:
    """The reason in an utterance: named, or meant by the fault or the complaint it tells."""
    household = event.slots.get("household", "").split(",")
    if "deceased" in household:
        return "deceased"
    if "abroad" in household:
        return "abroad"
    named = event.slots.get("reason", "")
    if named:
        return named
    if event.slots.get("competitor"):
        return "competitor"
    if is_conditional(event.text):
        return "price"
    sure = event.action == "act"
    return (_REASONS.get(event.intent) or _REASONS.get(event.family, "")) if sure else ""


def reason_opening(turn: Turn, event: Said | None) -> bool:
    """Why somebody wants to stop, unless that was said with the wish, or is known; then one
    offer."""
    reason = reason_of(event) if event is not None else ""
    if "deceased" in turn.state.facts:
        reason = "deceased"
    if event is not None:
        turn.keep_values(kind=event.kind if event.kind in STOP_KINDS else "")
    if reason:
        turn.keep_values(reason=reason)
        return _goes_on(turn)
    turn.set(place=Place.REASON)
    turn.say(turn.text("reason"))
    return True


def answer_reason(turn: Turn, event: Said) -> None:
    """Whatever is said is the reason: nobody is asked twice why."""
    if event.means("affirm") and not reason_of(event) and not turn.state.failures:
        # 可以 answers "may I ask", and not yet why
        turn.set(failures=1)
        turn.ask_again()
        return
    kept_back = wording.keeps_back(event.text) and not event.slots.get("reason")
    reason = "other" if kept_back else reason_of(event) or "other"
    turn.keep_values(reason=reason, why=event.text)
    if not _goes_on(turn):
        next_slot(turn)


def _goes_on(turn: Turn) -> bool:
    """The formalities of the reason, or the offer; whether something was asked."""
    entry = FORMALITIES.get(turn.state.values.get("reason", ""))
    if entry is None:
        return _offer(turn)
    if turn.keep_fact(f"told_{entry}"):
        turn.say(_CONDOLENCE.sub("", turn.house.answer_of(entry)))
    return False


def _offer(turn: Turn) -> bool:
    """One offer at most, and only once."""
    if turn.state.offered:
        return False
    fitting = turn.house.offer_for(turn.state.values.get("reason", ""))
    if fitting is None:
        return False
    code, words = fitting
    turn.keep_values(offer=code)
    turn.set(place=Place.OFFER, offered=True)
    turn.say(words)
    return True


def answer_offer(turn: Turn, event: Said) -> None:
    """Who accepts is noted as interested; who declines is registered as wished; who does neither
    is left to a person, and stays a customer meanwhile."""
    if reason_of(event) == "deceased":
        turn.keep_values(reason="deceased")
        _goes_on(turn)
        next_slot(turn)
        return
    meant = next((then for hears, then in _OFFER_ANSWERS if hears(turn, event)), None)
    if meant is not None:
        meant(turn, event)
    elif turn.state.failures + 1 >= MOST_FAILURES:
        _left_open(turn, event)
    else:
        fail(turn, turn.text("again_keys"))


def _declines(_: Turn, event: Said) -> bool:
    return is_wish(event) or (event.means("deny") and not is_conditional(event.text))


def _declined(turn: Turn, event: Said) -> None:
    if event.kind in STOP_KINDS:
        turn.keep_values(kind=event.kind)
    turn.set(failures=0)
    turn.say(turn.text("wish_noted"))
    next_slot(turn)


def _sets_condition(turn: Turn, event: Said) -> None:
    _negotiates(turn, event, "condition")


def _makes_comparison(turn: Turn, event: Said) -> None:
    _negotiates(turn, event, "compare")


def _negotiates(turn: Turn, event: Said, text: str) -> None:
    """Told honestly what can be offered here, once; then it is left to a person."""
    before = turn.state.values.get("condition", "")
    turn.keep_values(condition="；".join(filter(None, (before, event.text))))
    if before:
        _settle(turn, "open")
        return
    turn.set(failures=0)
    turn.ask_again(turn.text(text))


def _left_open(turn: Turn, event: Said) -> None:
    before = turn.state.values.get("condition", "")
    turn.keep_values(condition="；".join(filter(None, (before, event.text))))
    _settle(turn, "open")


def _settle(turn: Turn, wants: str) -> None:
    """Nothing is stopped: a person settles the offer with the caller."""
    task = next((c for c, t in turn.flow.tasks.items() if t.act is Deed.OFFER), turn.state.task)
    turn.keep_values(wants_offer=wants)
    turn.say(turn.text("left_open") if wants == "open" else "")
    turn.set(task=task, failures=0)
    next_slot(turn)


def _accepted(turn: Turn, _: Said) -> None:
    _settle(turn, "yes")


#: What an answer to an offer means, in this order: who would stay for more has not said yes.
_OFFER_ANSWERS: tuple[tuple[Callable[[Turn, Said], bool], Callable[[Turn, Said], None]], ...] = (
    (_declines, _declined),
    (lambda _, event: is_conditional(event.text), _sets_condition),
    (lambda _, event: bool(_COMPARES.search(event.text)), _makes_comparison),
    (lambda _, event: bool(_UNDECIDED.search(event.text)), _left_open),
    (lambda _, event: event.means("affirm"), _accepted),
    (lambda turn, event: turn.flow.says("decline", event.text), _declined),
)
