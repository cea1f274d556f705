"""Versions of the knowledge base: seeded, edited, published, restored."""

from app.domain.ids import VersionId
from app.domain.knowledge import version as machine
from app.domain.knowledge.version import DraftPhase
from app.domain.refusal import Invalid, NotFound, RefusalCode, Refused
from app.language.knowledge.content import Knowledge
from app.language.knowledge.edits import ReplaceFiles, apply, subject
from app.language.knowledge.files import parse, render
from app.language.knowledge.merge import merge
from app.service.command import handles
from app.service.context import Context
from app.service.knowledge.commands import (
    DecideDraft,
    EditKnowledge,
    RestoreVersion,
    SeedKnowledge,
    UpdateDraft,
)
from app.service.knowledge.learning_queue import settle
from app.service.knowledge.records import (
    KnowledgeEdit,
    KnowledgeEmbedding,
    KnowledgeText,
    KnowledgeVersion,
)
from app.service.knowledge.versions import (
    advance,
    draft,
    files_of,
    fingerprint,
    published,
    snapshot,
)
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import Snapshot, UnitOfWork


def _add(
    uow: UnitOfWork, context: Context, who: str, origin: str, source: Snapshot,
    based_on: int | None, phase: DraftPhase = DraftPhase.DRAFT,
) -> KnowledgeVersion:  # fmt: skip
    version = KnowledgeVersion(
        phase=phase,
        origin=origin,
        created_at=context.clock.now(),
        created_by=who,
        based_on=based_on,
        fingerprint=fingerprint(source.files),
    )
    uow.add(version)
    uow.flush()
    assert version.id is not None  # noqa: S101  flushed
    for name, text in source.files.items():
        uow.add(KnowledgeText(version_id=version.id, name=name, text=text))
    if source.embedding:
        uow.add(KnowledgeEmbedding(version_id=version.id, data=source.embedding))
    return version


@handles(SeedKnowledge)
def seed_knowledge(command: SeedKnowledge, uow: UnitOfWork, context: Context) -> VersionId | None:
    """What was published from files follows the files; the operator's own versions stay.

    The result is the published version's id.
    """
    parse(command.files)
    current = published(uow)
    if current is not None:
        same = current.fingerprint == fingerprint(command.files)
        if same or current.origin != "files":
            return VersionId(current.id) if current.id is not None else None
        advance(current, machine.Replaced())
    source = Snapshot(command.files)
    based_on = current.id if current is not None else None
    version = _add(uow, context, "holdline", "files", source, based_on, DraftPhase.PUBLISHED)
    version.published_at, version.published_by = context.clock.now(), "holdline"
    assert version.id is not None  # noqa: S101  flushed
    return VersionId(version.id)


def _open_draft(uow: UnitOfWork, context: Context, who: str) -> KnowledgeVersion:
    known = draft(uow)
    if known is not None:
        return known
    base = published(uow)
    if base is None or base.id is None:
        raise NotFound(RefusalCode.NO_KNOWLEDGE, "nothing is published yet")
    return _add(uow, context, who, "workshop", snapshot(uow, base.id), base.id)


@handles(EditKnowledge)
def edit_knowledge(command: EditKnowledge, uow: UnitOfWork, context: Context) -> VersionId:
    """Raises ContentError where the change cannot be; nothing is stored then."""
    version = _open_draft(uow, context, command.actor.display_name)
    assert version.id is not None  # noqa: S101  stored
    old = parse(files_of(uow, version.id))
    new = apply(old, command.edit)
    if new != old:
        edit = command.edit
        _store(
            uow,
            context,
            version,
            new,
            command.actor.display_name,
            type(edit).__name__,
            subject(edit),
        )
        if isinstance(edit, ReplaceFiles):
            version.origin = "import"
    if command.item_id is not None:
        settle(uow, context, command.item_id, command.actor.display_name, "learned")
    uow.notify(Notice(NoticeKind.KNOWLEDGE))
    return VersionId(version.id)


