"""Import and export of the knowledge base as CSV and YAML."""

import asyncio
import io
import zipfile
from typing import Any

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from app.domain.refusal import NotFound, RefusalCode
from app.language.knowledge.changes import changes
from app.language.knowledge.content import ContentError, Knowledge
from app.language.knowledge.edits import ReplaceFiles, apply
from app.language.knowledge.files import FILES, decode
from app.service.knowledge.queries import KnowledgeQueries
from app.service.people.records import User
from app.web.knowledge.parts import change, fault_text, go, render, shown
from app.web.parameters import VersionKey
from app.web.people.auth import FloorUser
from app.web.reads import KnowledgeReads

router = APIRouter(prefix="/workshop/files")
LONGEST_BYTES = 20_000_000
#: Spreadsheets open UTF-8 CSV rightly only with this mark.
_MARK = "﻿"


async def _page(
    request: Request, user: User, reads: KnowledgeQueries, status: int = 200, **values: Any
) -> HTMLResponse:
    view = await asyncio.to_thread(shown, reads)
    given = {"error": "", "preview": None, **values}
    return await render(request, user, reads, "files.html", status, view=view, names=FILES, **given)


@router.get("")
async def files(request: Request, user: FloorUser, reads: KnowledgeReads) -> HTMLResponse:
    return await _page(request, user, reads)


@router.get("/export/{version_id}/{name}")
async def export(
    request: Request, user: FloorUser, reads: KnowledgeReads, version_id: VersionKey, name: str
) -> Response:
    """Send one file of the version, or all of them as ``all.zip``."""
    found = await asyncio.to_thread(reads.files, version_id)
    if not found or name not in (*found, "all.zip"):
        raise NotFound(RefusalCode.NOT_FOUND, f"no file {name} in version {version_id}")
    if name == "all.zip":
        data, kind = _zip(dict(found)), "application/zip"
        name = f"holdline-knowledge-{version_id}.zip"
    else:
        data = (_MARK + found[name] if name.endswith(".csv") else found[name]).encode()
        kind = "text/csv; charset=utf-8" if name.endswith(".csv") else "application/yaml"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=kind, headers=headers)


def _zip(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


async def _uploaded(uploads: list[UploadFile]) -> dict[str, str]:
    """Texts by file name; a zip stands for what it holds. Raises ContentError."""
    found: dict[str, str] = {}
    for upload in uploads:
        name = (upload.filename or "").rsplit("/", 1)[-1]
        data = await upload.read(LONGEST_BYTES + 1)
        if len(data) > LONGEST_BYTES:
            raise ContentError("larger than {most} MB", file=name, most=LONGEST_BYTES // 1_000_000)
        if name.endswith(".zip"):
            found.update(_unzip(name, data))
        elif name:
            found[_known(name)] = decode(_known(name), data)
    if not found:
        raise ContentError("choose at least one of {names}", names=", ".join(FILES))
    return found


def _unzip(name: str, data: bytes) -> dict[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [i for i in archive.infolist() if not i.is_dir()]
            if sum(i.file_size for i in inside) > LONGEST_BYTES:
                raise ContentError(
                    "larger than {most} MB", file=name, most=LONGEST_BYTES // 1_000_000
                )
            return {
                _known(i.filename.rsplit("/", 1)[-1]): decode(i.filename, archive.read(i))
                for i in inside
            }
    except zipfile.BadZipFile:
        raise ContentError("not a zip file", file=name) from None


def _known(name: str) -> str:
    """A browser's second download is called ``entries (1).csv``."""
    plain = name.split(" (", maxsplit=1)[0] + name[name.rfind(".") :] if " (" in name else name
    if plain not in FILES:
        raise ContentError("expected one of {names}", file=name, names=", ".join(FILES))
    return plain


@router.post("/import")
async def import_files(
    request: Request, user: FloorUser, reads: KnowledgeReads, files: list[UploadFile]
) -> Response:
    """Into the draft, or nothing of it: the fault is shown with file and line."""
    try:
        texts = await _uploaded(files)
        before = (await asyncio.to_thread(shown, reads)).knowledge
        preview = await asyncio.to_thread(_preview, before, texts)
        if preview:
            await change(request, user, ReplaceFiles(texts))
    except ContentError as error:
        return await _page(request, user, reads, 422, error=fault_text(request, error))
    if not preview:
        return await _page(request, user, reads, preview=[])
    return go("")


def _preview(before: Knowledge, texts: dict[str, str]) -> list[Any]:
    return list(changes(before, apply(before, ReplaceFiles(texts))))
