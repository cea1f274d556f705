"""Where speech begins and ends in a stream of 20 ms frames. Time is counted, never read."""

from dataclasses import dataclass

import numpy as np

from app.media.g711 import FRAME_BYTES, FRAME_MS


@dataclass(frozen=True, slots=True)
class SegmentRules:
    """When a stretch of sound counts as speech, all in milliseconds of audio.

    ``start_ms`` of sound opens a segment, ``end_ms`` of quiet closes it unless somebody who knows
    what was said sets another wait after ``ask_ms`` of it; ``preroll_ms`` before the opening
    belongs to it, and ``max_ms`` closes it in any case.
    """

    start_ms: int = 60
    end_ms: int = 360
    ask_ms: int = 180
    preroll_ms: int = 240
    max_ms: int = 15000
    floor_rms: float = 90.0
    ratio: float = 3.0

    def frames(self, duration_ms: int) -> int:
        return max(1, duration_ms // FRAME_MS)


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """A segment opened; ``frame`` is its first frame, pre-roll included."""

    frame: int


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """A segment closed; ``frame`` is one past the last frame of the trailing quiet."""

    frame: int
    last_speech_frame: int


def levels(pcm16: bytes) -> list[float]:
    """The level (RMS) of each whole frame; many at once cost hardly more than one."""
    samples = np.frombuffer(pcm16, dtype="<i2").astype(np.float32)
    frames = samples.reshape(-1, FRAME_BYTES // 2)
    found: list[float] = np.sqrt(np.einsum("ij,ij->i", frames, frames) / frames.shape[1]).tolist()
    return found


class SpeechSegmenter:
    """Feed frames in order; it answers with what began or ended at that frame.

    The threshold follows the noise of the line: ``ratio`` times a slowly rising, quickly
    falling floor, never under ``floor_rms``.
    """

    def __init__(self, rules: SegmentRules | None = None, first_frame: int = 0) -> None:
        self.rules = rules or SegmentRules()
        self.frame = first_frame
        self.speaking = False
        self.quiet_frames = 0
        #: How much quiet ends this pause; begins anew with every sound.
        self.wait_ms = self.rules.end_ms
        self._loud = 0
        self._noise = self.rules.floor_rms / self.rules.ratio
        self._opened = 0
        self._last_end = first_frame

    def feed(self, pcm16: bytes) -> SpeechStarted | SpeechEnded | None:
        """Take one frame of 320 bytes and say whether a segment began or ended with it."""
        if len(pcm16) != FRAME_BYTES:
            raise ValueError(f"a frame has {FRAME_BYTES} bytes, got {len(pcm16)}")
        return self.feed_level(levels(pcm16)[0])

    def feed_level(self, rms: float) -> SpeechStarted | SpeechEnded | None:
        """The same for a frame of this level."""
        loud = self._is_loud(rms)
        self.frame += 1
        if loud:
            self._loud += 1
            self.quiet_frames = 0
            self.wait_ms = self.rules.end_ms
        else:
            self._loud = 0
            self.quiet_frames += 1
        return self._close_if_done() if self.speaking else self._open_if_speech()

    def _is_loud(self, rms: float) -> bool:
        threshold = max(self.rules.floor_rms, self._noise * self.rules.ratio)
        rise = 0.002 if self.speaking else 0.02
        self._noise += (rms - self._noise) * (0.2 if rms < self._noise else rise)
        return rms > threshold

    def _open_if_speech(self) -> SpeechStarted | None:
        if self._loud < self.rules.frames(self.rules.start_ms):
            return None
        self.speaking = True
        preroll = self._loud + self.rules.frames(self.rules.preroll_ms)
        self._opened = max(self._last_end, self.frame - preroll)
        return SpeechStarted(self._opened)

    @property
    def asking(self) -> bool:
        """Whether this is the frame at which the wait may be set."""
        return self.speaking and self.quiet_frames == self.rules.frames(self.rules.ask_ms)

    def _close_if_done(self) -> SpeechEnded | None:
        quiet_enough = self.quiet_frames >= self.rules.frames(self.wait_ms)
        too_long = self.frame - self._opened >= self.rules.frames(self.rules.max_ms)
        if not (quiet_enough or too_long):
            return None
        return self.close()

    def close(self) -> SpeechEnded:
        """End the open segment now (end of call, end of file)."""
        self.speaking = False
        self.wait_ms = self.rules.end_ms
        self._loud = 0
        self._last_end = self.frame
        return SpeechEnded(self.frame, self.frame - self.quiet_frames)
