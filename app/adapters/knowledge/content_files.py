"""Content from the files in ``faq/`` and ``prompts/``: read whole, or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from app.adapters.text_files import read_text
from app.domain.field.guide import ANSWERS, FaultTree, GuideStep
from app.domain.field.ticket import KINDS as TICKET_KINDS
from app.domain.refusal import Refused
from app.domain.retention.offer import Offer, OfferConditions
from app.domain.robot.vocabulary import CORE_TEXTS, Deed, Flow, Slot, Task
from app.language.knowledge.content import ContentError, Knowledge
from app.language.knowledge.files import FILES
from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.statements import SpokenRules
from app.service.ports import Content
from app.settings import ROOT


def read_yaml(path: Path) -> Any:
    """A parsed YAML file. Raises ContentError with file and line."""
    return _parsed(read_text(path), path.name)


def _parsed(text: str, name: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ContentError(
            "no valid YAML: {fault}", file=name, line=line, fault=error.problem
        ) from None
    except yaml.YAMLError as error:
        # characters that no YAML may hold, such as NUL
        fault = str(error).splitlines()[0]
        raise ContentError("no valid YAML: {fault}", file=name, fault=fault) from None


def read_files(folder: Path) -> dict[str, str]:
    """The texts of the knowledge base's files. Raises ContentError."""
    return {name: read_text(folder / name) for name in FILES}


def read_some(paths: Iterable[Path]) -> dict[str, str]:
    """Texts by file name; a folder stands for those of FILES that it holds. Raises ContentError."""
    found: dict[str, str] = {}
    for path in paths:
        inside = [path / name for name in FILES if (path / name).exists()] if path.is_dir() else []
        for file in inside or [path]:
            if file.name not in FILES:
                raise ContentError(
                    "expected one of {names}", file=str(file), names=", ".join(FILES)
                )
            found[file.name] = read_text(file)
    return found


def _conditions(data: Mapping[str, Any]) -> OfferConditions:
    names = ("plans", "competitors", "household")
    lists = {name: tuple(data[name]) for name in names if name in data}
    return OfferConditions(**{**data, **lists})


def read_offer(path: Path) -> Offer:
    """One offer. Raises ContentError for an unknown field or an impossible offer."""
    data = dict(read_yaml(path))
    try:
        conditions = _conditions(data.pop("conditions", None) or {})
        for name in ("reasons", "disclosures"):
            data[name] = tuple(data.get(name) or ())
        return Offer(conditions=conditions, **data)
    except (TypeError, Refused) as error:
        raise ContentError("no valid offer: {fault}", file=path.name, fault=error) from None


def read_offers(folder: Path) -> tuple[Offer, ...]:
    """All offers of a folder by code."""
    offers: dict[str, Offer] = {}
    for path in sorted(folder.glob("*.yaml")):
        offer = read_offer(path)
        if offer.code in offers:
            raise ContentError("{got} is there already", file=path.name, got=offer.code)
        offers[offer.code] = offer
    return tuple(offers.values())


def read_faults(folder: Path) -> tuple[FaultTree, ...]:
    """All fault trees of a folder. Raises ContentError."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        data = read_yaml(path)
        try:
            steps = {
                name: GuideStep(str(one["say"]), {a: str(one[a]) for a in ANSWERS})
                for name, one in data["steps"].items()
            }
            tree = FaultTree(
                path.stem, dict(data["name"]), tuple(data["intents"]), str(data["start"]), steps
            )
        except (KeyError, TypeError, AttributeError, Refused) as error:
            raise ContentError("no valid rule: {fault}", file=path.name, fault=error) from None
        found.append(tree)
    return tuple(found)


def read_spoken(statements: Any, path: Path) -> SpokenRules:
    """What counts as said, what misleads, and when statements are asked for; meaning.yaml and
    misleading.yaml lie beside ``path``, where there are any. Raises ContentError."""
    beside = [path.with_name(name) for name in ("meaning.yaml", "misleading.yaml")]
    meaning, misleading = (read_yaml(file) if file.exists() else None for file in beside)
    try:
        return SpokenRules.from_data(statements, read_yaml(path), meaning, misleading)
    except (KeyError, TypeError, AttributeError) as error:
        raise ContentError("no valid rule: {fault}", file=path.name, fault=error) from None


def read_scripts(path: Path) -> dict[str, Any]:
    """What agents are given to say. Raises ContentError for an upgrade without words or boxes."""
    scripts = dict(read_yaml(path))
    try:
        upgrade = scripts["upgrade"]
        boxes = tuple(str(part).strip() for part in upgrade["boxes"])
        listed = isinstance(upgrade["boxes"], list) and all(boxes)
        whole = listed and bool(str(upgrade["say"] or "").strip())
    except (KeyError, TypeError):
        whole, boxes = False, ()
    if not whole:
        raise ContentError("no valid rule: {fault}", file=path.name, fault="upgrade")
    invite = str(upgrade.get("invite") or "")
    return scripts | {"upgrade": {"say": str(upgrade["say"]), "boxes": boxes, "invite": invite}}


def read_forms(path: Path) -> dict[str, Any]:
    """Forms by code. Raises ContentError for one that cannot be shown or filed."""
    forms = dict(read_yaml(path) or {})
    for code, form in forms.items():
        try:
            named = all(field["name"]["zh"] and field["name"]["en"]
                        for field in form["fields"].values())  # fmt: skip
            whole = named and form["say"] and form["intents"] and form["ticket"] in TICKET_KINDS
        except (KeyError, TypeError, AttributeError):
            whole = False
        if not whole or not {"address", "phone"} <= set(form["fields"]):
            raise ContentError("no valid rule: {fault}", file=path.name, fault=code)
        forms[code] = {"promise": ""} | form | {"fields": {
            key: {"required": False, "options": [], "type": "text"} | field
            for key, field in form["fields"].items()
        }}  # fmt: skip
    return forms


def read_dialogs(path: Path) -> Flow:
    """The robot's dialogs. Raises ContentError for a task or slot that cannot be played."""
    return flow_of(read_yaml(path), path.name)


