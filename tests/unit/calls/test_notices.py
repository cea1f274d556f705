"""Which notices change which part of an agent's screen, and who hears of them: tables, read as tables."""

import pytest

from app.service.notices import (
    FLOOR,
    KNOWLEDGE,
    OPERATOR,
    QUEUE,
    Notice,
    NoticeKind,
    call_topic,
    user_topic,
)
from app.web.calls.desk_changes import Changes, Part, changes

ME, MINE = 7, "my-call"
K, P = NoticeKind, Part


@pytest.mark.parametrize(("notice", "topics"), [
    (Notice(K.PARTIAL, "c", 3, side="caller"), {call_topic("c"), user_topic(3)}),
    (Notice(K.CALL, "c"), {call_topic("c"), QUEUE, FLOOR}), (Notice(K.PRESENCE, user_id=3), {user_topic(3), FLOOR}),
    (Notice(K.CALLBACK), {QUEUE}), (Notice(K.VOICEMAIL, "c"), {call_topic("c"), QUEUE}), (Notice(K.STOCK), {OPERATOR, FLOOR}),
    (Notice(K.OUTAGE), {OPERATOR, FLOOR}), (Notice(K.KNOWLEDGE), {KNOWLEDGE}), (Notice(K.DIALOGS), {KNOWLEDGE}),
    (Notice(K.TASK, user_id=3), {user_topic(3)})])
def test_topics_of_a_notice(notice: Notice, topics: set[str]) -> None:
    assert notice.topics == topics


def test_every_kind_has_somebody_who_hears_it() -> None:
    for kind in NoticeKind:
        assert Notice(kind, "c", 1).topics


@pytest.mark.parametrize(("notice", "parts", "own"), [
    (Notice(K.PRESENCE, user_id=ME), {P.PRESENCE, P.TOOLS, P.CALLBAR, P.WHO, P.CARD}, True),
    (Notice(K.CALL, MINE), {P.PRESENCE, P.CALLBAR, P.WHO, P.CARD}, True),
    (Notice(K.CALL, "that becomes mine", ME), {P.PRESENCE, P.CALLBAR, P.WHO, P.CARD}, True),
    (Notice(K.CARD, MINE), {P.CARD}, False), (Notice(K.CARD, MINE, parts=frozenset({"OfferTrial"})), {P.CARD, P.WHO}, False),
    (Notice(K.SMS, MINE, parts=frozenset({"ShortMessage"})), {P.CARD, P.WHO}, False),
    (Notice(K.CARD, MINE, parts=frozenset({"Call", "Utterance", "CardFate"})), {P.CARD}, False),
    (Notice(K.TICKET, MINE), {P.CARD}, False), (Notice(K.RECOGNITION_GAP, MINE), {P.SAID}, False),
    (Notice(K.OUTAGE), {P.CARD}, False), (Notice(K.STOCK), {P.CARD}, False), (Notice(K.TASK, "an old call", ME), {P.TASKS}, False)])
def test_parts_that_a_notice_changes(notice: Notice, parts: set[Part], own: bool) -> None:
    assert changes([notice], ME, MINE) == Changes(frozenset(parts), own)


@pytest.mark.parametrize("notice", [
    Notice(K.CALL, "other", 8), Notice(K.CALL, "other"), Notice(K.CARD, "other", 8), Notice(K.PRESENCE, user_id=8), Notice(K.TASK, user_id=8),
    Notice(K.UTTERANCE, "the call before", ME, subject_id=5), Notice(K.PARTIAL, "the call before", ME, side="caller", text="太贵"),
    Notice(K.CARD, "the call before", ME), Notice(K.CALLBACK), Notice(K.VOICEMAIL, "other"), Notice(K.KNOWLEDGE)])
def test_what_is_another_agents_changes_nothing(notice: Notice) -> None:
    assert changes([notice], ME, MINE) == Changes()


def test_without_a_call_only_the_agent_matters() -> None:
    assert changes([Notice(K.OUTAGE), Notice(K.CALL, "other"), Notice(K.CARD, "other")], ME, "") == Changes()
    assert changes([Notice(K.PRESENCE, user_id=ME)], ME, "").own


def test_a_burst_is_one_change() -> None:
    """A sentence that opens a case: five notices, each part once; of partials only the last."""
    burst = [Notice(K.PARTIAL, MINE, side="caller", text="我要"), Notice(K.PARTIAL, MINE, side="caller", text="我要报停"), Notice(K.HINT, MINE, intent="x"),
             Notice(K.UTTERANCE, MINE, ME, subject_id=4), Notice(K.CARD, MINE), Notice(K.UTTERANCE, MINE, ME, subject_id=5), Notice(K.CARD, MINE),
             Notice(K.PARTIAL, MINE, side="caller"), Notice(K.HINT, MINE)]
    assert changes(burst, ME, MINE) == Changes(frozenset({P.CARD}), False, (4, 5), {"caller": ""}, "")
    words = changes(burst[:3], ME, MINE)
    assert words.only_words and words.hint == "x" and words.partials == {"caller": "我要报停"}
    assert not changes(burst, ME, MINE).only_words
