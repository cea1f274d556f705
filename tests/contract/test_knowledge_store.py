"""Versions, jobs, the queue and the counts of the knowledge base, on both databases."""

import json
from datetime import timedelta
from typing import Any

import pytest

from app.adapters.db.housekeeping import purge
from app.domain.calls import machine
from app.domain.ids import UtteranceId, VersionId
from app.domain.refusal import Invalid, NotFound, Refused
from app.language.knowledge.content import ContentError
from app.language.knowledge.edits import AddPhrases, AddQuestions, RemoveEntry, ReplaceFiles
from app.language.knowledge.files import ENTRIES, parse, render
from app.language.understanding.understood import Understanding
from app.service.calls.commands import AdvanceCall, RecordUtterance
from app.service.knowledge import versions
from app.service.knowledge.commands import (
    CorrectUtterance,
    DecideDraft,
    DismissItem,
    EditKnowledge,
    FinishJob,
    NoteShadow,
    ProgressJob,
    RestoreVersion,
    SeedKnowledge,
    StartJob,
    UpdateDraft,
)
from app.service.people.records import AuditEntry
from app.service.ports import Content, Word
from tests.contract.conftest import Shop
from tests.support.actors import as_user, named
from tests.support.kept import present

WHO = "梁组长"


@pytest.fixture
def files(content: Content) -> dict[str, str]:
    return render(content.knowledge)


@pytest.fixture
def first(shop: Shop, files: dict[str, str]) -> VersionId:
    return present(shop.bus.execute(SeedKnowledge(files=files)))


def _edit(shop: Shop, text: str = "上哪儿交这个钱呢", item: int | None = None) -> VersionId:
    return VersionId(shop.bus.execute(EditKnowledge(edit=AddQuestions("pay-channels", (text,)), item_id=item, actor=named(WHO))))


def _job(shop: Shop, version: VersionId, kind: str, result: dict[str, object] | None, **more: Any) -> None:
    job = shop.bus.execute(StartJob(version_id=version, kind=kind, actor=named(WHO)))
    shop.bus.execute(FinishJob(job_id=job, result=result, **more))


def _decide(shop: Shop, version: VersionId, action: str, reason: str = "") -> None:
    shop.bus.execute(DecideDraft(version_id=version, action=action, reason=reason, actor=named(WHO)))


def _ready(shop: Shop, version: VersionId, *, risky: bool = False) -> None:
    _job(shop, version, "check", {"fatal": 0, "findings": []})
    _job(shop, version, "test", {"risky": risky})


def test_files_are_followed_until_the_operator_publishes(shop: Shop, first: VersionId, files: dict[str, str]) -> None:
    assert shop.bus.execute(SeedKnowledge(files=files)) == first
    newer = {**files, ENTRIES: files[ENTRIES].replace("怎么缴费", "怎样缴费", 1)}
    second = present(shop.bus.execute(SeedKnowledge(files=newer)))
    assert second != first and shop.workshop.files(second) == newer
    draft = _edit(shop)
    _ready(shop, draft)
    _decide(shop, draft, "publish")
    assert shop.bus.execute(SeedKnowledge(files=files)) == draft
    with pytest.raises(ContentError):
        shop.bus.execute(SeedKnowledge(files={**files, ENTRIES: "rubbish"}))
    published = shop.workshop.published()
    assert published is not None and published.id == draft and published.published_by == WHO


