"""The bridge around its calls: what an earlier run left, orders to no call, prompts, a brain that is away."""

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

from app.bridge import voice_bridge
from app.bridge.reception import receive
from app.bridge.spool import Spool
from app.bridge.tape import Tape
from app.bridge.voice_bridge import PROMPTS_KEPT, BridgeSettings, VoiceBridge
from app.domain.calls.ids import AGENT, CALLER, CallId, LegId
from app.domain.calls.leg import LegState
from app.link import messages as link
from app.link.codec import PromptAudio
from app.link.summary import CallBack, CallSummary, EndReason, LegSummary, LinePhase
from app.media.g711 import FRAME_BYTES
from app.service.calls.speech_out import SURELY_THERE, SpeechOut
from app.telephony.media_engine import SLOTS
from app.telephony.sip_dialog import Invitation, Unowned
from app.telephony.sip_stack import SipEndpoint
from tests.support.exchange import Dialog, Exchange, Phone

ROOT = Path(__file__).resolve().parents[3]
CALL = CallId("ab" * 16)


def _bridge(home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[VoiceBridge, Exchange]:
    """A bridge on a wire of ours, its threads not started: the link is down."""
    wire = Exchange(home)
    monkeypatch.setattr(voice_bridge, "open_line", lambda *_: wire)
    bridge = VoiceBridge(BridgeSettings(
        name="bridge-1", sip=SipEndpoint("127.0.0.1", 5060, "127.0.0.1"), rtp_address="127.0.0.1", rtp_ports=(47400, 47499),
        home=home, sounds=ROOT / "static" / "sounds", link_url="ws://127.0.0.1:1/link", secret="s", numbers=frozenset({"hotline", "96396"}),
        proxy=None))
    return bridge, wire


def _media(bridge: VoiceBridge) -> None:
    """Do what the media thread has been asked for."""
    bridge._engine._wait(0)


def _close(bridge: VoiceBridge) -> None:
    for call in tuple(bridge._calls.values()):
        call.hang_up()
    _media(bridge)
    bridge._recorder._tapes.clear()
    engine = bridge._engine
    for each in (engine._wake_in, engine._wake_out, engine._selector, engine._waker):
        each.close()
    while Phone.made:
        Phone.made.pop().sock.close()


def _offered(bridge: VoiceBridge) -> tuple[Any, Dialog]:
    phone = Phone()
    phone.dialog = dialog = Dialog()
    receive(bridge, dialog, Invitation("sip-1", "13800000001", "hotline", "", phone.sdp))
    return next(iter(bridge._calls.values())), dialog


def test_a_call_that_was_cut_off_is_told_with_the_length_of_its_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape(tmp_path / "recordings" / "a.wav")
    tape.open()
    for _ in range(50):
        tape.append({CALLER: bytes(FRAME_BYTES), LegId("desk-7"): bytes(FRAME_BYTES)})
    tape.close()
    Spool(tmp_path / "spool").put(CallSummary(
        call=CALL, phase=LinePhase.ANSWERED, legs=(LegSummary(id=CALLER, state=LegState.TALKING),), recording="recordings/a.wav",
        hears={CALLER: frozenset({AGENT})}, right=LegId("desk-7")))
    bridge, _ = _bridge(tmp_path, monkeypatch)
    (summary,) = bridge.hello().calls
    assert (summary.phase, summary.end_reason, summary.frames, summary.legs, summary.hears) == (
        LinePhase.ENDED, EndReason.BRIDGE_LOST, 50, (), {})
    assert set(bridge._link._tapes[CALL].read(0, 1).tracks) == {CALLER, "desk-7"}  # type: ignore[union-attr]
    assert Spool(tmp_path / "spool").load()[CALL].end_reason is EndReason.BRIDGE_LOST
    bridge._obey(link.Forget(call=CALL))
    assert not bridge.hello().calls and not Spool(tmp_path / "spool").load() and CALL not in bridge._link._tapes
    _close(bridge)


def test_a_call_in_the_spool_follows_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge, wire = _bridge(tmp_path, monkeypatch)
    call, dialog = _offered(bridge)
    spool = Spool(tmp_path / "spool")
    assert not spool.load()
    bridge._obey(link.Answer(call=call.id))
    assert spool.load()[call.id].phase is LinePhase.ANSWERED and dialog.sent == ["200"]
    bridge._obey(link.Dial(call=call.id, leg=AGENT, uri="sip:1001@127.0.0.1"))
    wire.dialogs[-1].owner.on_answered(wire.dialogs[-1], Phone().sdp)
    bridge._obey(link.Connect(call=call.id, hears={CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER})}))
    _media(bridge)
    kept = spool.load()[call.id]
    assert kept.connected and kept.right == AGENT and kept.leg(AGENT).uri == "sip:1001@127.0.0.1"  # type: ignore[union-attr]
    dialog.owner.on_ended(dialog, 0, "")
    _media(bridge)
    assert spool.load()[call.id].end_reason is EndReason.CALLER_HUNG_UP and not bridge._calls
    assert bridge.hello().calls == (spool.load()[call.id],)
    _close(bridge)


def test_orders_to_no_call_and_a_second_welcome_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge, wire = _bridge(tmp_path, monkeypatch)
    for order in (link.HangUp(call=CALL), link.Forget(call=CALL), link.Welcome(), link.Dial(call=CALL, leg=AGENT, uri="sip:1@h")):
        bridge.on_order(order)
    assert not bridge._calls and not wire.dialogs
    _close(bridge)


