"""Night, holidays and overload, with a clock that the test sets: who takes a call, and who is rung by the robot."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.domain.calls import machine
from app.domain.ids import CallbackId
from app.domain.queue.hours import OpeningHours
from app.domain.robot.vocabulary import AskMessage, HandOver, Said, Say, Started
from app.service.bus import CommandBus
from app.service.callbacks.commands import StepCallback
from app.service.calls.commands import AdvanceCall, CloseCall, OpenCall
from app.service.context import Context
from app.service.ports import Content
from app.service.queue.commands import AdmitCall
from app.service.robot.commands import RobotTurn, TalkToRobot
from tests.contract.conftest import ZONE, Shop
from tests.support.actors import as_user
from tests.support.kept import key

HOLIDAY = date(2027, 2, 6)


class SetClock:
    """The time that the test says, on the operator's wall."""

    def __init__(self) -> None:
        self.at = datetime(2027, 2, 5, 12, 0, tzinfo=ZoneInfo(ZONE))

    def set(self, text: str) -> None:
        self.at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))

    def now(self) -> datetime:
        return self.at.astimezone(UTC)

    def local(self) -> datetime:
        return self.at


class Night:
    """A shop that is open from 8 to 22, with 1006 on duty."""

    def __init__(self, shop: Shop, content: Content) -> None:
        self.shop, self.clock = shop, SetClock()
        hours = OpeningHours.daily("08:00-22:00", frozenset({HOLIDAY}))
        self.bus = CommandBus(shop.unit_of_work, Context(self.clock, shop.bus.context.content, hours, "1006"))
        self.content = content
        self.rung = 0

    def admit(self, at: str, *, robot: bool = True, overload: int = 0) -> object:
        self.clock.set(at)
        return self.bus.execute(AdmitCall(robot=robot, overload=overload))

    def robot(self, at: str, *said: str) -> tuple[str, object]:
        """What the robot said first, and what it did in the end."""
        self.clock.set(at)
        self.rung += 1
        call_id = f"{self.rung:032x}"
        self.bus.execute(OpenCall(call_id=call_id, bridge="b", sip_call_id="s", caller=f"1380000{self.rung:04d}", called="hotline", started_at=self.clock.now()))
        self.bus.execute(AdvanceCall(call_id=call_id, event=machine.RobotTook()))
        turn: RobotTurn = self.bus.execute(TalkToRobot(call_id=call_id, event=Started()))
        greeting = "".join(e.text for e in turn.effects if isinstance(e, Say))
        for text in said:
            found = self.content.engine.understand(text)
            event = Said(text, found.intent, found.action, dict(found.slots))
            turn = self.bus.execute(TalkToRobot(call_id=call_id, event=event))
        return greeting, next((e for e in turn.effects if not isinstance(e, Say)), None)


@pytest.fixture
def night(shop: Shop, content: Content) -> Night:
    return Night(shop, content)


def test_who_takes_a_call(night: Night) -> None:
    assert night.admit("2027-02-05T12:00") == machine.RobotTook(), "nobody is logged in"
    night.shop.ready("1001")
    assert night.admit("2027-02-05T21:59:59") == machine.Admitted(open=True, staffed=True)
    assert night.admit("2027-02-05T22:00") == machine.RobotTook(), "the night begins, though somebody is still there"
    assert night.admit("2027-02-06T07:59:59") == machine.RobotTook()
    assert night.admit("2027-02-06T12:00") == machine.RobotTook(), "a holiday"
    assert night.admit("2027-02-07T08:00") == machine.Admitted(open=True, staffed=True)
    assert night.admit("2027-02-07T23:00", robot=False) == machine.Admitted(open=False, staffed=True), "without a robot: a message"


def test_overload_in_the_day(night: Night) -> None:
    night.shop.ready("1001")
    for number in range(3):
        night.shop.call(f"1380000002{number}", machine.Admitted(True, True))
    # the first rings the agent, two wait
    assert night.admit("2027-02-05T12:00", overload=3) == machine.Admitted(open=True, staffed=True)
    assert night.admit("2027-02-05T12:00", overload=2) == machine.RobotTook()
    assert night.admit("2027-02-05T12:00", overload=0) == machine.Admitted(open=True, staffed=True), "0: never"


def test_who_is_rung_for_what(night: Night) -> None:
    night.shop.ready("1001")
    greeting, end = night.robot("2027-02-05T21:50", "转人工")
    assert "晚上好" in greeting and end == HandOver("asked"), "in hours: the queue"
    greeting, end = night.robot("2027-02-05T22:10", "转人工")
    assert "晚上好" not in greeting and isinstance(end, AskMessage), "at night what can wait leaves a message"
    assert night.robot("2027-02-05T22:10", "盒子冒烟了")[1] == HandOver("danger", urgent=True)
    assert night.robot("2027-02-06T03:00", "我要投诉你们", "转人工")[1] == HandOver("asked", urgent=True)
    assert night.robot("2027-02-06T12:00", "你们这些骗子")[1] == HandOver("anger", urgent=True), "a holiday is a night"


@pytest.mark.parametrize(("left", "first"), [
    ("2027-02-05T12:00", "2027-02-05T12:00"), ("2027-02-05T22:30", "2027-02-07T08:00"), ("2027-02-07T03:00", "2027-02-07T08:00"),
])
def test_a_message_of_the_night_is_rung_back_when_people_answer(night: Night, left: str, first: str) -> None:
    """Not at half past ten, and not on the holiday after it."""
    night.robot(left, "我要投诉你们", "师傅三次都没来")
    night.bus.execute(AdvanceCall(call_id=f"{night.rung:032x}", event=machine.CallerHungUp()))
    night.bus.execute(CloseCall(call_id=f"{night.rung:032x}", frames=100))
    (row,) = night.shop.queries.callbacks()
    assert row.callback.next_at == datetime.fromisoformat(first).replace(tzinfo=ZoneInfo(ZONE))


def test_hours_that_never_begin() -> None:
    noon = datetime(2027, 2, 5, 12, 0, tzinfo=ZoneInfo(ZONE))
    assert OpeningHours.never().next_open(noon) == noon and not OpeningHours.never().is_open(noon)


def test_what_was_promised_is_watched(night: Night) -> None:
    """A complaint is answered within a day: from then on it counts as late, until somebody has rung."""
    night.robot("2027-02-05T12:00", "我要投诉你们", "师傅三次都没来", "对", "没有了谢谢")
    queries = night.shop.queries
    assert queries.callbacks_waiting(night.clock.now()) == (1, 0)
    night.clock.set("2027-02-06T12:01")
    assert queries.callbacks_waiting(night.clock.now()) == (1, 1)
    (row,) = queries.callbacks()
    me = night.shop.agents["1001"]
    for event in ("claim", "reached"):
        night.bus.execute(StepCallback(callback_id=CallbackId(key(row.callback)), event=event, actor=as_user(me)))
    assert queries.callbacks_waiting(night.clock.now()) == (0, 0)
