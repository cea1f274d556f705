"""Nights of learning over the real databases: who asks, who holds, what a death in the middle leaves, and the way back."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from app.adapters.speech.asr_switch import ModelChoice, choose_model
from app.adapters.speech.learned_models import KEPT, LearnedModels
from app.domain.ids import LearningRunId, UtteranceId
from app.domain.knowledge.learning_run import LearningEvent, LearningState
from app.domain.people.actor import SYSTEM, Actor
from app.domain.refusal import Forbidden, NotFound, RefusalCode, Refused
from app.service.bus import CommandBus
from app.service.calls.commands import ReviseUtterance
from app.service.calls.records import Call, Utterance
from app.service.context import Context
from app.service.households.records import Customer
from app.service.knowledge.commands import (
    AskLearning,
    CorrectWords,
    HoldLearning,
    MoveLearning,
    RollBackLearning,
    TakeUpLearning,
)
from app.service.knowledge.learned_sentences import select
from app.service.knowledge.learned_speech import GONE, LearnedSpeech
from app.service.knowledge.learning_night import LearningNight, Night
from app.service.knowledge.learning_runs import LEASE, MOST_TRIES
from app.service.knowledge.records import LearningRun
from app.service.ports import Content, Word
from tests.contract.conftest import Shop

ADMIN, SUPERVISOR = (Actor.user(0, name, name, role) for name, role in (("admin", "administrator"), ("super", "supervisor")))


class MovedClock:
    """The shop's clock, set to an hour of the day, and further on: the same whenever the tests run."""

    def __init__(self, shop: Shop) -> None:
        self._clock, self._began, self.ahead, self.hour = shop.clock, shop.clock.local(), timedelta(), 3

    def now(self) -> datetime:
        return self.local().astimezone(UTC)

    def local(self) -> datetime:
        passed = self._clock.local() - self._began + self.ahead
        return self._began.replace(hour=self.hour, minute=10) + passed


class CountingWorker:
    """Stands for the process: tells when it would run."""

    def __init__(self) -> None:
        self.is_running, self.starts, self.stops = False, 0, 0

    def start(self) -> None:
        self.is_running, self.starts = True, self.starts + 1

    def stop(self) -> None:
        self.stops += self.is_running
        self.is_running = False


class House:
    """A shop whose operator allows learning."""

    def __init__(self, shop: Shop, home: Path, *, may_learn: bool = True) -> None:
        self.shop, self.clock = shop, MovedClock(shop)
        old = shop.bus.context
        self.bus = CommandBus(shop.unit_of_work, Context(self.clock, old.content, old.hours, may_learn=may_learn))
        self.embedded = self.folder(home / "embedded")
        self.models = LearnedModels(home / "models" / "learned", home, self.embedded)
        self.learned = LearnedSpeech(self.bus, shop.reads, self.models)
        self.worker = CountingWorker()
        night = Night(time(1), time(5)) if may_learn else None
        self.night = LearningNight(self.bus, shop.reads, self.learned, self.worker, self.clock, night)

    @staticmethod
    def folder(path: Path) -> Path:
        path.mkdir(parents=True)
        return path

    def run(self) -> LearningRun:
        return self.shop.workshop.learning_runs(1)[0]

    def take_up(self) -> LearningRunId:
        run = self.bus.execute(TakeUpLearning())
        assert run is not None
        return run

    def move(self, run: LearningRunId, *events: LearningEvent, **more: str) -> None:
        for event in events:
            self.bus.execute(MoveLearning(run_id=run, event=event, **more))  # type: ignore[arg-type]

    def judged(self, *, better: bool = True) -> Path:
        """A run up to its verdict, with the folder of its model."""
        self.bus.execute(AskLearning(actor=ADMIN))
        run, before = self.take_up(), self.models.in_use()
        made = self.folder(self.models.fresh(self.clock.now() + timedelta(seconds=run)))
        self.move(run, LearningEvent.COLLECTED)
        self.move(run, LearningEvent.BUILT, model=str(made), model_before=before)
        self.move(run, LearningEvent.BETTER if better else LearningEvent.TOO_FEW)
        return made


