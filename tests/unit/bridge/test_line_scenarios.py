"""What networks and phones do: each file of tests/scenarios/line is played against the jitter buffer or the bridge's call.

``rtp-*.yaml``: ``arrivals`` are sequence numbers, ``|`` ends 20 ms; ``heard`` is what comes out, ``-`` for nothing.
``sip-*.yaml``: ``steps`` are what phones do, orders of the brain as on the link, and frames that pass (``ticks``);
``wire`` is what the bridge sent to each phone (of several agents' the last), ``facts`` what it told the brain.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.link import codec
from app.media.jitter import JitterBuffer
from tests.support.exchange import Exchange, Phone

FOLDER = Path(__file__).resolve().parents[2] / "scenarios" / "line"


def _scenarios(kind: str) -> list[Any]:
    found = sorted(FOLDER.glob(f"{kind}-*.yaml"))
    assert found
    return [pytest.param(yaml.safe_load(path.read_text()), id=path.stem) for path in found]


def test_every_file_is_played() -> None:
    assert all(path.name.startswith(("rtp-", "sip-")) for path in FOLDER.iterdir())


@pytest.mark.parametrize("scenario", _scenarios("rtp"))
def test_what_is_heard_of_a_bad_network(scenario: dict[str, Any]) -> None:
    """In each 20 ms what arrives is put, then one packet is taken."""
    buffer, heard = JitterBuffer(), []
    for arrived in scenario["arrivals"].split("|"):
        for sequence in map(int, arrived.split()):
            buffer.put(sequence, str(sequence).encode())
        payload = buffer.pop()
        heard.append(payload.decode() if payload is not None else "-")
    assert " ".join(heard) == scenario["heard"], scenario["title"]
    for counter, value in scenario.get("counters", {}).items():
        assert getattr(buffer, counter) == value, counter


class _Play:
    """The verbs of a scenario's steps."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.phones = {"caller": Phone(), "agent": Phone()}

    def step(self, who: str, what: Any) -> None:
        if who == "ticks":
            self.exchange.tick(what)
        elif who == "order":
            text = json.dumps({"v": codec.VERSION, "call": self.exchange.calls[-1].id, **what})
            self.exchange.obey(codec.decode_order(text))
        elif what == "invite":
            self.exchange.invite(self.phones[who])
        else:
            self._phone(who, what)

    def _phone(self, who: str, what: str) -> None:
        dialog = self.phones[who].dialog if who == "caller" else self.exchange.dialogs[-1]
        owner, phone = dialog.owner, self.phones[who]
        match what:
            case "ring":
                owner.on_ringing(dialog, 180)
            case "answer":
                self.exchange.answered_by(phone)
            case "answer-rubbish":
                owner.on_answered(dialog, "v=0\r\nm=audio 9 RTP/AVP 18\r\n")
            case "busy":
                owner.on_ended(dialog, 486, "Busy Here")
            case "bye":
                owner.on_ended(dialog, 0, "")
            case "cancel":
                owner.on_ended(dialog, 487, "Request Terminated")
            case "hold" | "resume":
                phone.dialog = dialog
                owner.on_updated(dialog, phone.offer("a=sendonly\r\n" if what == "hold" else "a=sendrecv\r\n"))
            case _:
                pytest.fail(f"no such verb: {what}")


@pytest.mark.parametrize("scenario", _scenarios("sip"))
def test_what_follows_from_what_phones_do(scenario: dict[str, Any], tmp_path: Path) -> None:
    exchange = Exchange(tmp_path)
    play = _Play(exchange)
    try:
        for step in scenario["steps"]:
            ((who, what),) = step.items()
            play.step(who, what)
        wire = {"caller": play.phones["caller"].dialog.sent} | ({"agent": exchange.dialogs[-1].sent} if exchange.dialogs else {})
        assert wire == scenario["wire"], scenario["title"]
        assert [codec.type_name(type(fact)) for fact in exchange.facts] == scenario["facts"], scenario["title"]
    finally:
        exchange.close()
