"""Whether a decoder repeats itself."""

import pytest

from app.adapters.speech.asr_whisper import _runs_away


@pytest.mark.parametrize(("text", "seconds", "away"), [
    ("请问一下我有九费啊请问一下我有九费啊", 3.0, True), ("鱼鸿鸭空连不上盒子鱼鸿鸭空连不上", 2.8, True),
    ("我不想拆的继续用,我不想拆的继续用，我不想拆的继", 2.1, True),
    ("屏幕南南的傻意没有屏幕南南的傻意没有屏幕南南的", 3.0, True), ("我要报停我要报停", 3.0, False), ("电视没信号电视没信号", 3.5, False),
    ("不要不要", 0.6, False), ("我家电视没信号宽带也断网了", 2.2, False), ("好好好好好好", 3.0, True), ("我" * 40, 3.0, True), ("", 0.5, False)])
def test_a_sentence_said_again_in_no_time_is_a_decoder_that_repeats_itself(text: str, seconds: float, away: bool) -> None:
    assert _runs_away(text, seconds) is away
