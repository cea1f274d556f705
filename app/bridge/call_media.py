"""The media of one call: caller leg, agent leg, tape, ticked together on the media thread."""

from collections.abc import Callable

from app.bridge.tape import Tape
from app.domain.calls.ids import AGENT, CALLER, LegId
from app.media import sdp
from app.media.g711 import SILENT_PCM
from app.media.segments import SegmentRules, SpeechEnded, SpeechSegmenter, SpeechStarted
from app.telephony.media_engine import MediaEngine, PortPool
from app.telephony.rtp_leg import Prompt, RtpLeg


class SilenceWatch:
    """Counts quiet frames of the caller, for a message taken without the brain."""

    def __init__(self) -> None:
        self._segmenter = SpeechSegmenter(SegmentRules())
        self.quiet_frames = 0

    def feed(self, pcm16: bytes) -> None:
        event = self._segmenter.feed(pcm16)
        speaking = self._segmenter.speaking and not isinstance(event, SpeechEnded)
        if speaking or isinstance(event, SpeechStarted):
            self.quiet_frames = 0
        else:
            self.quiet_frames += 1


class CallMedia:
    """Verbs may come from any thread; they run on the media thread in their order."""

    RTP_TIMEOUT_FRAMES = 60 * 50

    def __init__(
        self,
        engine: MediaEngine,
        ports: PortPool,
        address: str,
        on_digit: Callable[[LegId, str], None],
        on_played: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._ports = ports
        self._address = address
        self._on_digit = on_digit
        self._on_played = on_played
        self.tape: Tape | None = None
        self.watch: SilenceWatch | None = None
        self.legs: dict[LegId, RtpLeg] = {}
        self._last_received = 0
        self._bridged = False
        self._held = False
        self._dead_frames = 0
        self._closed = False

    @property
    def lost(self) -> bool:
        """Whether the caller has sent nothing for a minute (its network is gone)."""
        return self._dead_frames > self.RTP_TIMEOUT_FRAMES

    def open_leg(self, name: LegId) -> int:
        """Bind a port and listen on it. Returns the port; raises OSError where none is free."""
        sock = self._ports.bind(self._address)
        leg = RtpLeg(sock, on_digit=lambda d: self._on_digit(name, d), on_played=self._on_played)
        self.legs[name] = leg
        first = len(self.legs) == 1 and name == CALLER
        self._engine.call(lambda: self._engine.add_leg(leg))
        if first:
            self._engine.call(lambda: self._engine.add_session(self))
        return leg.port

    def set_remote(self, name: LegId, audio: sdp.AudioMedia) -> None:
        leg = self.legs[name]
        chosen = audio.choose()
        if chosen is not None:
            self._engine.call(lambda: leg.set_remote(audio, chosen))

    def start_tape(self, tape: Tape) -> None:
        def start() -> None:
            self.tape = tape

        self._engine.call(start)

    def play(self, prompt: Prompt) -> None:
        """An order that comes after the caller has gone plays to nobody."""
        leg = self.legs.get(CALLER)
        if leg is not None:
            self._engine.call(lambda: leg.play(prompt))

    def stop(self) -> None:
        leg = self.legs.get(CALLER)
        if leg is not None:
            self._engine.call(leg.stop)

    def connect(self, then: Callable[[int], None]) -> None:
        """Relay both ways on arrival; what is being played stops. ``then`` gets the frame."""

        def join() -> None:
            caller, agent = self.legs.get(CALLER), self.legs.get(AGENT)
            if caller is None or agent is None:
                return
            caller.stop()
            caller.bridge_to(agent)
            agent.bridge_to(caller)
            self._bridged, self._held = True, False
            then(self.tape.frames if self.tape is not None else 0)

        self._engine.call(join)

    def hold(self, music: Prompt | None) -> None:
        """Cut the relay and play to the caller; the agent hears nothing and is not recorded."""

        def part() -> None:
            for leg in self.legs.values():
                leg.bridge_to(None)
            self._bridged, self._held = False, True
            if music is not None:
                self.legs[CALLER].play(music)

        self._engine.call(part)

    def close_leg(self, name: LegId) -> None:
        leg = self.legs.pop(name, None)
        if leg is None:
            return

        def drop() -> None:
            for other in (leg, *self.legs.values()):
                other.bridge_to(None)
            self._bridged = False
            self._engine.remove_leg(leg)
            self._ports.release(leg.port)

        self._engine.call(drop)

    def close(self, then: Callable[[], None]) -> None:
        """Stop everything; ``then`` runs on the media thread when no frame can follow."""
        for name in tuple(self.legs):
            self.close_leg(name)

        def end() -> None:
            if not self._closed:
                self._closed = True
                self._engine.remove_session(self)
                then()

        self._engine.call(end)

    def tick(self) -> None:
        """One frame of everything (media thread)."""
        caller, agent = self.legs.get(CALLER), self.legs.get(AGENT)
        if caller is None:
            return
        heard = caller.pop_pcm()
        played = caller.send_tick()
        answer = SILENT_PCM
        if agent is not None:
            said = agent.pop_pcm()
            if self._bridged or self._held:  # the first packet tells the phone that it is connected
                agent.send_tick()
            answer = said if self._bridged else SILENT_PCM
        if self.watch is not None:
            self.watch.feed(heard)
        if self.tape is not None:
            self.tape.append(heard, answer if self._bridged or self._held else played)
        self._count_dead(caller)

    def _count_dead(self, caller: RtpLeg) -> None:
        received = caller.statistics.received
        self._dead_frames = (
            0 if received != self._last_received or caller.muted else self._dead_frames + 1
        )
        self._last_received = received
