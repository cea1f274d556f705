"""On SQLite and PostgreSQL: finished calls and messages are heard once more from their recordings, once, by one brain, and what a
person did stays. Who hears is a table here; the real Whisper is in tests/integration/test_later_hearing.py."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from app.adapters.stored_recordings import StoredRecordings
from app.domain.calls import machine
from app.domain.calls.rehearing import AGAIN_AFTER, HEARD_WITHIN, LATER_AFTER
from app.domain.ids import CallbackId, UtteranceId, VoicemailId
from app.media import wav
from app.media.g711 import RATE_HZ
from app.service.bus import CommandBus
from app.service.callbacks.commands import SettleVoicemail, StepCallback
from app.service.callbacks.records import Callback, Task, Voicemail
from app.service.calls.commands import (
    AdvanceCall,
    ClaimRehearing,
    CloseCall,
    HoldRehearing,
    NoteRecognitionGap,
    NoteRecording,
    RecordUtterance,
)
from app.service.calls.later_hearing import BESIDE_CALLS_MS, LaterHearing, LaterPorts
from app.service.calls.queries import CallFilter, CallView
from app.service.calls.records import CallEvent, Rehearing
from app.service.calls.rehearing import LEASE
from app.service.context import Context
from app.service.notices import NoticeKind
from app.service.ports import Content, Word
from app.service.retention.records import Disclosure
from app.service.second_pass import Reheard, Urgency
from tests.contract.conftest import Shop
from tests.support.actors import as_user
from tests.support.clocks import LaterClock
from tests.support.kept import key

CALLER = "13911112222"


class Listener:
    """Hears by the level of the sound, so that what is heard shows which stretch was given."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._texts, self.heard, self.gone = texts, list[int](), False

    @property
    def name(self) -> str:
        return "listener"

    def hear(self, pcm16: bytes, urgency: Urgency, within_s: float | None = None) -> Future[Reheard | None]:
        assert urgency is Urgency.LATER and within_s is None, "whoever waits is never dropped"
        answer: Future[Reheard | None] = Future()
        level = round(int(np.abs(np.frombuffer(pcm16, "<i2")).max()) / 1000)
        self.heard.append(level)
        text = self._texts.get(level, "")
        answer.set_result(None if self.gone else Reheard(text=text, score=-0.2 if text else -5.0))
        return answer


class House:
    """A brain that hears finished calls again, over the shop's database and a folder of its own."""

    def __init__(self, shop: Shop, home: Path, texts: Mapping[int, str]) -> None:
        self.clock, self.ears, self.calls, self.shop, self.home = LaterClock(shop.clock), Listener(texts), 0, shop, home
        context = shop.bus.context
        self.bus = CommandBus(shop.unit_of_work, Context(self.clock, context.content, context.hours))
        self.later = LaterHearing(LaterPorts(
            bus=self.bus, reads=shop.reads, second_pass=self.ears, recordings=StoredRecordings(home), live=lambda: self.calls))

    def row(self, call_id: str) -> Rehearing:
        with self.shop.reads() as reads:
            found = reads.get(Rehearing, call_id)
        assert found is not None
        return found


def _record(home: Path, call_id: str, seconds: int, sounds: Mapping[tuple[int, int, int], int]) -> str:
    """A stereo WAV: by channel, first and last millisecond, the level of a sound in thousands."""
    samples = np.zeros((seconds * RATE_HZ, 2), "<i2")
    for (side, start, end), level in sounds.items():
        at = np.arange((end - start) * 8)
        samples[start * 8 : end * 8, side] = (np.sin(at / 4) * level * 1000).astype("<i2")
    (home / "recordings").mkdir(exist_ok=True)
    name = f"recordings/{call_id}.wav"
    (home / name).write_bytes(wav.dump(wav.WavAudio(RATE_HZ, 2, samples.tobytes())))
    return name


