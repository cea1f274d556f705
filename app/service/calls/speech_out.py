"""What the line says: prompts and sentences under their keys, sent where a bridge has them not."""

import asyncio
import hashlib
from collections import OrderedDict
from typing import Protocol

from app.service.ports import Line

#: A bridge keeps the 200 prompts that were sent or played last (PROMPTS_KEPT): of half as many we
#: are sure, however far its threads are behind each other.
SURELY_THERE = 100


class Prompts(Protocol):
    """Audio of the line's own prompts by name. Blocking."""

    def pcm16(self, name: str) -> bytes: ...
    def speech(self, text: str, *, slow: bool) -> bytes: ...


class SpeechOut:
    """Remembers what each bridge surely has; runs on the event loop."""

    def __init__(self, prompts: Prompts, line: Line) -> None:
        self.prompts = prompts
        self._line = line
        self._sent: dict[str, OrderedDict[str, None]] = {}

    async def prompt_key(self, bridge: str, name: str) -> str:
        """The key of a prompt, after its audio was sent where it was not there."""
        return self._key(bridge, await asyncio.to_thread(self.prompts.pcm16, name))

    async def speech_key(self, bridge: str, text: str, *, slow: bool) -> str:
        """The key of a sentence, made and sent where it was not there."""
        return self._key(bridge, await asyncio.to_thread(self.prompts.speech, text, slow=slow))

    def _key(self, bridge: str, pcm16: bytes) -> str:
        key = hashlib.sha256(pcm16).hexdigest()
        sent = self._sent.setdefault(bridge, OrderedDict())
        if key not in sent:
            self._line.prompt(bridge, key, pcm16)
        sent[key] = None
        sent.move_to_end(key)
        if len(sent) > SURELY_THERE:
            sent.popitem(last=False)
        return key

    def forget(self, bridge: str) -> None:
        """The connection is gone, and what was sent on it."""
        self._sent.pop(bridge, None)
