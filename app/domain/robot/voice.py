"""The robot's voice as supervisors choose it: whose, and how fast. Pure rules."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from app.domain.refusal import Invalid, RefusalCode

#: Joins the names of an even blend of two voices.
BLEND: Final = "+"
#: How fast, in per cent of the voice's own pace; callers who ask for it slowly hear it slower.
PACES: Final = tuple(range(80, 126, 5))
#: Of how many voices the renderings are kept, so that rolling back costs nothing.
_VOICES_KEPT = 2


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """A voice, or two joined by ``+``, and its pace in per cent."""

    voice: str
    pace: int

    @property
    def speed(self) -> float:
        return self.pace / 100


#: The voice whose recordings come with the installation.
SHIPPED: Final = VoiceChoice("zf_xiaoxiao", 100)


def voice_choices(names: Collection[str]) -> tuple[str, ...]:
    """The voices by name and every even blend of two of them."""
    single = sorted(names)
    return (*single, *(BLEND.join(two) for two in combinations(single, 2)))


def chosen(voice: str, pace: int, offered: Collection[str]) -> VoiceChoice:
    """A choice out of what is offered here; raises Invalid for another one. A blend is the same
    one whichever voice is named first."""
    name = BLEND.join(sorted(voice.split(BLEND)))
    if name not in offered:
        raise Invalid(RefusalCode.VOICE, f"no voice {voice[:80]!r} here")
    if pace not in PACES:
        raise Invalid(RefusalCode.VOICE_PACE, f"expected a pace of {PACES[0]} to {PACES[-1]} %")
    return VoiceChoice(name, pace)


def spoken_now(choices: Sequence[VoiceChoice], ready: Callable[[str], bool]) -> VoiceChoice:
    """What the robot speaks with: the newest choice whose sentences are all there. ``choices``:
    newest first."""
    return next((choice for choice in choices if ready(choice.voice)), SHIPPED)


def kept_voices(choices: Sequence[VoiceChoice]) -> frozenset[str]:
    """The voices whose renderings stay on the disk: the last ones, and what was shipped."""
    newest = dict.fromkeys(c.voice for c in choices if c.voice != SHIPPED.voice)
    return frozenset([SHIPPED.voice, *list(newest)[:_VOICES_KEPT]])
