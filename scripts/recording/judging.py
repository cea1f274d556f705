"""How well a recogniser of people's speech hears what was recorded: toneless syllables, by Whisper base over the line's 8000 Hz."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from app.adapters.speech.asr_whisper import LONGEST_S, Whisper
from app.language.texts.spoken_texts import spoken
from app.language.understanding.sound import syllable
from app.media.g711 import RATE_HZ
from app.settings import Settings

WHISPER_NAME = "whisper-base"
_BYTES_A_SECOND = 2 * RATE_HZ
_QUIET_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One sentence: what was heard, and how many of its toneless syllables were not."""

    text: str
    heard: str
    wrong: int
    total: int


class Judge:
    """Whisper base out of the folder of fetched models. Raises SpeechModelError."""

    def __init__(self) -> None:
        self._whisper = Whisper(Settings().model_folder / WHISPER_NAME)

    def verdict(self, text: str, pcm16: bytes) -> Verdict:
        """Homophones count as heard, and so does a digit in either of its names (幺 is 一)."""
        heard = "".join(self._whisper.hear(part).text for part in _in_turns(pcm16))
        found = _toneless(heard)
        names = [_toneless(said) for said in (spoken(text), spoken(text.replace("幺", "一")))]
        wrong = min(Levenshtein.distance(name, found) for name in names)
        return Verdict(text=text, heard=heard, wrong=wrong, total=len(names[0]))


def _toneless(text: str) -> list[str]:
    return [syllable(character) for character in text]


def _in_turns(pcm16: bytes) -> Iterator[bytes]:
    """The sound in parts that are heard at once, cut where it is quietest."""
    while len(pcm16) > LONGEST_S * _BYTES_A_SECOND:
        at = _quietest(pcm16, int(LONGEST_S / 2 * RATE_HZ), int(LONGEST_S * RATE_HZ))
        yield pcm16[: 2 * at]
        pcm16 = pcm16[2 * at :]
    yield pcm16


def _quietest(pcm16: bytes, first: int, last: int) -> int:
    samples = np.abs(np.frombuffer(pcm16, "<i2")[first:last].astype(float))
    width = int(10 * _QUIET_S * RATE_HZ)
    return first + int(np.convolve(samples, np.ones(width), "valid").argmin()) + width // 2


_DIGITS, _TELEPHONE = "零一二三四五六七八九", "零幺二三四五六七八九"


def figure_sentences(templates: Sequence[str], estates: Sequence[str], wanted: int, seed: int = 13) -> list[str]:
    """Sentences with figures as callers hear them: each template in turn with made-up values."""
    chance = random.Random(seed)
    return [_filled(templates[at % len(templates)], estates, chance) for at in range(wanted)]


def _filled(template: str, estates: Sequence[str], chance: random.Random) -> str:
    address = f"{chance.choice(estates)}{chance.randint(1, 30)}栋{chance.randint(1, 9)}0{chance.randint(1, 6)}"
    number = "幺" + chance.choice(_TELEPHONE[3:]) + "".join(chance.choices(_TELEPHONE, k=9))
    telephone = f"{number[:3]}，{number[3:7]}，{number[7:]}"
    values = {
        "value": telephone if "电话" in template else address,
        "number": "".join(chance.choice(_DIGITS) for _ in range(4)),
        "until": f"2027年{chance.randint(1, 12)}月{chance.randint(1, 28)}日",
        "owes": f"欠费{chance.randint(10, 99)}元", "plan": "300 兆融合",
    }  # fmt: skip
    values |= {name: str(chance.randint(20, 199)) for name in ("offer", "current", "saved", "price")}
    return template.format_map(values)
