"""What the verbs of the command line do."""

import argparse
import getpass
import json
import os
import secrets
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

from app import bootstrap
from app.adapters.asr_vosk import SpeechModelError, check_model
from app.adapters.content_files import ContentError, load_content
from app.adapters.demo_data import PASSWORD, demo_line
from app.adapters.model_download import ModelError, fetch_model
from app.domain.refusal import Refused
from app.domain.sip_uri import parse_sip_uri
from app.media import wav
from app.media.g711 import FRAME_BYTES, RATE_HZ
from app.processes import Processes
from app.service import records
from app.service.hearing import Final, LegHearing
from app.settings import ROOT, Settings
from app.web.auth import hash_password, token_hash

DEMO_AGENTS = 6


class VerbError(Exception):
    """A verb could not do it; the text says why and what to do."""


def _free(address: str, kind: socket.SocketKind, setting: str) -> None:
    host, _, port = address.rpartition(":")
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise VerbError(
                f"{setting}={address} cannot be used ({error.strerror}): stop what uses it, or set"
                f" another address"
            ) from None


def serve(_: argparse.Namespace, settings: Settings) -> int:
    """Check what can be checked before the start, then start everything."""
    bootstrap.set_up_logging()
    _free(settings.http, socket.SOCK_STREAM, "HOLDLINE_HTTP")
    _free(settings.sip, socket.SOCK_DGRAM, "HOLDLINE_SIP")
    try:
        check_model(settings.speech_model)
    except SpeechModelError as error:
        raise VerbError(str(error)) from None
    settings.secret()
    if settings.demo:
        bootstrap.load_demo(settings)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    processes = Processes(settings.bridges, environment, f"http://{settings.http}/readyz")
    return processes.run(_greeting(settings))


def _greeting(settings: Settings) -> str:
    number = min(settings.numbers)
    lines = [
        "", f"Holdline 守线 is ready:  http://{settings.http}",
        f"ring the hotline:        sip:hotline@{settings.sip}   (also {number})",
        '                         scripts/ring --say "你好我想把电视停掉太贵了"',
    ]  # fmt: skip
    if settings.demo:
        lines.append(f"demo users:              1001-1006 (agents), super, manager, admin,"
                     f" tech1-tech6; password {PASSWORD}")  # fmt: skip
    return "\n".join([*lines, "Ctrl-C stops everything.", ""])


def web(_: argparse.Namespace, settings: Settings) -> int:
    bootstrap.set_up_logging()
    try:
        bootstrap.run_web(settings)
    except bootstrap.StartError as error:
        raise VerbError(str(error)) from None
    return 0


def bridge(chosen: argparse.Namespace, settings: Settings) -> int:
    bootstrap.set_up_logging()
    bootstrap.run_bridge(settings, chosen.index)
    return 0


def migrate(_: argparse.Namespace, settings: Settings) -> int:
    bootstrap.open_store(settings).engine.dispose()
    return 0


def demo(_: argparse.Namespace, settings: Settings) -> int:
    loaded = bootstrap.load_demo(settings)
    print("demo loaded" if loaded else "the database has users already: nothing was changed")
    return 0


def user(chosen: argparse.Namespace, settings: Settings) -> int:
    """Add somebody who may log in."""
    if chosen.line:
        _check_line(chosen.line)
    password = chosen.password or getpass.getpass("password: ")
    if len(password) < 8:
        raise VerbError("a password has at least 8 characters")
    store = bootstrap.open_store(settings)
    with store.unit_of_work() as uow:
        if uow.find(records.User, name=chosen.name):
            raise VerbError(f"there is a user {chosen.name} already")
        display = chosen.display or chosen.name
        made = records.User(chosen.name, display, chosen.role, hash_password(password), chosen.line)
        uow.add(made)
        uow.add(records.AuditEntry(store.clock.now(), "cli", "user_added", chosen.name))
        uow.commit()
    print(f"user {chosen.name} ({chosen.role})")
    return 0


def _check_line(line: str) -> None:
    try:
        parse_sip_uri(line)
    except Refused as error:
        raise VerbError(str(error)) from None


def token(chosen: argparse.Namespace, settings: Settings) -> int:
    """Make a bearer token; it is shown once and only its hash is kept."""
    made = secrets.token_urlsafe(32)
    store = bootstrap.open_store(settings)
    now = store.clock.now()
    with store.unit_of_work() as uow:
        uow.add(records.ApiToken(token_hash(made), chosen.name, chosen.role, now))
        uow.add(records.AuditEntry(now, "cli", "token_created", chosen.name, chosen.role))
        uow.commit()
    print(made)
    return 0


def content(_: argparse.Namespace, settings: Settings) -> int:
    """Read everything that supervisors write and say what is wrong with it."""
    del settings
    try:
        found = load_content(ROOT)
    except ContentError as error:
        raise VerbError(str(error)) from None
    print(f"{len(found.faq)} FAQ entries, {len(found.engine.kinds)} intent kinds,"
          f" {len(found.offers)} offers: no fault")  # fmt: skip
    return 0


