"""The robot's voice as it is chosen: what is offered, when the line changes over, what stays on the disk."""

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.adapters.voice.background_voice import Rank
from app.adapters.voice.kept_voice import KeptVoice, kept, store
from app.adapters.voice.natural_voice import NaturalVoice
from app.adapters.voice.prompt_cache import PromptCache
from app.adapters.voice.robot_voice import RobotVoice, rendered_path
from app.adapters.voice.studio import VoiceStudio
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.domain.refusal import Invalid
from app.domain.robot.vocabulary import EMPTY_FLOW
from app.domain.robot.voice import (
    PACES,
    SHIPPED,
    VoiceChoice,
    chosen,
    kept_voices,
    spoken_now,
    voice_choices,
)
from app.media.g711 import RATE_HZ
from app.service.ports import Content
from app.service.robot.studio import SampleLate, StudioFault
from app.service.robot.voice_keeper import VoiceKeeper
from tests.support.content import FixedContent

VOICES = ("zf_xiaobei", "zf_xiaoxiao", "zm_yunxi")
MAN, WOMAN = VoiceChoice("zm_yunxi", 110), VoiceChoice("zf_xiaobei", 100)
WELCOME, THANKS, OTHER = "您好，欢迎来到新的大厅。", "谢谢您打来新的大厅。", "新的大厅明天不开门。"


# -- rules ---------------------------------------------------------------------------------------


def test_every_voice_and_every_even_blend_of_two_is_offered_once() -> None:
    offered = voice_choices(VOICES)
    assert len(offered) == 6 and len(set(offered)) == 6
    assert chosen("zm_yunxi+zf_xiaobei", 85, offered) == VoiceChoice("zf_xiaobei+zm_yunxi", 85) == chosen("zf_xiaobei+zm_yunxi", 85, offered)
    assert voice_choices([SHIPPED.voice]) == (SHIPPED.voice,)


@pytest.mark.parametrize(("voice", "pace"), [
    ("zm_nobody", 100), ("zm_yunxi+zm_yunxi", 100), ("zm_yunxi+zf_xiaobei+zf_xiaoxiao", 100), ("", 100), ("+", 100), ("../x", 100),
    ("zm_yunxi", 79), ("zm_yunxi", 126), ("zm_yunxi", 101), ("zm_yunxi", 0), ("zm_yunxi", -100), ("zm_yunxi", 10**9),
])
def test_what_is_not_offered_is_refused(voice: str, pace: int) -> None:
    with pytest.raises(Invalid):
        chosen(voice, pace, voice_choices(VOICES))


def test_paces_are_from_a_fifth_slower_to_a_quarter_faster() -> None:
    assert (PACES[0], PACES[-1]) == (80, 125) and 100 in PACES


def test_the_newest_choice_that_is_ready_is_spoken() -> None:
    assert spoken_now([], lambda _: True) == SHIPPED
    assert spoken_now([MAN, WOMAN], lambda _: False) == SHIPPED
    assert spoken_now([MAN, WOMAN], lambda voice: voice == WOMAN.voice) == WOMAN
    assert spoken_now([MAN, WOMAN], lambda _: True) == MAN


def test_the_last_two_voices_are_kept_and_the_shipped_one() -> None:
    third = VoiceChoice("zf_xiaobei+zm_yunxi", 100)
    assert kept_voices([]) == {SHIPPED.voice}
    assert kept_voices([MAN, SHIPPED, replace(MAN, pace=90), WOMAN, third]) == {SHIPPED.voice, MAN.voice, WOMAN.voice}


# -- files ---------------------------------------------------------------------------------------


def _tone(hz: float, seconds: float = 1.0) -> bytes:
    return (np.sin(np.arange(int(RATE_HZ * seconds)) * 2 * np.pi * hz / RATE_HZ) * 3000).astype("<i2").tobytes()


