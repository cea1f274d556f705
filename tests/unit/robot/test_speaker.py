"""The robot's speaker in virtual time: interruptions, noises, back-channels, silences; and whatever comes, it is never stuck."""

from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calls.vocabulary import RobotFinished, RobotHandedOver
from app.domain.robot import speaker as machine
from app.domain.robot.speaker import Speaker, sentences
from app.domain.robot.speaker_vocabulary import (
    ArmSilence,
    Begun,
    CallerSaid,
    CallerSpeaking,
    DisarmSilence,
    End,
    Expect,
    Input,
    KeyPressed,
    Output,
    PiecePlayed,
    Say,
    SilenceElapsed,
    SpeechFailed,
    StopSaying,
    TakeTurn,
    TurnFailed,
    TurnTaken,
)
from app.domain.robot.vocabulary import (
    AskMessage,
    DialogEffect,
    HandOver,
    Leave,
    Place,
    Pressed,
    Said,
    Silent,
    Started,
)
from app.domain.robot.vocabulary import Say as Words

REPORT_MS = 60
SENTENCE_MS = 2000
YES = CallerSaid(said=Said("对", "affirm.affirm", "act"), backchannel=True)
COMPLAINT = CallerSaid(said=Said("我要投诉", "complaint.complaint", "act"), backchannel=False)


def turn(*says: str | Words, place: Place = Place.OPEN, end: DialogEffect | None = None, slow: bool = False) -> TurnTaken:
    words = tuple(say if isinstance(say, Words) else Words(say) for say in says)
    return TurnTaken(effects=(*words, *([end] if end else [])), place=place, slow=slow)


@dataclass
class Line:
    """A line and its dialog: a sentence takes two seconds, the turns are written down beforehand, time is only counted."""

    turns: list[TurnTaken | TurnFailed]
    now_ms: int = 0
    speaker: Speaker = field(default_factory=Speaker)
    asked: list[object] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    ended: object = None
    expected: str = ""
    stops: int = 0
    armed_s: list[float] = field(default_factory=list)
    _queue: deque[tuple[int, Say]] = field(default_factory=deque)
    _silence: tuple[float, int] | None = None
    _speaking_ms: int = 0
    _quiet_ms: int = 0

    def __post_init__(self) -> None:
        self.give(Begun())

    def give(self, event: Input) -> "Line":
        for output in self.speaker.take(event):
            self._carry_out(output)
        return self

    def _carry_out(self, output: Output) -> None:
        match output:
            case TakeTurn(event):
                self.asked.append(event)
                self.give(self.turns.pop(0))
            case Say():
                begins = self._queue[-1][0] if self._queue else self.now_ms
                self._queue.append((begins + SENTENCE_MS, output))
            case StopSaying():
                self.stops += 1
                self._queue.clear()
            case ArmSilence():
                self.armed_s.append(output.seconds)
                self._silence = (self.now_ms + output.seconds * 1000, output.clock)
            case DisarmSilence():
                self._silence = None
            case Expect(reply):
                self.expected = reply
            case End(event):
                self.ended = event

    @property
    def saying(self) -> list[str]:
        return [piece.text for _, piece in self._queue]

    def wait(self, ms: int, *, speaks: bool = False) -> "Line":
        """Time goes by; the caller speaks in it or is quiet."""
        for _ in range(0, ms, REPORT_MS):
            self.now_ms += REPORT_MS
            self._speaking_ms = self._speaking_ms + REPORT_MS if speaks else 0
            self._quiet_ms = 0 if speaks else self._quiet_ms + REPORT_MS
            while self._queue and self._queue[0][0] <= self.now_ms:
                _, piece = self._queue.popleft()
                self.said.append(piece.text)
                self.give(PiecePlayed(piece.token))
            if self._silence is not None and self._silence[0] <= self.now_ms:
                (_, clock), self._silence = self._silence, None
                self.give(SilenceElapsed(clock))
            self.give(CallerSpeaking(speaking_ms=self._speaking_ms, quiet_ms=self._quiet_ms))
        return self


