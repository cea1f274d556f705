"""A vosk-server: the protocol of alphacep's asr_server.py in front of the real engine.

Run by itself (``python -m tests.support.vosk_server MODEL PORT``), so that a test can kill it.
``--stall`` answers nothing after the first piece, ``--rubbish`` answers with no JSON.
"""

import json
import subprocess
import sys
import time

import vosk
from websockets.sync.server import ServerConnection, serve

from app.settings import EMBEDDED_MODEL, ROOT
from tests.support.servers import accepts, free_port, wait_for


class VoskServer:
    """The server as a process that a test may kill and start again on the same port."""

    def __init__(self, *mode: str) -> None:
        self.port = free_port()
        self.mode = mode
        self.start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.support.vosk_server", str(EMBEDDED_MODEL), str(self.port), *self.mode]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        wait_for(lambda: accepts(self.port), 20, "the vosk-server")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def main(model_path: str, port: str, mode: str = "") -> None:
    vosk.SetLogLevel(-1)
    model = vosk.Model(model_path)

    def answer(socket: ServerConnection) -> None:
        recogniser = None
        for message in socket:
            if isinstance(message, str) and "config" in message:
                config = json.loads(message)["config"]
                recogniser = vosk.KaldiRecognizer(model, config["sample_rate"])
                recogniser.SetWords(bool(config.get("words")))
                continue
            assert recogniser is not None
            if mode == "--stall":
                time.sleep(30)
            if mode == "--rubbish":
                socket.send("<html>")
            elif isinstance(message, str):
                socket.send(recogniser.FinalResult())
                return
            elif recogniser.AcceptWaveform(message):
                socket.send(recogniser.Result())
            else:
                socket.send(recogniser.PartialResult())

    with serve(answer, "127.0.0.1", int(port)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
