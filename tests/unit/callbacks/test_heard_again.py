"""A call-back of which one message was heard again: words, draft, and what others have said."""

from app.domain.callbacks.callback import Asked, TicketDraft, draft_of, redrafted, reworded


def _asked(text: str, intent: str = "fault.no_signal", **slots: str) -> Asked:
    return Asked(text, intent, draft_of(intent, slots, text))


def test_one_message_among_others_is_replaced() -> None:
    assert reworded("甲 / 乙 / 丙", "乙", "丁") == "甲 / 丁 / 丙"
    assert reworded("甲", "乙", "丁") is None, "another caller's entry"
    assert reworded("", "", "丁") == "丁" and reworded("甲", "", "丁") == "甲 / 丁"
    assert reworded("甲 / 乙", "乙", "") == "甲"


def test_the_draft_of_a_single_message_is_made_anew() -> None:
    before = _asked("幸福小去三栋没信号", address="幸福小去")
    after = _asked("幸福小区三栋没信号", address="幸福小区三栋", phone="13800000000")
    assert redrafted(before.draft, before, after) == after.draft
    nothing = Asked("打错了")
    assert redrafted(before.draft, before, nothing) is None
    assert redrafted(None, nothing, after) == after.draft


def test_an_opened_draft_is_not_touched() -> None:
    opened = TicketDraft("fault", brief="没信号", number="T1")
    assert redrafted(opened, _asked("没信号"), _asked("我家没信号")) is opened


def test_what_other_messages_named_stays() -> None:
    kept = TicketDraft("fault", "和平路八号", "13900000000", "明天", "上不了网 / 没信好")
    again = redrafted(kept, _asked("没信好"), _asked("没信号", when="后天"))
    assert again == TicketDraft("fault", "和平路八号", "13900000000", "后天", "上不了网 / 没信号")
    assert redrafted(kept, _asked("没信好"), Asked("谢谢")) == kept