def _tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in data.items()}


def _task(data: Mapping[str, Any]) -> Task:
    task = Task(**_tuples(data))
    return replace(task, act=Deed(task.act))


def parse_dialogs(text: str) -> Flow:
    """Dialogs from YAML that somebody wrote, perhaps for an earlier release: texts, words and
    tasks of the house itself that it lacks are those of the installation. Raises ContentError
    with the line."""
    name = "dialogs.yaml"
    data = _parsed(text, name)
    shipped = read_yaml(ROOT / "prompts" / "robot" / name)
    return flow_of(_completed(data, shipped) if isinstance(data, dict) else data, name)


def _completed(data: Mapping[str, Any], shipped: Mapping[str, Any]) -> dict[str, Any]:
    own = {
        code: task
        for code, task in shipped["tasks"].items()
        if not task.get("intents") and not task.get("key")
    }
    newer = {name: text for name, text in shipped["texts"].items() if name not in CORE_TEXTS}
    parts = {**shipped, "tasks": own, "texts": newer}
    known = {name: part for name, part in data.items() if isinstance(part, dict)}
    return {**data, **{name: {**parts.get(name, {}), **part} for name, part in known.items()}}


def flow_of(data: Any, name: str) -> Flow:
    """Dialogs from parsed YAML; ``name`` is said in errors. Raises ContentError."""
    try:
        tasks = {code: _task(task) for code, task in data["tasks"].items()}
        slots = {code: Slot(**slot) for code, slot in data["slots"].items()}
        words = {group: tuple(map(str, some)) for group, some in data["words"].items()}
        return Flow(dict(data["texts"]), tasks, slots, words)
    except (KeyError, TypeError, AttributeError, Refused) as error:
        raise ContentError("no valid rule: {fault}", file=name, fault=error) from None


@dataclass(frozen=True, slots=True)
class Said:
    """What is in ``prompts/``: offers, scripts, and the robot's own words."""

    offers: tuple[Offer, ...]
    scripts: dict[str, Any]
    prompts: dict[str, str]
    spoken: SpokenRules
    faults: tuple[FaultTree, ...]
    dialogs: Flow

    def content(self, knowledge: Knowledge, engine: UnderstandingEngine) -> Content:
        """Join the texts with a knowledge base and its engine to the whole Content."""
        return Content(
            engine,
            knowledge,
            self.offers,
            self.scripts,
            self.prompts,
            self.spoken,
            self.faults,
            self.dialogs,
        )


def load_said(root: Path) -> Said:
    """Everything in ``prompts/`` below the project's root. Raises ContentError."""
    scripts = read_scripts(root / "prompts/agent/scripts.yaml")
    scripts["disclosures"] = read_yaml(root / "prompts/quality/disclosures.yaml")
    scripts["sms"] = read_yaml(root / "prompts/agent/sms.yaml")
    scripts["forms"] = read_forms(root / "prompts/agent/forms.yaml")
    spoken = read_spoken(scripts["disclosures"], root / "prompts/quality/gate.yaml")
    prompts = {k: str(v) for k, v in read_yaml(root / "prompts/robot/prompts.yaml").items()}
    return Said(
        read_offers(root / "prompts/agent/offers"),
        scripts,
        prompts,
        spoken,
        read_faults(root / "faq/faults"),
        read_dialogs(root / "prompts/robot/dialogs.yaml"),
    )