class Model:
    """What the process with the model does, when the test wants it: a tone for each sentence."""

    def __init__(self) -> None:
        self.asked: dict[Path, tuple[str, str, Rank]] = {}
        self.refused: set[Path] = set()
        self.fault = StudioFault.NONE

    def later(self, text: str, path: Path, voice: str = SHIPPED.voice, rank: Rank = Rank.SAID_BEFORE) -> None:
        if not self.fault and path not in self.refused:
            self.asked.setdefault(path, (text, voice, rank))

    def failed(self, path: Path) -> bool:
        return path in self.refused

    def work(self, most: int = 1000) -> None:
        for path in list(self.asked)[:most]:
            store(path, TONES[self.asked.pop(path)[1]])


TONES = {"zm_yunxi": _tone(200), "zf_xiaobei": _tone(400), "zf_xiaoxiao": _tone(600), "zf_xiaobei+zm_yunxi": _tone(300)}


class House:
    """A keeper over real files with few sentences."""

    def __init__(self, home: Path, content: Content, espeak: EspeakSynthesiser, voices: tuple[str, ...] = VOICES, *, model: Model | None = None) -> None:
        shipped = NaturalVoice.shipped(SHIPPED.voice)
        assert shipped is not None
        prompts = {"welcome": WELCOME, "thanks": THANKS}
        self.folder, self.model = home / "voices", model
        spare = KeptVoice(espeak, home / "prompts")
        speaking = RobotVoice(shipped, spare, self.folder, later=model.later if model else None)
        self.prompts = PromptCache(espeak, prompts, home / "none", home / "prompts", natural=speaking)
        background: object = model
        self.studio = VoiceStudio(shipped, spare, self.folder, self.prompts, voice_choices(voices), background)  # type: ignore[arg-type]
        self.content = FixedContent(_few(content, prompts))
        self.rows: list[VoiceChoice] = []
        self.keeper = VoiceKeeper(self._reads, self.content, self.studio)  # type: ignore[arg-type]

    def _reads(self) -> "House":
        return self

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_: object) -> None: ...

    def find(self, _: object) -> "list[_Row]":
        return [_Row(choice) for choice in self.rows]

    def choose(self, choice: VoiceChoice) -> None:
        self.rows.append(choice)
        self.keeper.refresh()


class _Row:
    def __init__(self, choice: VoiceChoice) -> None:
        self.choice = choice


def _few(content: Content, prompts: dict[str, str]) -> Content:
    return replace(content, prompts=prompts, faults=(), offers=(), dialogs=EMPTY_FLOW, knowledge=replace(content.knowledge, entries=()))


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def house(tmp_path: Path, content: Content, voice: EspeakSynthesiser, model: Model) -> House:
    return House(tmp_path, content, voice, model=model)


def test_the_line_changes_over_when_the_last_sentence_is_there(house: House, model: Model) -> None:
    house.keeper.refresh()
    model.asked.clear()
    before = house.prompts.pcm16("welcome")
    house.choose(WOMAN)
    assert house.keeper.state.wanted == WOMAN and house.keeper.state.spoken == SHIPPED
    total = house.keeper.state.of
    assert total >= 3 and house.keeper.state.made == 0, "the two prompts, and what the robot says while it listens"
    for made in range(1, total + 1):
        assert all(voice == WOMAN.voice and rank is Rank.FIXED for _, voice, rank in list(model.asked.values()) if voice != SHIPPED.voice)
        assert house.prompts.pcm16("welcome") == before and house.keeper.state.spoken == SHIPPED
        path = next(path for path, (_, voice, _) in model.asked.items() if voice == WOMAN.voice)
        store(path, TONES[model.asked.pop(path)[1]])
        house.keeper.look()
        assert house.keeper.state.made == made
    assert house.keeper.state.spoken == WOMAN and house.prompts.pcm16("welcome") == TONES[WOMAN.voice] == house.prompts.pcm16("thanks")