def test_sentences_are_said_one_by_one_and_then_silence_is_waited_for() -> None:
    line = Line([turn("您好。请直接说您要办什么，要人工请按零。"), turn("您还在吗？")])
    assert line.asked == [Started()] and line.saying == ["您好。", "请直接说您要办什么，要人工请按零。"]
    line.wait(2 * SENTENCE_MS)
    assert line.said == ["您好。", "请直接说您要办什么，要人工请按零。"] and line.speaker.armed
    line.wait(6900)
    assert line.asked == [Started()]
    line.wait(180)
    assert line.asked[-1] == Silent() and line.saying == ["您还在吗？"]


def test_who_dictates_is_given_longer() -> None:
    line = Line([turn("请说电话。", place=Place.SLOT)]).wait(SENTENCE_MS)
    assert line.armed_s == [machine.DICTATING_SILENCE_S] == [11.0] and machine.SILENCE_S == 7.0


def test_the_silence_begins_anew_after_every_noise() -> None:
    line = Line([turn("请说。"), turn("您还在吗？")]).wait(SENTENCE_MS)
    for _ in range(5):
        line.wait(5000).wait(60, speaks=True)
    assert line.asked == [Started()]
    assert line.wait(7100).asked[-1] == Silent()


def test_a_clock_of_before_is_not_believed() -> None:
    speaker = Speaker()
    speaker.take(Begun())
    (_, old) = speaker.take(turn())
    assert isinstance(old, ArmSilence)
    (new,) = speaker.take(CallerSpeaking(speaking_ms=60, quiet_ms=0))
    assert isinstance(new, ArmSilence) and speaker.take(SilenceElapsed(old.clock)) == [] and speaker.armed
    assert speaker.take(SilenceElapsed(new.clock)) == [TakeTurn(Silent())]


def test_speech_of_160_ms_stops_the_robot_and_words_count() -> None:
    line = Line([turn("您好。请说。"), turn("好的。")]).wait(600)
    assert line.wait(120, speaks=True).stops == 0
    assert line.wait(60, speaks=True).stops == 1 and machine.BARGE_IN_MS == 160 and line.saying == []
    line.wait(900, speaks=True).wait(240).give(COMPLAINT)
    assert line.asked[-1] == COMPLAINT.said and line.saying == ["好的。"] and line.stops == 1


def test_after_a_noise_the_sentence_is_said_again() -> None:
    line = Line([turn("您好。请直接说您要办什么。")]).wait(SENTENCE_MS + 300).wait(240, speaks=True)
    assert line.saying == [] and line.speaker.stopped
    line.wait(660)
    assert line.saying == []
    line.wait(60)
    assert line.saying == ["请直接说您要办什么。"] and line.asked == [Started()], "from that sentence on"
    assert line.wait(SENTENCE_MS).speaker.armed


def test_a_back_channel_lets_the_robot_go_on() -> None:
    line = Line([turn("您好。请直接说您要办什么。")]).wait(300).wait(240, speaks=True).wait(240).give(YES)
    assert line.saying == ["您好。", "请直接说您要办什么。"] and line.asked == [Started()]


def test_who_says_yes_all_the_time_hears_it_to_the_end() -> None:
    line = Line([turn("您好。请直接说您要办什么。"), turn("好的。")])
    for _ in range(machine.MOST_RESUMED):
        line.wait(300).wait(240, speaks=True).wait(240).give(YES)
    line.wait(300).wait(240, speaks=True).wait(240).give(YES)
    assert line.stops == machine.MOST_RESUMED == 2 and line.saying == ["您好。", "请直接说您要办什么。"]
    line.give(COMPLAINT)
    assert line.saying == ["好的。"], "words still count"


