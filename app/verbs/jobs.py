"""Verbs that the brain starts as processes of its own."""

import argparse
import json
from typing import Any

from app.adapters.knowledge.knowledge_job import Job
from app.settings import Settings


def knowledge_job(chosen: argparse.Namespace, settings: Settings) -> int:
    """Run one job on the knowledge base and report in JSON lines."""
    del settings

    def say(message: dict[str, Any]) -> None:
        print(json.dumps(message, ensure_ascii=False), flush=True)

    return Job(chosen.folder, say).run()
