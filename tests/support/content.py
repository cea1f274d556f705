"""The project's content, learned here and now (the brain loads what a job has learned)."""

from pathlib import Path

from app.adapters.knowledge.content_files import load_said, parse_dialogs, read_files
from app.adapters.knowledge.installed import load_installed
from app.domain.robot.vocabulary import Flow
from app.language.knowledge.files import parse
from app.service.ports import Content, Shadow


def load_content(root: Path) -> Content:
    knowledge = parse(read_files(root / "faq"))
    installed = load_installed()
    return load_said(root).content(
        knowledge, installed.engine(knowledge, installed.learn(knowledge))
    )


class FixedContent:
    """A content source that serves the same for ever; nothing runs in shadow."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def current(self) -> Content:
        return self._content

    def shadow(self) -> Shadow | None:
        return None

    def dialogs_of(self, text: str) -> Flow:
        return parse_dialogs(text)