def test_ringing_up_shows_the_hotlines_number_and_is_begun_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge, wire = _bridge(tmp_path, monkeypatch)
    order = link.Originate(call=CALL, uri="sip:139@trunk", number="139", purpose=CallBack(callback_id=1, agent_id=2))
    bridge._obey(order)
    bridge._obey(order)
    assert [d.sent for d in wire.dialogs] == [["INVITE sip:139@trunk from 96396"]]
    assert bridge.hello().calls[0].purpose == order.purpose
    wire.dialogs[0].owner.on_ended(wire.dialogs[0], 486, "Busy Here")
    _media(bridge)
    assert not bridge._calls and not bridge.hello().calls, "an attempt is no call"
    _close(bridge)


def test_the_newest_prompts_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge, _ = _bridge(tmp_path, monkeypatch)
    for n in range(PROMPTS_KEPT + 1):
        bridge.on_prompt(PromptAudio(f"{n:064x}", b""))
    assert bridge.prompt(f"{0:064x}") is None and bridge.prompt(f"{PROMPTS_KEPT:064x}") == b""
    _close(bridge)


class _Voice:
    def pcm16(self, name: str) -> bytes:
        return name.encode()

    def speech(self, text: str, *, slow: bool) -> bytes:
        return text.encode()


class _LineTo:
    """The brain's line to one bridge, without the link."""

    bridges = ("bridge-1",)

    def __init__(self, bridge: VoiceBridge) -> None:
        self._bridge = bridge

    def prompt(self, bridge: str, key: str, pcm16: bytes) -> None:
        self._bridge.on_prompt(PromptAudio(key, pcm16))

    def order(self, bridge: str, order: link.Order) -> None: ...


@pytest.mark.parametrize("between", [20, 90, 110, 500])
async def test_a_prompt_can_be_played_however_much_was_said_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, between: int
) -> None:
    """A greeting that went out once, and robots that say a new sentence every few seconds since."""
    bridge, _ = _bridge(tmp_path, monkeypatch)
    voice = SpeechOut(_Voice(), _LineTo(bridge))
    for n in range(3 * between):
        if n % between == 0:
            assert bridge.prompt(await voice.prompt_key("bridge-1", "welcome")) == b"welcome"
        said = await voice.speech_key("bridge-1", f"sentence {n}", slow=False)
        assert bridge.prompt(said) == f"sentence {n}".encode()
    assert len(voice._sent["bridge-1"]) <= SURELY_THERE < PROMPTS_KEPT
    _close(bridge)


def test_a_brain_that_stays_away_leaves_talks_alone_and_takes_messages_from_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge, wire = _bridge(tmp_path, monkeypatch)
    bridge.on_link(True)
    bridge._link._up.set()
    talking, _ = _offered(bridge)
    bridge._obey(link.Answer(call=talking.id))
    bridge._obey(link.Dial(call=talking.id, leg=AGENT, uri="sip:1001@127.0.0.1"))
    agent = wire.dialogs[-1]
    agent.owner.on_answered(agent, Phone().sdp)
    bridge._obey(link.Connect(call=talking.id, hears={CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER})}))
    bridge._obey(link.Hold(call=talking.id, key="music"))
    waiting = Phone()
    waiting.dialog = Dialog()
    receive(bridge, waiting.dialog, Invitation("sip-2", "13800000002", "hotline", "", waiting.sdp))
    bridge._link._up.clear()
    bridge.on_link(False)
    bridge._every_second()
    assert waiting.dialog.sent == [], "it may be back in a moment"
    bridge._link_down_since = bridge._link_down_since - 9 if bridge._link_down_since is not None else None
    bridge._every_second()
    assert waiting.dialog.sent == ["200"] and not bridge._emergency.handles(talking)
    agent.owner.on_ended(agent, 0, "")
    _media(bridge)
    assert talking.id not in bridge._calls, "with nobody left to talk to, and nobody to decide, it ends"
    _close(bridge)


def test_a_call_that_is_over_leaves_nothing_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the garbage collector, which may come minutes later: each call's tape is half a megabyte."""
    bridge, wire = _bridge(tmp_path, monkeypatch)
    bridge._link._up.set()
    gc.disable()
    try:
        left = _a_whole_call(bridge, wire)
        assert [ref() for ref in left if ref() is not None] == []
        assert not bridge._calls and not bridge._ended and not bridge._engine._behind and not bridge._recorder._tapes
        assert not bridge._link._tapes and not bridge._link._cursors and not any(bridge._engine._slots)
    finally:
        gc.enable()
        _close(bridge)


def _a_whole_call(bridge: VoiceBridge, wire: Exchange) -> list["weakref.ref[Any]"]:
    """Two talk, the caller hangs up, the brain has taken it over; what the call was made of."""
    call, dialog = _offered(bridge)
    bridge._obey(link.Answer(call=call.id))
    bridge._obey(link.Dial(call=call.id, leg=AGENT, uri="sip:1001@127.0.0.1"))
    caller, agent, phone = Phone.made[-1], wire.dialogs[-1], Phone()
    phone.dialog = agent
    agent.owner.on_answered(agent, phone.sdp)
    bridge._obey(link.Connect(call=call.id, hears={CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER})}))
    _media(bridge)
    for step in range(SLOTS):
        caller.speak()
        phone.speak()
        bridge._engine._step(step)
    assert call.tape is not None and call.tape.frames == 1 and bridge._engine._behind
    made = [call, call.tape, call.media, *call._legs.values(), *call.media._legs.values()]
    left: list[weakref.ref[Any]] = [weakref.ref(each) for each in made]
    dialog.owner.on_ended(dialog, 0, "")
    _media(bridge)
    bridge._obey(link.Forget(call=call.id))
    # 32 s later the dialogs are dead (see test_sip_dialog.py), and nobody waits for an answer any more
    dialog.owner = agent.owner = Unowned()
    wire._timers.clear()
    return left
