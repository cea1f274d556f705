"""What operators write for the robot and the fault card: wrong words are named before they are spoken."""

from pathlib import Path

import pytest

from app.adapters.knowledge.content_files import read_scripts
from app.language.knowledge.content import ContentError
from app.settings import ROOT

SCRIPTS = ROOT / "prompts/agent/scripts.yaml"


def test_which_boxes_are_due_is_the_operators_word() -> None:
    upgrade = read_scripts(SCRIPTS)["upgrade"]
    assert upgrade["boxes"] == ("标清", "SH-81", "SH-86") and "机顶盒" in upgrade["say"]


@pytest.mark.parametrize("upgrade", ["", "只有一句话", "{say: 换一台}", "{boxes: [SH-81]}", "{say: ' ', boxes: []}", "{say: 换一台, boxes: ['']}", "{say: 换一台, boxes: 3}", "{say: 换一台, boxes: SH-81}"])
def test_an_upgrade_without_words_or_boxes_is_refused(tmp_path: Path, upgrade: str) -> None:
    path = tmp_path / "scripts.yaml"
    path.write_text(f"upgrade: {upgrade}\n", encoding="utf-8")
    with pytest.raises(ContentError, match="upgrade"):
        read_scripts(path)
