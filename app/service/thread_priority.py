"""Which threads of a busy machine go first: voices and screens before work that may wait."""

import os
import sys
import threading


def step_back(levels: int) -> None:
    """Lower the calling thread's priority, in steps of nice(2).

    Linux gives every thread a priority of its own (setpriority(2)); elsewhere nothing happens.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), levels)
