"""What the speech model learned from own calls, night by night."""

from app.bootstrap.knowledge import KnowledgeBase, open_knowledge
from app.bootstrap.learning import learn_asked, learning_runs
from app.bootstrap.speech_models import learned_models
from app.domain.people.actor import verb
from app.service.knowledge.commands import AskLearning
from app.service.knowledge.learned_speech import LearnedSpeech
from app.service.knowledge.records import LearningRun
from app.settings import Settings
from app.web.labels import LABELS

_ACTOR = verb("model learn")


def learn(settings: Settings, *, now: bool, back: bool) -> int:
    """Raises Refused, StartError, OSError."""
    if now or back:
        base = open_knowledge(settings)
        if back:
            _back(settings, base)
        else:
            base.bus.execute(AskLearning(actor=_ACTOR))
            learn_asked(settings, lambda percent, what: print(f"{percent:3} % {what}"))
    runs = learning_runs(settings)
    if not settings.learn:
        print("not allowed: HOLDLINE_LEARN=true allows it (what it does is in app/SETTINGS.md)")
    for run in runs[: 1 if now else None]:
        print(_told(run))
    return 0


def _back(settings: Settings, base: KnowledgeBase) -> None:
    models = learned_models(settings)
    LearnedSpeech(base.bus, base.reads, models).roll_back(_ACTOR)
    print(f"{models.in_use()}: from the next call on")


def _told(run: LearningRun) -> str:
    """A run in one or two lines."""
    report = run.report
    text = f"{run.id}: {run.asked_at:%Y-%m-%d %H:%M} UTC, by {run.asked_by}: {run.state}"
    if run.detail:
        text += f" ({LABELS['learning_fault'].get(run.detail, run.detail)})"
    if "heard" in report:
        rejected = ", ".join(f"{why} {n}" for why, n in sorted(report["rejected"].items()))
        text += f"\n   heard {report['heard']}, kept {report['kept']}; not kept: {rejected or 0}"
        text += f"\n   new words {report['new']}: {' '.join(report['words'])}"
    if "after" in report:
        was, now = report["before"], report["after"]
        wrong = f"{was['wrong']} -> {now['wrong']} of {now['characters']}"
        text += f"\n   wrong characters in corrected words: {wrong}"
    return text
