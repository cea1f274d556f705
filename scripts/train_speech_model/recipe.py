"""What a training run is made of: amounts, seeds, sizes. The same recipe gives the same data."""

import hashlib
from dataclasses import asdict, dataclass

#: The model that comes with the project.
NAME = "vosk-cn-catv"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Counts are utterances; ``stretch`` ranges are factors of duration at constant pitch."""

    name: str
    seed: int = 1
    domain_sentences: int = 9000
    general_phrases: int = 6000
    #: Sentences by natural synthetic voices, and over how many telephone lines each goes.
    kokoro_sentences: int = 2400
    kokoro_copies: int = 6
    #: How often every human recording is used in strings of several of the same speaker, and how
    #: many sentences of the operator's texts are put together from each speaker's recordings.
    repeats_of_syllables: int = 9
    repeats_of_words: int = 3
    spliced_sentences: int = 4500
    width: int = 256
    epochs: int = 11
    #: At the end once more at a lower rate: natural voices several times, other synthetic speech once
    #: (twice without natural voices), a share of the human.
    polish_epochs: int = 3
    polish_rate: float = 6e-4
    polish_natural_repeats: int = 2
    polish_human_share: float = 0.6
    learning_rate: float = 2e-3
    shard: int = 500
    frames_a_batch: int = 12_000

    def digest(self) -> str:
        """Names the data that this recipe makes."""
        return hashlib.sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()[:12]


FULL = Recipe("full")
#: Runs end to end in a minute; what it learns is good for nothing.
TINY = Recipe("tiny", domain_sentences=60, general_phrases=20, kokoro_sentences=8,
              kokoro_copies=2, repeats_of_syllables=1,
              repeats_of_words=1, spliced_sentences=10, width=32, epochs=2, polish_epochs=1, shard=40,
              frames_a_batch=4000)  # fmt: skip
#: Goes on from a trained model (--from): no first round, a longer second one, less of what it knows.
TUNE = Recipe("tune", domain_sentences=1600, general_phrases=800, kokoro_sentences=675,
              kokoro_copies=6, repeats_of_syllables=1, repeats_of_words=1, spliced_sentences=300,
              polish_epochs=7, polish_rate=1.2e-3, polish_natural_repeats=1, polish_human_share=0.3)  # fmt: skip
RECIPES = {recipe.name: recipe for recipe in (FULL, TUNE, TINY)}