def test_the_way_of_a_draft(shop: Shop, first: VersionId, files: dict[str, str]) -> None:
    draft = _edit(shop)
    assert _edit(shop, "哪里能把费给交了") == draft, "there is one draft"
    entry = parse(shop.workshop.files(draft)).entry("pay-channels")
    assert entry is not None and entry.similar[-2:] == ("上哪儿交这个钱呢", "哪里能把费给交了")
    assert shop.workshop.files(first) == files, "what is published is not touched"
    for action in ("publish", "shadow_on"):
        with pytest.raises(Refused):
            _decide(shop, draft, action)
    with pytest.raises(Refused):
        shop.bus.execute(StartJob(version_id=draft, kind="test", actor=named(WHO)))
    _job(shop, draft, "check", {"fatal": 2, "findings": []})
    with pytest.raises(Refused):
        shop.bus.execute(StartJob(version_id=draft, kind="test", actor=named(WHO)))
    _ready(shop, draft, risky=True)
    with pytest.raises(Refused, match="say why"):
        _decide(shop, draft, "publish")
    _decide(shop, draft, "publish", "the tests are wrong")
    version = shop.workshop.version(draft)
    assert version is not None and (version.phase, version.note) == ("published", "the tests are wrong")
    assert {e.action for e in shop.workshop.edits(draft)} == {"AddQuestions"}
    old = shop.workshop.version(first)
    assert old is not None and old.phase == "retired"
    with shop.unit_of_work() as uow:
        assert "knowledge_publish" in {a.action for a in uow.find(AuditEntry, who=WHO)}


def test_an_edit_undoes_check_and_test(shop: Shop, first: VersionId) -> None:
    draft = _edit(shop)
    _ready(shop, draft)
    _decide(shop, draft, "shadow_on")
    _edit(shop, "再加一句怎么交费")
    version = shop.workshop.version(draft)
    assert version is not None and (version.phase, version.shadow) == ("draft", False)
    before = version.revision
    _edit(shop, "再加一句怎么交费")
    again = shop.workshop.version(draft)
    assert again is not None and again.revision == before, "nothing changed, nothing counts"


def test_a_result_that_comes_after_an_edit_does_not_count(shop: Shop, first: VersionId) -> None:
    draft = _edit(shop)
    job = shop.bus.execute(StartJob(version_id=draft, kind="check", actor=named(WHO)))
    with pytest.raises(Refused, match="running"):
        shop.bus.execute(StartJob(version_id=draft, kind="check", actor=named(WHO)))
    shop.bus.execute(ProgressJob(job_id=job, progress=40, detail="check"))
    assert shop.workshop.jobs(draft)["check"].progress == 40
    _edit(shop, "又改了一句")
    shop.bus.execute(FinishJob(job_id=job, result={"fatal": 0, "findings": []}))
    assert shop.workshop.jobs(draft)["check"].state == "outdated"
    version = shop.workshop.version(draft)
    assert version is not None and version.phase == "draft"
    _job(shop, draft, "check", None, error="killed")
    assert (shop.workshop.jobs(draft)["check"].state, shop.workshop.jobs(draft)["check"].detail) == ("failed", "killed")


def test_an_embedding_that_wins_is_kept_with_the_version(shop: Shop, first: VersionId) -> None:
    draft = _edit(shop)
    _ready(shop, draft)
    _job(shop, draft, "embedding", {"won": False})
    assert not shop.workshop.has_embedding(draft)
    _job(shop, draft, "embedding", {"won": True}, embedding=b"bytes")
    version = shop.workshop.version(draft)
    assert shop.workshop.has_embedding(draft) and version is not None and version.phase == "draft"
    _ready(shop, draft)
    _decide(shop, draft, "publish")
    later = _edit(shop, "后来又加一句")
    with shop.unit_of_work() as uow:
        assert versions.snapshot(uow, later).embedding == b"bytes", "a draft begins with it"


def test_rolling_back_and_drafts_that_are_outdated(shop: Shop, first: VersionId, files: dict[str, str]) -> None:
    draft = _edit(shop)
    _ready(shop, draft)
    _decide(shop, draft, "publish")
    other = _edit(shop, "另一个草稿")
    _ready(shop, other)
    restored = shop.bus.execute(RestoreVersion(version_id=first, actor=named(WHO)))
    published = shop.workshop.published()
    assert published is not None and (published.id, published.origin, published.based_on) == (restored, "restore", first)
    assert shop.workshop.files(restored) == files
    with pytest.raises(Refused, match="another version"):
        _decide(shop, other, "publish")
    shop.bus.execute(UpdateDraft(version_id=other, actor=named(WHO)))
    moved = shop.workshop.version(other)
    assert moved is not None and (moved.based_on, moved.phase) == (restored, "draft")
    entry = parse(shop.workshop.files(other)).entry("pay-channels")
    assert entry is not None and entry.similar[-1] == "另一个草稿"
    _decide(shop, other, "discard")
    assert shop.workshop.draft() is None
    for version in (other, restored):
        with pytest.raises(Refused):
            shop.bus.execute(RestoreVersion(version_id=version, actor=named(WHO)))
    with pytest.raises(NotFound):
        shop.bus.execute(RestoreVersion(version_id=VersionId(999), actor=named(WHO)))
    assert [v.phase for v in shop.workshop.versions()] == ["published", "discarded", "retired", "retired"]


