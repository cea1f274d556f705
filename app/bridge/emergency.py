"""No brain, or one that can store nothing: apologise, take a message to disk, thank, hang up."""

import logging
from pathlib import Path

from app.bridge.call_media import SilenceWatch
from app.bridge.voice_call import VoiceCall
from app.domain.calls.ids import CALLER, CallId, LegId
from app.link.summary import Direction, LinePhase
from app.media import wav
from app.media.g711 import RATE_HZ
from app.telephony.leg_port import Prompt

log = logging.getLogger(__name__)

END_SILENCE_FRAMES = 5 * 50
LONGEST_FRAMES = 120 * 50
SOUNDS = ("apology", "beep", "thanks")


def load_sound(path: Path) -> bytes:
    """PCM16 of a mono 8000 Hz WAV. Raises WavError or OSError with the file's name."""
    audio = wav.load(path.read_bytes())
    if audio.rate_hz != RATE_HZ or audio.channels != 1:
        raise wav.WavError(f"{path.name}: expected mono, {RATE_HZ} Hz")
    return audio.pcm16


class EmergencyVoicemail:
    """Runs the calls that have no brain; one step a second is precise enough for silence."""

    def __init__(self, folder: Path) -> None:
        self._sounds = {name: load_sound(folder / f"{name}.wav") for name in SOUNDS}
        self._calls: dict[CallId, VoiceCall] = {}

    def handles(self, call: VoiceCall) -> bool:
        return call.id in self._calls

    def take(self, call: VoiceCall) -> None:
        """Take a call over: stop what plays, leave the agent's phone, apologise, beep."""
        not_yet = call.phase is LinePhase.OFFERED and call.parties.direction is Direction.OUTBOUND
        if call.phase is LinePhase.ENDED or not_yet or self.handles(call):
            return
        log.info("no brain, or nowhere to store: taking a message on the bridge")
        self._calls[call.id] = call
        call.emergency = True
        call.drop_dialled()
        call.stop(CALLER)
        call.answer()
        call.media.play(Prompt("emergency-greeting", self._sounds["apology"]))
        call.media.play(Prompt("emergency-beep", self._sounds["beep"]))

    def on_played(self, call: VoiceCall, token: str, frames: int) -> None:
        if token == "emergency-beep":
            call.voicemail_from = frames
            call.media.watch = SilenceWatch()
        elif token == "emergency-thanks":
            call.hang_up()

    def on_digit(self, call: VoiceCall, leg: LegId, digit: str) -> None:
        if leg == CALLER and digit == "#":
            self._thank(call)

    def on_ended(self, call: VoiceCall) -> None:
        self._calls.pop(call.id, None)

    def check(self) -> None:
        for call in tuple(self._calls.values()):
            watch = call.media.watch
            if watch is None or call.voicemail_from is None or call.tape is None:
                continue
            too_long = call.tape.frames - call.voicemail_from > LONGEST_FRAMES
            if watch.quiet_frames > END_SILENCE_FRAMES or too_long:
                self._thank(call)

    def _thank(self, call: VoiceCall) -> None:
        if call.media.watch is None:
            return
        call.media.watch = None
        call.media.play(Prompt("emergency-thanks", self._sounds["thanks"]))
