"""What goes before every other card: danger, a death, a minor, deceit, a threat; and who stays or only asks."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.domain.retention.case import CaseState
from app.language.understanding.understood import FaqAnswer, Understanding
from app.service.calls.cards import build_card
from app.service.calls.care import Care, care_card, care_of, stop_reason
from app.service.calls.queries import CallView
from app.service.calls.records import CardFate, Utterance
from app.service.calls.views import ticket_form
from app.service.ports import Content
from app.service.retention.records import RetentionCase
from app.service.state_codec import dump
from tests.support.kept import present
from tests.support.views import NOW, call_view, ticket

TODAY = date(2026, 11, 22)


def _heard(intent: str, action: str = "act", faq: tuple[FaqAnswer, ...] = (), **slots: str) -> Understanding:
    family, _, kind = intent.partition(".")
    return Understanding("…", family, kind, 0.9, action, dict(slots), faq)


def _view(heard: list[Understanding], case: RetentionCase | None = None, *, known: bool = True) -> CallView:
    utterances = [
        Utterance(call_id="c", side="caller", start_ms=at * 3000, end_ms=at * 3000 + 2000, text=f"第{at}句", intent=each.intent,
                  action=each.action, understanding_json=dump(each), id=at)
        for at, each in enumerate(heard)]
    return call_view(utterances=utterances, case=case, known=known)


def _case(kind: str, reason: str = "") -> RetentionCase:
    state = replace(CaseState(kind), reason=reason)
    return RetentionCase(call_id="c", opened_at=NOW, phase=state.phase, kind=kind, reason=reason, state_json=dump(state), id=1)


def _settle(view: CallView, at: int, fate: str) -> None:
    assert isinstance(view.fates, list), "as call_view makes it"
    view.fates.append(CardFate(call_id="c", utterance_id=at, intent=view.utterances[at].intent, shown_at=datetime.now(UTC), fate=fate))


@pytest.mark.parametrize(("heard", "care"), [
    (_heard("fault.danger"), Care.DANGER), (_heard("fault.danger", "clarify"), Care.DANGER), (_heard("human.crisis"), Care.CRISIS),
    (_heard("complaint.fraud"), Care.FRAUD), (_heard("complaint.threat"), Care.THREAT), (_heard("complaint.complaint"), None),
    (_heard("fault.danger", "none"), None), (_heard("fault.box", faq=(FaqAnswer("box-hot", "…", 0.9),)), Care.DANGER),
    (_heard("fault.box", faq=(FaqAnswer("box-hot", "…", 0.3),)), None), (_heard("none.other", "none", household="elder,minor"), Care.MINOR),
    (_heard("disconnect.cancel", household="deceased"), Care.BEREAVED), (_heard("disconnect.cancel", reason="deceased"), Care.BEREAVED),
    (_heard("disconnect.cancel", reason="abroad"), Care.ABROAD), (_heard("fault.slow", household="abroad"), None),
    (_heard("fault.danger", household="minor"), Care.DANGER)])
def test_what_the_words_call_for(heard: Understanding, care: Care | None) -> None:
    assert care_of(heard) is care


@pytest.mark.parametrize("care", list(Care))
def test_every_care_has_words_and_steps(content: Content, care: Care) -> None:
    card = care_card(care, content)
    assert card.say and len(card.steps) >= 3
    assert not card.form or card.form in content.scripts["forms"]


def test_the_gravest_matter_leads_until_it_is_settled(content: Content) -> None:
    view = _view([_heard("human.crisis"), _heard("complaint.threat"), _heard("billing.bill")])
    assert present(build_card(view, content, TODAY).care).kind == "crisis"
    _settle(view, 0, "answered")
    card = build_card(view, content, TODAY)
    assert (card.kind, present(card.care).kind, card.form) == ("care", "threat", "complaint")
    _settle(view, 1, "dismissed")
    assert build_card(view, content, TODAY).kind == "answer"


def test_the_agent_may_bring_something_else_to_the_front(content: Content) -> None:
    view = _view([_heard("fault.danger"), _heard("billing.bill")])
    _settle(view, 1, "front")
    assert build_card(view, content, TODAY).kind == "answer"


def test_danger_goes_before_an_open_case_and_brings_its_ticket(content: Content) -> None:
    view = _view([_heard("disconnect.cancel"), _heard("fault.danger")], _case("cancel"))
    card = build_card(view, content, TODAY)
    assert card.kind == "care" and present(card.care).ticket == "fault"
    form = ticket_form(view, card, content)
    assert (form.kind, form.told, form.opened) == ("fault", "第1句", False) and form.promise
    unknown = _view([_heard("fault.danger")], known=False)
    assert ticket_form(unknown, build_card(unknown, content, TODAY), content).opened, "the address is to be asked"


def test_a_bereaved_caller_is_asked_nothing_and_offered_nothing(content: Content) -> None:
    view = _view([_heard("disconnect.cancel", household="deceased")], _case("cancel"))
    card = build_card(view, content, TODAY)
    assert card.kind == "retention" and present(card.care).kind == "bereaved" and card.offers == ()
    assert stop_reason(_heard("disconnect.cancel", household="deceased", reason="not_watching")) == "deceased"
    without = build_card(_view([_heard("none.other", "none", household="deceased")]), content, TODAY)
    assert (without.kind, present(without.care).kind) == ("care", "bereaved")


def test_nothing_is_agreed_with_a_minor_even_in_a_case(content: Content) -> None:
    view = _view([_heard("disconnect.cancel", household="minor")], _case("cancel"))
    assert present(build_card(view, content, TODAY).care).kind == "minor"
    _settle(view, 0, "answered")
    assert build_card(view, content, TODAY).kind == "retention"


def test_who_only_asks_is_answered_before_the_reason_is_asked(content: Content) -> None:
    entry = content.knowledge.entries[0]
    answer = FaqAnswer(entry.id, entry.question, 0.9)
    card = build_card(_view([_heard("disconnect.enquiry", faq=(answer,))], _case("enquiry")), content, TODAY)
    assert card.script == content.scripts["after_answer"] and card.answers[0].id == entry.id
    card = build_card(_view([_heard("disconnect.enquiry", "clarify", faq=(answer,))]), content, TODAY)
    assert (card.kind, card.stop_kind, card.script) == ("clarify", "enquiry", content.scripts["after_answer"])
    card = build_card(_view([_heard("disconnect.cancel")], _case("cancel")), content, TODAY)
    assert card.script == content.scripts["ask_reason"]


def test_who_stays_after_all_is_thanked_and_not_asked_why(content: Content) -> None:
    view = _view([_heard("disconnect.cancel"), _heard("disconnect.negated")], _case("cancel"))
    card = build_card(view, content, TODAY)
    assert (card.kind, card.heard_reply, card.script) == ("retention", "stays", content.scripts["negated"])
    again = _view([_heard("disconnect.negated"), _heard("disconnect.cancel")], _case("cancel"))
    assert build_card(again, content, TODAY).heard_reply == ""


def test_a_request_of_an_earlier_call_is_taken_back(content: Content) -> None:
    view = _view([_heard("disconnect.negated")])
    assert build_card(view, content, TODAY).requests == ()
    household = replace(present(view.customer), tickets=[ticket("retention", "T7"), ticket("fault", "T8"), ticket("retention", "T9", "lost")])
    card = build_card(replace(view, customer=household), content, TODAY)
    assert card.requests == ("T7",) and card.script == content.scripts["withdrawn"]
