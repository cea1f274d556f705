"""The media of one call: any number of legs and the tape, ticked together on the media thread."""

from collections.abc import Callable, Mapping
from functools import partial

from app.bridge.tape import Tape
from app.domain.calls.ids import CALLER, PROMPTS, LegId
from app.domain.calls.modes import Hears, among
from app.media import mixer, sdp
from app.media.g711 import SILENT_PCM
from app.media.segments import SegmentRules, SpeechEnded, SpeechSegmenter, SpeechStarted
from app.telephony.leg_port import MediaLeg, Prompt
from app.telephony.media_engine import MediaEngine, PortPool
from app.telephony.rtp_leg import RtpLeg

Digit = Callable[[LegId, str], None]
Played = Callable[[LegId, str], None]


def _nobody(_name: LegId, _what: str) -> None:
    """Hears of what a call that is over still plays or is sent: nothing."""


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
    """Verbs may come from any thread; they run on the media thread in their order.

    Who hears only one gets that leg's packets at once and undecoded; who hears several gets a
    mix. A leg is sent nothing before it was first arranged to hear or be heard, or played to.
    """

    RTP_TIMEOUT_FRAMES = 60 * 50

    def __init__(
        self, engine: MediaEngine, ports: PortPool, address: str, on_digit: Digit, on_played: Played
    ) -> None:
        self._engine = engine
        self._ports = ports
        self._address = address
        self._on_digit = on_digit
        self._on_played = on_played
        self.tape: Tape | None = None
        self.watch: SilenceWatch | None = None
        self._legs: dict[LegId, MediaLeg] = {}
        self._on_left: dict[LegId, Callable[[], None]] = {}
        self._hears: Hears = {}
        self._before: Hears | None = None
        self._mixed: Hears = {}
        self._fading: Hears = {}
        self._held: frozenset[LegId] = frozenset()
        self._spoken_to: frozenset[LegId] = frozenset({CALLER})
        self._last_received = 0
        self._dead_frames = 0
        self._open = False

    @property
    def lost(self) -> bool:
        """Whether the caller has sent nothing for a minute (its network is gone)."""
        return self._dead_frames > self.RTP_TIMEOUT_FRAMES

    # -- verbs ---------------------------------------------------------------------------------

    def open_leg(self, name: LegId) -> int:
        """Bind a port and listen on it. Returns the port; raises OSError where none is free."""
        sock = self._ports.bind(self._address)
        leg = RtpLeg(sock, on_digit=partial(self._on_digit, name), on_played=self.played_to(name))

        def left() -> None:
            self._engine.remove_leg(leg)
            self._ports.release(leg.port)

        self._engine.call(lambda: self._engine.add_leg(leg))
        self.join(name, leg, left)
        return leg.port

    def played_to(self, name: LegId) -> Callable[[str], None]:
        """What a leg of this name calls with the token of each prompt that ended."""
        return partial(self._on_played, name)

    def join(self, name: LegId, leg: MediaLeg, on_left: Callable[[], None]) -> None:
        """Take a leg of any kind in; ``on_left`` runs on the media thread when it has left."""

        def enter() -> None:
            self._legs[name], self._on_left[name] = leg, on_left
            if not self._open:
                self._open = True
                self._engine.add_session(self)

        self._engine.call(enter)

    def set_remote(self, name: LegId, audio: sdp.AudioMedia) -> None:
        """Where the other side of an RTP leg is, and which law it speaks."""
        chosen = audio.choose()
        if chosen is None:
            return

        def point() -> None:
            leg = self._legs.get(name)
            if isinstance(leg, RtpLeg):
                leg.set_remote(audio, chosen)

        self._engine.call(point)

    def start_tape(self, tape: Tape) -> None:
        def start() -> None:
            self.tape = tape

        self._engine.call(start)

    def play(self, prompt: Prompt, name: LegId = CALLER) -> None:
        """An order that comes after the leg has gone plays to nobody."""

        def begin() -> None:
            leg = self._legs.get(name)
            if leg is not None:
                self._spoken_to |= {name}
                leg.play(prompt)

        self._engine.call(begin)

    def stop(self, *names: LegId) -> None:
        """Drop what is being played to these legs."""

        def silence() -> None:
            for name in names:
                if name in self._legs:
                    self._legs[name].stop()

        self._engine.call(silence)

    def arrange(
        self, hears: Hears, held: frozenset[LegId], then: Callable[[int], None] | None = None
    ) -> None:
        """Legs hear each other as ``hears`` says from the next frame on; ``then`` gets its number.

        What legs on hold say and hear is not recorded, apart from the caller's own voice.
        """

        def change() -> None:
            self._held = held
            self._route(hears)
            if then is not None:
                then(self.tape.frames if self.tape is not None else 0)

        self._engine.call(change)

    def close_leg(self, name: LegId) -> None:
        def drop() -> None:
            if name in self._legs:
                self._leave(name)
                self._spoken_to -= {name} - {CALLER}
                self._route(self._hears)

        self._engine.call(drop)

    def close(self, then: Callable[[], None]) -> None:
        """Stop everything; ``then`` runs on the media thread, once, when no frame can follow."""

        def end() -> None:
            for name in tuple(self._legs):
                self._leave(name)
            self._engine.remove_session(self)
            then()
            # who is told holds the media: as long as both do, the tape stays in memory
            self._on_digit = self._on_played = _nobody

        self._engine.call(end)

    def _leave(self, name: LegId) -> None:
        """A leg that has left passes nothing on, and holds no other."""
        self._legs.pop(name).relay_to(())
        self._on_left.pop(name)()

    # -- on the media thread -------------------------------------------------------------------

    def _route(self, hears: Hears) -> None:
        """Listeners of one are relayed to; the others' packets are ours."""
        if self._before is None:
            self._before = self._hears
        self._hears = among(hears, frozenset(self._legs))
        routes = mixer.routes(self._hears)
        fed = {listener for listeners in routes.relayed.values() for listener in listeners}
        for name, leg in self._legs.items():
            leg.relay_to(tuple(self._legs[to] for to in routes.relayed.get(name, ())))
            leg.feed(name in fed)
        silenced = set(self._mixed) - {name for name, others in self._hears.items() if others}
        self._fading = dict.fromkeys(silenced & set(self._legs), frozenset())
        self._mixed = {name: self._hears[name] for name in routes.mixed}
        heard = frozenset().union(*self._hears.values())
        talking = {name for name, others in self._hears.items() if others}
        self._spoken_to |= heard | talking

    def tick(self) -> None:
        """One frame of everything."""
        heard = {name: leg.pop_pcm() for name, leg in self._legs.items()}
        if CALLER not in heard:
            return
        played = self._send(heard)
        if self.watch is not None:
            self.watch.feed(heard[CALLER])
        if self.tape is not None:
            self.tape.append(self._tracks(heard, played))
        self._count_dead()

    def _send(self, heard: Mapping[LegId, bytes]) -> bytes:
        """This tick's frame to every leg; answers with what was played to the caller."""
        mixed: Mapping[LegId, bytes] = {}
        if self._mixed or self._fading:
            mixed = mixer.mix(heard, {**self._mixed, **self._fading}, self._before)
        self._before, self._fading = None, {}
        played = SILENT_PCM
        for name, leg in self._legs.items():
            if name in self._spoken_to:
                prompt = leg.send_tick(mixed.get(name))
                played = prompt if name == CALLER else played
        return played

    def _tracks(self, heard: Mapping[LegId, bytes], played: bytes) -> dict[LegId, bytes]:
        """The caller, what is played to it, and whom it hears; the rest is nobody's business."""
        audible = self._hears.get(CALLER, frozenset())
        tracks = {
            name: pcm16 if name == CALLER or name in audible else SILENT_PCM
            for name, pcm16 in heard.items()
            if name in self._spoken_to
        }
        if not audible and CALLER not in self._held:
            tracks[PROMPTS] = played
        return tracks

    def _count_dead(self) -> None:
        caller = self._legs[CALLER]
        alive = caller.received != self._last_received or caller.muted
        self._dead_frames = 0 if alive else self._dead_frames + 1
        self._last_received = caller.received
