"""What every engine of this installation learns from, beside the knowledge base: the sentences in
``faq/examples.csv`` and ``faq/reasons.csv``, and the sentence model where its libraries are."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.adapters.knowledge.sentence_model import load_sentence_model
from app.adapters.text_files import read_text
from app.language.knowledge.content import Knowledge, make_engine
from app.language.knowledge.examples import (
    EXAMPLES,
    REASONS,
    Taught,
    parse_examples,
    parse_reasons,
)
from app.language.knowledge.learn_all import learn_all
from app.language.understanding.bands import Bands
from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.learned import Embedding, Learned
from app.language.understanding.sentences import SentenceModel

_FAQ = Path(__file__).resolve().parents[3] / "faq"


@dataclass(frozen=True, slots=True)
class Installed:
    """``digest`` changes whenever an engine that was learned with it is another."""

    taught: Taught
    model: SentenceModel | None
    digest: str

    def learn(self, knowledge: Knowledge, embedding: Embedding | None = None) -> Learned:
        """Everything that an engine of this knowledge base needs."""
        return learn_all(knowledge, embedding, self.taught, self.model)

    def engine(
        self, knowledge: Knowledge, learned: Learned, bands: Bands | None = None
    ) -> UnderstandingEngine:
        """The engine of what was learned of this very knowledge base with this installation."""
        return make_engine(knowledge, learned, bands, self.model)


@lru_cache(maxsize=1)
def load_installed() -> Installed:
    """What there is, read once a process. Raises ContentError for examples that cannot be read."""
    examples, reasons = (read_text(_FAQ / name) for name in (EXAMPLES, REASONS))
    model = load_sentence_model()
    digest = hashlib.sha256(examples.encode() + reasons.encode())
    digest.update((model.name if model is not None else "").encode())
    taught = Taught(parse_examples(examples), parse_reasons(reasons))
    return Installed(taught, model, digest.hexdigest()[:16])
