"""One run of learning from own calls: counted, built, judged, used or thrown away."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.adapters.clock_system import SystemClock
from app.adapters.db.knowledge.queries import SqlKnowledgeQueries
from app.adapters.speech.asr_switch import chosen_model
from app.adapters.speech.learned_models import LearnedModels
from app.adapters.speech.speech_adapt import Material, adapt
from app.adapters.speech.speech_learn import learn, words_in
from app.bootstrap.adapting import material_of
from app.bootstrap.knowledge import KnowledgeBase, open_knowledge
from app.bootstrap.speech_models import adaptable, learned_models
from app.bootstrap.store import StartError, child_environment, open_store
from app.domain.ids import LearningRunId
from app.domain.knowledge.learning_run import LearningEvent
from app.domain.knowledge.learning_verdict import verdict
from app.language.texts.error_rate import Errors
from app.language.texts.learned_words import Learned
from app.service.knowledge.commands import HoldLearning, MoveLearning, TakeUpLearning
from app.service.knowledge.job_lease import held
from app.service.knowledge.learned_sentences import select
from app.service.knowledge.learned_speech import LearnedSpeech
from app.service.knowledge.records import LearningRun
from app.settings import EMBEDDED_MODEL, Settings

#: Of the newest; 50 calls of 30 days and 27 sentences.
MOST_SENTENCES = 40_000
#: A new model takes some 15 MB, and as much while it is written.
FREE_BYTES = 100 << 20
_WORDS_SHOWN = 200
_JUDGED_WITHIN_S = 3600
#: Codes; their words are in web/labels/knowledge.py.
NOT_OURS, NO_SPACE = "not_ours", "disk_full"

Say = Callable[[int, str], None]


class LearningRunFailed(Exception):  # noqa: N818  said to people
    """The run cannot go on; the text says why."""


def learn_asked(settings: Settings, say: Say) -> bool:
    """Work on the run that was asked for; False where none was. Raises StartError."""
    base = open_knowledge(settings)
    run_id = base.bus.execute(TakeUpLearning())
    if run_id is None:
        return False
    models = learned_models(settings)
    run = _Run(settings, base, models, run_id, say)
    with held(base.bus, HoldLearning(run_id=run_id)):
        run.work()
    LearnedSpeech(base.bus, base.reads, models).apply()
    models.tidy(())
    return True


def learning_runs(settings: Settings) -> Sequence[LearningRun]:
    """What the last nights learned, newest first."""
    return SqlKnowledgeQueries(open_store(settings).engine).learning_runs()


class _Run:
    """The steps of one run; each is stored before the next begins."""

    def __init__(
        self, settings: Settings, base: KnowledgeBase, models: LearnedModels,
        run_id: LearningRunId, say: Say,
    ) -> None:  # fmt: skip
        self._settings, self._base, self._models = settings, base, models
        self._run_id, self._say = run_id, say
        self._clock = SystemClock(settings.tz)

    def work(self) -> None:
        """Every fault ends the run and says why; the model in use stays."""
        try:
            self._steps()
        except (LearningRunFailed, StartError, OSError, subprocess.TimeoutExpired) as error:
            self._move(LearningEvent.FAILED, detail=_fault(error))

    def _steps(self) -> None:
        if not adaptable(self._settings):
            raise LearningRunFailed(NOT_OURS)
        material = material_of(self._settings, self._base.keeper.current().knowledge)
        before = chosen_model(self._settings.home, self._settings.speech_model).folder.resolve()
        learned, new_words = self._collect(material, before)
        if not learned.grams:
            return
        made = self._build(material, learned, before)
        self._judge(made, before, new_words)

    def _collect(self, material: Material, before: Path) -> tuple[Learned, int]:
        self._say(5, "sentences")
        since = self._clock.now() - timedelta(days=self._settings.learn_days)
        queries = SqlKnowledgeQueries(open_store(self._settings).engine)
        chosen = select(queries.learnable(since, MOST_SENTENCES))
        self._say(15, "words")
        learned = learn(material, chosen.pieces) if chosen.pieces else Learned()
        new = sorted(learned.words() - words_in(before))
        report = {
            **chosen.report, "runs_of_words": len(learned.grams), "new": len(new),
            "words": new[:_WORDS_SHOWN],
        }  # fmt: skip
        some = bool(learned.grams)
        self._move(LearningEvent.COLLECTED if some else LearningEvent.FOUND_NOTHING, report)
        return learned, len(new)

    def _build(self, material: Material, learned: Learned, before: Path) -> Path:
        made = self._models.fresh(self._clock.now())
        if shutil.disk_usage(made.parent).free < FREE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        adapt(
            EMBEDDED_MODEL, made, replace(material, learned=learned), self._clock.now(),
            lambda percent, what: self._say(20 + percent * 6 // 10, what),
        )  # fmt: skip
        self._move(LearningEvent.BUILT, model=str(made), model_before=str(before))
        return made

    def _judge(self, made: Path, before: Path, new_words: int) -> None:
        self._say(85, "comparison")
        was, now = judged(self._settings, before, made)
        event = verdict(was, now, new_words)
        report = {"before": _shown(was), "after": _shown(now)}
        if event is LearningEvent.WORSE:
            self._models.drop(str(made))
        self._move(event, report)

    def _move(
        self, event: LearningEvent, report: dict[str, Any] | None = None, *, detail: str = "",
        model: str = "", model_before: str = "",
    ) -> None:  # fmt: skip
        self._base.bus.execute(MoveLearning(
            run_id=self._run_id, event=event, report=report, detail=detail, model=model,
            model_before=model_before,
        ))  # fmt: skip


def judged(settings: Settings, before: Path, made: Path) -> tuple[Errors, Errors]:
    """Errors of both models in corrected words. In a process of its own: a broken file can end it,
    and the graph's library and the recogniser's do not live in one. Raises LearningRunFailed."""
    command = [sys.executable, "-m", "app", "model", "compare", str(made), "--with", str(before),
               "--corrected", "--json"]  # fmt: skip
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, timeout=_JUDGED_WITHIN_S, check=False,
        env={**child_environment(settings), "HOLDLINE_HOME": str(settings.home)},
    )  # fmt: skip
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise LearningRunFailed(f"the new model cannot be used: {lines[-1]}")
    after, was = json.loads(done.stdout.strip().splitlines()[-1])
    return Errors(**was), Errors(**after)


def _shown(errors: Errors) -> dict[str, int]:
    return {"wrong": errors.wrong, "characters": errors.characters}


def _fault(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return NO_SPACE
    return str(error)
