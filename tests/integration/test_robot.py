"""The robot in real calls: callers side by side, handover with what was learned, a restart, a hang-up, the one on duty."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.media import wav
from app.media.resample import to_line_rate
from tests.support.hotline import ROOT, Hotline
from tests.support.robot_callers import USUAL, Caller
from tests.support.robot_calls import WITHHELD, play_apart

SAMPLE = ("clean-faq-0", "clean-fault-0", "clean-complaint-1", "clean-service-0", "clean-stop-1", "clean-bill-0", "clean-fault-1",
          "interrupting-stop", "angry-bill", "correcting-fault", "dictating-service", "keys-fault")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """Nobody is logged in; 1006 is on duty."""
    made = Hotline(tmp_path_factory.mktemp("night"), HOLDLINE_ROBOT="true", HOLDLINE_ON_DUTY="1006")
    made.start()
    yield made
    made.stop()
    assert "Traceback" not in made.log(), made.log()[-4000:]


def _say(hotline: Hotline, number: str, *said: str, line: str = "") -> "subprocess.Popen[str]":
    arguments = [part for text in said for part in ("--say", text)]
    return hotline.ring(*arguments, "--from", number, *(["--agent-line", line] if line else ["--no-agent"]))


def _robot_said(call: dict[str, Any], words: str) -> bool:
    return any(words in u["text"] for u in call["utterances"] if u["speaker"] == "robot")


def test_scripted_callers_of_every_kind() -> None:
    """A dozen of scripts/bench_robot, side by side; the whole suite of callers is run by hand."""
    command = [sys.executable, "scripts/bench_robot", "--at-once", "6", "--names", ",".join(SAMPLE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=420)
    right = sum(int(n) for n in re.findall(r"^  \w+ +(\d+) of", done.stdout, re.MULTILINE))
    assert f"{len(SAMPLE)} callers" in done.stdout and "dead ends 0" in done.stdout, done.stdout
    assert right >= len(SAMPLE) - 1, done.stdout


def test_a_person_comes_and_knows_everything(night: Hotline) -> None:
    number, name = "13800000161", "1001"
    line = night.line(name)
    ring = _say(night, number, "我要报停", "太贵了", "转人工", "好的可以", line=line)
    night.wait_call(number, lambda c: (c["robot"] or {}).get("task") == "stop")
    night.presence(name, "go_ready")
    call = night.wait_call(number, lambda c: c["phase"] == "talking", 60)
    assert _robot_said(call, "为您转人工")
    with night.log_in(name) as client:
        desk = client.get("/desk").text
    assert "嫌贵" in desk or "太贵" in desk
    assert 'data-intent="disconnect' in desk and "智能客服" in desk, "the card and the robot's words are on the screen"
    ring.communicate(timeout=90)
    night.finish(name)
    night.presence(name, "go_break")
    night.presence(name, "go_offline")


def test_anger_at_night_rings_the_one_on_duty(night: Hotline) -> None:
    number = "13800000162"
    line = night.line("1006")
    ring = _say(night, number, "我要投诉你们", "你们这些骗子", "快点给我处理", line=line)
    call = night.wait_call(number, lambda c: c["phase"] == "talking", 60)
    assert call["robot"]["outcome"] == "person"
    ring.communicate(timeout=90)
    night.finish("1006")
    night.presence("1006", "go_break")
    night.presence("1006", "go_offline")


def test_who_hangs_up_in_the_middle_is_rung_back(night: Hotline) -> None:
    number = "13800000163"
    _say(night, number, "我要投诉你们").communicate(timeout=60)
    night.wait_call(number, lambda c: c["phase"] == "ended")
    (waiting,) = [c for c in night.get("callbacks")["callbacks"] if c["caller"].endswith("0163")]
    assert waiting["source"] == "robot" and waiting["intent"].startswith("complaint")


def _usual(name: str, number: str, opening: str, **answers: tuple[str, ...]) -> Caller:
    """A caller who answers whatever the robot asks."""
    said = {**USUAL, "open": (opening,), **{k.replace("_", ":"): v for k, v in answers.items()}}
    return Caller(name, "clean", number, ("m5", 170), said, "", linger_s=0.3)


def test_a_restart_of_the_brain_in_a_dialog(night: Hotline) -> None:
    """The robot apologises, asks again, and the task is finished."""
    caller = _usual("restart", "13800000164", "我要移机")

    def restart() -> None:
        night.wait_call(caller.number, lambda c: (c["robot"] or {}).get("task") == "relocate")
        night.kill_brain()
        night.start_brain()

    killer = threading.Thread(target=restart)
    killer.start()
    play_apart(night, [caller])
    killer.join()
    night.wait_ready()
    call = night.wait_call(caller.number, lambda c: c["phase"] == "ended")
    assert _robot_said(call, "线路中断了一下")
    assert call["robot"]["place"] == "gone" and call["robot"]["outcome"] == "relocate", call["robot"]
    assert [t["kind"] for t in call["tickets"]] == ["service"]


#: A caller by the place of the dialog in which the telephone is put down.
HANGS_UP = {
    "open": _usual("at-open", "13800000170", ""),
    "guide": _usual("at-guide", "13800000171", "我家电视没信号", guide=("",)),
    "reason": _usual("at-reason", "13800000172", "我要报停", reason=("",)),
    "offer": _usual("at-offer", "13800000173", "我要报停", offer=("",)),
    "slot": _usual("at-slot", "13800000174", "我要投诉你们", slot_story=("",)),
    "confirm": _usual("at-confirm", "13800000175", "我要移机", confirm=("",)),
    "more": _usual("at-more", "13800000176", "营业厅在哪里", more=("",)),
}


def test_hanging_up_in_every_place(night: Hotline) -> None:
    """Whatever was begun and not finished is rung back; every call ends and is kept."""
    play_apart(night, list(HANGS_UP.values()))
    waiting = {c["caller"][-4:] for c in night.get("callbacks")["callbacks"]}
    for place, caller in HANGS_UP.items():
        call = night.wait_call(caller.number, lambda c: c["phase"] == "ended")
        assert call["robot"]["place"] == place, (place, call["robot"])
        assert (caller.number[-4:] in waiting) is (place not in ("open", "more")), place


def test_a_caller_without_a_number(night: Hotline) -> None:
    """Is asked for one; nothing is told and nobody is looked up."""
    caller = _usual("withheld", WITHHELD, "我要投诉你们")
    play_apart(night, [caller])
    call = night.wait_call("", lambda c: c["phase"] == "ended" and c["caller"] == "")
    assert call["robot"]["outcome"] == "complaint", call["robot"]
    (ticket,) = call["tickets"]
    assert night.get(f"tickets/{ticket['id']}")["phone"] == "139****2233"
    ((phone,),) = night.stored("select phone from field_tickets where id = ?", ticket["id"])
    assert phone == "13900112233", "the one that was said"


@pytest.mark.peer("espeak-ng")
def test_a_cantonese_caller_is_offered_a_person(night: Hotline, tmp_path: Path) -> None:
    """Real Cantonese (synthetic), the real recogniser: what it hears is nothing, and it knows."""
    subprocess.run(["espeak-ng", "-v", "yue", "-s", "165", "-w", str(tmp_path / "made.wav"), "請問你識唔識講廣東話"], check=True)
    made = wav.load((tmp_path / "made.wav").read_bytes())
    audio = wav.WavAudio(8000, 1, to_line_rate(made.pcm16, made.rate_hz))
    (tmp_path / "yue.wav").write_bytes(wav.dump(audio))
    number = "13800000165"
    ring = night.ring("--wav", str(tmp_path / "yue.wav"), "--from", number, "--no-agent")
    call = night.wait_call(number, lambda c: _robot_said(c, "我只听得懂普通话"), 60)
    assert call["robot"]["place"] == "person"
    ring.communicate(timeout=60)
