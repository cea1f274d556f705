"""Recognition by a vosk-server over WebSocket: a pool of machines instead of this one's threads.

The protocol of github.com/alphacep/vosk-server: a JSON ``config``, then binary PCM16, each answered
with ``partial`` or ``result``; ``{"eof": 1}`` is answered with the last result and ends it.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from app.media.g711 import RATE_HZ
from app.service.ports import Word

OPEN_S = 3.0
#: A server that answers later than this has stalled: the leg goes on without it for a while.
ANSWER_S = 2.0
#: The largest piece of audio; each is answered before the next is sent (back-pressure).
PIECE_BYTES = 8000
LONGEST_ANSWER = 1 << 20
#: What the model of a server is called here: it does not say which one it has.
SERVER = "vosk-server"


class RemoteError(Exception):
    """The server cannot be reached, answers late or with rubbish; the text says which."""


class RemoteRecogniser:
    """Implements Recogniser on ``ws://host:port``; every stream has a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = SERVER

    def stream(self) -> "RemoteStream":
        return RemoteStream(self._url)

    def start(self) -> None:
        """Do nothing: a server has no model choice to watch for."""

    def close(self) -> None:
        """Streams close their own connections."""


class RemoteStream:
    """One side of one call: a connection an utterance, opened at its first audio."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._closing = ExitStack()
        self._socket: ClientConnection | None = None
        self._words: list[Word] = []

    def feed(self, pcm16: bytes) -> str:
        """Send PCM16 and return the partial text. Raises RemoteError; the next call reconnects."""
        partial = ""
        for at in range(0, len(pcm16), PIECE_BYTES):
            answer = self._ask(pcm16[at : at + PIECE_BYTES])
            self._take(answer)
            partial = str(answer.get("partial", "")).replace(" ", "")
        return "".join(word.word for word in self._words) + partial

    def finish(self) -> Sequence[Word]:
        """Return the words of the utterance, none if nothing was fed. Raises RemoteError."""
        if self._socket is not None:
            self._take(self._ask('{"eof": 1}'))
            self._drop()
        words, self._words = self._words, []
        return words

    def _ask(self, message: bytes | str) -> dict[str, Any]:
        try:
            socket = self._socket or self._open()
            socket.send(message)
            answer = json.loads(socket.recv(timeout=ANSWER_S))
        except (OSError, WebSocketException, TimeoutError, ValueError) as error:
            self._drop()
            self._words = []
            raise RemoteError(f"{self._url}: {type(error).__name__}") from None
        if not isinstance(answer, dict):
            self._drop()
            raise RemoteError(f"{self._url}: expected an object, got {type(answer).__name__}")
        return answer

    def _open(self) -> ClientConnection:
        connection = connect(
            self._url, open_timeout=OPEN_S, close_timeout=0.2, max_size=LONGEST_ANSWER,
            compression=None,
        )  # fmt: skip
        self._socket = self._closing.enter_context(connection)
        config = {"config": {"sample_rate": RATE_HZ, "words": True}}
        self._socket.send(json.dumps(config))
        return self._socket

    def _drop(self) -> None:
        self._socket = None
        with suppress(OSError, WebSocketException):
            self._closing.close()

    def _take(self, answer: dict[str, Any]) -> None:
        """Read the words of a result. Raises RemoteError for a message of another shape."""
        try:
            self._words += [
                Word(str(w["word"]), float(w["start"]), float(w["end"]), float(w["conf"]))
                for w in answer.get("result", ())
            ]
        except (KeyError, TypeError, ValueError) as error:
            self._drop()
            raise RemoteError(f"{self._url}: a word lacks {error}") from None