@pytest.fixture
def house(shop: Shop, tmp_path: Path) -> House:
    return House(shop, tmp_path / "home")


def test_only_administrators_ask_and_only_where_it_is_allowed(shop: Shop, house: House, tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        house.bus.execute(AskLearning(actor=SUPERVISOR))
    with pytest.raises(Forbidden):
        house.bus.execute(RollBackLearning(actor=SUPERVISOR))
    forbidden = House(shop, tmp_path / "other", may_learn=False)
    with pytest.raises(Refused) as refused:
        forbidden.bus.execute(AskLearning(actor=ADMIN))
    assert refused.value.code == RefusalCode.LEARNING_OFF
    forbidden.night.look()
    assert forbidden.worker.starts == 0
    asked = house.bus.execute(AskLearning(actor=ADMIN))
    assert house.bus.execute(AskLearning(actor=ADMIN)) == asked == house.take_up()
    with pytest.raises(Refused):
        house.bus.execute(AskLearning(actor=ADMIN))


def test_it_learns_once_a_night_and_never_beside_a_call(house: House) -> None:
    house.clock.hour = 12
    house.night.look()
    assert house.worker.starts == 0, "not by day"
    house.clock.hour = 3
    talking = house.shop.talk("13800000001")
    house.night.look()
    assert house.worker.starts == 0, "somebody talks"
    _end(house.shop, talking)
    house.night.look()
    assert house.worker.starts == 1 and house.run().asked_by == "holdline"
    run = house.take_up()
    again = house.shop.talk("13800000002", "1002")
    house.night.look()
    assert house.worker.stops == 1 and house.run().state == LearningState.ASKED, "it gives way"
    with pytest.raises(Refused):
        house.move(run, LearningEvent.COLLECTED)
    _end(house.shop, again)
    house.night.look()
    assert house.worker.starts == 2, "and is taken up again"
    house.move(house.take_up(), LearningEvent.FOUND_NOTHING)
    house.worker.is_running = False
    house.night.look()
    assert house.worker.starts == 2, "once a night"


def test_what_a_person_asks_for_begins_by_day(house: House) -> None:
    house.clock.hour = 12
    house.bus.execute(AskLearning(actor=ADMIN))
    house.night.look()
    assert house.worker.starts == 1


def _end(shop: Shop, call_id: str) -> None:
    with shop.unit_of_work() as uow:
        call = uow.get(Call, call_id)
        assert call is not None
        call.phase, call.ended_at = "ended", shop.clock.now()
        uow.commit()


def test_a_run_whose_worker_died_is_taken_up_again_and_given_up_in_the_end(house: House) -> None:
    house.bus.execute(AskLearning(actor=ADMIN))
    for _ in range(MOST_TRIES):
        run = house.take_up()
        house.clock.ahead += LEASE / 2
        house.bus.execute(HoldLearning(run_id=run))
        house.clock.ahead += LEASE * 0.7
        assert house.bus.execute(TakeUpLearning()) is None, "whoever lives keeps it"
        house.clock.ahead += LEASE
    assert house.bus.execute(TakeUpLearning()) is None
    assert house.run().state == LearningState.FAILED and house.run().detail == "interrupted"


def test_what_was_decided_is_done_by_whoever_comes_next(house: House) -> None:
    """Killed between the decision and its deed: the next look does it."""
    made = house.judged()
    assert house.models.in_use() == str(house.embedded.resolve())
    house.night.look()
    assert house.models.in_use() == str(made.resolve()) and house.run().state == LearningState.USED


def test_a_model_that_is_gone_is_not_used(house: House) -> None:
    made = house.judged()
    made.rmdir()
    house.learned.apply()
    assert house.run().state == LearningState.FAILED and house.run().detail == GONE
    assert house.models.in_use() == str(house.embedded.resolve())


def test_too_few_corrected_words_leave_it_to_a_person(house: House) -> None:
    made = house.judged(better=False)
    house.learned.apply()
    assert house.models.in_use() == str(house.embedded.resolve())
    run = LearningRunId(house.run().id or 0)
    with pytest.raises(Forbidden):
        house.learned.insist(SUPERVISOR, run)
    house.learned.insist(ADMIN, run)
    assert house.models.in_use() == str(made.resolve()) and house.run().state == LearningState.USED


def test_the_way_back_keeps_the_second_model_and_ends_where_nothing_is_before(house: House, tmp_path: Path) -> None:
    second = tmp_path / "second"
    choose_model(tmp_path / "home", ModelChoice(house.embedded, second))
    first = house.judged()
    house.learned.apply()
    newest = house.judged()
    house.learned.apply()
    assert [run.state for run in house.shop.workshop.learning_runs()] == [LearningState.USED, LearningState.REPLACED]
    house.learned.roll_back(ADMIN)
    assert house.models.in_use() == str(first.resolve()) and newest.is_dir()
    assert (tmp_path / "home" / "current-model").read_text().splitlines()[1] == str(second.resolve())
    with pytest.raises(NotFound):
        house.learned.roll_back(ADMIN)
    assert house.models.in_use() == str(first.resolve())


def test_the_last_few_models_stay(house: House) -> None:
    made = []
    for _ in range(KEPT + 2):
        made.append(house.judged())
        house.learned.apply()
        (made[-1].parent / "20200101-000000.part").mkdir(exist_ok=True)
    house.models.tidy(())
    assert house.models.all() == [path.resolve() for path in made[-KEPT:]] and len(list(made[-1].parent.iterdir())) == KEPT


@pytest.fixture
def heard(shop: Shop, content: Content) -> tuple[str, UtteranceId]:
    call = shop.talk("13800000001")
    return call, shop.say(call, content, "我家的点是没有信号")


def test_only_what_was_heard_again_of_finished_calls_is_learned_from(shop: Shop, house: House, heard: tuple[str, UtteranceId]) -> None:
    call, utterance = heard
    since = shop.clock.now() - timedelta(days=1)
    shop.bus.execute(ReviseUtterance(call_id=call, utterance_id=utterance, words=tuple(Word(c, 0, 1, 0.9) for c in "我家的电视没有信号"), understanding=None, clear=0.9))
    assert shop.workshop.learnable(since, 10) == []
    _end(shop, call)
    [stored] = shop.workshop.learnable(since, 10)
    assert stored.utterance.second_clear == 0.9
    with shop.reads() as reads:
        customer = reads.get(Customer, stored.call.customer_id)
    assert customer is not None and customer.name in stored.names and len(stored.names) == 2, "the customer and the agent"
    chosen = select([stored])
    assert chosen.report == {"heard": 1, "kept": 1, "rejected": {}}
    assert shop.workshop.learnable(shop.clock.now() + timedelta(days=1), 10) == [], "older calls are forgotten"


def test_a_correction_is_kept_beside_what_was_heard(shop: Shop, heard: tuple[str, UtteranceId]) -> None:
    call, utterance = heard
    with pytest.raises(NotFound):
        shop.bus.execute(CorrectWords(call_id="0" * 32, utterance_id=utterance, text="x", actor=SUPERVISOR))
    with pytest.raises(Forbidden):
        shop.bus.execute(CorrectWords(call_id=call, utterance_id=utterance, text="x", actor=Actor.user(0, "1001", "1001", "agent")))
    shop.bus.execute(CorrectWords(call_id=call, utterance_id=utterance, text="我家的电视没有信号", actor=SUPERVISOR))
    _end(shop, call)
    with shop.reads() as reads:
        kept = reads.get(Utterance, utterance)
    assert kept is not None and (kept.text, kept.right_text) == ("我家的点是没有信号", "我家的电视没有信号")
    [stored] = shop.workshop.learnable(shop.clock.now() - timedelta(days=1), 10)
    chosen = select([stored])
    assert chosen.report["kept"] == 1 or chosen.report["rejected"] == {"held_apart": 1}
    assert shop.workshop.corrected(10) == [], "without a recording it judges nothing"


def test_the_house_may_ask(house: House) -> None:
    assert house.bus.execute(AskLearning(actor=SYSTEM)) > 0