def _store(
    uow: UnitOfWork, context: Context, version: KnowledgeVersion, new: Knowledge,
    who: str, action: str, about: str,
) -> None:  # fmt: skip
    advance(version, machine.Edited())
    assert version.id is not None  # noqa: S101  stored
    files = render(new)
    for text in uow.find(KnowledgeText, version_id=version.id):
        text.text = files[text.name]
    version.fingerprint = fingerprint(files)
    version.revision += 1
    now = context.clock.now()
    uow.add(
        KnowledgeEdit(version_id=version.id, at=now, who=who, action=action, subject=about[:200])
    )


@handles(UpdateDraft)
def update_draft(command: UpdateDraft, uow: UnitOfWork, context: Context) -> VersionId:
    """Where both changed the same, the draft's counts; the log of changes names it."""
    version = require(uow, KnowledgeVersion, command.version_id, lock=True)
    newest = published(uow)
    if newest is None or newest.id is None or version.id is None or version.based_on is None:
        raise NotFound(RefusalCode.NO_KNOWLEDGE, "nothing is published yet")
    base, own, newer = (
        parse(files_of(uow, number)) for number in (version.based_on, version.id, newest.id)
    )
    merged = merge(base, own, newer)
    about = ", ".join(merged.conflicts)
    _store(
        uow, context, version, merged.knowledge, command.actor.display_name, "UpdateDraft", about
    )
    version.based_on = newest.id
    uow.notify(Notice(NoticeKind.KNOWLEDGE))
    return VersionId(version.id)


@handles(DecideDraft)
def decide_draft(command: DecideDraft, uow: UnitOfWork, context: Context) -> VersionId:
    """Raises Refused where the version is not that far."""
    version = require(uow, KnowledgeVersion, command.version_id, lock=True)
    events: dict[str, machine.DraftEvent] = {
        "publish": machine.Published(command.reason), "discard": machine.Discarded(),
        "shadow_on": machine.ShadowSwitched(True), "shadow_off": machine.ShadowSwitched(False),
    }  # fmt: skip
    event = events.get(command.action)
    if event is None:
        raise Invalid(RefusalCode.DRAFT_ACTION, f"unknown action {command.action!r}")
    base = published(uow)
    if command.action == "publish" and base is not None and base.id != version.based_on:
        raise Refused(
            RefusalCode.DRAFT_OUTDATED,
            "another version was published since this draft began:"
            " discard it, or export it and import it again",
        )
    advance(version, event)
    if command.action == "publish":
        _publish(uow, context, version, base, command.actor.display_name)
        version.note = command.reason.strip()
    uow.notify(Notice(NoticeKind.KNOWLEDGE))
    assert version.id is not None  # noqa: S101  stored
    return VersionId(version.id)


def _publish(
    uow: UnitOfWork, context: Context, version: KnowledgeVersion,
    old: KnowledgeVersion | None, who: str,
) -> None:  # fmt: skip
    if old is not None:
        advance(old, machine.Replaced())
    version.published_at, version.published_by = context.clock.now(), who


@handles(RestoreVersion)
def restore_version(command: RestoreVersion, uow: UnitOfWork, context: Context) -> VersionId:
    """It was checked, tested and published once; the history goes on with a new version."""
    source = require(uow, KnowledgeVersion, command.version_id)
    if source.phase != DraftPhase.RETIRED or source.id is None:
        raise Refused(
            RefusalCode.DRAFT_PHASE, "only a version that was published before can be restored"
        )
    current = published(uow)
    version = _add(
        uow, context, command.actor.display_name, "restore", snapshot(uow, source.id), source.id,
        DraftPhase.PUBLISHED,
    )  # fmt: skip
    _publish(uow, context, version, current, command.actor.display_name)
    uow.notify(Notice(NoticeKind.KNOWLEDGE))
    assert version.id is not None  # noqa: S101  flushed
    return VersionId(version.id)
