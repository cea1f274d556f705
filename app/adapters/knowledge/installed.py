"""What every engine of this installation learns from, beside the knowledge base: the examples in
``faq/examples.csv`` and the sentence model, where its libraries are installed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.adapters.knowledge.sentence_model import load_sentence_model
from app.adapters.text_files import read_text
from app.language.knowledge.content import Knowledge, make_engine
from app.language.knowledge.examples import EXAMPLES, parse_examples
from app.language.knowledge.learn_all import learn_all
from app.language.understanding.bands import Bands
from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.intents import Example
from app.language.understanding.learned import Embedding, Learned
from app.language.understanding.sentences import SentenceModel

_FAQ = Path(__file__).resolve().parents[3] / "faq"


@dataclass(frozen=True, slots=True)
class Installed:
    """``digest`` changes whenever an engine that was learned with it is another."""

    examples: Sequence[Example]
    model: SentenceModel | None
    digest: str

    def learn(self, knowledge: Knowledge, embedding: Embedding | None = None) -> Learned:
        """Everything that an engine of this knowledge base needs."""
        return learn_all(knowledge, embedding, self.examples, self.model)

    def engine(
        self, knowledge: Knowledge, learned: Learned, bands: Bands | None = None
    ) -> UnderstandingEngine:
        """The engine of what was learned of this very knowledge base with this installation."""
        return make_engine(knowledge, learned, bands, self.model)


@lru_cache(maxsize=1)
def load_installed() -> Installed:
    """What there is, read once a process. Raises ContentError for examples that cannot be read."""
    text = read_text(_FAQ / EXAMPLES)
    model = load_sentence_model()
    digest = hashlib.sha256(text.encode())
    digest.update((model.name if model is not None else "").encode())
    return Installed(parse_examples(text), model, digest.hexdigest()[:16])
