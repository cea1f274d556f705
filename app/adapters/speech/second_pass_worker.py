"""The worker's side of the second pass, and how both sides write to each other.

A job is its length (4 bytes, big-endian) and PCM16 at 8000 Hz; an answer the length and JSON.
"""

import json
import os
import struct
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from app.adapters.speech.whole_models import load_whole
from app.service.second_pass import Reheard

_LENGTH = struct.Struct(">I")
#: Voices, screens and the first pass go before it.
NICENESS = 5


def write_job(to: IO[bytes], pcm16: bytes) -> None:
    """Raises OSError where nobody reads any more."""
    to.write(_LENGTH.pack(len(pcm16)) + pcm16)
    to.flush()


def read_answer(source: IO[bytes]) -> Reheard:
    """Raises ValueError or KeyError for what is no answer, OSError where the other side ended."""
    said: Any = json.loads(_read(source))
    return Reheard(text=str(said["text"]), score=float(said["score"]))


def _read(source: IO[bytes]) -> bytes:
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise OSError("the other side has ended")
    (size,) = _LENGTH.unpack(head)
    body = source.read(size)
    if len(body) < size:
        raise OSError("the other side ended in the middle of a message")
    return body


def serve(folder: Path) -> None:
    """Hear jobs from standard input until it ends. Raises SpeechModelError."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    model = load_whole(folder)
    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            pcm16 = _read(jobs)
        except OSError:
            return
        body = json.dumps(asdict(model.hear(pcm16))).encode()
        answers.write(_LENGTH.pack(len(body)) + body)
        answers.flush()
