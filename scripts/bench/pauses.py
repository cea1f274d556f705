"""When the machine under a bench took a processor away, so that nothing of it is put down to the hotline.

``python -m scripts.bench.pauses``: a real-time thread on every processor sleeps 2 ms at a time. If it wakes late,
no process had that processor: a virtual machine's host was elsewhere. ``mark`` answers the pauses since the last one.
"""

import json
import os
import sys
import threading
import time

#: The threads of the phones have 1: this goes before them.
_PRIORITY = 2
_STEP_S, _LATE_S = 0.002, 0.010


class Watch:
    """Pauses of one processor, as (from, until) in seconds of the epoch."""

    def __init__(self, cpu: int) -> None:
        self.real_time = False
        self._cpu = cpu
        self._pauses: list[tuple[float, float]] = []
        threading.Thread(target=self._run, daemon=True).start()

    def taken(self) -> list[tuple[float, float]]:
        pauses, self._pauses = self._pauses, []
        return pauses

    def _run(self) -> None:
        try:
            os.sched_setaffinity(0, {self._cpu})
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_PRIORITY))
        except OSError:
            # an ordinary thread is late because of others too: that would excuse too much
            return
        self.real_time = True
        while True:
            began = time.monotonic()
            time.sleep(_STEP_S)
            late = time.monotonic() - began - _STEP_S
            if late > _LATE_S:
                now = time.time()
                self._pauses.append((now - late - _STEP_S, now))


def main() -> None:
    watches = [Watch(cpu) for cpu in sorted(os.sched_getaffinity(0))]
    sys.stdin.readline()
    for _ in sys.stdin:
        pauses = [pause for watch in watches for pause in watch.taken()]
        print(json.dumps({"event": "marked", "pauses": pauses}), flush=True)


if __name__ == "__main__":
    main()
