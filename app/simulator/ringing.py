"""One simulated call as a process: finds free addresses, plays, answers what came of it."""

import socket
import threading
from collections.abc import Mapping, Sequence

from app.domain.calls.sip_uri import parse_sip_uri
from app.simulator.cast import Performance, Scenario, SimulatedPhones, Voice

_LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A UDP port of the loopback that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


def free_lines(lines: Sequence[str]) -> list[str]:
    """Those SIP addresses on this machine at which nobody listens."""
    found = []
    for line in lines:
        _, host, port = parse_sip_uri(line)
        if host != _LOOPBACK:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
        found.append(line)
    return found


def play_one(
    hotline: str, scenario: Scenario, lines: Sequence[str], voices: Mapping[str, Voice]
) -> Performance:
    """Play a scenario against ``host:port``, answering at ``lines`` as agents' phones.

    Blocks until the call is over; SIP runs on the calling (main) thread.
    """
    addresses = [parse_sip_uri(line) for line in lines] if scenario.with_agent else []
    phones = SimulatedPhones(free_port(), f"sip:hotline@{hotline}", voices)
    phones.listen([port for _, _, port in addresses])
    results: list[Performance] = []

    def work() -> None:
        users = [user for user, _, _ in addresses]
        results.append(phones.play(scenario, users))

    phones.run([threading.Thread(target=work, daemon=True)])
    return results[0] if results else Performance(scenario.name)
