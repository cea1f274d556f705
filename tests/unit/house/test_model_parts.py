"""Models put together from packages: verified, from another source where one fails, nothing half-done."""

import functools
import hashlib
import http.server
import shutil
import subprocess
import threading
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.adapters.speech import model_parts
from app.adapters.speech.model_download import ModelError
from app.adapters.speech.model_parts import (
    AssembledModel,
    FilesSource,
    Package,
    Part,
    PartsSource,
    assemble,
    file_names,
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


def test_every_source_names_the_digest_of_what_it_is() -> None:
    for model in (model_parts.WHISPER_BASE, model_parts.KOKORO):
        assert len(model.sources) > 1 and any(isinstance(source, FilesSource) for source in model.sources)
        for source in model.sources:
            assert len(source.sha256[model.files[0]]) == 64
            if isinstance(source, FilesSource):
                assert all(len(source.sha256[name]) == 64 for name in file_names(source)) and source.address.startswith("https://")
                continue
            assert all(len(p.sha256) == 64 for p in source.packages)
            assert all(part.package < len(source.packages) for parts in source.files.values() for part in parts)


# -- files of a publisher's hub -----------------------------------------------------------------


class _Hub(http.server.SimpleHTTPRequestHandler):
    """Goes on in the middle where it is asked to; breaks off once where ``cut`` says so."""

    cut = 0
    asked: list[str] = []

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        wanted = self.headers.get("Range", "")
        self.asked.append(wanted)
        data = path.read_bytes()[int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0 :]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: _Hub.cut] if _Hub.cut else data)
        _Hub.cut = 0

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AssembledModel]:
    """A model that a publisher has as files; the folder ``hub`` is what it serves."""
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "big.bin").write_bytes(FIRST * 100_000)
    (tmp_path / "own.json").write_bytes(SECOND)
    _Hub.cut, _Hub.asked = 0, []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Hub, directory=tmp_path / "hub")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        digests = {"model.bin": hashlib.sha256(FIRST * 100_000).hexdigest(), "vocab.json": hashlib.sha256(SECOND).hexdigest()}
        model = AssembledModel("h", 3, "", (FilesSource(
            f"http://127.0.0.1:{server.server_port}", {"model.bin": "big.bin"}, digests, {"vocab.json": tmp_path / "own.json"}),))
        monkeypatch.setattr(model_parts, "ASSEMBLED", {"h": model})
        yield model
        server.shutdown()


def test_files_of_a_hub_and_own_ones_make_a_model(hub: AssembledModel, tmp_path: Path) -> None:
    folder = assemble("h", tmp_path / "models", lambda _: None)
    assert _left(folder) == ["model.bin", "vocab.json"] and (folder / "vocab.json").read_bytes() == SECOND
    assert _left(folder.parent) == ["h"] and is_whole(hub, folder.parent)
    (folder / "vocab.json").unlink()
    assert not is_whole(hub, folder.parent), "a part is missing"
    assemble("h", tmp_path / "models", lambda _: None)
    assert is_whole(hub, folder.parent)


def test_a_download_that_was_cut_off_goes_on(hub: AssembledModel, tmp_path: Path) -> None:
    _Hub.cut = 1_100_000
    with pytest.raises(ModelError, match="could not be put together"):
        assemble("h", tmp_path / "models", lambda _: None)
    assert not is_whole(hub, tmp_path / "models")
    assemble("h", tmp_path / "models", lambda _: None)
    assert _Hub.asked == ["", f"bytes={1 << 20}-"] and is_whole(hub, tmp_path / "models") and _left(tmp_path / "models") == ["h"]


def test_another_file_at_the_hub_is_refused_and_not_kept(hub: AssembledModel, tmp_path: Path) -> None:
    (tmp_path / "hub" / "big.bin").write_bytes(b"another")
    with pytest.raises(ModelError, match="another file than expected"):
        assemble("h", tmp_path / "models", lambda _: None)
    assert _left(tmp_path / "models") == []


def test_two_fetches_at_once_make_one_model(hub: AssembledModel, tmp_path: Path) -> None:
    said: list[str] = []
    threads = [threading.Thread(target=assemble, args=("h", tmp_path / "models", said.append)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said.count("h is there already") == 1 and len(_Hub.asked) == 1 and is_whole(hub, tmp_path / "models")


def test_a_disk_that_fills_up_while_it_is_put_together(hub: AssembledModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk of one megabyte; another process has taken what was free a moment ago."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        monkeypatch.setattr(model_parts, "_refuse_full_disk", lambda *_: None)
        with pytest.raises(ModelError, match="make room"):
            assemble("h", small, lambda _: None)
        assert not is_whole(hub, small) and "h" not in _left(small)
    finally:
        subprocess.run(["umount", str(small)], check=True)
