"""The agent's attention: which card was shown for what, and what became of it."""

from app.domain.refusal import Invalid, NotFound, RefusalCode
from app.language.understanding.understood import Understanding
from app.service.calls.care import care_of
from app.service.calls.commands import ChooseMode, SettleCard
from app.service.calls.records import CardFate, Utterance
from app.service.command import handles
from app.service.context import Context
from app.service.lookup import acting_user, own_call
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork

#: What people answer; it belongs to the card before it.
REPLIES = frozenset({"affirm", "deny"})
MODES = ("novice", "expert")
_CHOSEN = ("answered", "dismissed", "front")
_OPEN = ("shown", "front")


def show(uow: UnitOfWork, context: Context, utterance: Utterance, heard: Understanding) -> None:
    """Record that a card was shown, if the utterance means something by itself or needs care."""
    means = heard.action in ("act", "clarify") and heard.family not in REPLIES
    if not means and care_of(heard) is None:
        return
    assert utterance.id is not None  # noqa: S101  flushed
    uow.add(
        CardFate(
            call_id=utterance.call_id,
            utterance_id=utterance.id,
            intent=heard.intent,
            shown_at=context.clock.now(),
        )
    )


def use(uow: UnitOfWork, context: Context, call_id: str, family: str) -> None:
    """Mark the cards of one family in this call as used: the agent acted on them."""
    for card in uow.find(CardFate, call_id=call_id):
        if card.fate in _OPEN and card.intent.partition(".")[0] == family:
            _settle(card, "used", context)


def override(uow: UnitOfWork, context: Context, utterance_id: int) -> None:
    """Mark a card as overridden: the agent said that the utterance meant something else."""
    for card in uow.find(CardFate, utterance_id=utterance_id):
        _settle(card, "overridden", context)


def _settle(card: CardFate, fate: str, context: Context) -> None:
    card.fate, card.settled_at = fate, context.clock.now()


@handles(SettleCard)
def settle_card(command: SettleCard, uow: UnitOfWork, context: Context) -> None:
    """Raises Refused for another agent's call, NotFound where no card was shown."""
    if command.fate not in _CHOSEN:
        raise Invalid(
            RefusalCode.CARD_FATE, f"a card is answered, dismissed or front, not {command.fate!r}"
        )
    cards = uow.find(CardFate, utterance_id=command.utterance_id)
    if not cards:
        raise NotFound(RefusalCode.NOT_FOUND, f"no card for utterance {command.utterance_id}")
    call = own_call(uow, cards[0].call_id, command.actor)
    if command.fate == "front":
        for other in uow.find(CardFate, call_id=call.id, fate="front"):
            other.fate = "shown"
    for card in cards:
        _settle(card, command.fate, context)
    uow.notify(Notice(NoticeKind.CARD, call.id, command.actor.id or 0))


@handles(ChooseMode)
def choose_mode(command: ChooseMode, uow: UnitOfWork, _: Context) -> None:
    if command.mode not in MODES:
        raise Invalid(
            RefusalCode.DESK_MODE, f"expected one of {', '.join(MODES)}, got {command.mode!r}"
        )
    acting_user(uow, command.actor).desk_mode = command.mode
    uow.notify(Notice(NoticeKind.PRESENCE, user_id=command.actor.id or 0))
