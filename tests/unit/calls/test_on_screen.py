"""What is kept of calls that are on screens: as long as somebody looks."""

from itertools import count

from app.service.calls.on_screen import FORGOTTEN_AFTER_S, OnScreen


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_call_that_nobody_looks_at_any_more_is_forgotten() -> None:
    clock, numbers = Clock(), count(1)
    kept = OnScreen(lambda: next(numbers), clock=clock)
    for n in range(100):
        kept.look(f"call {n}")
        kept.look("a long one")
        clock.now += 10
    assert len(kept) <= 2 + FORGOTTEN_AFTER_S / 10
    assert kept.find("a long one") == 2, "what is looked at stays as it is"
    assert kept.find("call 0") is None and kept.find("call 99") is not None
    clock.now += FORGOTTEN_AFTER_S + 1
    kept.look("another")
    assert len(kept) == 1


def test_there_is_a_most_of_them_and_the_last_ones_stay() -> None:
    kept = OnScreen(list[int], kept=3, clock=Clock())
    for name in "abcad":
        kept.look(name).append(1)
    assert [kept.find(name) for name in "abcd"] == [[1, 1], None, [1], [1]]
    assert list(kept) == [[1], [1, 1], [1]]
    kept.drop("a")
    assert kept.find("a") is None and len(kept) == 2
    kept.clear()
    assert len(kept) == 0 and kept.look("a") == []
