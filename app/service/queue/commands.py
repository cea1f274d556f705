"""What may be asked of the queue and presence: one dataclass a command, imperative."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdmitCall:
    """Where does a new call go? ``overload``: with so many waiting the robot takes it."""

    robot: bool = True
    overload: int = 0


@dataclass(frozen=True, slots=True)
class ChangePresence:
    """An agent goes ready, on break or offline."""

    user_id: int
    event: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """An agent's phone has another SIP address."""

    user_id: int
    line: str
