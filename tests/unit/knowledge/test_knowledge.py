"""The knowledge base: files without loss, faults with their place, edits, changes, the check."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language.knowledge.changes import changes
from app.language.knowledge.check import check
from app.language.knowledge.content import ContentError, Knowledge
from app.language.knowledge.edits import (
    AddPhrases,
    AddQuestions,
    AddTest,
    RemoveEntry,
    RemoveTest,
    ReplaceFiles,
    SaveEntry,
    SavePhrases,
    apply,
)
from app.language.knowledge.files import (
    ENTRIES,
    FILES,
    INTENTS,
    TESTS,
    WORDS,
    decode,
    entry_fields,
    parse,
    parse_entries,
    render,
    render_entries,
)
from app.language.knowledge.merge import merge
from app.language.understanding.faq import DEEDS, FaqEntry
from app.service.ports import Content
from app.web.knowledge.faults import CONTENT_FAULTS

TODAY = date(2026, 11, 22)
HEAD = "id,family,question,similar,spoken,answer,valid_from,valid_until,handover\n"
NEW_HEAD = HEAD.replace("handover\n", "handover,deed\n")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def base(content: Content) -> Knowledge:
    return content.knowledge


@pytest.fixture(scope="module")
def files(base: Knowledge) -> dict[str, str]:
    return render(base)


def test_nothing_is_lost_on_the_way_to_files_and_back(base: Knowledge, files: dict[str, str]) -> None:
    assert parse(files) == base
    assert render(parse(files)) == files
    assert not [f for f in check(base, TODAY) if f.fatal]


_line = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=30).map(
    str.strip).filter(lambda t: bool(t) and "|" not in t)
_text = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=60).map(str.strip)
_entry = st.builds(
    FaqEntry, id=st.from_regex("[a-z][a-z0-9-]{0,12}", fullmatch=True), family=st.just("billing"), question=_line,
    similar=st.lists(_line, max_size=4).map(tuple), spoken=_text, answer=_text.filter(bool),
    valid_from=st.none() | st.dates(), valid_until=st.none() | st.dates(), handover=st.booleans(),
    deed=st.sampled_from(("", *DEEDS)))


@given(st.lists(_entry, max_size=4, unique_by=lambda e: e.id))
def test_any_entry_survives_csv(entries: list[FaqEntry]) -> None:
    assert list(parse_entries(render_entries(entries))) == entries


@pytest.mark.parametrize(("text", "why"), [
    ("id,question\n", "line 1: expected the columns id,family"), ("", "line 1: expected the columns"),
    (HEAD + "a,billing,q\n", "line 2: expected 9 fields"),
    (HEAD + "a,billing,q,,s,a,,,no\na,billing,q,,s,a,,,no\n", "line 3: id a is there already, in line 2"),
    (HEAD + "a,billing,,,s,a,,,no\n", "line 2: question must not be empty"),
    (HEAD + "a,billing,q,,s,a,31.1.26,,no\n", "line 2: expected a date such as 2026-01-31, got 31.1.26"),
    (HEAD + "a,billing,q,,s,a,,,maybe\n", "line 2: expected yes or no"),
    (NEW_HEAD + "a,billing,q,,s,a,,,no,promise\n", "line 2: expected one of callback, fault, service, complaint, danger, withdraw for deed"),
    (HEAD.replace("handover\n", "handover,deeds\n"), "line 1: expected the columns"), (NEW_HEAD + "a,billing,q,,s,a,,,no\n", "line 2: expected 10 fields"),
    (HEAD + '"a b",billing,q,,s,a,,,no\n', "line 2: expected an id of letters"),
    (HEAD + 'a,billing,"q,,s,a,,,no\n', "line 2: no valid CSV"), (HEAD + "a\x00,b\n", "line 2: holds binary data"),
    (HEAD + f"a,billing,{'长' * 201},,s,a,,,no\n", "line 2: a question has one line of at most 200")])
def test_a_bad_entry_is_named(text: str, why: str) -> None:
    with pytest.raises(ContentError, match=re.escape(why)):
        parse_entries(text)


def test_what_an_answer_has_recorded_is_read_from_old_and_new_files() -> None:
    assert [e.deed for e in parse_entries(NEW_HEAD + "a,billing,q,,s,a,,,no,fault\nb,billing,r,,s,a,,,no,\nc,billing,t,,s,a,,,yes,danger\n")] == ["fault", "", "danger"]
    assert [e.deed for e in parse_entries(HEAD + "a,billing,q,,s,a,,,no\nb,billing,r,,s,a,,,yes\n")] == ["", "callback"]


def test_quoted_line_breaks_and_line_numbers() -> None:
    good = HEAD + 'a,billing,q,,s,"first\nsecond",,,no\n'
    assert parse_entries(good)[0].answer == "first\nsecond"
    with pytest.raises(ContentError, match="line 4: "):
        parse_entries(good + "b,billing\n")


@pytest.mark.parametrize(("name", "text", "why"), [
    (INTENTS, "families: [", "line 2: no valid YAML"), (INTENTS, "", "line 1: the file is empty"),
    (INTENTS, "a: 1", "line 1: families is missing"),
    (INTENTS, "families:\n  x:\n    name: {zh: a, en: b}\n", "line 3: kinds is missing"),
    (INTENTS, "families:\n  x:\n    name: {zh: a}\n    kinds: {}\n", "line 3: name.en is missing"),
    (INTENTS, "families:\n  x:\n    name: {zh: a, en: b}\n    kinds:\n      k:\n        name: {zh: a, en: b}\n        phrases: 好\n",
     "line 7: expected a list of phrases"),
    (INTENTS, "families:\n  x: {}\n  x: {}\n", "line 3: x is there already"),
    (WORDS, "cues: {}\n", "section"), (WORDS, "cues: [a]\n", "section"),
    (TESTS, "text,family,kind,faq\n好,,affirm,\n", "line 2: family must not be empty"),
    (TESTS, "text,family,kind,faq\n好,a,b,\n好,a,b,\n", "line 3: 好 is there already")])
def test_a_bad_file_is_named(files: dict[str, str], name: str, text: str, why: str) -> None:
    with pytest.raises(ContentError, match=re.escape(why)) as error:
        parse({**files, name: text})
    assert str(error.value).startswith(name)


def test_missing_file(files: dict[str, str]) -> None:
    with pytest.raises(ContentError, match=r"tests.csv: the file is missing"):
        parse({name: text for name, text in files.items() if name != TESTS})


def test_encodings(files: dict[str, str]) -> None:
    text = files[ENTRIES]
    assert decode(ENTRIES, text.encode()) == text
    assert decode(ENTRIES, b"\xef\xbb\xbf" + text.encode()) == text
    assert decode(ENTRIES, text.encode("gb18030")) == text
    with pytest.raises(ContentError, match="entries.csv, line 2: neither UTF-8 nor GBK"):
        decode(ENTRIES, b"id,family\n\xff\xff\xff\xff,x\n")


def _entry_of(base: Knowledge, entry_id: str) -> FaqEntry:
    found = base.entry(entry_id)
    assert found is not None
    return found


def test_edits_of_entries(base: Knowledge) -> None:
    entry = _entry_of(base, "pay-channels")
    more = apply(base, AddQuestions("pay-channels", ("上哪交钱呢", "怎么缴费", " ")))
    assert _entry_of(more, "pay-channels").similar == (*entry.similar, "上哪交钱呢")
    fields = {**entry_fields(entry), "answer": "新答案"}
    assert _entry_of(apply(base, SaveEntry(fields, "pay-channels", entry)), "pay-channels").answer == "新答案"
    with pytest.raises(ContentError, match="changed meanwhile"):
        apply(more, SaveEntry(fields, "pay-channels", entry))
    gone = apply(base, RemoveEntry("pay-channels"))
    with pytest.raises(ContentError, match="removed meanwhile"):
        apply(gone, SaveEntry(fields, "pay-channels", entry))
    with pytest.raises(ContentError, match="there already"):
        apply(base, SaveEntry({**fields, "id": "invoice"}, "pay-channels"))
    renamed = apply(base, SaveEntry({**fields, "id": "pay-where"}, "pay-channels"))
    assert all(r.faq != "pay-channels" for r in renamed.tests) and any(r.faq == "pay-where" for r in renamed.tests)
    assert [k.faq for k in renamed.kinds if k.faq == "pay-where"]
    new = apply(base, SaveEntry({**fields, "id": "brand-new", "question": "能刷脸交费吗"}))
    assert len(new.entries) == len(base.entries) + 1
    for edit in (AddQuestions("nope", ("x",)), RemoveEntry("nope"), SavePhrases("nope.x", ("x",)), AddTest("x", "nope")):
        with pytest.raises(ContentError, match="there is no"):
            apply(base, edit)


def test_edits_of_intents_tests_and_files(base: Knowledge, files: dict[str, str]) -> None:
    more = apply(base, AddPhrases("disconnect.cancel", ("这电视我铁定不要了",)))
    kind = more.kind("disconnect.cancel")
    assert kind is not None and kind.phrases[-1] == "这电视我铁定不要了"
    with pytest.raises(ContentError, match="at least one phrase"):
        apply(base, SavePhrases("disconnect.cancel", (" ",)))
    tested = apply(base, AddTest("这电视铁定不要了哦", "disconnect.cancel", "cancel-how"))
    assert tested.tests[-1].wish
    with pytest.raises(ContentError, match="there already"):
        apply(tested, AddTest("这电视铁定不要了哦", "disconnect.cancel"))
    assert apply(tested, RemoveTest("这电视铁定不要了哦")) == base
    assert apply(more, ReplaceFiles(files)) == base
    assert apply(more, ReplaceFiles({INTENTS: files[INTENTS]})) == base
    with pytest.raises(ContentError, match="expected one of"):
        apply(base, ReplaceFiles({"other.csv": ""}))


def test_a_draft_is_brought_up_to_date(base: Knowledge) -> None:
    draft = apply(apply(base, AddQuestions("invoice", ("草稿的问法",))), RemoveEntry("late-fee"))
    draft = apply(draft, AddTest("草稿的测试句", "none.other"))
    newer = apply(apply(base, AddQuestions("deposit", ("新版本的问法",))), AddQuestions("pay-year", ("新版本改过",)))
    merged = merge(base, draft, newer)
    assert merged.conflicts == () and [c.id for c in changes(newer, merged.knowledge)] == ["late-fee", "invoice", "草稿的测试句"]
    assert [c.id for c in changes(draft, merged.knowledge)] == ["deposit", "pay-year"]
    both = apply(newer, AddQuestions("invoice", ("新版本也改了",)))
    clash = merge(base, draft, both)
    assert clash.conflicts == ("invoice",) and _entry_of(clash.knowledge, "invoice").similar[-1] == "草稿的问法"
    assert merge(base, base, newer).knowledge == newer and merge(base, draft, base).knowledge == draft


def test_changes_are_listed(base: Knowledge) -> None:
    assert changes(base, base) == []
    entry = _entry_of(base, "pay-channels")
    new = apply(apply(base, SaveEntry({**entry_fields(entry), "answer": "新答案"}, entry.id)), RemoveEntry("invoice"))
    found = changes(base, apply(new, AddTest("铁定是测试句哦", "none.other")))
    assert [(c.how, c.what, c.id) for c in found] == [
        ("removed", "entry", "invoice"), ("changed", "entry", "pay-channels"), ("added", "test", "铁定是测试句哦")]
    assert found[1].details == (("answer", entry.answer, "新答案"),)


def test_the_check_finds_what_an_editor_would(base: Knowledge) -> None:
    pay = _entry_of(base, "pay-channels")
    bad = replace(base, entries=(
        *(e for e in base.entries if e.id not in ("pay-channels", "invoice")),
        replace(pay, similar=(*pay.similar[:1], "打我电话13812345678", pay.question), valid_until=date(2026, 1, 1)),
        FaqEntry("thin", "nofamily", "为什么多扣了钱", (), "", "答案"),
        FaqEntry("nearly", "billing", "机顶盒死机开不了机怎么办啦", ("报停可不可以延长", "报停可以延长码"), "说" * 200, "答案"),
        FaqEntry("later", "billing", "明年的新套餐", ("新套餐明年", "明年办什么"), "好", "答", valid_from=date(2027, 1, 1)),
    ), tests=(*base.tests, replace(base.tests[0], text=pay.similar[0], faq="gone")))
    found = {(f.rule, f.where) for f in check(bad, TODAY)}
    fatal = {f.rule for f in check(bad, TODAY) if f.fatal}
    assert {("personal_number", "faq:pay-channels"), ("expired", "faq:pay-channels"), ("repeated", "faq:pay-channels"),
            ("few_texts", "faq:thin"), ("no_spoken", "faq:thin"), ("unknown_family", "faq:thin"),
            ("long_spoken", "faq:nearly"), ("not_yet", "faq:later"), ("learned_test", "test"), ("dead_id", "test"),
            ("dead_id", "kind:billing.invoice")} <= found
    assert {rule for rule, _ in found} >= {"near", "duplicate"}
    assert fatal == {"personal_number", "unknown_family", "duplicate", "learned_test", "dead_id"}
    assert "13812345678" not in str(check(bad, TODAY))


def test_every_fault_of_content_is_translated() -> None:
    sources = [*ROOT.glob("app/language/knowledge/*.py"), *ROOT.glob("app/web/knowledge/*.py"),
               ROOT / "app/adapters/knowledge/content_files.py"]
    for path in sources:
        for message in re.findall(r'(?:ContentError\(|_fault\(\w+, \w+, )\s*"([^"]+)"', path.read_text(encoding="utf-8")):
            assert message in CONTENT_FAULTS, (path.name, message)


def test_files_of_the_installation_are_in_canonical_form() -> None:
    for name in FILES:
        if name.endswith(".csv"):
            text = (ROOT / "faq" / name).read_text(encoding="utf-8")
            base = parse({n: (ROOT / "faq" / n).read_text(encoding="utf-8") for n in FILES})
            assert render(base)[name] == text
