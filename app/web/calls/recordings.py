"""Recordings for browsers: with byte ranges for seeking, and readable after a crash too."""

import re
from collections.abc import Iterator
from pathlib import Path

from fastapi.responses import Response
from starlette.responses import StreamingResponse

from app.domain.refusal import NotFound, RefusalCode
from app.media import wav
from app.service.calls.records import Call

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_PIECE = 64 * 1024


def serve_recording(home: Path, call: Call, range_header: str) -> Response:
    """The stereo WAV of a call. Raises NotFound where there is none.

    The header is made anew from the length of the file: a crash or a call that still goes on
    leaves an old one.
    """
    path = (home / call.recording).resolve()
    inside = path.is_relative_to(home.resolve())
    if not call.recording or not inside or not path.is_file():
        raise NotFound(RefusalCode.NOT_FOUND, "there is no recording of this call")
    data_bytes = max(0, path.stat().st_size - wav.HEADER_BYTES)
    data_bytes -= data_bytes % 4
    size = wav.HEADER_BYTES + data_bytes
    first, last, partial = _wanted(range_header, size)
    if first >= size:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {
        "Accept-Ranges": "bytes", "Content-Length": str(last - first + 1),
        "Cache-Control": "private, no-store",
    }  # fmt: skip
    if partial:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    body = _pieces(path, wav.header(data_bytes, 2), first, last)
    status = 206 if partial else 200
    return StreamingResponse(body, status, headers, media_type="audio/wav")


def _wanted(header: str, size: int) -> tuple[int, int, bool]:
    match = _RANGE.fullmatch(header.strip())
    if match is None or not (match[1] or match[2]):
        return 0, size - 1, False
    if not match[1]:
        return max(0, size - int(match[2])), size - 1, True
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    return int(match[1]), last, True


def _pieces(path: Path, head: bytes, first: int, last: int) -> Iterator[bytes]:
    at = first
    if at < len(head):
        piece = head[at : last + 1]
        at += len(piece)
        yield piece
    with path.open("rb") as source:
        source.seek(at)
        while at <= last:
            piece = source.read(min(_PIECE, last + 1 - at))
            if not piece:
                return
            at += len(piece)
            yield piece
