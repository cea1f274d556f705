"""The documents hold together: links and paths exist, decisions are whole, the README stays short."""

import argparse
import re
import subprocess
from pathlib import Path

import pytest

from app import cli

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "app" / "ARCHITECTURE.md").read_text()
DECISIONS = sorted((ROOT / "app" / "decisions").glob("*.md"))
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives considered"]
SUBJECTS = {
    "calls", "queue", "retention", "field", "robot", "callbacks", "knowledge", "quality", "figures",
    "households", "people",
}
#: Rooms of the web floor for all subjects, with a module for each of them.
PARTS = {"api", "labels"}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")
#: A path as documents write it: below one of the top folders, without placeholders.
PATH = re.compile(r"`((?:app|scripts|faq|prompts|static|tests)/[\w./-]*)`")


def _documents() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.split()]


def _cells(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.startswith("|")]
    return [cell.strip() for line in lines for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


@pytest.mark.parametrize("page", _documents(), ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_document_links_to_exists(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", _documents(), ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_that_a_document_names_exist(page: Path) -> None:
    for named in PATH.findall(page.read_text()):
        assert (ROOT / named).exists(), named


def test_anchors_within_the_documents_exist() -> None:
    for page in _documents():
        for target, anchor in re.findall(r"\]\(([^)\s#:]*)#([^)]+)\)", page.read_text()):
            other = (page.parent / target if target else page).read_text()
            heads = {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-")
                     for head in re.findall(r"^#+ (.+)$", other, re.MULTILINE)}
            assert anchor in heads, f"{page.name}: {target}#{anchor}"


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 120
    for cell in _cells(README):
        assert len(cell) <= 80, cell


def _verbs(parser: argparse.ArgumentParser) -> list[str]:
    (subs,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return list(subs.choices)


def test_every_verb_is_in_the_readme() -> None:
    inside = {"knowledge-job", "learning-job", "second-pass", "voice-job"}  # the brain starts them by itself
    for verb in set(_verbs(cli._parser())) - inside:
        assert re.search(rf"`[^`\n]*\b{verb}\b[^`\n]*`", README), verb


def test_decisions_are_numbered_without_a_gap_and_each_is_in_the_index() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    index = re.findall(r"^(\d+)\. \[(.+)\]\(decisions/([^)]+)\)", ARCHITECTURE, re.MULTILINE)
    assert [name for _, _, name in index] == [page.name for page in DECISIONS]
    for number, title, name in index:
        head = (ROOT / "app" / "decisions" / name).read_text().splitlines()[0]
        assert head == f"# {int(number):04d} {title}"


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_a_status_and_four_parts_with_something_in_each(page: Path) -> None:
    text = page.read_text()
    assert re.search(r"^Status: \w", text, re.MULTILINE)
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    assert parts[1::2] == SECTIONS
    assert all(len(body.split()) >= 8 for body in parts[2::2])


def _where_rows() -> list[tuple[str, list[str]]]:
    section = ARCHITECTURE.partition("## Where do I change X")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (?!X |---)(.+?) \| (.+) \|$", section, re.MULTILINE)
    return [(what, PATH.findall(where)) for what, where in rows]


def test_at_least_twelve_examples_say_where_to_change_what() -> None:
    assert len(_where_rows()) >= 12


@pytest.mark.parametrize(("what", "paths"), _where_rows())
def test_a_change_touches_one_subjects_rooms(what: str, paths: list[str]) -> None:
    assert paths, what
    inside = [set(Path(path).parts) & SUBJECTS for path in paths if path.startswith("app/")]
    assert len(set().union(*inside)) <= 1, what


def test_the_glossary_has_each_word_once_in_order() -> None:
    section = ARCHITECTURE.partition("## Glossary")[2].partition("\n## ")[0]
    words = re.findall(r"^\| (?!code word|---)(.+?) \|", section, re.MULTILINE)
    assert len(words) >= 30
    assert words == sorted(set(words), key=str.lower)


def test_every_subject_has_the_same_name_on_every_floor() -> None:
    for floor in ("domain", "service", "web"):
        rooms = {path.name for path in (ROOT / "app" / floor).iterdir() if (path / "__init__.py").exists()}
        assert rooms - PARTS <= SUBJECTS, floor
        for room in rooms - PARTS:
            assert f"| `{room}` |" in ARCHITECTURE, room