def test_going_back_is_immediate_and_a_third_voice_costs_the_oldest_its_files(house: House, model: Model) -> None:
    for choice in (WOMAN, MAN):
        house.choose(choice)
        model.work()
        house.keeper.look()
        assert house.keeper.state.spoken == choice
    house.choose(WOMAN)
    assert house.keeper.state.spoken == WOMAN
    house.choose(SHIPPED)
    assert house.keeper.state.spoken == SHIPPED
    house.choose(VoiceChoice("zf_xiaobei+zm_yunxi", 100))
    model.work()
    house.keeper.look()
    house.keeper._tidied_at = float("-inf")
    house.keeper.look()
    assert {path.name for path in house.folder.glob("z*")} - {SHIPPED.voice} == {WOMAN.voice, "zf_xiaobei+zm_yunxi"}


def test_another_pace_needs_no_rendering_and_the_slow_stay_slower(house: House, model: Model) -> None:
    house.choose(VoiceChoice(WOMAN.voice, 125))
    model.work()
    house.keeper.look()
    whole = len(TONES[WOMAN.voice])
    assert abs(len(house.prompts.pcm16("welcome")) * 1.25 / whole - 1) < 0.02
    house.choose(VoiceChoice(WOMAN.voice, 80))
    assert house.keeper.state.spoken.pace == 80 and not [v for _, v, _ in model.asked.values() if v == WOMAN.voice]
    assert abs(len(house.prompts.speech(WELCOME)) * 0.8 / whole - 1) < 0.02
    assert abs(len(house.prompts.speech(WELCOME, slow=True)) * 0.64 / whole - 1) < 0.02


def test_a_sentence_that_is_published_later_is_said_by_the_shipped_voice_until_it_is_made(house: House, model: Model) -> None:
    house.choose(WOMAN)
    model.work()
    house.keeper.look()
    house.content._content = _few(house.content.current(), {"welcome": WELCOME, "other": OTHER})
    house.keeper.look()
    assert house.keeper.state.spoken == WOMAN and house.keeper.state.made == house.keeper.state.of - 1, "the robot keeps its voice"
    assert house.prompts.speech(OTHER) != TONES[WOMAN.voice]
    model.work()
    house.keeper.look()
    assert house.prompts.speech(OTHER) == TONES[WOMAN.voice] and house.keeper.state.made == house.keeper.state.of


def test_figures_are_said_whole_by_the_shipped_voice_and_by_the_chosen_one_the_next_time(house: House, model: Model) -> None:
    house.choose(WOMAN)
    model.work()
    house.keeper.look()
    shipped = NaturalVoice.shipped(SHIPPED.voice)
    assert shipped is not None
    said = "您家地址是海景花园九栋九零一，对吗？"
    assert house.prompts.speech(said) == shipped.whole(said)
    assert [(voice, rank) for _, voice, rank in model.asked.values()] == [(WOMAN.voice, Rank.SAID_BEFORE)]
    model.work()
    assert house.prompts.speech(said) == TONES[WOMAN.voice]


def test_a_restart_goes_on_with_what_was_spoken_and_made(tmp_path: Path, content: Content, voice: EspeakSynthesiser) -> None:
    model = Model()
    house = House(tmp_path, content, voice, model=model)
    house.choose(WOMAN)
    model.work()
    house.keeper.look()
    house.choose(MAN)
    store(*next((p, TONES[v]) for p, (_, v, _) in model.asked.items() if v == MAN.voice))
    again = House(tmp_path, content, voice, model=Model())
    again.rows = house.rows
    again.content._content = _few(content, {"welcome": WELCOME, "other": OTHER})
    again.keeper.refresh()
    assert again.keeper.state.spoken == WOMAN, "a sentence published meanwhile does not take the voice away"
    assert again.keeper.state.wanted == MAN and 0 < again.keeper.state.made < again.keeper.state.of


