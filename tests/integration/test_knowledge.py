"""Jobs in processes of their own, the swap of what is served, and what happens when they die."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.adapters.clock_system import SystemClock
from app.adapters.db.engine import make_engine
from app.adapters.db.knowledge.queries import SqlKnowledgeQueries
from app.adapters.db.migrate import migrate
from app.adapters.db.read_session import SqlReadSession
from app.adapters.db.unit_of_work import SqlUnitOfWork
from app.adapters.feed.feed_memory import MemoryFeed
from app.adapters.knowledge.content_files import load_said, parse_dialogs
from app.adapters.knowledge.knowledge_process import KnowledgeProcesses
from app.bootstrap.store import child_environment
from app.domain.ids import VersionId
from app.domain.queue.hours import OpeningHours
from app.language.knowledge.edits import AddPhrases, AddQuestions, AddTest, Edit, ReplaceFiles
from app.language.knowledge.files import ENTRIES, FILES, TESTS, render_entries
from app.language.understanding.bands import Bands
from app.service.bus import CommandBus
from app.service.context import Context
from app.service.knowledge.commands import (
    DecideDraft,
    EditKnowledge,
    RestoreVersion,
    SeedKnowledge,
    StartJob,
)
from app.service.knowledge.keeper import KnowledgeKeeper
from app.service.knowledge.records import KnowledgeJob
from app.service.ports import Snapshot, WorkFailed
from app.settings import ROOT, Settings
from tests.support import engines
from tests.support.actors import named
from tests.support.hotline import Hotline
from tests.support.kept import present

WHO = "super"


@dataclass
class Workshop:
    bus: CommandBus
    keeper: KnowledgeKeeper
    worker: KnowledgeProcesses
    queries: SqlKnowledgeQueries
    feed: MemoryFeed
    first: VersionId
    unit_of_work: Callable[[], SqlUnitOfWork]

    def edit(self, *edits: Edit) -> VersionId:
        """The draft that they were made in."""
        version = VersionId(0)
        for edit in edits:
            version = VersionId(self.bus.execute(EditKnowledge(edit=edit, actor=named(WHO))))
        return version

    async def job(self, version: VersionId, kind: str) -> dict[str, Any]:
        await self.keeper.start_job(self.bus, named(WHO), version, kind)
        for _ in range(3600):
            job = self.queries.jobs(version)[kind]
            if job.state != "running":
                assert job.state == "done", job.detail
                return dict(json.loads(job.result_json))
            await asyncio.sleep(0.1)
        raise AssertionError(f"{kind} did not end")


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    settings = Settings(home=tmp_path)
    engine = make_engine(settings.database)
    migrate(engine)
    feed = MemoryFeed()

    def unit_of_work() -> SqlUnitOfWork:
        return SqlUnitOfWork(engine, feed.publish)

    clock = SystemClock(settings.tz)
    worker = KnowledgeProcesses(tmp_path / "engines", child_environment(settings),
                                lambda: clock.local().date(), Bands())
    keeper = KnowledgeKeeper(lambda: SqlReadSession(engine), worker, load_said(ROOT).content, parse_dialogs)
    bus = CommandBus(unit_of_work, Context(clock, keeper, OpeningHours.daily("00:00-24:00")))
    files = {name: (ROOT / "faq" / name).read_text(encoding="utf-8") for name in FILES}
    first = present(bus.execute(SeedKnowledge(files=files)))
    engines.lend(tmp_path)
    keeper.load()
    engines.keep(tmp_path)
    yield Workshop(bus, keeper, worker, SqlKnowledgeQueries(engine), feed, first, unit_of_work)
    worker.close()
    engine.dispose()


async def test_from_the_draft_to_the_next_caller(workshop: Workshop) -> None:
    """Edit, check, test, shadow, publish: the engine is swapped, and back again."""
    said = "咱家那铁憨憨尥蹶子啦"
    keeper = workshop.keeper
    keeper.follow(workshop.feed)
    await asyncio.sleep(0.05)
    before = keeper.current()
    assert before.engine.understand(said).intent != "fault.box"
    draft = workshop.edit(AddPhrases("fault.box", (said, "铁憨憨尥蹶子了", "家里铁憨憨尥蹶子")),
                          AddTest("我家铁憨憨尥蹶子了呀", "fault.box"))
    checked = await workshop.job(draft, "check")
    assert checked["fatal"] == 0
    tested = await workshop.job(draft, "test")
    assert tested["rows"] == len(before.knowledge.tests) + 1 and not tested["risky"], tested["figures"]
    assert "我家铁憨憨尥蹶子了呀" in [row["text"] for row in tested["mended"]]
    workshop.bus.execute(DecideDraft(version_id=draft, action="shadow_on", actor=named(WHO)))
    for _ in range(400):
        if keeper.shadow() is not None:
            break
        await asyncio.sleep(0.05)
    shadow = keeper.shadow()
    assert shadow is not None and shadow.engine.understand(said).intent == "fault.box"
    assert keeper.current() is before, "a draft in shadow serves nobody"
    workshop.bus.execute(DecideDraft(version_id=draft, action="publish", actor=named(WHO)))
    for _ in range(400):
        if keeper.version == draft:
            break
        await asyncio.sleep(0.05)
    assert keeper.current().engine.understand(said).intent == "fault.box"
    assert before.engine.understand(said).intent != "fault.box", "who held the old one keeps it whole"
    restored = workshop.bus.execute(RestoreVersion(version_id=workshop.first, actor=named(WHO)))
    for _ in range(400):
        if keeper.version == restored:
            break
        await asyncio.sleep(0.05)
    assert keeper.current().engine.understand(said).intent != "fault.box"
    await keeper.close()


async def test_a_draft_that_breaks_answers_is_found_out(workshop: Workshop) -> None:
    """Every entry gets the questions of another: fewer right answers, and the rows are named."""
    base = workshop.keeper.current().knowledge
    found = base.entries
    turned = [replace(e, question=o.question, similar=o.similar) for e, o in zip(found, [*found[1:], found[0]])]
    text = render_entries(turned)
    draft = workshop.edit(ReplaceFiles({ENTRIES: text}))
    await workshop.job(draft, "check")
    tested = await workshop.job(draft, "test")
    assert tested["risky"] and len(tested["broken"]) > 20
    assert tested["figures"]["clean"]["after"]["top1"] < tested["figures"]["clean"]["before"]["top1"]
    assert base is workshop.keeper.current().knowledge
    await workshop.keeper.close()


async def test_the_embedding_decides_by_the_tests(workshop: Workshop) -> None:
    draft = workshop.edit(AddQuestions("pay-channels", ("上哪儿交这个钱呢",)))
    report = await workshop.job(draft, "embedding")
    clean, noisy = report["figures"]["clean"], report["figures"]["noisy"]
    gain = sum(s["after"]["top1"] - s["before"]["top1"] for s in (clean, noisy))
    assert report["won"] == workshop.queries.has_embedding(draft)
    assert not report["won"] or gain > 0
    assert workshop.queries.jobs(draft)["embedding"].progress == 100
    await workshop.keeper.close()


async def test_a_job_that_is_killed_says_so_and_harms_nothing(workshop: Workshop) -> None:
    draft = workshop.edit(AddQuestions("pay-channels", ("上哪儿交这个钱呢",)))
    await workshop.keeper.start_job(workshop.bus, named(WHO), draft, "embedding")
    for _ in range(200):
        if workshop.worker._running:
            break
        await asyncio.sleep(0.05)
    workshop.worker.close()
    for _ in range(200):
        if workshop.queries.jobs(draft)["embedding"].state != "running":
            break
        await asyncio.sleep(0.05)
    job = workshop.queries.jobs(draft)["embedding"]
    assert job.state == "failed" and "before its time" in job.detail
    assert workshop.keeper.current().engine.understand("我要报停").action == "act"
    await workshop.keeper.close()


def test_jobs_of_a_brain_that_died_are_closed(workshop: Workshop) -> None:
    draft = workshop.edit(AddQuestions("pay-channels", ("上哪儿交这个钱呢",)))
    key = workshop.bus.execute(StartJob(version_id=draft, kind="check", actor=named(WHO)))
    workshop.keeper.end_lost_jobs(workshop.bus)
    assert workshop.queries.jobs(draft)["check"].state == "running", "its brain lived a moment ago"
    with workshop.unit_of_work() as uow:
        present(uow.get(KnowledgeJob, key)).claimed_until = None
        uow.commit()
    workshop.keeper.end_lost_jobs(workshop.bus)
    job = workshop.queries.jobs(draft)["check"]
    assert job.state == "failed" and "start again" in job.detail


def test_damaged_and_missing_engines_are_learned_again(workshop: Workshop, tmp_path: Path) -> None:
    kept = list((tmp_path / "engines").glob("*.npz"))
    assert len(kept) == 1
    kept[0].write_bytes(b"rubbish")
    workshop.keeper.version = 0
    workshop.keeper.load()
    assert workshop.keeper.current().engine.understand("我要报停").action == "act"
    with pytest.raises(WorkFailed, match=r"entries.csv"):
        workshop.worker.engine(Snapshot({**dict(workshop.queries.files(workshop.first)), ENTRIES: "x"}))
    assert workshop.keeper.current().engine.understand("我要报停").action == "act"


def test_calls_are_understood_while_another_version_is_learned(workshop: Workshop) -> None:
    """The swap is one reference: nobody waits, nobody sees half of it."""
    draft = workshop.edit(AddQuestions("pay-channels", ("上哪儿交这个钱呢",)))
    files = workshop.queries.files(draft)
    done = threading.Event()

    def learn() -> None:
        workshop.worker.engine(Snapshot(dict(files)))
        done.set()

    threading.Thread(target=learn).start()
    answered = 0
    until = time.monotonic() + 240
    while not done.is_set() and time.monotonic() < until:
        assert workshop.keeper.current().engine.understand("我要报停").action == "act"
        answered += 1
    assert done.is_set() and answered > 50


def _verb(home: Path, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {**child_environment(Settings(home=home)), "HOLDLINE_HOME": str(home)}
    return subprocess.run([sys.executable, "-m", "app", *arguments], cwd=ROOT, input=stdin, env=environment,
                          capture_output=True, text=True, check=False)


def test_content_verbs(tmp_path: Path) -> None:
    """Export, change, import in GBK, test, publish; bad files are named and change nothing."""
    home, out = tmp_path / "home", tmp_path / "out"
    assert _verb(home, "content", "check").stdout.endswith("no fault\n")
    assert _verb(home, "content", "export", str(out)).returncode == 0
    for name in FILES:
        if name.endswith(".csv"):
            assert (out / name).read_text(encoding="utf-8") == (ROOT / "faq" / name).read_text(encoding="utf-8")
    entries = (out / ENTRIES).read_text(encoding="utf-8").replace("怎么缴费", "怎样缴纳费用", 1)
    (out / ENTRIES).write_bytes(entries.encode("gb18030"))
    assert "draft 2" in _verb(home, "content", "import", str(out / ENTRIES)).stdout
    tested = _verb(home, "content", "test", "--draft")
    assert "before" in tested.stdout and "after" in tested.stdout
    bad = tmp_path / "bad" / ENTRIES
    bad.parent.mkdir()
    bad.write_text(entries.replace("pay-not-active,", "pay-channels,", 1), encoding="utf-8")
    for arguments in (("check", str(bad)), ("import", str(bad))):
        refused = _verb(home, "content", *arguments)
        assert refused.returncode == 1 and "entries.csv, line 3: id pay-channels is there already" in refused.stderr
    dead = tmp_path / "dead" / TESTS
    dead.parent.mkdir()
    dead.write_text("text,family,kind,faq\n电费在哪里交呀,billing,payment,nope\n", encoding="utf-8")
    checked = _verb(home, "content", "check", str(dead))
    assert checked.returncode == 1 and "fault: dead_id test 电费在哪里交呀 nope" in checked.stdout
    published = _verb(home, "content", "import", str(out), "--publish")
    assert published.returncode == 0, published.stderr
    heard = json.loads(_verb(home, "understand", stdin="怎样缴纳费用\n").stdout)
    assert heard["faq"][0]["id"] == "pay-channels" and heard["faq"][0]["question"] == "怎样缴纳费用"
    faults: tuple[tuple[tuple[str, ...], str], ...] = ((("import",), "name the files"), (("import", "nope.csv"), "expected one of"),
                                                    (("export",), "name the folder"), (("check", "--draft"), "no open draft"))
    for wrong, why in faults:
        refused = _verb(home, "content", *wrong)
        assert refused.returncode == 1 and why in refused.stderr, (wrong, refused.stderr)


@pytest.mark.parametrize("said", [
    "", " ", "停" * 10_000, "😀😀😀", "hello my tv is broken", "請問怎麼報停", "冇信号", "唔要", "13812345678", "???", "\x00\x01"])
def test_understand_takes_any_line(hotline: Hotline, said: str) -> None:
    answer = hotline.api("POST", "/api/v1/understand", json={"text": said})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert answer.json()["action"] in ("act", "clarify", "none")
