"""What calls leave to the garbage collector is collected, however much the process holds from its start."""

import subprocess
import sys

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
