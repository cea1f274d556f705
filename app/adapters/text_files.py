"""Text files of the operator, whatever their encoding."""

from pathlib import Path

from app.language.knowledge.content import ContentError
from app.language.knowledge.files import decode


def read_text(path: Path) -> str:
    """Text of a file in UTF-8 or GB 18030. Raises ContentError."""
    try:
        return decode(path.name, path.read_bytes())
    except OSError as error:
        raise ContentError(
            "cannot be read: {fault}", file=str(path), fault=error.strerror
        ) from None
