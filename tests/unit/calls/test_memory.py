"""What calls leave in memory is found, however much the process holds from its start, and threads share what is free."""

import ctypes
import os
import subprocess
import sys

import pytest

from app.settings import ROOT

_PROGRAM = """
import gc
from collections import deque
from app.memory import keep_out_what_is_loaded

class Circle:
    def __init__(self):
        self.itself = self

content = [[] for _ in range(400_000)]
keep_out_what_is_loaded()
live = deque(maxlen=30_000)  # they live until they are old, as what belongs to a call does
most = 0
for _ in range(80):
    live.extend(Circle() for _ in range(10_000))
    most = max(most, sum(type(each) is Circle for each in gc.get_objects()) - len(live))
print(gc.get_freeze_count() > len(content), most)
"""


def test_what_calls_leave_in_circles_is_found_before_it_is_much() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=ROOT, check=True, capture_output=True, text=True)
    frozen, most = done.stdout.split()
    assert frozen == "True" and int(most) < 100_000, done.stdout


_OLD = """
import gc
from app.memory import keep_out_what_is_loaded
content = [[] for _ in range(400_000)]
keep_out_what_is_loaded()
before = gc.get_stats()[2]["collections"]
calls = [[] for _ in range(200_000)]
print(gc.get_stats()[2]["collections"] - before, len(content), len(calls))
"""


def test_the_collector_looks_at_old_objects_though_the_content_is_large() -> None:
    done = subprocess.run([sys.executable, "-c", _OLD], cwd=ROOT, check=True, capture_output=True, text=True)
    assert int(done.stdout.split()[0]) >= 1


_THREADS = """
import ctypes, sys, tempfile, threading
from app.memory import share_pools
if sys.argv[1] == "shared":
    share_pools()
together = threading.Barrier(12)

def work():
    kept = []
    for _ in range(200):
        together.wait()
        kept.append(bytes(5_000))

threads = [threading.Thread(target=work) for _ in range(12)]
for each in threads:
    each.start()
for each in threads:
    each.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fclose.argtypes = [ctypes.c_void_p]
with tempfile.NamedTemporaryFile() as told:
    out = libc.fopen(told.name.encode(), b"w")
    libc.malloc_info(0, out)
    libc.fclose(out)
    print(told.read().count(b"<heap nr"))
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="only glibc has pools")
def test_threads_share_as_many_pools_of_memory_as_there_are_cores() -> None:
    def pools(how: str) -> int:
        command = [sys.executable, "-c", _THREADS, how]
        return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)

    assert pools("shared") <= max(2, os.cpu_count() or 2) < pools("as they come")
