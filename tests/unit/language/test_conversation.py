"""What depends on the state of the conversation, and on a sentence that is not over yet."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.adapters.knowledge.knowledge_files import EngineFiles, pack_embedding, unpack_embedding
from app.language.knowledge.content import make_engine
from app.language.knowledge.embedding import train
from app.language.knowledge.files import render
from app.language.knowledge.learn_all import learn_all
from app.language.understanding import sound
from app.language.understanding.bands import Bands
from app.language.understanding.incremental import STABLE_UPDATES, Incremental
from app.language.understanding.modality import expected_after
from app.language.understanding.understood import Situation
from app.service.ports import Content, Snapshot


@pytest.mark.parametrize(("said", "by_state"), [
    ("嗯", {"": "none.other", "question": "affirm.affirm"}),
    ("没有啊", {"question": "deny.deny", "anything_else": "deny.deny"}), ("是啊", {"": "affirm.affirm"}),
    ("停吧", {"": "disconnect.cancel", "question": "affirm.affirm", "offer": "deny.deny"}),
    ("没有了", {"question": "deny.deny", "anything_else": "deny.deny"}),
    ("那就先这样吧", {"offer": "affirm.affirm"}), ("不用了", {"": "deny.deny", "offer": "deny.deny"}),
    ("还有", {"anything_else": "affirm.affirm"}), ("唔要", {"": "deny.deny"}), ("要", {"question": "affirm.affirm"})])
def test_short_replies_depend_on_the_state(content: Content, said: str, by_state: dict[str, str]) -> None:
    for state, intent in by_state.items():
        assert content.engine.understand(said, Situation(None, state)).intent == intent, state


@pytest.mark.parametrize(("words", "state"), [
    ("您看这个优惠可以吗", "question"), ("还有什么可以帮您", "anything_else"), ("好的马上为您查", ""),
    ("要不要给您办一个", "question"), ("请问还有其他问题吗", "anything_else"), ("", "")])
def test_what_is_expected_after_the_agents_words(words: str, state: str) -> None:
    assert expected_after(words) == state


def test_a_partial_counts_only_when_it_is_stable(content: Content) -> None:
    live = Incremental()
    assert live.partial(content.engine, "我") is None
    seen = [live.partial(content.engine, text) for text in ("我要报停", "我要报停一下", "我要报停一下电视")]
    assert [early is not None and early.stable for early in seen] == [False] * (STABLE_UPDATES - 1) + [True]
    turned = live.partial(content.engine, "我不是要报停一下电视")
    assert turned is not None and not turned.stable and turned.understanding.kind == "negated"
    live.reset()
    fresh = live.partial(content.engine, "我要报停一下电视")
    assert fresh is not None and not fresh.stable


def test_bands_decide_what_is_done(content: Content) -> None:
    knowledge = content.knowledge
    learned = learn_all(knowledge)
    cautious = make_engine(knowledge, learned, Bands(act=0.9999, clarify=0.35, faq_show=0.9999))
    said = "家里的网有点慢"
    assert content.engine.understand(said).action == "act"
    assert cautious.understand(said).action == "clarify" and not cautious.understand(said).faq


def test_words_that_were_hardly_heard_stop_nobody(content: Content) -> None:
    sure, unsure = (content.engine.understand("我要报停", Situation(heard=heard)) for heard in (0.9, 0.6))
    assert (sure.action, unsure.action) == ("act", "clarify")
    assert "low_confidence" in [e.rule for e in unsure.evidence]
    assert content.engine.understand("我家电视没信号", Situation(heard=0.5)).action == "act", "asking costs more there"


def test_what_is_not_valid_today_is_not_answered(content: Content) -> None:
    from dataclasses import replace
    from datetime import date, datetime

    knowledge = content.knowledge
    entries = tuple(replace(e, valid_until=date(2026, 1, 31)) if e.id == "pay-channels" else e
                    for e in knowledge.entries)
    engine = make_engine(replace(knowledge, entries=entries), learn_all(replace(knowledge, entries=entries)))
    heard = {day: [f.id for f in engine.understand("怎么缴费", Situation(datetime(2026, 1, day))).faq] for day in (31,)}
    assert heard[31][0] == "pay-channels"
    assert "pay-channels" not in [f.id for f in engine.understand("怎么缴费", Situation(datetime(2026, 2, 1))).faq]


def test_sound_codes_are_the_same_in_every_process() -> None:
    text = "我要报停abc1号 转网绿色"
    here = [sound.half_syllables(text), sound.syllables(text), sound.folded_syllables(text)]
    code = ("from app.language.understanding import sound\nimport sys\nsound.half_syllables('先说别的话题')\n"
            f"t={text!r}\nsys.stdout.buffer.write(repr([sound.half_syllables(t), sound.syllables(t), sound.folded_syllables(t)]).encode())")
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.decode()
    assert there == repr(here)


def test_what_was_learned_is_kept_and_loaded(content: Content, tmp_path: Path) -> None:
    knowledge = content.knowledge
    learned = learn_all(knowledge)
    files = EngineFiles(tmp_path)
    source = Snapshot(render(knowledge))
    assert files.load(source) is None
    files.save(source, learned)
    again = files.load(source)
    assert again is not None
    one, other = make_engine(knowledge, learned), make_engine(knowledge, again)
    for row in knowledge.tests[::20]:
        assert one.understand(row.text) == other.understand(row.text)
    assert files.load(Snapshot({**source.files, "entries.csv": "other"})) is None
    files.path(source).write_bytes(b"rubbish")
    assert files.load(source) is None and not files.path(source).exists()


def test_an_embedding_trains_and_travels(content: Content) -> None:
    knowledge = content.knowledge
    seen: list[float] = []
    embedding = train(knowledge.entries[:40], (), seen.append, steps=60)
    assert seen == sorted(seen) and seen[-1] == 1.0
    packed = pack_embedding(embedding)
    again = unpack_embedding(packed)
    assert again is not None and again.vocabulary == embedding.vocabulary
    engine = make_engine(knowledge, learn_all(knowledge, again))
    assert engine.understand("怎么缴费").faq[0].id == "pay-channels"
    assert unpack_embedding(b"") is None
    with pytest.raises(ValueError, match="train it again"):
        unpack_embedding(b"rubbish")
    with pytest.raises(ValueError, match="at least"):
        train(knowledge.entries[:2], (), seen.append)
