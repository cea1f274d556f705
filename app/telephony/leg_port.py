"""What a call's media need of a leg, whatever carries its sound."""

from dataclasses import dataclass
from typing import Protocol

from app.media import g711, rtp


@dataclass(slots=True)
class Prompt:
    """Audio waiting to be played: ``token`` comes back through ``played`` when it has ended."""

    token: str
    pcm16: bytes
    loop: bool = False
    at: int = 0

    def next_frame(self) -> bytes | None:
        """The next 320 bytes, padded with silence; None at the end."""
        if self.at >= len(self.pcm16):
            if not self.loop or not self.pcm16:
                return None
            self.at = 0
        frame = self.pcm16[self.at : self.at + g711.FRAME_BYTES]
        self.at += g711.FRAME_BYTES
        return frame.ljust(g711.FRAME_BYTES, b"\0")


class Listener(Protocol):
    """Who takes encoded packets of another leg, in its own law and numbering."""

    @property
    def payload_type(self) -> int: ...
    @property
    def event_type(self) -> int | None: ...
    def relay(self, packet: rtp.RtpPacket, payload_type: int, payload: bytes) -> None: ...


class MediaLeg(Listener, Protocol):
    """One side of a call, whatever carries its sound. On the media thread only."""

    @property
    def received(self) -> int:
        """Packets that came, to tell a dead network."""
        ...

    @property
    def muted(self) -> bool:
        """Whether the peer asked for nothing (hold)."""
        ...

    def pop_pcm(self) -> bytes:
        """The next frame of what this side said; g711.SILENT_PCM itself where nothing came."""
        ...

    def send_tick(self, live: bytes | None = None) -> bytes:
        """Send this tick's frame: a prompt that waits, else ``live``, else silence (nothing
        where packets are relayed to this leg). Answers with the prompt's frame."""
        ...

    def relay_to(self, listeners: tuple[Listener, ...]) -> None:
        """Pass on what arrives, undecoded, from now on."""
        ...

    def feed(self, relayed: bool) -> None:
        """Whether another leg's packets are relayed to this one."""
        ...

    def play(self, prompt: Prompt) -> None: ...
    def stop(self) -> None: ...
