"""Customer lists from files: CSV in UTF-8 or GBK, XLSX; read line by line."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.adapters.knowledge.content_files import read_text

_SNIFFED = 4096


class ListError(Exception):
    """The file is not a customer list that can be read; the text says why."""


def read_list(path: Path) -> Iterator[list[str]]:
    """Lines of cells, the headings first. Raises ListError; ContentError for unreadable text."""
    return _workbook(path) if path.suffix.lower() in {".xlsx", ".xlsm"} else _csv(path)


def _csv(path: Path) -> Iterator[list[str]]:
    text = read_text(path)
    first = text[:_SNIFFED].splitlines()[:1]
    mark = max(",;\t", key=first[0].count) if first else ","
    try:
        yield from csv.reader(io.StringIO(text), delimiter=mark)
    except csv.Error as error:
        raise ListError(f"{path.name}: {error}") from None


def _workbook(path: Path) -> Iterator[list[str]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, OSError, ValueError) as error:
        raise ListError(f"{path.name} is no workbook: {error}") from None
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(values_only=True):
        yield [_cell(value) for value in row]
    book.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
