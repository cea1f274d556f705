"""The house has no circle: no module reaches itself by what it imports."""

import grimp


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
