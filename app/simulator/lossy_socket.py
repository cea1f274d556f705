"""A telephone's socket behind a network that loses packets."""

import random
import socket
from typing import Any

_SEED = 5


class LossySocket(socket.socket):
    """Takes a bound socket over; of what is sent, ``lost`` (0 to 1) never leaves, always the same
    packets of a call."""

    def __init__(self, bound: socket.socket, lost: float) -> None:
        super().__init__(bound.family, bound.type, bound.proto, fileno=bound.detach())
        self.setblocking(False)
        self._lost, self._chance = lost, random.Random(_SEED)

    def sendto(self, *what: Any) -> int:
        """As a socket does; what is lost counts as sent."""
        if self._chance.random() < self._lost:
            return len(what[0])
        return super().sendto(*what)