def _say(shop: Shop, content: Content, call_id: str, text: str, start_ms: int, end_ms: int, side: str = "caller") -> UtteranceId:
    heard = content.engine.understand(text) if side == "caller" else None
    words = (Word(text, 0.0, (end_ms - start_ms) / 1000, 0.9),)
    return UtteranceId(shop.bus.execute(RecordUtterance(
        call_id=call_id, side=side, start_ms=start_ms, end_ms=end_ms, words=words, understanding=heard, heard_frames=(1, 1))))


def _end(shop: Shop, call_id: str, recording: str, seconds: int = 20) -> None:
    if recording:
        shop.bus.execute(NoteRecording(call_id=call_id, path=recording))
    shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.CallerHungUp()))
    shop.bus.execute(CloseCall(call_id=call_id, frames=seconds * 50))


def _view(shop: Shop, call_id: str) -> CallView:
    view = shop.queries.call(call_id)
    assert view is not None
    return view


def _texts(shop: Shop, call_id: str) -> list[str]:
    return [u.text for u in _view(shop, call_id).utterances]


def _finished(shop: Shop, content: Content, home: Path, agent: str = "1001") -> str:
    """A call with the caller's words at 1-3 s and the agent's at 5-7 s, misheard, and the wrap-up still open."""
    call_id = shop.talk(CALLER, agent)
    _say(shop, content, call_id, "我家电视没有信号", 1000, 3000)
    _say(shop, content, call_id, "好的请销等", 5000, 7000, "agent")
    _end(shop, call_id, _record(home, call_id, 20, {(0, 1000, 3000): 5, (1, 5000, 7000): 9}))
    return call_id


RIGHT = {5: "我要查一下话费账单", 9: "好的请稍等"}


