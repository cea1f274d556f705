"""Words: one word for one thing, plain English, no riddles. The glossary is in app/ARCHITECTURE.md."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[3]


class Word(NamedTuple):
    """A word that is not used, and what to say instead."""

    pattern: str
    instead: str
    below: str = ""


WORDS = (
    Word(r"hush", "stop_playing"),
    Word(r"\bbury|_bury", "end_lost"),
    Word(r"errand", "purpose", below="app/bridge/"),
    Word(r"errand", "purpose", below="app/link/"),
    Word(r"\bDeaf\b|NoteDeaf|note_deaf|\bdeaf\b", "RecognitionGap"),
    Word(r"class (?:Board|Ears|Stage|Host|Parts|Times)\b", "a name that says the role"),
    Word(r"class Desk\b|handlers/messages|\bdesk: CommandBus|\bdesk\.execute", "CommandBus, bus; short_messages"),
    Word(r"free_days", "days_off"),
    Word(r"\brobot\.learned\b|def learned\b", "note_unfinished"),
    Word(r"\bcallback import .*\bDraft\b|callback\.Draft\b", "TicketDraft"),
    Word(r"(?i)\bthe own\b|\bof the own\b", "their own, our own, the customer's own"),
    Word(r"(?i)\bat the most\b", "at most"),
    Word(r"(?i)\bso many (?!as\b|that\b)", "this many, how many, the number"),
    Word(r"\b(?:TODO|FIXME|XXX|HACK)\b", "do it, or file it"),
)
#: Names that say nothing about what is inside.
EMPTY_NAMES = re.compile(r"^(?:utils?|helpers?|helping|common|managers?|base|misc)(?:_|$)|_(?:utils?|helpers?|misc)$")
TEXTS = (".py", ".md", ".yaml", ".html", ".js", ".css", "")
#: Content in callers' words, other people's files, and this list.
NOT_OURS = ("static/vendor/", "app/models/", "scripts/lock/", "tests/unit/house/test_words.py", "LICENSE")


def _files(*suffixes: str) -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]
    return [n for n in names if Path(n).suffix in suffixes and not n.startswith(NOT_OURS)]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{word.below}{word.pattern}")
def test_a_word_that_was_given_up_is_not_used(word: Word) -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name in _files(*TEXTS)
        if name.startswith(word.below)
        for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), 1)
        if re.search(word.pattern, line)
    ]
    assert not found, f"say {word.instead!r} instead:\n" + "\n".join(found)


def test_modules_are_named_after_what_is_inside() -> None:
    empty = {name for name in _files(".py") if EMPTY_NAMES.search(Path(name).stem)}
    assert not empty


def _documented(name: str) -> Iterator[tuple[str, str]]:
    tree = ast.parse((ROOT / name).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text is not None:
                where = name if isinstance(node, ast.Module) else f"{name}:{node.lineno} {node.name}"
                yield where, text


def test_docstrings_say_something() -> None:
    """Two words are a riddle: who does what, in which unit, and what is raised, is a sentence."""
    names = [name for name in _files(".py") if name.startswith("app/") and "/migrations/" not in name]
    riddles = [f"{where}: {text}" for name in names
               for where, text in _documented(name) if len(text.split()) < 3]
    assert not riddles, "\n".join(riddles)


def test_every_module_of_the_application_says_what_it_is() -> None:
    silent = [name for name in _files(".py") if name.startswith("app/") and name != "app/__init__.py"
              and ast.get_docstring(ast.parse((ROOT / name).read_text())) is None]
    assert not silent, silent
