"""Verbs that the brain starts as processes of its own."""

import argparse
import json
from typing import Any

from app.adapters.knowledge.knowledge_job import Job
from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.second_pass_worker import serve
from app.bootstrap.store import StartError
from app.settings import Settings
from app.verbs import VerbError


def knowledge_job(chosen: argparse.Namespace, settings: Settings) -> int:
    """Run one job on the knowledge base and report in JSON lines."""
    del settings

    def say(message: dict[str, Any]) -> None:
        print(json.dumps(message, ensure_ascii=False), flush=True)

    return Job(chosen.folder, say).run()


def learning_job(chosen: argparse.Namespace, settings: Settings) -> int:
    """Learn from own calls what was asked for."""
    # Here, because building a graph takes libraries that nothing else loads.
    from app.bootstrap.learning import learn_asked  # noqa: PLC0415

    del chosen
    try:
        learn_asked(settings, lambda _percent, _what: None)
    except (StartError, OSError) as error:
        raise VerbError(str(error)) from None
    return 0


def second_pass(chosen: argparse.Namespace, settings: Settings) -> int:
    """Hear whole utterances from standard input, answer on standard output."""
    del settings
    try:
        serve(chosen.folder)
    except SpeechModelError as error:
        raise VerbError(str(error)) from None
    return 0
