"""A call that is kept for screens is what a fresh reading says, whatever happens in it; and it costs few reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.adapters.feed.feed_memory import MemoryFeed
from app.domain.calls import machine
from app.domain.ids import CaseId, CustomerId, DisclosureId, UtteranceId
from app.service.calls.commands import (
    AdvanceCall,
    FinishWrapUp,
    LinkCustomer,
    NoteRecognitionGap,
    SettleCard,
)
from app.service.calls.live_views import LiveViews
from app.service.calls.queries import CallView
from app.service.field.commands import OpenTicket, ReportOutage, StepGuide
from app.service.households.commands import SendMessage
from app.service.knowledge.commands import CorrectUtterance
from app.service.notices import FeedItem, Notice, NoticeKind
from app.service.ports import Content
from app.service.retention.commands import FileForm, OpenCase, SetStock, StepCase, TickDisclosure
from tests.contract.conftest import Shop
from tests.support.actors import as_user, named
from tests.support.kept import key


@pytest.fixture
def views(shop: Shop) -> LiveViews:
    feed = MemoryFeed()
    shop.follow(feed)
    kept = LiveViews(shop.queries)
    feed.listen(kept.heard)
    return kept


@contextmanager
def _reads(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_it_stands_as_a_fresh_reading_after_every_step(shop: Shop, content: Content, views: LiveViews) -> None:
    me = as_user(shop.agents["1001"])
    boss = named("主管")
    shop.ready("1001")
    call_id, _ = shop.call("13800000001", machine.Admitted(True, True))
    steps = 0

    def same() -> CallView:
        nonlocal steps
        steps += 1
        kept, _ = views.get(call_id)
        fresh = shop.queries.call(call_id)
        assert kept is not None and fresh is not None
        for name in CallView.__dataclass_fields__:
            assert getattr(kept, name) == getattr(fresh, name), (steps, name)
        return kept

    def do(command: Any) -> CallView:
        shop.bus.execute(command)
        return same()

    def say(text: str, side: str = "caller") -> UtteranceId:
        said = shop.say(call_id, content, text, side)
        same()
        return said

    same()
    do(AdvanceCall(call_id=call_id, event=machine.AgentAnswered()))
    view = do(AdvanceCall(call_id=call_id, event=machine.PromptPlayed("welcome")))
    assert view.call.phase == "talking" and view.agent is not None and view.customer is not None
    grid_id = view.customer.grid.id or 0
    say("您好请问有什么可以帮您", "agent")
    fault = say("我家电视没信号")
    do(StepGuide(call_id=call_id, tree="tv-no-signal" if any(t.code == "tv-no-signal" for t in content.faults) else content.faults[0].code, action="yes", actor=me))
    view = do(ReportOutage(grid_id=grid_id, text="光缆断了", actor=boss))
    assert view.outage is not None and view.outage.text == "光缆断了"
    assert do(ReportOutage(grid_id=grid_id, ended=True, actor=boss)).outage is None
    do(SettleCard(utterance_id=fault, fate="answered", actor=me))
    wrong = say("我要投诉你们")
    do(CorrectUtterance(utterance_id=wrong, wanted="billing.balance" if content.knowledge.kind("billing.balance") else "none.other", actor=me))
    say("你好我想把电视停掉太贵了")
    view = same()
    case_id = CaseId(key(view.case))
    item = next(offer.item for offer in content.offers if offer.item)
    assert item in do(SetStock(item=item, left=0, actor=boss)).sold_out
    view = do(StepCase(case_id=case_id, action="offer", value="price-cut-12", actor=me))
    assert [t.outcome for t in view.trials] == ["shown"] and view.disclosures
    do(TickDisclosure(disclosure_id=DisclosureId(key(view.disclosures[0])), actor=me))
    view = do(StepCase(case_id=case_id, action="accept", actor=me))
    assert view.customer is not None and "accepted" in [t.outcome for t in view.customer.trials]
    assert do(SendMessage(call_id=call_id, template=next(iter(content.scripts["sms"])), actor=me)).messages
    do(OpenCase(call_id=call_id, kind="suspend", actor=me)) if view.case is None else None
    assert do(OpenTicket(call_id=call_id, kind="fault", promise="明天上午", actor=me)).tickets
    do(FileForm(call_id=call_id, form="complaint", values={"about": "收费", "what": "多扣了", "phone": "13800000001", "address": "一号"}, actor=me))
    do(NoteRecognitionGap(call_id=call_id, side="caller", from_frame=100, until_frame=200))
    other = shop.queries.find_customers("13800000002")[0]
    view = do(LinkCustomer(call_id=call_id, customer_id=CustomerId(key(other)), actor=me))
    assert view.customer is not None and view.customer.customer.id == other.id
    do(AdvanceCall(call_id=call_id, event=machine.CallerHungUp()))
    do(FinishWrapUp(call_id=call_id, disposition="kept", note="好", actor=me))
    assert steps > 20


def test_a_sentence_costs_a_few_reads_and_nothing_costs_none(shop: Shop, content: Content, views: LiveViews) -> None:
    call_id = shop.talk("13800000001")
    for _ in range(5):
        shop.say(call_id, content, "怎么交费")
    with _reads(shop.engine) as whole:
        views.get(call_id)
    with _reads(shop.engine) as again:
        view, version = views.get(call_id)
    assert not again and view is not None
    shop.say(call_id, content, "我家电视没信号")
    with _reads(shop.engine) as sentence:
        after, later = views.get(call_id)
    assert later > version and after is not None and len(after.utterances) == 6
    assert len(whole) >= 18 and len(sentence) <= 6, [s.split("FROM")[1][:30] for s in sentence]
    shop.say(call_id, content, "请稍等", "agent")
    with _reads(shop.engine) as of_agent:
        views.get(call_id)
    assert len(of_agent) <= 4, [s.split("FROM")[1][:30] for s in of_agent]


def test_after_a_loss_everything_is_read_again(shop: Shop, content: Content, views: LiveViews) -> None:
    call_id = shop.talk("13800000001")
    assert views.get(call_id)[0] is not None
    shop.follow(None)  # what happens now is told to nobody
    shop.say(call_id, content, "怎么交费")
    kept, _ = views.get(call_id)
    assert kept is not None and not kept.utterances
    views.heard(None)
    kept, _ = views.get(call_id)
    assert kept is not None and len(kept.utterances) == 1
    shop.say(call_id, content, "怎么交费")
    fresh = views.fresh(call_id)
    assert fresh is not None and len(fresh.utterances) == 2, "a page reads the call as a whole"


def test_notices_name_the_records_that_were_written(shop: Shop, content: Content) -> None:
    call_id = shop.talk("13800000001")
    shop.notices.clear()
    said = shop.say(call_id, content, "怎么交费")
    told = [n for n in shop.notices if n.kind is NoticeKind.UTTERANCE]
    assert [n.subject_id for n in told] == [said]
    assert {"Utterance", "Call", "CardFate"} <= told[0].parts
    assert {n.parts for n in shop.notices} == {told[0].parts}


def test_calls_that_nobody_looks_at_are_let_go(shop: Shop) -> None:
    kept = LiveViews(shop.queries, kept=2)
    calls = [shop.call(f"1380000000{n}")[0] for n in range(1, 4)]
    versions = [kept.get(call_id)[1] for call_id in calls]
    with _reads(shop.engine) as reads:
        kept.get(calls[2])
    assert not reads
    assert kept.get(calls[0])[1] > max(versions), "a version number is never used twice"
    kept.heard(FeedItem(1, Notice(NoticeKind.CALL, "unknown")))
