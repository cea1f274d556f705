"""Another voice of the real model: rendered in the background, changed over to, understood by Whisper."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.adapters.db.engine import make_engine
from app.adapters.db.migrate import migrate
from app.adapters.voice.background_voice import BackgroundVoice
from app.adapters.voice.kept_voice import KeptVoice
from app.adapters.voice.kokoro_voices import voice_names
from app.adapters.voice.natural_voice import NaturalVoice
from app.adapters.voice.prompt_cache import PromptCache
from app.adapters.voice.robot_voice import RobotVoice
from app.adapters.voice.studio import VoiceStudio
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.domain.robot.vocabulary import EMPTY_FLOW
from app.domain.robot.voice import SHIPPED, VoiceChoice, voice_choices
from app.service.ports import Content
from app.service.robot.commands import PublishVoice
from app.service.robot.voice_keeper import VoiceKeeper
from tests.conftest import ROOT
from tests.contract.conftest import Shop
from tests.support.actors import named
from tests.support.content import FixedContent
from tests.support.models import MODELS, needs_kokoro, needs_whisper
from tests.support.sounds import pitch_hz

pytestmark = [needs_whisper, needs_kokoro]
WELCOME = "您好，欢迎致电山海广电，请问有什么可以帮您？"
MAN = VoiceChoice("zm_yunxi", 100)
PATIENCE_S = 600


@pytest.fixture
def background(tmp_path: Path) -> Iterator[BackgroundVoice]:
    made = BackgroundVoice({**os.environ, "HOLDLINE_HOME": str(tmp_path), "HOLDLINE_MODELS": str(MODELS), "PYTHONPATH": str(ROOT)})
    yield made
    made.close()



def test_a_man_is_chosen_rendered_and_understood(tmp_path: Path, content: Content, background: BackgroundVoice) -> None:
    from scripts.recording.judging import Judge

    engine = make_engine(f"sqlite:///{tmp_path}/h.db")
    migrate(engine)
    shop = Shop(engine, content)
    shop.bus.context = replace(shop.bus.context, voices=voice_choices(voice_names()))
    shipped = NaturalVoice.shipped(SHIPPED.voice)
    assert shipped is not None
    espeak = EspeakSynthesiser()
    spare, folder = KeptVoice(espeak, tmp_path / "prompts"), tmp_path / "voices"
    speaking = RobotVoice(shipped, spare, folder, later=background.later)
    prompts = PromptCache(espeak, {"welcome": WELCOME}, tmp_path / "none", tmp_path / "prompts", natural=speaking)
    studio = VoiceStudio(shipped, spare, folder, prompts, voice_choices(voice_names()), background)
    few = replace(content, prompts={"welcome": WELCOME}, faults=(), offers=(), dialogs=EMPTY_FLOW, knowledge=replace(content.knowledge, entries=()))
    keeper = VoiceKeeper(shop.reads, FixedContent(few), studio)
    keeper.refresh()
    before = prompts.pcm16("welcome")
    shop.bus.execute(PublishVoice(voice=MAN.voice, pace=100, actor=named("主管")))
    keeper.refresh()
    assert keeper.state.spoken == SHIPPED and keeper.state.made < keeper.state.of and prompts.pcm16("welcome") == before
    until = time.monotonic() + PATIENCE_S
    while keeper.state.spoken != MAN and time.monotonic() < until:
        time.sleep(0.2)
        keeper.look()
    assert keeper.state.spoken == MAN and keeper.state.made == keeper.state.of, keeper.state
    man = prompts.pcm16("welcome")
    woman = shipped.sentence("还想了解别的吗？")
    assert woman is not None and pitch_hz(man) * 1.25 < pitch_hz(woman)
    verdict = Judge().verdict(WELCOME, man)
    assert verdict.wrong <= 0.15 * verdict.total, verdict
    shop.bus.execute(PublishVoice(voice=MAN.voice, pace=125, actor=named("主管")))
    keeper.refresh()
    faster = prompts.pcm16("welcome")
    assert len(faster) * 1.25 == pytest.approx(len(man), rel=0.02), "at once: nothing is rendered for another pace"
    verdict = Judge().verdict(WELCOME, faster)
    assert verdict.wrong <= 0.2 * verdict.total, verdict
    engine.dispose()