def test_a_bad_edit_leaves_the_draft_alone(shop: Shop, first: VersionId) -> None:
    draft = _edit(shop)
    before = shop.workshop.files(draft)
    for edit in (RemoveEntry("nope"), AddPhrases("nope.x", ("x",)), ReplaceFiles({ENTRIES: "x"})):
        with pytest.raises(ContentError):
            shop.bus.execute(EditKnowledge(edit=edit, actor=named(WHO)))
    assert shop.workshop.files(draft) == before


def _talk(shop: Shop, content: Content, said: str) -> tuple[str, UtteranceId, Understanding]:
    """A talking call of agent 1001 and an utterance in it."""
    shop.ready("1001")
    call_id, _ = shop.call("13800000002", machine.Admitted(True, True))
    shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.PromptPlayed(machine.WELCOME)))
    shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.AgentAnswered()))
    heard = content.engine.understand(said)
    words = tuple(Word(c, 0.1, 0.2, 0.9) for c in said)
    utterance = UtteranceId(shop.bus.execute(
        RecordUtterance(call_id=call_id, side="caller", start_ms=0, end_ms=900, words=words, understanding=heard, heard_frames=(10, 10))))
    return call_id, utterance, heard


def test_what_live_calls_teach(shop: Shop, content: Content, first: VersionId) -> None:
    _, utterance, heard = _talk(shop, content, "怎么缴费")
    assert heard.faq[0].id == "pay-channels"
    since = shop.clock.now() - timedelta(days=1)
    assert shop.workshop.counts(since)["pay-channels"].hits == 1
    assert [h.utterance.text for h in shop.workshop.hits("pay-channels")] == ["怎么缴费"]
    fix = CorrectUtterance(utterance_id=utterance, wanted="", wanted_faq="invoice", actor=as_user(shop.agents["1001"], "陈晓雯"))
    shop.bus.execute(fix)
    counts = shop.workshop.counts(since)
    assert (counts["pay-channels"].wrong, counts["invoice"].missed) == (1, 1)
    row = shop.queries.utterance(utterance)
    assert row is not None and row.intent == "billing.enquiry"
    assert json.loads(row.understanding_json)["faq"][0]["id"] == "invoice"
    item = shop.workshop.queue()[0].item
    assert (item.source, item.heard_faq, item.wanted_faq, item.reported_by) == ("corrected", "pay-channels", "invoice", "陈晓雯")
    assert shop.workshop.corrections("invoice")[0].text == "怎么缴费"
    assert item.id is not None
    shop.bus.execute(EditKnowledge(edit=AddQuestions("invoice", ("给我整张票据呗",)), item_id=item.id, actor=named(WHO)))
    assert shop.workshop.open_items() == 0
    done = shop.workshop.item(item.id)
    assert done is not None and (done.state, done.settled_by) == ("learned", WHO)


