"""The steps of training the embedded speech model; ``run`` beside this file prepares and calls it."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from app.adapters.speech.asr_errors import SpeechModelError

from . import human
from .recipe import RECIPES, Recipe

STEPS = ("synthesize", "kokoro", "record", "train", "export", "evaluate")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="scripts/train_speech_model/run", description=__doc__)
    made.add_argument("step", nargs="?", default="all", choices=("all", *STEPS))
    made.add_argument("--recipe", choices=tuple(RECIPES), default="full")
    made.add_argument(
        "--work", type=Path, default=Path("var/training"), help="data and models on the way"
    )
    made.add_argument("--speech", type=Path, action="append", default=[], metavar="FOLDER",
                      help="human recordings of a speaker; may be given again")  # fmt: skip
    made.add_argument("--leave-out", default="", metavar="NAMES",
                      help="speakers (folder names, comma) that are not trained on but measured with")  # fmt: skip
    made.add_argument("--kokoro", type=Path, metavar="FOLDER",
                      help="Kokoro-82M with all its voices; without it there are no natural ones")  # fmt: skip
    made.add_argument("--from", type=Path, dest="begin_with", metavar="MODEL",
                      help="a trained model's folder to go on from, in place of the first round")  # fmt: skip
    made.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = parser().parse_args(arguments)
    recipe = RECIPES[chosen.recipe]
    try:
        people = human.speakers(chosen.speech)
    except human.RecordingsError as error:
        print(error, file=sys.stderr)
        return 2
    out = set(filter(None, chosen.leave_out.split(",")))
    unknown = out - {person.name for person in people}
    if unknown:
        print(f"--leave-out: not among --speech: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    if chosen.step == "all":
        return _each(list(arguments if arguments is not None else sys.argv[1:]))
    print(f"== {chosen.step}", flush=True)
    try:
        _run(chosen, recipe, people, out)
    except (OSError, ValueError, SpeechModelError) as error:
        print(f"{error}: run the steps before", file=sys.stderr)
        return 1
    return 0


def _each(arguments: list[str]) -> int:
    """Every step in a process of its own: the graph's library and vosk do not live in one."""
    rest = [argument for argument in arguments if argument != "all"]
    for step in STEPS:
        done = subprocess.run(
            [sys.executable, "-m", "train_speech_model.steps", step, *rest], check=False
        )
        if done.returncode != 0:
            return done.returncode
    return 0


def _run(
    chosen: argparse.Namespace, recipe: Recipe, people: Sequence[human.Speaker], out: set[str]
) -> None:
    work = chosen.work / f"{recipe.name}-{recipe.digest()}"
    model = work / ("model" if not out else "without-" + "-".join(sorted(out)))
    heard = [p for p in people if not out or p.name in out]
    # Each step loads only what it needs: torch is slow to load, and two libraries must not meet.
    if chosen.step == "synthesize":
        from . import synthesize  # noqa: PLC0415

        synthesize.synthesize(recipe, work, chosen.workers)
    elif chosen.step == "kokoro":
        _natural(chosen, recipe, work)
    elif chosen.step == "record":
        human.record(recipe, work, people, chosen.workers)
    elif chosen.step == "train":
        from .train import train  # noqa: PLC0415

        speakers = [p.name for p in people if p.name not in out]
        sets = {"espeak": ["synthetic"], "natural": ["kokoro"], "human": speakers}
        train(recipe, work / "data", sets, model, chosen.begin_with)
    elif chosen.step == "export":
        from .export import export  # noqa: PLC0415

        export(recipe, model, heard)
    elif chosen.step == "evaluate":
        from .evaluate import evaluate  # noqa: PLC0415

        evaluate(recipe, model, heard, out)


def _natural(chosen: argparse.Namespace, recipe: Recipe, work: Path) -> None:
    """Renderings are kept beside the recipes' folders: they are the same for all of them."""
    if chosen.kokoro is None:
        print("no --kokoro: no natural voices among the training data", flush=True)
        return
    from . import kokoro  # noqa: PLC0415

    kokoro.synthesize(recipe, work, chosen.kokoro, chosen.work / "kokoro", chosen.workers)


if __name__ == "__main__":
    sys.exit(main())
