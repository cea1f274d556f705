"""What calls leave to the garbage collector is collected, however much the process holds from its start."""

import subprocess
import sys

from app.settings import ROOT

_PROGRAM = """
import gc
from app.bootstrap import brain
content = [[] for _ in range(400_000)]
brain._YOUNG_OBJECTS = 100
brain._keep_out_of_collection()
before = gc.get_stats()[2]["collections"]
calls = [[] for _ in range(40_000)]
print(gc.get_stats()[2]["collections"] - before, len(content), len(calls))
"""


def test_the_collector_looks_at_old_objects_though_the_content_is_large() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=ROOT, check=True, capture_output=True, text=True)
    assert int(done.stdout.split()[0]) >= 1
