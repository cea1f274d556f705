"""More than three hundred callers who do not follow the script, by text: no dead end, nothing wrong booked, every promise kept."""

import pytest

from app.service.ports import Content
from tests.support.robot_adversaries import MOST_TURNS, Player, Tally, adversaries


@pytest.fixture(scope="module")
def played(content: Content) -> Tally:
    player = Player(content)
    return Tally(tuple(map(player.play, adversaries())))


def test_there_are_enough_of_them(played: Tally) -> None:
    assert len(played.played) >= 300 and len({one.caller.name for one in played.played}) == len(played.played)
    assert len({one.caller.opening for one in played.played}) >= 100, "in many words"


def test_every_call_comes_to_an_end(played: Tally) -> None:
    assert [one.caller.name for one in played.played if not one.end or one.turns >= MOST_TURNS] == []


def test_nothing_wrong_is_booked(played: Tally) -> None:
    """Also where the opening was not understood: then nothing is booked rather than something else."""
    wrong = [(one.caller.name, fault) for one in played.played for fault in one.faults if "was booked" in fault or "twice" in fault or "promise" in fault]
    assert not wrong, wrong


def test_who_is_understood_gets_what_was_wanted(played: Tally) -> None:
    failed = {one.caller.name: (one.faults, one.lines) for one in played.understood.played if one.faults}
    assert not failed, failed


def test_turns_are_right_or_tolerable(played: Tally) -> None:
    assert played.understood.right_share >= 0.95 and played.right_share >= 0.95
    assert len(played.understood.played) >= 0.9 * len(played.played)
