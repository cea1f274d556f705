"""The project's content, learned here and now (the brain loads what a job has learned)."""

from pathlib import Path

from app.adapters.knowledge.content_files import load_said, read_files
from app.language.knowledge.content import make_engine
from app.language.knowledge.files import parse
from app.language.knowledge.learn_all import learn_all
from app.service.ports import Content


def load_content(root: Path) -> Content:
    knowledge = parse(read_files(root / "faq"))
    return load_said(root).content(knowledge, make_engine(knowledge, learn_all(knowledge)))
