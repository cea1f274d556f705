"""The bridge's call on a wire of ours: real machines and real RTP sockets, no processes, virtual time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.bridge.parties import Parties
from app.bridge.tape import Tape
from app.bridge.voice_call import VoiceCall
from app.domain.calls.ids import AGENT, CALLER, PROMPTS, CallId, LegId
from app.domain.calls.leg import LegState
from app.domain.calls.modes import Hears, Mode, everybody, matrix
from app.link import messages as link
from app.link.summary import CallBack, Direction, EndReason, LinePhase
from app.media import g711, wav
from tests.support.exchange import Exchange, Phone

SECOND = LegId("agent-2")
BOTH = everybody([CALLER, AGENT])


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    made = Exchange(tmp_path)
    yield made
    made.close()


def _call(exchange: Exchange) -> CallId:
    return exchange.calls[-1].id


def _answered(exchange: Exchange, hz: int = 440, law: int = g711.PCMU) -> tuple[Phone, CallId]:
    caller = Phone(hz, law)
    exchange.invite(caller)
    call = _call(exchange)
    exchange.obey(link.Ring(call=call), link.Answer(call=call))
    return caller, call


def _dialled(exchange: Exchange, name: LegId, hz: int, law: int = g711.PCMU) -> Phone:
    call = _call(exchange)
    exchange.obey(link.Dial(call=call, leg=name, uri="sip:1001@127.0.0.1:5070"))
    phone = Phone(hz, law)
    exchange.answered_by(phone)
    return phone


def _connect(exchange: Exchange, hears: Hears) -> None:
    exchange.obey(link.Connect(call=_call(exchange), hears=hears))


# -- how it begins ---------------------------------------------------------------------------------


def test_an_invite_is_offered_and_answered_by_order(exchange: Exchange) -> None:
    caller = Phone(440)
    exchange.invite(caller)
    call = _call(exchange)
    exchange.obey(link.Ring(call=call), link.Ring(call=call, early=True), link.Answer(call=call), link.Answer(call=call),
                  link.Reject(call=call))
    assert caller.dialog.sent == ["180", "183", "200"]
    assert exchange.facts == [
        link.Offered(call=call, caller="13800000001", called="hotline", name="A", sip_call_id="sip-1", started_at=0.0),
        link.RecordingStarted(call=call, path=f"{call}.wav")]


@pytest.mark.parametrize(("called", "body", "code"), [
    ("nobody", None, "404"), ("hotline", "", "488"), ("hotline", "v=0\r\nm=audio 9 RTP/AVP 18\r\n", "488"), ("hotline", "\0\xff" * 50, "488")])
def test_what_cannot_become_a_call_is_refused_and_leaves_nothing(exchange: Exchange, called: str, body: str | None, code: str) -> None:
    caller = Phone()
    exchange.invite(caller, called, body)
    assert caller.dialog.sent == [code] and not exchange.calls and not exchange.facts
    caller.dialog.owner.on_ended(caller.dialog, 487, "")


def test_without_a_port_the_answer_is_503(tmp_path: Path) -> None:
    exchange = Exchange(tmp_path, (47200, 47201))
    exchange.invite(Phone())
    second = Phone()
    exchange.invite(second)
    assert second.dialog.sent == ["503"] and len(exchange.calls) == 1
    exchange.close()


def test_a_call_that_is_rejected(exchange: Exchange) -> None:
    caller = Phone()
    exchange.invite(caller)
    exchange.obey(link.Reject(call=_call(exchange), code=486, reason="Busy Here"))
    assert caller.dialog.sent == ["486"]
    (ended,) = exchange.facts_of(link.Ended)
    assert ended.summary.end_reason is EndReason.REJECTED and ended.summary.phase is LinePhase.ENDED


# -- two parties -----------------------------------------------------------------------------------


@pytest.mark.parametrize("law", [g711.PCMU, g711.PCMA])
def test_two_parties_hear_each_other_over_relayed_packets(exchange: Exchange, law: int) -> None:
    caller, call = _answered(exchange, 440)
    agent = _dialled(exchange, AGENT, 1000, law)
    exchange.tick(10, caller, agent)
    assert not agent.packets, "the agent hears something before the connection"
    _connect(exchange, BOTH)
    exchange.tick(60, caller, agent)
    assert abs(caller.level_db(1000)) < 1 and abs(agent.level_db(440)) < 1
    assert caller.level_db(440) < -60 and agent.level_db(1000) < -60
    if law == g711.PCMU:
        assert {p.payload for p in agent.packets[-5:]} <= set(_payloads(440)), "packets are relayed as they came"
    assert exchange.facts_of(link.Connected)[0].hears == BOTH
    assert exchange.kinds()[2:] == ["LegAnswered", "Connected"]


def _payloads(hz: int) -> set[bytes]:
    time = np.arange(200 * 160).reshape(200, 160) / 8000
    return {g711.encode(0, (8000 * np.sin(2 * np.pi * hz * row)).astype("<i2").tobytes()) for row in time}


def test_sequence_and_time_go_on_over_prompts_and_talk(exchange: Exchange) -> None:
    """One stream to the caller whatever fills it: no jump in numbers, 160 samples a packet (RFC 3550)."""
    caller, call = _answered(exchange)
    agent = _dialled(exchange, AGENT, 1000)
    exchange.obey(link.Play(call=call, key="music", token="t"))
    exchange.tick(10, caller, agent)
    _connect(exchange, BOTH)
    exchange.tick(10, caller, agent)
    exchange.obey(link.Hold(call=call, key="music"))
    exchange.tick(10, caller, agent)
    exchange.obey(link.Resume(call=call))
    exchange.tick(10, caller, agent)
    assert len({p.ssrc for p in caller.packets}) == 1
    steps = {(b.sequence - a.sequence) & 0xFFFF for a, b in zip(caller.packets, caller.packets[1:], strict=False)}
    assert steps == {1}
    assert max((b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in zip(caller.packets, caller.packets[1:], strict=False)) <= 480


def test_a_party_that_sends_nothing_does_not_leave_the_other_without_packets(exchange: Exchange) -> None:
    """A muted phone may stop sending (RFC 3389); a trunk cuts a call that carries no RTP."""
    caller, _ = _answered(exchange)
    agent = _dialled(exchange, AGENT, 1000)
    _connect(exchange, BOTH)
    exchange.tick(20, caller, agent)
    caller.packets.clear()
    exchange.tick(100, caller)
    assert 88 <= len(caller.packets) <= 92
    exchange.tick(50, caller, agent)
    assert len(caller.packets) <= 145 and abs(caller.level_db(1000, 30)) < 1
    steps = {(b.sequence - a.sequence) & 0xFFFF for a, b in zip(caller.packets, caller.packets[1:], strict=False)}
    spans = {(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in zip(caller.packets, caller.packets[1:], strict=False)}
    assert steps == {1} and max(spans) <= 160 and len({p.ssrc for p in caller.packets}) == 1


def test_hold_music_is_heard_by_the_held_and_neither_recorded_nor_heard_by_the_other(exchange: Exchange) -> None:
    caller, call = _answered(exchange)
    agent = _dialled(exchange, AGENT, 1000)
    _connect(exchange, BOTH)
    exchange.tick(30, caller, agent)
    exchange.obey(link.Hold(call=call, key="music"))
    exchange.tick(60, caller, agent)
    assert caller.level_db(1000) < -60 and agent.level_db(440) < -60
    music = np.frombuffer(g711.decode(0, caller.packets[-1].payload), "<i2")
    assert (np.abs(music - 500) < 40).all()
    tracks = exchange.calls[-1].tape.read(50, 20).tracks  # type: ignore[union-attr]
    assert set(tracks) == {CALLER, AGENT}, "prompts of a hold are on no track"
    assert not any(tracks[AGENT]) and any(tracks[CALLER])
    summary = exchange.calls[-1].summary()
    assert summary.on_hold == (CALLER,) and summary.hears == BOTH and not summary.connected
    exchange.obey(link.Resume(call=call))
    exchange.tick(60, caller, agent)
    assert abs(caller.level_db(1000)) < 1 and exchange.calls[-1].summary().connected
    assert [type(f).__name__ for f in exchange.facts[-2:]] == ["PromptPlayed", "Connected"]


def test_the_recording_has_the_caller_left_and_the_rest_right(exchange: Exchange, tmp_path: Path) -> None:
    caller, call = _answered(exchange)
    exchange.obey(link.Play(call=call, key="music", token="t"))
    exchange.tick(20, caller)
    agent = _dialled(exchange, AGENT, 1000)
    _connect(exchange, BOTH)
    exchange.tick(60, caller, agent)
    exchange.obey(link.HangUp(call=call))
    exchange.calls[-1].tape.close()  # type: ignore[union-attr]
    audio = wav.load((tmp_path / f"{call}.wav").read_bytes())
    left, right = (np.frombuffer(audio.channel(n), "<i2").astype(float) for n in (0, 1))
    assert np.abs(right[1600:3200] - 500).max() < 1, "what is played is on the right"
    tail = slice(-40 * 160, None)
    wave = np.exp(-2j * np.pi * np.arange(40 * 160) / 8000 * 1000)
    assert abs(right[tail] @ wave) > 100 * abs(left[tail] @ wave)
    assert exchange.facts_of(link.Ended)[0].summary.right == AGENT


def test_pausing_the_recording_makes_silence(exchange: Exchange) -> None:
    caller, call = _answered(exchange)
    exchange.tick(10, caller)
    exchange.obey(link.Record(call=call, on=False))
    exchange.tick(10, caller)
    exchange.obey(link.Record(call=call, on=True))
    exchange.tick(10, caller)
    tape = exchange.calls[-1].tape
    assert tape is not None
    heard = [any(tape.read(n, 1).tracks[CALLER]) for n in (8, 14, 28)]  # type: ignore[union-attr]
    assert heard == [True, False, True]


def test_prompts_come_back_by_token_and_an_unknown_one_at_once(exchange: Exchange) -> None:
    caller, call = _answered(exchange)
    exchange.prompts["short"] = bytes(g711.FRAME_BYTES * 3)
    exchange.obey(link.Play(call=call, key="nope", token="a"), link.Play(call=call, key="short", token="b"),
                  link.Play(call=call, key="music", token="c", loop=True))
    exchange.tick(6)
    played = exchange.facts_of(link.PromptPlayed)
    assert [(p.token, p.frames, p.leg) for p in played] == [("a", 0, CALLER), ("b", 3, CALLER)]
    exchange.obey(link.StopPlaying(call=call))
    assert exchange.facts_of(link.PromptPlayed)[-1].token == "c"


# -- legs come and go ------------------------------------------------------------------------------


def test_a_phone_that_does_not_answer_is_cancelled_and_its_id_is_free_again(exchange: Exchange) -> None:
    _, call = _answered(exchange)
    exchange.obey(link.Dial(call=call, leg=AGENT, uri="sip:1001@h", timeout_s=2))
    exchange.dialogs[-1].owner.on_ringing(exchange.dialogs[-1], 180)
    exchange.tick(99)
    assert exchange.calls[-1].summary().leg(AGENT).state is LegState.RINGING  # type: ignore[union-attr]
    exchange.tick(2)
    assert exchange.dialogs[-1].sent == ["INVITE sip:1001@h from 13800000001", "BYE"]
    assert exchange.facts[-2:] == [link.LegRinging(call=call, leg=AGENT), link.LegFailed(call=call, leg=AGENT, code=408, reason="Request Timeout")]
    exchange.dialogs[-1].owner.on_answered(exchange.dialogs[-1], Phone().sdp)
    _dialled(exchange, AGENT, 1000)
    assert exchange.kinds()[-1] == "LegAnswered"


def test_the_time_of_a_first_dial_does_not_end_a_second(exchange: Exchange) -> None:
    _, call = _answered(exchange)
    exchange.obey(link.Dial(call=call, leg=AGENT, uri="sip:1001@h", timeout_s=1), link.DropLeg(call=call, leg=AGENT),
                  link.Dial(call=call, leg=AGENT, uri="sip:1002@h", timeout_s=5))
    exchange.tick(100)
    assert exchange.kinds()[-1] == "RecordingStarted" and exchange.dialogs[0].sent[-1] == "BYE"
    assert exchange.calls[-1].summary().leg(AGENT).uri == "sip:1002@h"  # type: ignore[union-attr]


@pytest.mark.parametrize("brain_up", [True, False])
def test_an_agent_who_hangs_up_leaves_the_caller_to_the_brain(exchange: Exchange, brain_up: bool) -> None:
    caller, call = _answered(exchange)
    agent = _dialled(exchange, AGENT, 1000)
    _connect(exchange, BOTH)
    exchange.brain_up = brain_up
    agent.dialog.owner.on_ended(agent.dialog, 0, "")
    assert link.LegHungUp(call=call, leg=AGENT) in exchange.facts
    assert (caller.dialog.sent[-1] == "BYE") == (not brain_up), "without a brain nobody else would end it"
    assert bool(exchange.over) == (not brain_up)


def test_a_caller_who_hangs_up_ends_all_legs(exchange: Exchange) -> None:
    caller, call = _answered(exchange)
    agent, second = _dialled(exchange, AGENT, 1000), _dialled(exchange, SECOND, 2000)
    _connect(exchange, everybody([CALLER, AGENT, SECOND]))
    caller.dialog.owner.on_ended(caller.dialog, 0, "")
    assert agent.dialog.sent[-1] == second.dialog.sent[-1] == "BYE" and "BYE" not in caller.dialog.sent
    assert exchange.kinds()[-2:] == ["LegHungUp", "Ended"] and exchange.over == exchange.calls
    assert exchange.facts_of(link.Ended)[0].summary.end_reason is EndReason.CALLER_HUNG_UP
    facts = len(exchange.facts)
    exchange.tick(5)
    exchange.obey(link.Connect(call=call, hears=BOTH), link.Hold(call=call, key="music"), link.Dial(call=call, leg=AGENT, uri="sip:1@h"),
                  link.HangUp(call=call), link.Answer(call=call), link.StopPlaying(call=call), link.Record(call=call, on=False))
    assert len(exchange.facts) == facts, "nothing happens in a call that is over"


def test_a_phones_own_hold_is_told_and_answered(exchange: Exchange) -> None:
    _, call = _answered(exchange)
    agent = _dialled(exchange, AGENT, 1000)
    _connect(exchange, BOTH)
    for extra in ("a=sendonly\r\n", "a=sendonly\r\n", "a=sendrecv\r\n"):
        agent.dialog.owner.on_updated(agent.dialog, agent.offer(extra))
    agent.dialog.owner.on_updated(agent.dialog, "rubbish")
    assert agent.dialog.sent[-4:] == ["200", "200", "200", "488"]
    assert exchange.facts[-2:] == [link.LegHeld(call=call, leg=AGENT), link.LegResumed(call=call, leg=AGENT)]


def test_digits_by_packet_and_by_info(exchange: Exchange) -> None:
    caller, call = _answered(exchange)
    caller.dialog.owner.on_digit(caller.dialog, "5")
    from app.media import rtp
    event = rtp.serialise_event(rtp.TelephoneEvent("#", True, 160))
    caller.send(rtp.RtpPacket(101, True, 1, 9000, 7, event))
    exchange.tick()
    assert exchange.facts_of(link.DigitPressed) == [link.DigitPressed(call=call, leg=CALLER, digit=d) for d in "5#"]


def test_a_caller_whose_network_is_gone(exchange: Exchange) -> None:
    caller, call = _answered(exchange)
    exchange.tick(5, caller)
    exchange.tick(3002)
    exchange.calls[-1].check()
    assert caller.dialog.sent[-1] == "BYE"
    assert link.LegHungUp(call=call, leg=CALLER, code=408) in exchange.facts
    assert exchange.facts_of(link.Ended)[0].summary.end_reason is EndReason.MEDIA_TIMEOUT


def test_a_disk_that_is_full_is_told_once(exchange: Exchange, tmp_path: Path) -> None:
    exchange.new_tape = lambda call: _full(exchange, tmp_path)  # type: ignore[method-assign]
    _, call = _answered(exchange)
    exchange.tick(5)
    exchange.calls[-1].check()
    exchange.calls[-1].check()
    assert [f.error for f in exchange.facts_of(link.RecordingFailed)] == ["No space left on device"]


def _full(exchange: Exchange, folder: Path) -> Tape:
    (folder / "full.wav").symlink_to("/dev/full")
    return Tape(folder / "full.wav")


# -- ringing up ------------------------------------------------------------------------------------

PURPOSE = CallBack(callback_id=7, agent_id=3)


def _originate(exchange: Exchange) -> VoiceCall:
    call = VoiceCall(exchange, Parties(caller="13900000001", called="hotline", purpose=PURPOSE), CallId("ab" * 16))
    call.originate("sip:13900000001@trunk", 45)
    return call


def test_who_is_rung_up_becomes_a_call_by_answering(exchange: Exchange) -> None:
    call = _originate(exchange)
    customer = Phone(440)
    exchange.answered_by(customer)
    (offered,) = exchange.facts_of(link.Offered)
    assert (offered.call, offered.direction, offered.purpose, offered.caller) == (call.id, Direction.OUTBOUND, PURPOSE, "13900000001")
    exchange.obey(link.Ring(call=call.id), link.Answer(call=call.id))
    assert customer.dialog.sent == ["INVITE sip:13900000001@trunk from hotline"]
    exchange.obey(link.Play(call=call.id, key="music", token="t"))
    exchange.tick(5, customer)
    assert customer.packets and call.summary().purpose == PURPOSE and call.summary().phase is LinePhase.ANSWERED


@pytest.mark.parametrize(("end", "code"), [("busy", 486), ("time", 408), ("address", 503)])
def test_who_does_not_answer_was_only_an_attempt(exchange: Exchange, end: str, code: int) -> None:
    if end == "address":
        exchange.dialog = _undiallable  # type: ignore[method-assign, assignment]
    call = _originate(exchange)
    if end == "busy":
        exchange.dialogs[-1].owner.on_ended(exchange.dialogs[-1], 486, "Busy Here")
    exchange.tick(50 * 46)
    assert exchange.facts == [link.Unanswered(call=call.id, purpose=PURPOSE, code=code)]
    assert exchange.over == [call]


def _undiallable(owner: object = None) -> object:
    from app.domain.refusal import Invalid, RefusalCode
    from tests.support.exchange import Dialog

    class Refusing(Dialog):
        def dial(self, *_: object, **__: object) -> None:
            raise Invalid(RefusalCode.SIP_URI, "no address")
    return Refusing(owner)  # type: ignore[arg-type]


# -- three parties ---------------------------------------------------------------------------------


def _three(exchange: Exchange, hears: Hears) -> dict[LegId, Phone]:
    """Caller 440 Hz, agent 1000, second 2500: each mode is heard, and whom one must not hear is not."""
    caller, _ = _answered(exchange, 440)
    phones = {CALLER: caller, AGENT: _dialled(exchange, AGENT, 1000, g711.PCMA), SECOND: _dialled(exchange, SECOND, 2500)}
    _connect(exchange, hears)
    exchange.tick(80, *phones.values())
    return phones


TONES = {CALLER: 440, AGENT: 1000, SECOND: 2500}


@pytest.mark.parametrize("mode", [m for m in Mode if m is not Mode.TALK])
def test_three_hear_each_other_as_the_matrix_says(exchange: Exchange, mode: Mode) -> None:
    hears = matrix(mode, CALLER, AGENT, SECOND)
    phones = _three(exchange, hears)
    for listener, phone in phones.items():
        for speaker, hz in TONES.items():
            level = phone.level_db(hz)
            if speaker in hears.get(listener, frozenset()):
                assert abs(level) < 1.5, (mode, listener, speaker, level)
            elif speaker != listener:
                assert level < -60, (mode, listener, speaker, level)


def test_the_caller_never_hears_a_whisper_and_neither_does_the_recording(exchange: Exchange) -> None:
    _three(exchange, matrix(Mode.WHISPER, CALLER, AGENT, SECOND))
    tracks = exchange.calls[-1].tape.read(40, 40).tracks  # type: ignore[union-attr]
    assert any(tracks[CALLER]) and any(tracks[AGENT]) and not any(tracks[SECOND])


def test_from_three_to_two_the_packets_are_relayed_again(exchange: Exchange) -> None:
    phones = _three(exchange, everybody([CALLER, AGENT, SECOND]))
    phones[SECOND].dialog.owner.on_ended(phones[SECOND].dialog, 0, "")
    exchange.tick(60, phones[CALLER], phones[AGENT])
    assert abs(phones[CALLER].level_db(1000)) < 1 and phones[CALLER].level_db(2500) < -60
    relayed = {g711.transcode(0, 8, p) for p in _payloads(440)}
    assert {p.payload for p in phones[AGENT].packets[-5:]} <= relayed
    assert len({p.ssrc for p in phones[CALLER].packets}) == 1


def test_five_in_a_room(exchange: Exchange) -> None:
    """Nothing knows a number of parties."""
    caller, _ = _answered(exchange, 300)
    tones = {CALLER: 300}
    phones = {CALLER: caller}
    for n in range(4):
        name = LegId(f"guest-{n}")
        tones[name] = 700 + 500 * n
        phones[name] = _dialled(exchange, name, tones[name])
    _connect(exchange, everybody(phones))
    exchange.tick(80, *phones.values())
    for listener, phone in phones.items():
        assert all((abs(phone.level_db(hz)) < 3) == (speaker != listener) for speaker, hz in tones.items())
    assert set(exchange.calls[-1].tape.read(40, 1).tracks) - {PROMPTS} == set(phones)  # type: ignore[union-attr]


def test_consulting_while_the_caller_hears_music(exchange: Exchange) -> None:
    phones = _three(exchange, everybody([CALLER, AGENT]))
    call = _call(exchange)
    exchange.obey(link.Connect(call=call, hears=everybody([CALLER, AGENT, SECOND])), link.Hold(call=call, leg=CALLER, key="music"))
    exchange.tick(80, *phones.values())
    assert phones[CALLER].level_db(1000) < -60 and phones[CALLER].level_db(2500) < -60
    assert abs(phones[AGENT].level_db(2500)) < 1 and phones[AGENT].level_db(440) < -60
    assert not any(exchange.calls[-1].tape.read(140, 10).tracks[AGENT]), "a consultation is not recorded"  # type: ignore[union-attr]
    exchange.obey(link.Resume(call=call, leg=CALLER))
    exchange.tick(80, *phones.values())
    assert abs(phones[CALLER].level_db(2500)) < 1.5 and abs(phones[AGENT].level_db(440)) < 1.5
