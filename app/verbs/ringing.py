"""The verb ``ring``: simulated callers."""

import argparse

from app.adapters.demo_lines import demo_line
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.domain.refusal import Refused
from app.media import wav
from app.media.g711 import RATE_HZ
from app.settings import Settings
from app.simulator import cast
from app.simulator.ringing import free_lines, play_one
from app.verbs import VerbError

DEMO_AGENTS = 6


def ring(chosen: argparse.Namespace, settings: Settings) -> int:
    """Play a caller, and the phones of demo agents whose address nobody uses."""
    if chosen.list:
        for name, scenario in cast.load_scenarios().items():
            print(f"{name:12} {scenario.number}")
        return 0
    try:
        scenario = _scenario(chosen)
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


def _scenario(chosen: argparse.Namespace) -> cast.Scenario:
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