def test_a_voice_whose_model_is_gone_falls_back_to_the_shipped_one(tmp_path: Path, content: Content, voice: EspeakSynthesiser, caplog: pytest.LogCaptureFixture) -> None:
    model = Model()
    house = House(tmp_path, content, voice, model=model)
    house.choose(WOMAN)
    model.work()
    house.keeper.look()
    light = House(tmp_path, content, voice, (SHIPPED.voice,))
    light.rows = house.rows
    light.keeper.refresh()
    gone = light.keeper.state
    assert gone.spoken == SHIPPED and gone.fault is StudioFault.NO_MODEL
    assert caplog.text.count("cannot be rendered (no_model)") == 1
    light.keeper.look()
    assert caplog.text.count("cannot be rendered (no_model)") == 1, "told once"
    light.choose(VoiceChoice(SHIPPED.voice, 90))
    assert light.keeper.state.spoken.pace == 90 and light.keeper.state.fault is StudioFault.NONE, "the pace needs no model"


def test_a_full_disk_leaves_the_voice_as_it_is(house: House, model: Model, caplog: pytest.LogCaptureFixture) -> None:
    house.choose(WOMAN)
    model.fault = StudioFault.DISK
    model.asked.clear()
    house.keeper.look()
    assert house.keeper.state.fault is StudioFault.DISK and house.keeper.state.spoken == SHIPPED and "disk" in caplog.text
    model.fault = StudioFault.NONE
    house.keeper.look()
    model.work()
    house.keeper.look()
    assert house.keeper.state.spoken == WOMAN


def test_a_sentence_that_the_model_cannot_say_does_not_hold_up_the_others(house: House, model: Model) -> None:
    house.choose(WOMAN)
    model.refused.add(rendered_path(house.folder, WOMAN.voice, THANKS))
    model.work()
    house.keeper.look()
    assert house.keeper.state.spoken == WOMAN and len(house.prompts.pcm16("thanks")) > RATE_HZ


# -- samples and the disk ------------------------------------------------------------------------


def test_a_sample_of_the_shipped_voice_comes_at_once_and_another_is_waited_for(house: House, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = "还想了解别的吗？"
    usual = house.studio.sample(SHIPPED, recorded)
    assert abs(len(house.studio.sample(VoiceChoice(SHIPPED.voice, 125), recorded)) * 1.25 / len(usual) - 1) < 0.03 and not model.asked
    monkeypatch.setattr("app.adapters.voice.studio.SAMPLE_WAIT_S", 0.3)
    began = time.monotonic()
    with pytest.raises(SampleLate):
        house.studio.sample(MAN, recorded)
    assert time.monotonic() - began < 2 and [(v, r) for _, v, r in model.asked.values()] == [(MAN.voice, Rank.SOMEBODY_LISTENS)]
    model.work()
    assert abs(len(house.studio.sample(MAN, recorded)) * 1.1 / len(TONES[MAN.voice]) - 1) < 0.02
    for nothing in ("", "。。", "   "):
        with pytest.raises(Invalid):
            house.studio.sample(MAN, nothing)
    assert not list((house.folder / MAN.voice).glob("*")), "what is only heard is kept apart"


def test_without_the_model_a_sample_is_said_as_the_line_would(tmp_path: Path, content: Content, voice: EspeakSynthesiser) -> None:
    light = House(tmp_path, content, voice, (SHIPPED.voice,))
    assert len(light.studio.sample(SHIPPED, OTHER)) > RATE_HZ


def test_sentences_with_figures_are_kept_for_a_week_and_fixed_ones_for_good(house: House, model: Model) -> None:
    house.choose(WOMAN)
    model.work()
    folder = house.folder / WOMAN.voice
    old, new, part = folder / "old.wav", folder / "new.wav", folder / "x.part"
    for path in (old, new, part):
        path.write_bytes(b"x")
    for path in [*folder.glob("*.wav"), part]:
        if path != new:
            os.utime(path, (time.time() - 8 * 86400,) * 2)
    house.studio.tidy(frozenset({WOMAN.voice}), (WELCOME, THANKS, "嗯"))
    assert not old.exists() and not part.exists() and new.exists() and kept(rendered_path(house.folder, WOMAN.voice, WELCOME)) is not None
    house.studio.tidy(frozenset({SHIPPED.voice}), (WELCOME, THANKS))
    assert not folder.exists()