@pytest.mark.parametrize(("place", "waited", "answers"), [
    (Place.CONFIRM, SENTENCE_MS + 300, True), (Place.CONFIRM, 300, False), (Place.OPEN, SENTENCE_MS + 300, False)])
def test_yes_is_an_answer_while_its_question_is_asked(place: Place, waited: int, answers: bool) -> None:
    line = Line([turn("好的。是十三号吗？", place=place), turn("登记了。")]).wait(waited).give(YES)
    assert (line.asked[-1] == YES.said) is answers


def test_yes_is_an_answer_once_all_is_said() -> None:
    line = Line([turn("请说。"), turn("好的。")]).wait(SENTENCE_MS).give(YES)
    assert line.asked[-1] == YES.said


def test_what_must_be_heard_is_heard_and_what_was_said_then_is_kept() -> None:
    line = Line([turn(Words("您好，通话将被录音。", whole=True), "请说。"), turn("好的。")])
    line.wait(300).wait(900, speaks=True).give(COMPLAINT)
    assert line.stops == 0 and line.asked == [Started()]
    line.wait(SENTENCE_MS - 1200)
    assert line.said == ["您好，通话将被录音。"] and line.asked[-1] == COMPLAINT.said and line.saying == ["好的。"]


def test_of_two_utterances_under_a_whole_piece_the_last_counts_and_a_key_overrides_both() -> None:
    whole = turn(Words("您的投诉已经记录。单号零幺。", whole=True))
    line = Line([whole, turn("好的。")]).give(COMPLAINT).give(CallerSaid(said=Said("算了"), backchannel=False)).wait(2 * SENTENCE_MS)
    assert line.asked == [Started(), Said("算了")]
    line = Line([whole, turn("转人工。"), turn("x")]).give(COMPLAINT).give(KeyPressed("0")).wait(2 * SENTENCE_MS)
    assert line.asked == [Started(), Pressed("0")], "what was said before the key answers nothing any more"


def test_a_key_takes_the_place_of_what_is_being_said() -> None:
    line = Line([turn("您好。请说。"), turn("报故障。", place=Place.SURE)]).wait(300).give(KeyPressed("1"))
    assert line.asked[-1] == Pressed("1") and line.saying == ["报故障。"] and line.stops == 1 and line.expected == "read_back"


@pytest.mark.parametrize(("end", "event"), [
    (HandOver("asked"), RobotHandedOver(staffed=True)), (HandOver("anger", urgent=True), RobotHandedOver(staffed=True, urgent=True)),
    (AskMessage(), RobotHandedOver(staffed=False)), (Leave(), RobotFinished()), (None, RobotHandedOver(staffed=False))])
def test_the_end_comes_after_the_last_word(end: DialogEffect | None, event: object) -> None:
    line = Line([turn("好的，请稍等。", place=Place.GONE, end=end)]).wait(1900)
    assert line.ended is None
    line.wait(120)
    assert line.ended == event and line.speaker.over and line.give(KeyPressed("1")).asked == [Started()]


def test_words_and_keys_hasten_a_decided_end_and_never_lose_it() -> None:
    """Who talks over 正在为您转人工 is handed over at once; before, the call stayed with a robot that had nothing to say."""
    moving = turn("好的。正在为您转人工。", place=Place.GONE, end=HandOver("asked"))
    for said in (COMPLAINT, KeyPressed("0")):
        line = Line([moving]).wait(300).wait(240, speaks=True).give(said)
        assert line.ended == RobotHandedOver(staffed=True) and line.asked == [Started()] and line.saying == []
    whole = turn(Words("感谢您的来电，再见。", whole=True), place=Place.GONE, end=Leave())
    line = Line([whole]).wait(300, speaks=True).give(COMPLAINT).give(KeyPressed("0"))
    assert line.ended is None and line.saying == ["感谢您的来电，再见。"]
    assert line.wait(SENTENCE_MS).ended == RobotFinished()