def understand(_: argparse.Namespace, settings: Settings) -> int:
    """One JSON object a line of stdin."""
    del settings
    engine = bootstrap.make_content().current().engine
    for line in sys.stdin:
        heard = engine.understand(line.rstrip("\r\n"))
        print(json.dumps(heard.as_json(), ensure_ascii=False), flush=True)
    return 0


def transcribe(chosen: argparse.Namespace, settings: Settings) -> int:
    """Finals of each file and channel, in order of time. Bad files are named and skipped."""
    recogniser = bootstrap.make_recogniser(settings)
    failed = False
    for path in chosen.file:
        try:
            audio = wav.load(path.read_bytes())
            if audio.rate_hz != RATE_HZ:
                raise wav.WavError(f"expected {RATE_HZ} Hz, got {audio.rate_hz}")
        except (OSError, wav.WavError) as error:
            print(f"holdline: {path}: {error}", file=sys.stderr)
            failed = True
            continue
        found = [
            (final, channel)
            for channel in range(audio.channels)
            for final in _finals(LegHearing(recogniser, 0), audio.channel(channel))
        ]
        for final, channel in sorted(found, key=lambda item: item[0].start_ms):
            print(json.dumps(_line(path, channel, final), ensure_ascii=False))
    return 1 if failed else 0


def _finals(hearing: LegHearing, pcm16: bytes) -> Iterable[Final]:
    padded = pcm16 + bytes(-len(pcm16) % FRAME_BYTES)
    for at in range(0, len(padded), 5 * FRAME_BYTES):
        for heard in hearing.feed(at // FRAME_BYTES, padded[at : at + 5 * FRAME_BYTES]):
            if isinstance(heard, Final):
                yield heard
    last = hearing.flush()
    if last is not None:
        yield last


def _line(path: Path, channel: int, final: Final) -> dict[str, object]:
    start = final.start_ms / 1000
    words = [{"word": w.word, "start": round(start + w.start, 2), "end": round(start + w.end, 2),
              "conf": round(w.confidence, 3)} for w in final.words]  # fmt: skip
    text = "".join(w.word for w in final.words)
    return {"file": str(path), "start": start, "end": final.end_ms / 1000, "channel": channel,
            "text": text, "words": words}  # fmt: skip


def model(chosen: argparse.Namespace, settings: Settings) -> int:
    """Download and verify a model, or check the one in use."""
    try:
        if chosen.action == "check":
            bootstrap.make_recogniser(settings)
            print(f"{settings.speech_model}: loads")
        else:
            folder = fetch_model(chosen.name, settings.home / "models", chosen.url, print)
            print(f"set HOLDLINE_SPEECH_MODEL={folder}")
    except (ModelError, bootstrap.StartError) as error:
        raise VerbError(str(error)) from None
    return 0


def ring(chosen: argparse.Namespace, settings: Settings) -> int:
    """Play a caller, and the phones of demo agents whose address nobody uses."""
    # Imported here: sippy takes the main thread of whatever process loads it.
    from app.adapters.tts_espeak import EspeakSynthesiser  # noqa: PLC0415
    from app.simulator import cast  # noqa: PLC0415
    from app.simulator.ringing import free_lines, play_one  # noqa: PLC0415

    if chosen.list:
        for name, scenario in cast.load_scenarios().items():
            print(f"{name:12} {scenario.number}")
        return 0
    try:
        scenario = _scenario(chosen, cast)
    except (Refused, OSError, wav.WavError) as error:
        raise VerbError(str(error)) from None
    lines = (
        [] if chosen.no_agent else chosen.agent_line or [demo_line(n) for n in range(DEMO_AGENTS)]
    )
    voices = {"caller": EspeakSynthesiser("m3", 175), "agent": EspeakSynthesiser("f2", 175)}
    result = play_one(settings.sip, scenario, free_lines(lines), voices)
    if not result.answered:
        raise VerbError(f"the hotline did not answer ({result.end_code or 'no reply'}): is"
                        f" scripts/run running on {settings.sip}?")  # fmt: skip
    spoken = len(result.caller.spoken) if result.caller else 0
    print(f"call over: {spoken} sentences said, agent {'connected' if result.connected else '-'}")
    return 0


def _scenario(chosen: argparse.Namespace, cast):  # type: ignore[no-untyped-def]
    if chosen.scenario:
        found = cast.scenario_named(chosen.scenario)
        number = chosen.number or found.number
        return cast.Scenario(number=number, name=found.name, turns=found.turns,
                             with_agent=found.with_agent and not chosen.no_agent)  # fmt: skip
    turns = [cast.Turn("caller", text) for text in chosen.say]
    for path in chosen.wav:
        audio = wav.load(path.read_bytes())
        if audio.rate_hz != RATE_HZ or audio.channels != 1:
            raise wav.WavError(f"{path}: expected mono, {RATE_HZ} Hz")
        turns.append(cast.Turn("caller", path.name, audio.pcm16))
    number = chosen.number or "13800000001"
    return cast.Scenario("say", number, tuple(turns), not chosen.no_agent, linger_s=4.0)
