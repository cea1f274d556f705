"""Two brains over one database: a message is sent once, a job is given up only with its runner."""

import threading
import time
from datetime import timedelta

import pytest

from app.domain.ids import VersionId
from app.domain.refusal import Refused
from app.language.knowledge.edits import AddQuestions
from app.language.knowledge.files import render
from app.service.bus import CommandBus
from app.service.context import Context
from app.service.households.commands import ClaimMessage, SendMessage, SettleMessage
from app.service.households.outbox import Outbox
from app.service.households.records import ShortMessage
from app.service.households.short_messages import LEASE as SEND_LEASE
from app.service.knowledge.commands import (
    EditKnowledge,
    EndLostJobs,
    FinishJob,
    HoldJob,
    SeedKnowledge,
    StartJob,
)
from app.service.knowledge.job_lease import held
from app.service.knowledge.jobs import LEASE as JOB_LEASE
from app.service.knowledge.records import KnowledgeJob
from app.service.ports import Content
from tests.contract.conftest import Shop
from tests.support.actors import as_user, named
from tests.support.clocks import LaterClock
from tests.support.kept import present

WHO = "梁组长"


class Brain:
    """A command bus and an outbox of its own over the shop's database."""

    def __init__(self, shop: Shop, sent: list[str], slowly_s: float = 0.0) -> None:
        self.clock = LaterClock(shop.clock)
        context = shop.bus.context
        self.bus = CommandBus(shop.unit_of_work, Context(self.clock, context.content, context.hours))
        self.outbox = Outbox(self.bus, shop.reads, self, self.clock)
        self._sent, self._slowly_s = sent, slowly_s
        self.fault = ""

    def send(self, phone: str, text: str) -> None:
        """The gateway takes its time."""
        time.sleep(self._slowly_s)
        if self.fault:
            raise OSError(self.fault)
        self._sent.append(phone)


@pytest.fixture
def phones(shop: Shop, content: Content) -> list[str]:
    """Ten messages that wait."""
    call_id = shop.talk("13800000001")
    template = next(iter(content.scripts["sms"]))
    phones = [f"1391111000{n}" for n in range(10)]
    for phone in phones:
        shop.bus.execute(SendMessage(call_id=call_id, template=template, phone=phone, actor=as_user(shop.agents["1001"])))
    return phones


def _messages(shop: Shop) -> list[ShortMessage]:
    with shop.reads() as reads:
        return list(reads.find(ShortMessage))


def test_two_brains_send_every_message_once(shop: Shop, phones: list[str]) -> None:
    sent: list[str] = []
    brains = [Brain(shop, sent, 0.02), Brain(shop, sent, 0.02)]
    counts = [0, 0]
    start = threading.Barrier(2)

    def work(at: int) -> None:
        start.wait()
        counts[at] = brains[at].outbox.send_due()

    threads = [threading.Thread(target=work, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(sent) == phones and sum(counts) == 10 and min(counts) > 0, counts
    assert {(m.state, m.attempts, m.claimed_until) for m in _messages(shop)} == {("sent", 1, None)}


def test_what_a_dead_brain_had_claimed_is_sent_by_another(shop: Shop, phones: list[str]) -> None:
    sent: list[str] = []
    dead, other = Brain(shop, sent), Brain(shop, sent)
    claimed = present(dead.bus.execute(ClaimMessage()))
    assert claimed.phone == phones[0]
    assert other.outbox.send_due() == 9 and claimed.phone not in sent
    other.clock.ahead = SEND_LEASE - timedelta(seconds=5)
    assert other.outbox.send_due() == 0, "it may still be sending"
    other.clock.ahead = SEND_LEASE + timedelta(seconds=1)
    assert other.outbox.send_due() == 1 and sorted(sent) == phones
    dead.bus.execute(SettleMessage(message_id=claimed.id, error="too late"))
    assert {m.state for m in _messages(shop)} == {"sent"}, "what is sent stays sent"


def test_a_message_that_was_not_taken_is_free_again_later(shop: Shop, phones: list[str]) -> None:
    sent: list[str] = []
    one, two = Brain(shop, sent), Brain(shop, sent)
    one.fault = "the gateway answered 503"
    assert one.outbox.send_due() == 10 and sent == [] and two.outbox.send_due() == 0
    assert {(m.state, m.attempts, m.error, m.claimed_until) for m in _messages(shop)} == {("queued", 1, one.fault, None)}
    two.clock.ahead = timedelta(seconds=31)
    assert two.outbox.send_due() == 10 and sorted(sent) == phones


# -- jobs --------------------------------------------------------------------------------------


@pytest.fixture
def draft(shop: Shop, content: Content) -> VersionId:
    shop.bus.execute(SeedKnowledge(files=render(content.knowledge)))
    return VersionId(shop.bus.execute(EditKnowledge(edit=AddQuestions("pay-channels", ("上哪儿交这个钱呢",)), actor=named(WHO))))


def _job(shop: Shop, key: int) -> KnowledgeJob:
    with shop.reads() as reads:
        found = reads.get(KnowledgeJob, key)
    assert found is not None
    return found


def test_a_brain_that_starts_leaves_the_job_of_a_living_one(shop: Shop, draft: VersionId) -> None:
    one, two = Brain(shop, []), Brain(shop, [])
    key = one.bus.execute(StartJob(version_id=draft, kind="check", actor=named(WHO)))
    two.bus.execute(EndLostJobs())
    with pytest.raises(Refused, match="running"):
        two.bus.execute(StartJob(version_id=draft, kind="check", actor=named(WHO)))
    for brain in (one, two):
        brain.clock.ahead = JOB_LEASE - timedelta(seconds=5)
    one.bus.execute(HoldJob(job_id=key))
    two.clock.ahead = JOB_LEASE + timedelta(seconds=5)
    two.bus.execute(EndLostJobs())
    assert _job(shop, key).state == "running", "it was held"
    one.bus.execute(FinishJob(job_id=key, result={"fatal": 0, "findings": []}))
    job = _job(shop, key)
    assert (job.state, job.claimed_until) == ("done", None) and job.ended_at is not None


def test_a_job_without_a_runner_is_given_up_and_makes_room(shop: Shop, draft: VersionId) -> None:
    dead, other = Brain(shop, []), Brain(shop, [])
    key = dead.bus.execute(StartJob(version_id=draft, kind="check", actor=named(WHO)))
    other.clock.ahead = JOB_LEASE + timedelta(seconds=1)
    again = other.bus.execute(StartJob(version_id=draft, kind="check", actor=named(WHO)))
    job = _job(shop, key)
    assert job.state == "failed" and "start again" in job.detail and _job(shop, again).state == "running"
    dead.bus.execute(HoldJob(job_id=key))
    dead.bus.execute(FinishJob(job_id=key, result={"fatal": 0, "findings": []}))
    assert _job(shop, key).state == "failed", "given up is given up"
    other.bus.execute(EndLostJobs())
    assert _job(shop, again).state == "running"


def test_the_runner_says_that_it_lives(shop: Shop, draft: VersionId) -> None:
    brain = Brain(shop, [])
    key = brain.bus.execute(StartJob(version_id=draft, kind="check", actor=named(WHO)))
    brain.clock.ahead = timedelta(seconds=20)
    before = _job(shop, key).claimed_until
    with held(brain.bus, HoldJob(job_id=key), every_s=0.05):
        until = time.monotonic() + 10
        while _job(shop, key).claimed_until == before and time.monotonic() < until:
            time.sleep(0.02)
    after = _job(shop, key).claimed_until
    assert before is not None and after is not None and after - before >= timedelta(seconds=19)