def test_a_correction_takes_a_misheard_wish_back(shop: Shop, content: Content, first: VersionId) -> None:
    call_id, utterance, _ = _talk(shop, content, "我要报停")
    view = shop.queries.call(call_id)
    assert view is not None and view.case is not None
    with pytest.raises(Refused):
        shop.bus.execute(CorrectUtterance(utterance_id=utterance, wanted="fault.box", actor=as_user(shop.agents["1002"])))
    for wanted, faq in (("fault.nope", ""), ("", "nope"), ("", "")):
        with pytest.raises(Invalid):
            shop.bus.execute(CorrectUtterance(utterance_id=utterance, wanted=wanted, wanted_faq=faq, actor=as_user(shop.agents["1001"])))
    shop.bus.execute(CorrectUtterance(utterance_id=utterance, wanted="fault.outage", actor=as_user(shop.agents["1001"])))
    view = shop.queries.call(call_id)
    assert view is not None and view.case is None and view.call.intent == ""
    again = content.engine.understand("我要报停了")
    words = tuple(Word(c, 0.1, 0.2, 0.9) for c in "我要报停了")
    shop.bus.execute(RecordUtterance(call_id=call_id, side="caller", start_ms=1000, end_ms=1900, words=words, understanding=again, heard_frames=(20, 20)))
    view = shop.queries.call(call_id)
    assert view is not None and view.case is not None, "a wish that is meant opens a case of its own"


def test_what_means_nothing_is_queued_once_with_its_numbers_masked(shop: Shop, content: Content, first: VersionId) -> None:
    nothing = Understanding("帮我打一三八一二三四五六七八叫个外卖", "none", "other", 0.9, "none")
    words = tuple(Word(c, 0.1, 0.2, 0.9) for c in nothing.text)
    call_id, _, _ = _talk(shop, content, "好的")
    for at in (1000, 3000):
        shop.bus.execute(RecordUtterance(call_id=call_id, side="caller", start_ms=at, end_ms=at + 900, words=words, understanding=nothing, heard_frames=(20, 20)))
    rows = shop.workshop.queue("unanswered")
    assert len(rows) == 1 and rows[0].count == 2
    assert "二三四五" not in rows[0].item.text and rows[0].item.text.startswith("帮我打")
    assert rows[0].item.id is not None
    shop.bus.execute(DismissItem(item_id=rows[0].item.id, actor=named(WHO)))
    assert shop.workshop.queue() == [] and len(shop.workshop.queue("", "dismissed")) == 1


def test_stale_hits_and_unanswered_items_are_removed(shop: Shop, content: Content, first: VersionId) -> None:
    call_id, utterance, _ = _talk(shop, content, "怎么缴费")
    nothing = Understanding("帮我叫一个外卖吧", "none", "other", 0.9, "none")
    words = tuple(Word(c, 0.1, 0.2, 0.9) for c in nothing.text)
    shop.bus.execute(RecordUtterance(call_id=call_id, side="caller", start_ms=1000, end_ms=1900, words=words, understanding=nothing, heard_frames=(20, 20)))
    shop.bus.execute(CorrectUtterance(utterance_id=utterance, wanted="", wanted_faq="invoice", actor=as_user(shop.agents["1001"])))
    now = shop.clock.now()
    purge(shop.engine, now + timedelta(days=80))
    assert shop.workshop.hits("pay-channels") and len(shop.workshop.queue()) == 2
    purge(shop.engine, now + timedelta(days=100))
    assert not shop.workshop.hits("pay-channels")
    assert [row.item.source for row in shop.workshop.queue()] == ["corrected"], "what an agent said is kept"


def test_the_shadow_counts_and_keeps_what_differs(shop: Shop, content: Content, first: VersionId) -> None:
    _, utterance, heard = _talk(shop, content, "怎么缴费")
    draft = _edit(shop)
    note = NoteShadow(version_id=draft, utterance_id=utterance, text="怎么缴费", live=heard, draft=content.engine.understand("我要报停"))
    shop.bus.execute(note)
    assert shop.workshop.differences(draft) == [], "the draft does not run in shadow"
    _job(shop, draft, "check", {"fatal": 0, "findings": []})
    _decide(shop, draft, "shadow_on")
    shop.bus.execute(note)
    shop.bus.execute(NoteShadow(version_id=draft, utterance_id=utterance, text="怎么缴费"))
    version = shop.workshop.version(draft)
    assert version is not None and version.shadow_seen == 2
    kept = shop.workshop.differences(draft)
    assert [json.loads(d.draft_json)["intent"] for d in kept] == ["disconnect.suspend"]
