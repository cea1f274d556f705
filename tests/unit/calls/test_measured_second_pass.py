"""What may wait does not falsify the measuring of the second pass, and is heard after it."""

import threading
from concurrent.futures import Future
from typing import cast

import pytest

from app.adapters.speech.second_pass import SecondPassProcess
from app.adapters.speech.second_pass_measured import MeasuredSecondPass
from app.service.second_pass import Reheard, Urgency


class Inner:
    """Answers at once with the length of what it was given, and notes the order."""

    def __init__(self) -> None:
        self.given: list[int] = []

    def hear(self, pcm16: bytes, urgency: Urgency, within_s: float | None = None) -> Future[Reheard | None]:
        self.given.append(len(pcm16))
        answer: Future[Reheard | None] = Future()
        answer.set_result(Reheard(text=str(len(pcm16)), score=-0.1))
        return answer

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def inner() -> Inner:
    return Inner()


def test_what_may_wait_comes_after_the_measuring(inner: Inner) -> None:
    asked = threading.Event()

    def sample() -> bytes:
        asked.set()
        return bytes(16_000)

    measured = MeasuredSecondPass(cast(SecondPassProcess, inner), sample)
    early, unwanted = measured.hear(bytes(10), Urgency.LATER), measured.hear(bytes(20), Urgency.LATER)
    unwanted.cancel()
    assert not early.done() and inner.given == []
    measured._measure()
    heard = early.result(1)
    assert asked.is_set() and heard is not None and heard.text == "10" and inner.given == [16_000, 16_000, 10, 20]
    assert measured.hear(bytes(30), Urgency.LATER).result(0) is not None


def test_what_waits_is_let_go_at_the_end(inner: Inner) -> None:
    measured = MeasuredSecondPass(cast(SecondPassProcess, inner), lambda: b"")
    waiting = measured.hear(bytes(10), Urgency.LATER)
    measured.close()
    assert waiting.cancelled() and inner.given == []


def test_a_sample_that_cannot_be_made_keeps_nobody_waiting(inner: Inner) -> None:
    def broken() -> bytes:
        raise RuntimeError("no voice")

    measured = MeasuredSecondPass(cast(SecondPassProcess, inner), broken)
    waiting = measured.hear(bytes(10), Urgency.LATER)
    with pytest.raises(RuntimeError):
        measured._measure()
    assert waiting.result(1) is not None and not measured.is_on
