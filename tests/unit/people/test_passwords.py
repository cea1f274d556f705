"""Passwords: at what cost they are kept, and that checking them holds up nothing else."""

import asyncio
import threading
from collections.abc import Iterator
from statistics import median

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from app.service.people.hashing import PasswordChecker, TooManyLogIns
from app.service.people.passwords import check_password, hash_password


@pytest.fixture
def checker() -> Iterator[PasswordChecker]:
    made = PasswordChecker(threads=1, longest_queue=3)
    yield made
    made.close()


def test_the_cost_is_not_below_owasps_minimum() -> None:
    cost = extract_parameters(hash_password("correct horse"))
    assert (cost.type.name, cost.version) == ("ID", 19)
    assert cost.memory_cost >= 19456 and cost.time_cost >= 2 and cost.parallelism == 1


def test_the_same_password_is_kept_differently() -> None:
    assert hash_password("correct horse") != hash_password("correct horse")


def test_right_wrong_and_nonsense() -> None:
    stored = hash_password("correct horse")
    assert check_password(stored, "correct horse").right
    assert check_password(stored, "correct horse").fresh is None
    assert not check_password(stored, "wrong horse").right
    assert not check_password("not a hash", "correct horse").right


@pytest.mark.parametrize("hasher", [PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY), PasswordHasher(1, 8192, 1)])
def test_what_was_kept_at_another_cost_is_made_anew_once(hasher: PasswordHasher) -> None:
    old = hasher.hash("correct horse")
    verdict = check_password(old, "correct horse")
    assert verdict.right and verdict.fresh is not None
    again = check_password(verdict.fresh, "correct horse")
    assert again.right and again.fresh is None
    assert check_password(old, "wrong").fresh is None


async def test_checking_is_on_threads_of_its_own_and_the_loop_goes_on(checker: PasswordChecker) -> None:
    stored = hash_password("correct horse")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.002)
            ticks += 1

    ticking = asyncio.create_task(tick())
    verdicts = await asyncio.gather(*(checker.check(stored, "correct horse") for _ in range(3)))
    ticking.cancel()
    assert all(verdict.right for verdict in verdicts)
    assert ticks > 5
    assert [t.name for t in threading.enumerate() if t.name.startswith("passwords")] == ["passwords_0"]


async def test_one_too_many_is_told_when_to_come_again_and_nobody_waits_for_ever(checker: PasswordChecker) -> None:
    stored = hash_password("correct horse")
    waiting = [asyncio.create_task(checker.check(stored, "correct horse")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyLogIns) as refused:
        await checker.check(stored, "correct horse")
    assert 1 <= refused.value.retry_after_s <= 5
    assert all(verdict.right for verdict in await asyncio.gather(*waiting))
    assert (await checker.check(stored, "correct horse")).right


async def test_a_name_that_nobody_has_is_never_right_and_costs_the_same(checker: PasswordChecker) -> None:
    stored = hash_password("correct horse")
    loop = asyncio.get_running_loop()

    async def cost(of: "str | None") -> float:
        began = loop.time()
        assert not (await checker.check(of, "wrong horse")).right
        return loop.time() - began

    known, unknown = [await cost(stored) for _ in range(5)], [await cost(None) for _ in range(5)]
    # the middle one: on a crowded machine a single quick one says nothing
    assert median(unknown) > median(known) / 2
