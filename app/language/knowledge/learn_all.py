"""Everything that is learned from a knowledge base: then calibrated."""

from app.language.knowledge.calibrate import calibrate
from app.language.knowledge.content import Knowledge
from app.language.knowledge.learn import learn
from app.language.understanding.learned import Embedding, Learned


def learn_all(knowledge: Knowledge, embedding: Embedding | None = None) -> Learned:
    """Everything that the engine needs. CPU: about 3 s at 2,000 entries."""
    learned = learn(knowledge.kinds, knowledge.entries, embedding)
    return calibrate(
        knowledge.kinds, knowledge.lexicon, knowledge.entries, learned, knowledge.calibration
    )
