"""What the line says: prompts and sentences under their keys, each sent once a connection."""

import asyncio
import hashlib
from typing import Protocol

from app.service.ports import Line


class Prompts(Protocol):
    """Audio of the line's own prompts by name. Blocking."""

    def pcm16(self, name: str) -> bytes: ...
    def speech(self, text: str, *, slow: bool) -> bytes: ...


class SpeechOut:
    """Remembers what each bridge has; runs on the event loop."""

    def __init__(self, prompts: Prompts, line: Line) -> None:
        self.prompts = prompts
        self._line = line
        self._sent: dict[str, set[str]] = {}

    async def prompt_key(self, bridge: str, name: str) -> str:
        """The key of a prompt, after its audio was sent once on this connection."""
        return self._key(bridge, await asyncio.to_thread(self.prompts.pcm16, name))

    async def speech_key(self, bridge: str, text: str, *, slow: bool) -> str:
        """The key of a sentence, made and sent where it was not yet."""
        return self._key(bridge, await asyncio.to_thread(self.prompts.speech, text, slow=slow))

    def _key(self, bridge: str, pcm16: bytes) -> str:
        key = hashlib.sha256(pcm16).hexdigest()
        sent = self._sent.setdefault(bridge, set())
        if key not in sent:
            sent.add(key)
            self._line.prompt(bridge, key, pcm16)
        return key

    def forget(self, bridge: str) -> None:
        """The connection is gone, and what was sent on it."""
        self._sent.pop(bridge, None)
