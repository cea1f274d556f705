"""Models put together from packages: verified, from another source where one fails, nothing half-done."""

import hashlib
import shutil
import zipfile
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from app.adapters.speech import model_parts
from app.adapters.speech.model_download import ModelError
from app.adapters.speech.model_parts import (
    AssembledModel,
    Package,
    Part,
    PartsSource,
    assemble,
    is_whole,
)

FIRST, SECOND = b"first half, ", b"second half"


def _archive(folder: Path, name: str, content: bytes) -> tuple[Path, Package]:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(f"{name}/part", content)
    return path, Package(name, "1.0", hashlib.sha256(path.read_bytes()).hexdigest())


class Shop:
    """Packages by name; what is not there is refused as pip refuses it."""

    def __init__(self, folder: Path) -> None:
        made = {name: _archive(folder, name, content) for name, content in (("a1", FIRST), ("a2", SECOND), ("b1", FIRST), ("b2", SECOND))}
        self.archives = {name: path for name, (path, _) in made.items()}
        self.packages = {name: package for name, (_, package) in made.items()}
        digest = hashlib.sha256(FIRST + SECOND).hexdigest()
        self.model = AssembledModel("m", 1, "", tuple(
            PartsSource((self.packages[f"{s}1"], self.packages[f"{s}2"]), {"model.bin": (Part(0, f"{s}1/part"), Part(1, f"{s}2/part"))}, {"model.bin": digest})
            for s in "ab"))

    def fetch(self, package: Package, folder: Path) -> Path:
        if package.name not in self.archives:
            raise ModelError(f"{package.name}: no such package")
        return Path(shutil.copy(self.archives[package.name], folder))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    (tmp_path / "shop").mkdir()
    made = Shop(tmp_path / "shop")
    monkeypatch.setattr(model_parts, "ASSEMBLED", {"m": made.model})
    return made


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_joined_from_its_parts(shop: Shop, tmp_path: Path) -> None:
    said: list[str] = []
    folder = assemble("m", tmp_path / "models", said.append, shop.fetch)
    assert (folder / "model.bin").read_bytes() == FIRST + SECOND and _left(folder.parent) == ["m"]
    assemble("m", tmp_path / "models", said.append, shop.fetch)
    assert said[-1] == "m is there already" and is_whole(shop.model, tmp_path / "models")


@pytest.mark.parametrize("fault", ["missing", "altered", "no archive"])
def test_another_source_is_taken_where_one_fails(shop: Shop, tmp_path: Path, fault: str) -> None:
    if fault == "missing":
        del shop.archives["a2"]
    elif fault == "altered":
        _archive(tmp_path / "shop", "a2", b"something else")
    else:
        shop.archives["a2"].write_bytes(b"<html>not found</html>")
    said: list[str] = []
    folder = assemble("m", tmp_path / "models", said.append, shop.fetch)
    assert (folder / "model.bin").read_bytes() == FIRST + SECOND
    assert any("does not do" in line for line in said)


def test_without_any_source_it_says_what_to_do_and_leaves_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.archives.clear()
    with pytest.raises(ModelError, match=r"no such package.*holdline model fetch m"):
        assemble("m", tmp_path / "models", lambda _: None, shop.fetch)
    assert _left(tmp_path / "models") == []


def test_parts_of_another_model_are_refused(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(shop.model, sources=tuple(replace(each, sha256={"model.bin": "0" * 64}) for each in shop.model.sources))
    monkeypatch.setattr(model_parts, "ASSEMBLED", {"m": other})
    with pytest.raises(ModelError, match="another file than expected"):
        assemble("m", tmp_path / "models", lambda _: None, shop.fetch)
    assert _left(tmp_path / "models") == []


def test_a_disk_that_is_too_full_is_told_before_anything_is_fetched(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 1 << 20))
    with pytest.raises(ModelError, match="make room"):
        assemble("m", tmp_path / "models", lambda _: pytest.fail("fetched"), shop.fetch)


def test_every_model_names_the_digest_of_its_largest_file() -> None:
    for model in (model_parts.WHISPER_BASE, model_parts.KOKORO):
        for source in model.sources:
            assert len(source.sha256[model.files[0]]) == 64 and all(len(p.sha256) == 64 for p in source.packages)
            assert all(part.package < len(source.packages) for parts in source.files.values() for part in parts)
