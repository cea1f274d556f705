"""The words are tested: settings, verbs, messages, prompts."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.domain.calls import machine as call
from app.link.protocol import document
from app.service.ports import Content
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "app" / "ARCHITECTURE.md").read_text()
SETTINGS = (ROOT / "app" / "SETTINGS.md").read_text()


def _settings_rows() -> dict[str, list[str]]:
    """The cells of the table in SETTINGS.md by the setting's field name."""
    rows = re.findall(r"^\| `HOLDLINE_([A-Z_]+)` \| (.+?) \| (.+?) \| (.+) \|$", SETTINGS, re.MULTILINE)
    return {name.lower(): cells for name, *cells in rows}


def test_the_table_of_settings_holds_every_setting_and_no_other() -> None:
    assert list(_settings_rows()) == list(Settings.model_fields)


def test_the_table_of_settings_says_the_defaults() -> None:
    """Each default is read back from the page as ``.env`` would be, and compared as a value."""
    default = Settings.model_construct()
    for name, (shown, _, what) in _settings_rows().items():
        wanted = getattr(default, name)
        if shown == "–":
            assert wanted in ("", None), name
            continue
        written = shown.strip("`")
        given: Any = ROOT / written if isinstance(wanted, Path) else written
        assert getattr(Settings(_env_file=None, **{name: given}), name) == wanted, name
        assert len(what) > 10, name


def test_the_page_of_settings_is_made_from_the_fields() -> None:
    done = subprocess.run([sys.executable, "scripts/settings_doc", "--check"], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_links_protocol_is_what_its_types_say() -> None:
    assert (ROOT / "app" / "link" / "PROTOCOL.md").read_text() == document(), "run scripts/protocol"
    assert "link/PROTOCOL.md" in ARCHITECTURE


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
