"""Memory of a process that runs for months: what calls left behind is found, and given back."""

import contextlib
import ctypes
import gc
import os

#: New objects between two looks at the young ones; and how many such looks until those that were
#: not young any more are looked at too, and then all. Together: what calls leave in circles (some
#: hundred bytes an object) is found before it is 90,000 objects, where 20,000 and 10 would let it
#: become two millions, some 200 MB.
YOUNG_OBJECTS, LOOKS = 10_000, 2
#: mallopt(3): how many pools of memory the threads share. By itself glibc makes eight a core, and
#: what is free in one serves no other.
_M_ARENA_MAX = -8


def share_pools() -> None:
    """One pool of memory a core, at least two. Before there are threads; glibc alone has pools."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, max(2, os.cpu_count() or 2))


def keep_out_what_is_loaded() -> None:
    """Content and code stay until the end: looking through them over and over costs calls time.

    The second collection tells the collector how little is left: it looks at the old objects again
    only when a quarter as many have come as there were last time, and would count a million.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
    gc.set_threshold(YOUNG_OBJECTS, LOOKS, LOOKS)
