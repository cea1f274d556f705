"""The verb ``ring``: simulated callers."""

import argparse
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from app.adapters.demo_lines import demo_line
from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.voice.accents import ACCENTS
from app.bootstrap.simulator_voices import (
    CHOICES,
    is_simulator_voice,
    simulator_voices,
)
from app.domain.refusal import Refused
from app.media import wav
from app.media.g711 import RATE_HZ
from app.service.ports import Synthesiser
from app.settings import Settings
from app.simulator import cast, conditions
from app.simulator.ringing import free_lines, play_one
from app.verbs import VerbError

DEMO_AGENTS = 6


def ring(chosen: argparse.Namespace, settings: Settings) -> int:
    """Play a caller, and the phones of demo agents whose address nobody uses."""
    if chosen.list:
        for name, scenario in cast.load_scenarios().items():
            print(f"{name:12} {scenario.number}")
        return 0
    _known("manner", chosen.manner, conditions.NAMES)
    _known("accent", chosen.accent, ACCENTS)
    try:
        scenario = _scenario(chosen)
    except (Refused, OSError, wav.WavError) as error:
        raise VerbError(str(error)) from None
    lines = (
        [] if chosen.no_agent else chosen.agent_line or [demo_line(n) for n in range(DEMO_AGENTS)]
    )
    voices = _voices(chosen, settings)
    prepared = _under(_prepared(scenario, voices), chosen.manner)
    result = play_one(settings.sip, prepared, free_lines(lines), voices)
    if not result.answered:
        raise VerbError(f"the hotline did not answer ({result.end_code or 'no reply'}): is"
                        f" scripts/run running on {settings.sip}?")  # fmt: skip
    spoken = len(result.caller.spoken) if result.caller else 0
    print(f"call over: {spoken} sentences said, agent {'connected' if result.connected else '-'}")
    return 0


def _known(what: str, names: Iterable[str], there_are: Collection[str]) -> None:
    """Raises VerbError for a name that there is not."""
    strange = [name for name in names if name not in there_are]
    if strange:
        raise VerbError(f"no {what} {strange[0]!r}; there are {', '.join(there_are)}")


def _voices(chosen: argparse.Namespace, settings: Settings) -> Mapping[str, Synthesiser]:
    """Raises VerbError for a voice that there is not."""
    name = chosen.voice or settings.caller_voice
    if not is_simulator_voice(name):
        raise VerbError(f"no voice {name!r}; there are {', '.join(CHOICES)}")
    try:
        return simulator_voices(name, settings, chosen.accent)
    except SpeechModelError as error:
        raise VerbError(str(error)) from None


def _prepared(scenario: cast.Scenario, voices: Mapping[str, Synthesiser]) -> cast.Scenario:
    """The scenario with its sentences made before anybody dials: a voice may take as long as it
    speaks. Raises VerbError."""
    try:
        turns = tuple(_spoken(turn, voices) for turn in scenario.turns)
    except SpeechModelError as error:
        raise VerbError(str(error)) from None
    return replace(scenario, turns=turns)


def _under(scenario: cast.Scenario, names: Sequence[str]) -> cast.Scenario:
    """The scenario as its caller says it under some conditions, in a room, over a line."""
    callers = ("caller", "interrupt")
    turns = tuple(
        replace(turn, pcm16=conditions.spoken(turn.pcm16, names)) if turn.who in callers else turn
        for turn in scenario.turns
    )
    speech = next((turn.pcm16 for turn in turns if turn.who in callers), b"")
    return replace(
        scenario,
        turns=turns,
        room=conditions.room(speech, names),
        lost=conditions.lost_share(names),
    )


def _spoken(turn: cast.Turn, voices: Mapping[str, Synthesiser]) -> cast.Turn:
    side = "caller" if turn.who == "interrupt" else turn.who
    if turn.pcm16 or side not in voices:
        return turn
    return replace(turn, pcm16=voices[side].speak(turn.what) + cast.BREATH)


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
