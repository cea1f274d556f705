"""Everything that is learned from a knowledge base: then calibrated."""

from collections.abc import Sequence

from app.language.knowledge.calibrate import calibrate
from app.language.knowledge.content import Knowledge
from app.language.knowledge.learn import learn
from app.language.understanding.intents import Example
from app.language.understanding.learned import Embedding, Learned
from app.language.understanding.sentences import SentenceModel


def learn_all(
    knowledge: Knowledge, embedding: Embedding | None = None, examples: Sequence[Example] = (),
    model: SentenceModel | None = None,
) -> Learned:  # fmt: skip
    """Everything that the engine needs. CPU: about 20 s at 10,000 sentences."""
    learned = learn(knowledge.kinds, knowledge.entries, embedding, examples)
    return calibrate(
        knowledge.kinds, knowledge.lexicon, knowledge.entries, learned, knowledge.calibration, model
    )
