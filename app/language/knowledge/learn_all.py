"""Everything that is learned from a knowledge base: then calibrated."""

from app.language.knowledge.calibrate import calibrate
from app.language.knowledge.content import Knowledge
from app.language.knowledge.examples import NOTHING, Taught
from app.language.knowledge.learn import learn
from app.language.understanding.learned import Embedding, Learned
from app.language.understanding.sentences import SentenceModel


def learn_all(
    knowledge: Knowledge, embedding: Embedding | None = None, taught: Taught = NOTHING,
    model: SentenceModel | None = None,
) -> Learned:  # fmt: skip
    """Everything that the engine needs. CPU: about 20 s at 10,000 sentences."""
    learned = learn(knowledge.kinds, knowledge.entries, embedding, taught)
    return calibrate(
        knowledge.kinds, knowledge.lexicon, knowledge.entries, learned, knowledge.calibration, model
    )