def test_without_a_voice_the_caller_leaves_a_message() -> None:
    line = Line([turn("您好。请说。")]).give(SpeechFailed())
    assert line.ended == RobotHandedOver(staffed=False, speechless=True) and line.speaker.over


def test_after_a_turn_that_failed_the_caller_is_asked_again() -> None:
    line = Line([TurnFailed(), turn("您还在吗？")])
    assert line.armed_s == [machine.SILENCE_S] and line.wait(7100).saying == ["您还在吗？"]


def test_while_a_turn_is_awaited_everything_waits_in_its_order() -> None:
    speaker = Speaker()
    assert speaker.take(Begun()) == [TakeTurn(Started())]
    waiting: list[Input] = [KeyPressed("1"), CallerSpeaking(speaking_ms=200, quiet_ms=0), CallerSpeaking(speaking_ms=0, quiet_ms=60), COMPLAINT]
    assert all(speaker.take(event) == [] for event in waiting)
    first = speaker.take(turn("您好。"))
    assert first == [Expect(""), Say(text="您好。", token="say-1-0", slow=False), TakeTurn(Pressed("1"))]
    second = speaker.take(turn("报故障。", slow=True))
    assert second == [Expect(""), StopSaying(), Say(text="报故障。", token="say-2-0", slow=True), TakeTurn(COMPLAINT.said)], "of the sound only what is true now"


def test_reports_that_are_old_or_doubled_or_lost() -> None:
    speaker = Speaker()
    speaker.take(Begun())
    speaker.take(turn("一。二。三。"))
    assert [speaker.take(PiecePlayed(token)) for token in ("say-1-0", "say-1-0", "say-0-1", "beep", "say-1-x", "hold-1-2-3")] == [[]] * 6
    assert speaker.speaking
    assert speaker.take(PiecePlayed("say-1-2")) == [ArmSilence(seconds=7.0, clock=1)], "the second was said too"


def test_sentences_are_cut_at_their_ends() -> None:
    assert sentences("您好。 请问？好！就这样") == ["您好。", "请问？", "好！", "就这样"] and sentences(" ") == []


# -- whatever comes --------------------------------------------------------------------------

TEXTS = st.sampled_from(["", "好的。", "您好。请说。", "一。二。三。"])
SAYS = st.builds(Words, TEXTS, st.booleans())
ENDS = st.sampled_from([HandOver("asked"), AskMessage(), Leave()])
TURNS = st.one_of(
    st.builds(lambda says, place: turn(*says, place=place), st.lists(SAYS, max_size=3), st.sampled_from([p for p in Place if p is not Place.GONE])),
    st.builds(lambda says, end: turn(*says, place=Place.GONE, end=end), st.lists(SAYS, max_size=3), ENDS),
    st.just(TurnFailed()),
)
STEPS = st.one_of(
    TURNS,
    st.sampled_from(["played", "elapsed", "stale"]),
    st.builds(lambda ms: CallerSpeaking(speaking_ms=ms, quiet_ms=0), st.sampled_from([60, 200, 2000])),
    st.builds(lambda ms: CallerSpeaking(speaking_ms=0, quiet_ms=ms), st.sampled_from([60, 700, 5000])),
    st.sampled_from([YES, COMPLAINT, KeyPressed("0"), KeyPressed("1"), Begun()]),
)


