"""The house has no circle: no module reaches itself by what it imports."""

import re
from pathlib import Path

import grimp

WEB = Path(__file__).resolve().parent.parent.parent / "app" / "web"


def _reachable(graph: grimp.ImportGraph, start: str, of: set[str]) -> set[str]:
    found, waiting = set[str](), [start]
    while waiting:
        for module in graph.find_modules_directly_imported_by(waiting.pop()) & of:
            if module not in found:
                found.add(module)
                waiting.append(module)
    return found


def test_no_module_imports_itself_through_others() -> None:
    graph = grimp.build_graph("app")
    left = set(graph.modules)
    while True:
        ends = {m for m in left if not graph.find_modules_directly_imported_by(m) & left}
        if not ends:
            break
        left -= ends
    circles = {m for m in left if m in _reachable(graph, m, left)}
    assert not circles, sorted(circles)
    assert len(graph.modules) > 300


#: What is no page: it makes the reads, finds out who is there, or draws for screens that stay open.
HOLDS_ALL_READS = {"deps.py", "people/auth.py", "calls/shared.py", "calls/call_fragments.py", "calls/screens.py"}


def test_a_page_reads_only_what_its_parameters_name() -> None:
    found = {
        str(file.relative_to(WEB)) for file in WEB.glob("**/*.py")
        if re.search(r"\.reads\b(?! import)", file.read_text(encoding="utf-8"))
    }
    assert found - {"reads.py"} <= HOLDS_ALL_READS
    assert not [f for f in WEB.glob("**/*.py") if f.name != "reads.py" and "app.service.queries" in f.read_text()]