def test_a_finished_call_is_corrected_from_its_recording_once(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id, house = _finished(shop, content, tmp_path), House(shop, tmp_path, RIGHT)
    shop.notices.clear()
    assert house.later.hear_due() == 1
    view = _view(shop, call_id)
    assert [(u.text, u.first_text, u.heard_again) for u in view.utterances] == [
        ("我要查一下话费账单", "我家电视没有信号", True), ("好的请稍等", "好的请销等", True)]
    assert view.utterances[0].intent.startswith("billing.") and view.call.intent == view.utterances[0].intent
    assert [row.call.id for row in shop.queries.calls(CallFilter(text="话费账单"))] == [call_id]
    assert shop.queries.calls(CallFilter(text="没有信号")) == []
    assert {n.kind for n in shop.notices} == {NoticeKind.UTTERANCE}, "nothing else on the wrap-up's screen is drawn anew"
    assert [fate.intent for fate in view.fates] == ["fault.no_signal"], "the card that was shown was shown"
    row = house.row(call_id)
    assert (row.state, row.why, row.claimed_until) == ("heard", "", None) and row.settled_at is not None
    house.clock.ahead = timedelta(days=2)
    assert house.later.hear_due() == 0 and house.ears.heard == [5, 9]


def test_what_was_heard_again_in_the_call_is_not_heard_a_third_time(shop: Shop, content: Content, tmp_path: Path) -> None:
    from app.service.calls.commands import ReviseUtterance

    call_id = shop.talk(CALLER)
    said = _say(shop, content, call_id, "我家电视没有信号", 1000, 3000)
    heard = content.engine.understand("我家宽带断了")
    shop.bus.execute(ReviseUtterance(call_id=call_id, utterance_id=said, words=(Word("我家宽带断了", 0, 2, 0.9),), understanding=heard))
    _say(shop, content, call_id, "好的请销等", 5000, 7000, "agent")
    _end(shop, call_id, _record(tmp_path, call_id, 20, {(0, 1000, 3000): 5, (1, 5000, 7000): 9}))
    house = House(shop, tmp_path, RIGHT)
    house.later.hear_due()
    assert house.ears.heard == [9] and _texts(shop, call_id) == ["我家宽带断了", "好的请稍等"]


def test_two_brains_hear_every_call_once(shop: Shop, content: Content, tmp_path: Path) -> None:
    for _ in range(4):
        call_id, _effects = shop.call(CALLER, machine.Admitted(True, False), machine.PromptPlayed("closed_greeting"))
        _say(shop, content, call_id, "我家电视没有信号", 1000, 3000)
        _end(shop, call_id, _record(tmp_path, call_id, 20, {(0, 1000, 3000): 5}))
    brains = [House(shop, tmp_path, RIGHT), House(shop, tmp_path, RIGHT)]
    start, counts = threading.Barrier(2), [0, 0]

    def work(at: int) -> None:
        start.wait()
        counts[at] = brains[at].later.hear_due()

    threads = [threading.Thread(target=work, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts) == 4 and len(brains[0].ears.heard) + len(brains[1].ears.heard) == 4, counts


def test_what_a_dead_brain_had_claimed_another_hears(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id = _finished(shop, content, tmp_path)
    dead, other = House(shop, tmp_path, RIGHT), House(shop, tmp_path, RIGHT)
    work = dead.bus.execute(ClaimRehearing())
    assert work is not None and work.call_id == call_id
    assert other.later.hear_due() == 0
    dead.clock.ahead = other.clock.ahead = LEASE - timedelta(seconds=5)
    dead.bus.execute(HoldRehearing(call_id=call_id))
    other.clock.ahead = LEASE + timedelta(seconds=5)
    assert other.later.hear_due() == 0, "it was held"
    other.clock.ahead = LEASE * 2
    assert other.later.hear_due() == 1 and _texts(shop, call_id) == ["我要查一下话费账单", "好的请稍等"]


def test_the_newest_day_first_and_its_oldest_call_before_the_others(shop: Shop, content: Content, tmp_path: Path) -> None:
    days = ["2026-11-02", "2026-11-03", "2026-11-03"]
    ids = [shop.call(f"1391111000{n}", machine.Admitted(True, False))[0] for n in range(4)]
    now = shop.clock.now()
    ages = [timedelta(days=2), timedelta(hours=1), timedelta(hours=3), HEARD_WITHIN + timedelta(hours=1)]
    with shop.unit_of_work() as uow:
        for call_id, day, age in zip(ids, [*days, "2026-10-01"], ages, strict=True):
            uow.add(Rehearing(call_id=call_id, day=day, ended_at=now - age, next_at=now - age))
        uow.commit()
    claimed = [shop.bus.execute(ClaimRehearing()) for _ in range(4)]
    assert [work.call_id if work else None for work in claimed] == [ids[2], ids[1], ids[0], None], "what is too old is left"


def test_a_recording_that_cannot_be_heard_is_given_up_with_a_reason(shop: Shop, content: Content, tmp_path: Path) -> None:
    house = House(shop, tmp_path, RIGHT)
    gone, none, broken, cut = (_finished(shop, content, tmp_path, f"100{n}") for n in range(1, 5))
    (tmp_path / f"recordings/{gone}.wav").unlink()
    (tmp_path / f"recordings/{broken}.wav").write_bytes(b"no WAV at all")
    whole = (tmp_path / f"recordings/{cut}.wav").read_bytes()
    (tmp_path / f"recordings/{cut}.wav").write_bytes(whole[: 44 + 4 * RATE_HZ * 4])
    with shop.unit_of_work() as uow:
        for call_id, path in ((none, ""),):
            from app.service.calls.records import Call

            call = uow.get(Call, call_id)
            assert call is not None
            call.recording = path
        uow.commit()
    for wait in (timedelta(), *AGAIN_AFTER):
        house.clock.ahead += wait + timedelta(seconds=1)
        house.later.hear_due()
    house.clock.ahead += timedelta(days=3)
    assert house.later.hear_due() == 0, "never tried for ever"
    rows = {name: house.row(call) for name, call in (("gone", gone), ("none", none), ("broken", broken), ("cut", cut))}
    assert {name: (row.state, row.why) for name, row in rows.items()} == {
        "gone": ("unheard", "recording_missing"), "none": ("unheard", "no_recording"),
        "broken": ("unheard", "recording_damaged"), "cut": ("unheard", "recording_damaged")}
    assert rows["gone"].tries == len(AGAIN_AFTER) + 1 and rows["broken"].tries == 0
    assert _texts(shop, cut) == ["我要查一下话费账单", "好的请销等"], "what is left of it is heard"


def test_a_path_out_of_the_house_is_no_recording(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id = shop.talk(CALLER)
    _end(shop, call_id, "../../etc/passwd")
    house = House(shop, tmp_path, {})
    house.later.hear_due()
    assert house.row(call_id).why == "recording_damaged"


def test_a_worker_that_does_not_answer_is_asked_again_later(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id, house = _finished(shop, content, tmp_path), House(shop, tmp_path, RIGHT)
    house.ears.gone = True
    house.later.hear_due()
    assert (house.row(call_id).tries, house.row(call_id).state, house.row(call_id).why) == (1, "waiting", "no_answer")
    house.ears.gone, house.clock.ahead = False, AGAIN_AFTER[0] + timedelta(seconds=1)
    house.later.hear_due()
    assert house.row(call_id).state == "heard" and _texts(shop, call_id)[0] == RIGHT[5]


def test_a_brain_that_ends_in_the_middle_costs_no_try(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id, house = _finished(shop, content, tmp_path), House(shop, tmp_path, RIGHT)
    work = house.bus.execute(ClaimRehearing())
    assert work is not None
    house.ears.gone = True
    house.later._over.set()
    assert house.later._hear(work)[0] == "later" and house.ears.heard == []
    assert _texts(shop, call_id)[0] == "我家电视没有信号"


def test_what_is_long_waits_until_no_call_goes_on(shop: Shop, content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.service.calls.later_hearing.REST_TIMES", 0.0)
    call_id, house = shop.talk(CALLER), House(shop, tmp_path, RIGHT)
    end = 5000 + BESIDE_CALLS_MS + 1000
    _say(shop, content, call_id, "我家电视没有信号", 1000, 3000)
    _say(shop, content, call_id, "好的请销等", 5000, end, "agent")
    _end(shop, call_id, _record(tmp_path, call_id, 20, {(0, 1000, 3000): 5, (1, 5000, end): 9}))
    house.calls = 1
    house.later.hear_due()
    row = house.row(call_id)
    assert house.ears.heard == [5] and (row.state, row.tries) == ("waiting", 0)
    house.calls, house.clock.ahead = 0, LATER_AFTER + timedelta(seconds=1)
    house.later.hear_due()
    assert house.ears.heard == [5, 9] and house.row(call_id).state == "heard"


def test_what_a_failed_recogniser_left_out_is_added(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id, house = shop.talk(CALLER), House(shop, tmp_path, {7: "我家宽带断了", 3: ""})
    shop.bus.execute(NoteRecognitionGap(call_id=call_id, side="caller", from_frame=200, until_frame=600))
    _end(shop, call_id, _record(tmp_path, call_id, 20, {(0, 5000, 6500): 7, (0, 8000, 9000): 3, (0, 15000, 17000): 7}))
    house.later.hear_due()
    (added,) = _view(shop, call_id).utterances
    assert added.text == "我家宽带断了" and added.heard_again and added.intent.startswith("fault.")
    assert 4500 <= added.start_ms <= 5000 and 6400 <= added.end_ms <= 6600
    assert [row.call.id for row in shop.queries.calls(CallFilter(text="宽带断了"))] == [call_id]
    assert house.ears.heard == [7, 3], "outside the gap the transcript is what it is"


# -- what a revision after the call may undo ----------------------------------------------------


def _case_phase(shop: Shop, call_id: str) -> str:
    case = _view(shop, call_id).case
    return case.phase if case is not None else ""


def test_a_wish_that_was_misheard_is_withdrawn_unless_a_person_had_the_call(shop: Shop, content: Content, tmp_path: Path) -> None:
    talked = shop.talk(CALLER)
    alone, _ = shop.call("13911113333", machine.RobotTook())
    for call_id in (talked, alone):
        _say(shop, content, call_id, "我要报停", 1000, 3000)
        _end(shop, call_id, _record(tmp_path, call_id, 20, {(0, 1000, 3000): 5}))
        assert _case_phase(shop, call_id) == "asked"
    House(shop, tmp_path, {5: "我要报修"}).later.hear_due()
    assert _case_phase(shop, alone) == "" and not _view(shop, alone).call.intent.startswith("disconnect")
    assert _case_phase(shop, talked) == "asked", "its agent is wrapping it up"


def test_a_missed_statement_that_was_said_counts_and_shrinks_its_repair(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id, spoken = shop.talk(CALLER), content.spoken
    codes = [code for code, s in spoken.statements.items() if not s.confirmation][:2]
    with shop.unit_of_work() as uow:
        for code in codes:
            uow.add(Disclosure(call_id=call_id, code=code, why="test", state="open", required_at=shop.clock.now(), binding=True))
        uow.commit()
    saying = {code: spoken.statements[code].say for code in codes}
    assert all(code in spoken.said(text) for code, text in saying.items())
    starts = range(1000, 1000 + 4000 * len(codes), 4000)
    for start in starts:
        _say(shop, content, call_id, "嗯那个", start, start + 2000, "agent")
    _end(shop, call_id, _record(tmp_path, call_id, 20, {(1, start, start + 2000): 5 + at for at, start in enumerate(starts)}))

    def repair() -> tuple[str, str]:
        with shop.reads() as reads:
            (task,) = reads.find(Task, call_id=call_id, kind="repair")
            return task.state, task.text

    names = [spoken.statements[code].name["zh"] for code in codes]
    assert repair() == ("open", "、".join(names))
    house = House(shop, tmp_path, {5: saying[codes[0]]})
    house.later.hear_due()
    states = {row.code: row.state for row in _view(shop, call_id).disclosures}
    assert states == {codes[0]: "said", codes[1]: "missed"} and repair() == ("open", names[1])


def test_a_wrong_figure_that_was_not_said_goes_and_none_comes(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id = shop.talk("13800000001")
    said = _say(shop, content, call_id, "好的", 1000, 3000, "agent")
    with shop.unit_of_work() as uow:
        detail = f'{{"what": "price", "said": 9900, "right": 5900, "utterance": {said}}}'
        uow.add(CallEvent(call_id=call_id, at=shop.clock.now(), kind="figure_wrong", detail=detail))
        uow.commit()
    _end(shop, call_id, _record(tmp_path, call_id, 20, {(1, 1000, 3000): 5}))
    House(shop, tmp_path, {5: "好的我帮您看一下"}).later.hear_due()
    with shop.reads() as reads:
        assert reads.find(CallEvent, call_id=call_id, kind="figure_wrong") == []


# -- messages -----------------------------------------------------------------------------------


def _message(shop: Shop, content: Content, home: Path, text: str = "我家电视没有信好", number: str = CALLER) -> str:
    """A message from 4 s on: one sentence that was misheard, one that the first pass has not heard at all."""
    call_id, _ = shop.call(number, machine.Admitted(True, False), machine.PromptPlayed("busy_greeting"), machine.PromptPlayed("beep"))
    if text:
        _say(shop, content, call_id, text, 5000, 7000)
    name = _record(home, call_id, 20, {(0, 1000, 2500): 3, (0, 5000, 7000): 5, (0, 10000, 12000): 7})
    shop.bus.execute(NoteRecording(call_id=call_id, path=name))
    shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.CallerHungUp()))
    shop.bus.execute(CloseCall(call_id=call_id, frames=1000, voicemail_from_frame=200))
    return call_id


WHOLE = {3: "不该听到", 5: "我家电视没有信号", 7: "我要拆机"}


def _stored(shop: Shop, call_id: str, number: str = CALLER) -> tuple[Voicemail, Callback]:
    with shop.reads() as reads:
        (message,) = reads.find(Voicemail, call_id=call_id)
        (callback,) = reads.find(Callback, caller=number)
    return message, callback


def test_a_message_is_heard_whole_and_everything_follows(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id = _message(shop, content, tmp_path)
    before, waiting = _stored(shop, call_id)
    assert before.text == "我家电视没有信好" and before.first_text == ""
    (ranked,) = [row for row in shop.queries.callbacks() if row.callback.id == waiting.id]
    shop.notices.clear()
    house = House(shop, tmp_path, WHOLE)
    house.later.hear_due()
    message, callback = _stored(shop, call_id)
    assert message.text == callback.text == "我家电视没有信号 我要拆机"
    assert message.first_text == callback.first_text == "我家电视没有信好"
    assert message.intent == callback.intent == "disconnect.cancel" == _view(shop, call_id).call.intent
    assert callback.draft is not None and callback.draft.kind == "retention" and callback.draft.brief == message.text
    (again,) = [row for row in shop.queries.callbacks() if row.callback.id == waiting.id]
    assert again.points > ranked.points, "who wants to leave is rung sooner"
    assert {NoticeKind.VOICEMAIL, NoticeKind.CALLBACK} <= {n.kind for n in shop.notices}
    assert house.ears.heard == [5, 7], "nothing before the beep"


def test_a_message_of_which_nothing_was_heard_gets_its_words(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id = _message(shop, content, tmp_path, text="")
    assert _stored(shop, call_id)[0].text == ""
    House(shop, tmp_path, WHOLE).later.hear_due()
    message, callback = _stored(shop, call_id)
    assert message.text == callback.text == "我家电视没有信号 我要拆机" and callback.intent == "disconnect.cancel"


def test_what_a_person_has_taken_keeps_its_intent_and_draft(shop: Shop, content: Content, tmp_path: Path) -> None:
    call_id, actor = _message(shop, content, tmp_path), as_user(shop.agents["1001"])
    message, callback = _stored(shop, call_id)
    shop.bus.execute(SettleVoicemail(voicemail_id=VoicemailId(key(message)), action="claim", actor=actor))
    shop.bus.execute(StepCallback(callback_id=CallbackId(key(callback)), event="claim", actor=actor))
    draft, intent = callback.draft_json, callback.intent
    House(shop, tmp_path, WHOLE).later.hear_due()
    message, callback = _stored(shop, call_id)
    assert message.text == callback.text == "我家电视没有信号 我要拆机"
    assert (callback.draft_json, callback.intent, message.intent) == (draft, intent, intent)


def test_a_closed_call_back_is_left_alone_and_others_messages_stay(shop: Shop, content: Content, tmp_path: Path) -> None:
    first = _message(shop, content, tmp_path)
    second = _message(shop, content, tmp_path, text="麻烦快一典")
    closed = _message(shop, content, tmp_path, number="13911119999")
    actor = as_user(shop.agents["1001"])
    (other,) = [row.callback for row in shop.queries.callbacks() if row.callback.caller == "13911119999"]
    for event in ("claim", "reached"):
        shop.bus.execute(StepCallback(callback_id=CallbackId(key(other)), event=event, actor=actor))
    House(shop, tmp_path, {5: "我家电视没有信号"}).later.hear_due()
    _, callback = _stored(shop, first)
    assert callback.text == "我家电视没有信号 / 我家电视没有信号" and callback.first_text == "我家电视没有信好 / 麻烦快一典"
    assert _stored(shop, second)[0].first_text == "麻烦快一典"
    assert _stored(shop, closed, "13911119999")[1].text == "我家电视没有信好"