class Walk:
    """Any inputs in any order; what the outside has to do is done when the walk says so, and every rule is checked at every step."""

    def __init__(self) -> None:
        self.speaker = Speaker()
        self.queued: list[Say] = []
        self.turn_asked = False
        self.clock = 0
        self.ended = 0
        self.take(Begun())

    def take(self, event: Input) -> None:
        over = self.speaker.over
        before = list(self.queued)
        held = isinstance(event, CallerSpeaking) and self.speaker.speaking and not self.speaker.awaited
        out = self.speaker.take(event)
        assert not (over and out), "nothing after the end"
        for output in out:
            self._see(output)
        if held and any(isinstance(o, StopSaying) for o in out):
            assert before and self.speaker.stopped
        self.check()

    def _see(self, output: Output) -> None:
        match output:
            case TakeTurn():
                assert not self.turn_asked, "one turn at a time"
                self.turn_asked = True
            case Say():
                self.queued.append(output)
            case StopSaying():
                self.queued = []
            case ArmSilence(clock=clock):
                assert clock > self.clock
                self.clock = clock
            case End():
                self.ended += 1

    def check(self) -> None:
        s = self.speaker
        assert s.awaited == (self.turn_asked and not s.over)
        assert s.over or s.speaking or s.stopped or s.awaited or s.armed, "somebody waits for something"
        assert s.speaking == bool(self.queued) or s.over or s.awaited, "what is thought to be said is what was sent"
        assert self.ended == int(s.over)

    def step(self, step: Input | str) -> None:
        if isinstance(step, TurnTaken | TurnFailed):
            if self.turn_asked:
                self.turn_asked = False
                self.take(step)
        elif step == "played":
            if self.queued:
                self.take(PiecePlayed(self.queued.pop(0).token))
        elif step == "elapsed":
            if self.speaker.armed:
                self.take(SilenceElapsed(self.clock))
        elif step == "stale":
            self.take(SilenceElapsed(0))
        elif not isinstance(step, str):
            self.take(step)

    def quiet(self) -> None:
        """The caller says nothing more, the dialog answers, sentences end."""
        for _ in range(40):
            self.step(turn("请说。"))
            self.step(CallerSpeaking(speaking_ms=0, quiet_ms=machine.NOTHING_SAID_MS))
            self.step("played")


@settings(max_examples=400, deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_it_is_never_stuck(steps: list[Input | str]) -> None:
    walk = Walk()
    for step in steps:
        walk.step(step)
    walk.quiet()
    speaker = walk.speaker
    assert speaker.over or (speaker.armed and not speaker.speaking and not speaker.stopped and not speaker.awaited)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(["played", COMPLAINT, KeyPressed("1")]), st.builds(CallerSpeaking, speaking_ms=st.just(200), quiet_ms=st.just(0)))))
def test_no_word_and_no_key_is_lost(steps: list[Input | str]) -> None:
    """Where nothing must be heard to its end, everything said and pressed comes to the dialog, in its order."""
    speaker, asked, playing = Speaker(), list[object](), list[str]()
    given_in: list[object] = [Started()]

    def take(event: Input) -> None:
        for output in speaker.take(event):
            if isinstance(output, TakeTurn):
                asked.append(output.event)
                take(turn("一。二。"))
            elif isinstance(output, Say):
                playing.append(output.token)
            elif isinstance(output, StopSaying):
                playing.clear()

    take(Begun())
    for step in steps:
        if step == "played":
            if playing:
                take(PiecePlayed(playing.pop(0)))
            continue
        assert not isinstance(step, str)
        if isinstance(step, CallerSaid):
            given_in.append(step.said)
        elif isinstance(step, KeyPressed):
            given_in.append(Pressed(step.digit))
        take(step)
    assert asked == given_in


@settings(max_examples=200, deadline=None)
@given(st.lists(st.builds(CallerSpeaking, speaking_ms=st.sampled_from([0, 60, 200]), quiet_ms=st.sampled_from([0, 800])), max_size=40), st.booleans())
def test_noise_alone_stops_it_twice_at_most_and_never_what_must_be_heard(sounds: list[CallerSpeaking], whole: bool) -> None:
    speaker = Speaker()
    speaker.take(Begun())
    speaker.take(turn(Words("一。二。", whole=whole)))
    stops = sum(isinstance(o, StopSaying) for sound in sounds for o in speaker.take(sound))
    assert stops <= (0 if whole else machine.MOST_RESUMED)
