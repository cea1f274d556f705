"""Customer lists from files: CSV in UTF-8 or GBK, XLSX; read line by line."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from app.adapters.text_files import read_text

_SNIFFED = 4096


class ListError(Exception):
    """The file is not a customer list that can be read; the text says why."""


def read_list(path: Path) -> Iterator[list[str]]:
    """Lines of cells, the headings first. Raises ListError; ContentError for unreadable text."""
    if path.suffix.lower() == ".xls":
        raise ListError(f"{path.name}: expected .xlsx or CSV; save it as one of them")
    return _workbook(path) if path.suffix.lower() in {".xlsx", ".xlsm"} else _csv(path)


def _csv(path: Path) -> Iterator[list[str]]:
    text = read_text(path)
    first = text[:_SNIFFED].splitlines()[:1]
    mark = max(",;\t", key=first[0].count) if first else ","
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=mark)
    try:
        yield from reader
    except csv.Error as error:
        raise ListError(f"{path.name}, line {reader.line_num}: {error}") from None


def _workbook(path: Path) -> Iterator[list[str]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(value) for value in row]
        book.close()
    except Exception as error:
        # The file's fault, whatever a parser of zip and XML makes of it.
        raise ListError(f"{path.name} is no workbook: {error}") from None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
