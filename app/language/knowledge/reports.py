"""What the workshop shows of a draft: its faults, its figures before and after, a training."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from app.language.knowledge.check import check
from app.language.knowledge.content import Knowledge, make_engine
from app.language.knowledge.embedding import train
from app.language.knowledge.examples import NOTHING, Taught
from app.language.knowledge.learn_all import learn_all
from app.language.knowledge.scoring import LabelledUtterance, Score, Verdict, judge, sum_up
from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.learned import Embedding, Learned
from app.language.understanding.sentences import SentenceModel

NOISE_RATE = 0.15
#: A loss of right answers up to this share is noise of the measure.
TOLERANCE = 0.01
LONGEST_LIST = 200

Progress = Callable[[int, str], None]
Figures = dict[str, Any]


def check_report(knowledge: Knowledge, today: date) -> Figures:
    """``fatal``: how many findings forbid publishing."""
    found = check(knowledge, today)
    fatal = sum(finding.fatal for finding in found)
    return {"fatal": fatal, "findings": [asdict(f) for f in found[:LONGEST_LIST]],
            "more": max(0, len(found) - LONGEST_LIST)}  # fmt: skip


def test_report(
    before: UnderstandingEngine, after: UnderstandingEngine, rows: Sequence[LabelledUtterance],
    progress: Progress,
) -> Figures:  # fmt: skip
    """Both engines on the same rows, clean and with simulated recognition noise."""
    found: dict[str, dict[str, list[Verdict]]] = {}
    runs = [(name, rate, side, engine) for name, rate in (("clean", 0.0), ("noisy", NOISE_RATE))
            for side, engine in (("before", before), ("after", after))]  # fmt: skip
    for at, (name, rate, side, engine) in enumerate(runs):
        progress(20 + 20 * at, f"{name} {side}")
        found.setdefault(name, {})[side] = list(judge(engine, rows, rate))
    figures = {
        name: {side: _figures(sum_up(verdicts)) for side, verdicts in sides.items()}
        for name, sides in found.items()
    }
    broken = [_row(name, old, new) for name, old, new in _pairs(found) if old.right > new.right]
    mended = [_row(name, old, new) for name, old, new in _pairs(found) if old.right < new.right]
    return {
        "rows": len(rows), "figures": figures, "risky": _risky(figures, len(rows)),
        "broken": broken[:LONGEST_LIST], "mended": mended[:LONGEST_LIST],
    }  # fmt: skip


def _pairs(found: dict[str, dict[str, list[Verdict]]]) -> list[tuple[str, Verdict, Verdict]]:
    return [
        (name, old, new)
        for name, sides in found.items()
        for old, new in zip(sides["before"], sides["after"], strict=True)
    ]


def _figures(score: Score) -> Figures:
    return {
        "macro_f1": round(score.macro_f1, 4), "top1": round(score.faq_top1, 4),
        "top3": round(score.faq_top3, 4), "false_disconnects": len(score.false_disconnects),
        "lost_disconnects": len(score.lost_disconnects),
        "foreign_answered": round(score.foreign_answered, 4),
        "calibration_error": round(score.calibration_error, 4),
    }  # fmt: skip


def _row(name: str, old: Verdict, new: Verdict) -> Figures:
    wanted = f"{old.row.family}.{old.row.kind}"
    return {
        "noise": name, "text": new.said, "wanted": wanted, "wanted_faq": old.row.faq,
        "before": old.intent, "before_faq": "".join(old.ranked[:1]), "after": new.intent,
        "after_faq": "".join(new.ranked[:1]), "false_disconnect": new.false_disconnect,
    }  # fmt: skip


def _risky(figures: dict[str, Figures], rows: int) -> bool:
    """Any more false or lost disconnects in clean text, a few more under noise (which is chance
    in part: one error in a small family moves the macro-F1 by half a point), or fewer right
    answers."""
    spare = {"clean": 0, "noisy": max(1, round(TOLERANCE * rows / 2))}
    for name, sides in figures.items():
        old, new = sides["before"], sides["after"]
        harmful = ("false_disconnects", "lost_disconnects")
        if any(new[n] > old[n] + spare[name] for n in harmful):
            return True
        allowed = TOLERANCE if name == "clean" else 2 * TOLERANCE
        if any(new[n] < old[n] - allowed for n in ("macro_f1", "top1", "top3")):
            return True
    return False


def embedding_report(
    knowledge: Knowledge, plain: Learned, progress: Progress,
    taught: Taught = NOTHING, model: SentenceModel | None = None,
) -> tuple[Figures, Embedding | None]:  # fmt: skip
    """Train, compare on the tests, decide: it is kept only where it wins. ``taught``, ``model``:
    what ``plain`` was learned with, so that nothing but the embedding differs."""
    progress(1, "train")
    embedding = train(
        knowledge.entries, knowledge.kinds, lambda share: progress(1 + int(80 * share), "train")
    )
    progress(82, "learn")
    engines = {
        "before": make_engine(knowledge, plain, model=model),
        "after": make_engine(
            knowledge, learn_all(knowledge, embedding, taught, model), model=model
        ),
    }
    figures: dict[str, Figures] = {}
    for at, (name, rate) in enumerate((("clean", 0.0), ("noisy", NOISE_RATE))):
        progress(85 + 7 * at, name)
        figures[name] = {
            side: _figures(sum_up(list(judge(engine, knowledge.tests, rate))))
            for side, engine in engines.items()
        }
    won = _wins(figures, len(knowledge.tests))
    report = {"rows": len(knowledge.tests), "figures": figures, "won": won,
              "features": len(embedding.vocabulary)}  # fmt: skip
    return report, embedding if won else None


def _wins(figures: dict[str, Figures], rows: int) -> bool:
    """Clearly more first answers right over clean and noisy, and nothing else worse."""
    gain = sum(sides["after"]["top1"] - sides["before"]["top1"] for sides in figures.values())
    return gain > TOLERANCE and not _risky(figures, rows)
