"""On SQLite and PostgreSQL: a second hearing corrects an utterance and what followed from it, and nothing that a person did."""

from app.domain.calls import machine
from app.domain.ids import UtteranceId
from app.language.understanding.understood import Understanding
from app.service.calls.commands import AdvanceCall, ReviseUtterance, SettleCard
from app.service.calls.queries import CallFilter, CallView
from app.service.knowledge.commands import CorrectUtterance
from app.service.ports import Content, Word
from tests.contract.conftest import Shop
from tests.support.actors import as_user


def _words(text: str) -> tuple[Word, ...]:
    return tuple(Word(each, at * 0.2, at * 0.2 + 0.2, 0.9) for at, each in enumerate(text))


def _revise(shop: Shop, content: Content, call_id: str, utterance_id: UtteranceId, text: str, *, caller: bool = True) -> None:
    heard: Understanding | None = content.engine.understand(text) if caller else None
    shop.bus.execute(ReviseUtterance(call_id=call_id, utterance_id=utterance_id, words=_words(text), understanding=heard))


def _view(shop: Shop, call_id: str) -> CallView:
    view = shop.queries.call(call_id)
    assert view is not None
    return view


def _talking(shop: Shop) -> str:
    return shop.talk("13800000001")


def _saying(shop: Shop, words: str) -> list[str]:
    return [row.call.id for row in shop.queries.calls(CallFilter(text=words))]


def test_text_meaning_card_and_search_follow(shop: Shop, content: Content) -> None:
    call_id = _talking(shop)
    said = shop.say(call_id, content, "我家电视没有信号")
    _revise(shop, content, call_id, said, "我要查一下话费账单")
    view = _view(shop, call_id)
    (utterance,) = view.utterances
    assert (utterance.text, utterance.first_text) == ("我要查一下话费账单", "我家电视没有信号")
    assert utterance.intent.startswith("billing.") and utterance.first_intent.startswith("fault.")
    assert [fate.intent for fate in view.fates] == [utterance.intent] and view.call.intent == utterance.intent
    assert _saying(shop, "话费账单") == [call_id] and _saying(shop, "没有信号") == []


def test_it_happens_once(shop: Shop, content: Content) -> None:
    call_id = _talking(shop)
    said = shop.say(call_id, content, "我家电视没有信号")
    _revise(shop, content, call_id, said, "我家宽带断了")
    _revise(shop, content, call_id, said, "今天天气很好")
    (utterance,) = _view(shop, call_id).utterances
    assert utterance.text == "我家宽带断了" and utterance.first_text == "我家电视没有信号"


def test_a_wish_that_was_misheard_is_withdrawn_and_one_that_was_missed_opens_a_case(shop: Shop, content: Content) -> None:
    call_id = _talking(shop)
    said = shop.say(call_id, content, "我要报停")
    assert _view(shop, call_id).case is not None
    _revise(shop, content, call_id, said, "我要报修")
    view = _view(shop, call_id)
    assert view.case is None or view.case.phase == "misheard"
    assert not view.call.intent.startswith("disconnect")
    again = shop.say(call_id, content, "我家电视没有信号")
    _revise(shop, content, call_id, again, "我要拆机")
    case = _view(shop, call_id).case
    assert case is not None and case.phase == "asked" and case.kind == "cancel"


def test_a_wish_that_was_said_twice_stays(shop: Shop, content: Content) -> None:
    call_id = _talking(shop)
    shop.say(call_id, content, "我要报停")
    second = shop.say(call_id, content, "我就是要报停")
    _revise(shop, content, call_id, second, "我家电视没有信号")
    case = _view(shop, call_id).case
    assert case is not None and case.phase == "asked"


def test_what_a_person_did_stays(shop: Shop, content: Content) -> None:
    call_id, actor = _talking(shop), as_user(shop.agents["1001"])
    said = shop.say(call_id, content, "我家电视没有信号")
    shop.bus.execute(SettleCard(utterance_id=said, fate="answered", actor=actor))
    _revise(shop, content, call_id, said, "我要查一下话费账单")
    assert [fate.fate for fate in _view(shop, call_id).fates] == ["answered"]
    corrected = shop.say(call_id, content, "今天天气很好")
    shop.bus.execute(CorrectUtterance(utterance_id=corrected, wanted="fault.no_signal", actor=actor))
    _revise(shop, content, call_id, corrected, "今天电视很好")
    utterance = _view(shop, call_id).utterances[-1]
    assert utterance.intent == "fault.no_signal" and utterance.text == "今天电视很好"


def test_after_the_end_words_change_and_no_case_opens(shop: Shop, content: Content) -> None:
    call_id = _talking(shop)
    said = shop.say(call_id, content, "今天天气很好")
    shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.CallerHungUp()))
    _revise(shop, content, call_id, said, "我要拆机")
    view = _view(shop, call_id)
    assert view.utterances[0].text == "我要拆机" and view.case is None


