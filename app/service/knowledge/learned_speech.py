"""Which speech model is used after a run of learning: the next, or the one before."""

from app.domain.ids import LearningRunId
from app.domain.knowledge.learning_run import LearningEvent, LearningState
from app.domain.people.actor import Actor
from app.domain.refusal import NotFound, RefusalCode
from app.service.bus import CommandBus
from app.service.knowledge.commands import InsistLearning, MoveLearning, RollBackLearning
from app.service.knowledge.learning_runs import runs_in
from app.service.knowledge.records import LearningRun
from app.service.ports import ReadSessionFactory
from app.service.speech_models import SpeechModels

GONE = "gone"


class LearnedSpeech:
    """Blocking. What is decided is stored first and then done, again if somebody died between."""

    def __init__(self, bus: CommandBus, reads: ReadSessionFactory, models: SpeechModels) -> None:
        self._bus, self._reads, self.models = bus, reads, models

    def apply(self) -> None:
        """Use what was accepted. Raises OSError where the choice cannot be written."""
        for run in self._runs(LearningState.ACCEPTED):
            if not self.models.is_there(run.model):
                self._move(run, LearningEvent.FAILED, GONE)
                continue
            self.models.use(run.model)
            self._move(run, LearningEvent.APPLIED)
            self.models.tidy((run.model, run.model_before))

    def insist(self, actor: Actor, run_id: LearningRunId) -> None:
        """Use a model that could not be judged. Raises Refused where there is none."""
        self._bus.execute(InsistLearning(run_id=run_id, actor=actor))
        self.apply()

    def roll_back(self, actor: Actor) -> None:
        """Raises NotFound where there is nothing to go back from, or to."""
        used = self._runs(LearningState.USED)
        if used and not self.models.is_there(used[-1].model_before):
            raise NotFound(RefusalCode.LEARNING_MODEL, "the model before is not there any more")
        self.models.use(self._bus.execute(RollBackLearning(actor=actor)))

    def _runs(self, state: LearningState) -> list[LearningRun]:
        with self._reads() as reads:
            return runs_in(reads, (state,))

    def _move(self, run: LearningRun, event: LearningEvent, detail: str = "") -> None:
        assert run.id is not None  # noqa: S101  stored
        command = MoveLearning(run_id=LearningRunId(run.id), event=event, detail=detail)
        self._bus.execute(command)
