"""Starts the simulator as a process of its own, so that it never disturbs the brain."""

import subprocess
import sys
from collections.abc import Mapping

from app.domain.refusal import NotFound, RefusalCode, Refused

AT_ONCE = 4


class ProcessSimulator:
    """Implements the CallSimulator port with ``python -m app ring``."""

    def __init__(
        self, scenarios: Mapping[str, Mapping[str, str]], environment: Mapping[str, str]
    ) -> None:
        self._scenarios = dict(scenarios)
        self._environment = dict(environment)
        self._running: list[subprocess.Popen[bytes]] = []

    def scenarios(self) -> Mapping[str, Mapping[str, str]]:
        return self._scenarios

    def ring(self, scenario: str, agent_line: str) -> None:
        if scenario not in self._scenarios:
            raise NotFound(RefusalCode.SCENARIO, f"no scenario {scenario!r}")
        self._running = [process for process in self._running if process.poll() is None]
        if len(self._running) >= AT_ONCE:
            raise Refused(RefusalCode.SIMULATOR_BUSY, "wait until a simulated call has ended")
        command = [sys.executable, "-m", "app", "ring", "--scenario", scenario]
        if agent_line:
            command += ["--agent-line", agent_line]
        quiet = subprocess.DEVNULL
        self._running.append(
            subprocess.Popen(command, env=self._environment, stdout=quiet, stderr=quiet)  # noqa: S603
        )

    def close(self) -> None:
        for process in self._running:
            process.terminate()
