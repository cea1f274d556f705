"""The words are tested: settings, verbs, messages, prompts."""

import re
import subprocess
import sys
from pathlib import Path

from app.domain.calls import machine as call
from app.service import link
from app.service.ports import Content
from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "app" / "ARCHITECTURE.md").read_text()


def test_every_setting_is_in_the_readme() -> None:
    for name in Settings.model_fields:
        assert f"`HOLDLINE_{name.upper()}`" in README, name


def test_every_message_of_the_link_is_in_the_architecture() -> None:
    for name in link.FACTS | link.ORDERS:
        assert f"`{name}`" in ARCHITECTURE, name


def test_every_prompt_of_the_call_machine_exists(content: Content) -> None:
    spoken = {call.WELCOME, call.BUSY_GREETING, call.CLOSED_GREETING, call.THANKS}
    assert spoken <= set(content.prompts)


def test_every_disclosure_of_an_offer_exists(content: Content) -> None:
    for offer in content.offers:
        assert set(offer.disclosures) <= set(content.scripts["disclosures"])


def test_catalogues_are_complete() -> None:
    done = subprocess.run([sys.executable, "scripts/catalogues", "--check"], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_only_the_house_is_at_the_top() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    top = {line.split("/")[0] for line in tracked.stdout.split()}
    house = {"pyproject.toml", "app", "scripts", "faq", "prompts", "static", "tests", "README.md", "LICENSE"}
    assert {name for name in top if not name.startswith(".")} <= house


def test_files_of_the_readme_exist() -> None:
    for path in re.findall(r"\]\(((?:app|scripts|static|faq|prompts)/[^)#]+)\)", README):
        assert (ROOT / path).exists(), path
