"""``holdline``: the operator's verbs. Every verb says what it does with ``--help``."""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from app.domain.people.permission import Role
from app.settings import Settings
from app.verbs import VerbError

_ROLES = tuple(role.value for role in Role)
Verb = Callable[[argparse.Namespace, Settings], int]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdline", description=__doc__)
    verb = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def add(name: str, module: str, text: str) -> argparse.ArgumentParser:
        made = verb.add_parser(name, help=text, description=text)
        made.set_defaults(module=f"app.verbs.{module}")
        return made

    add("serve", "serving", "start brain and bridges on this machine, restart what dies")
    add("web", "serving", "start the brain alone")
    bridge = add("bridge", "serving", "start one bridge alone")
    bridge.add_argument("--index", type=int, default=0, help="which of HOLDLINE_BRIDGES (from 0)")
    add("migrate", "serving", "bring the database to the current schema")
    add("demo", "serving", "load the demo into an empty database")
    _add_people(add)
    _add_content(add)
    _add_speech(add)
    _add_ring(add)
    return parser


Add = Callable[[str, str, str], argparse.ArgumentParser]


def _add_people(add: Add) -> None:
    user = add("user", "people", "people who log in")
    user.add_argument("action", choices=["add"])
    user.add_argument("name", nargs="*", metavar="NAME", help="one or several, alike in the rest")
    text = "many, all or nobody: columns name,role,password and, if wanted, display,line,authority"
    user.add_argument("--file", type=Path, metavar="CSV", help=text)
    user.add_argument("--role", choices=_ROLES)
    user.add_argument("--display", default="", help="name on screens")
    user.add_argument("--line", default="", help="an agent's phone: sip:1001@192.168.1.20")
    user.add_argument("--authority", type=int, default=0, choices=[0, 1, 2],
                      help="up to which level an agent may make offers")  # fmt: skip
    user.add_argument("--password", default="", help="asked for where it is not given")
    user.set_defaults(misused=_user_misused)
    token = add("token", "people", "bearer tokens for programs")
    token.add_argument("action", choices=["create"])
    token.add_argument("--role", required=True, choices=_ROLES)
    token.add_argument("--name", default="program")
    token.add_argument("--user", default="", help="the technician whose tickets it may see")
    customers = add("customers", "customers", "customer lists (CSV in UTF-8 or GBK, XLSX)")
    customers.add_argument("action", choices=["import"])
    customers.add_argument("file", type=Path)
    text = "which column holds a field, where its heading is not a usual one"
    customers.add_argument("--map", action="append", default=[], metavar="FIELD=HEADING", help=text)
    customers.add_argument("--dry-run", action="store_true", help="check only, write nothing")
    customers.add_argument("--new-grids", action="store_true", help="make grids that are new")


def _user_misused(chosen: argparse.Namespace) -> str:
    """What is missing or too much for ``user add``; empty where nothing is."""
    given = (chosen.name, chosen.role, chosen.display, chosen.line, chosen.password)
    if chosen.file is not None:
        return "--file holds names, roles and passwords: give nothing else" if any(given) else ""
    if not chosen.name or not chosen.role:
        return "the following arguments are required: name, --role (or --file)"
    if len(chosen.name) > 1 and (chosen.display or chosen.line):
        return "--display and --line are one person's: use --file for several"
    return ""


def _add_content(add: Add) -> None:
    content = add("content", "content", "the knowledge base, scripts and offers")
    content.add_argument(
        "action", choices=["check", "test", "import", "export"],
        help="check and test the published version (or FILES); import FILES into the draft;"
        " export the published version into the folder FILES",
    )  # fmt: skip
    content.add_argument("files", nargs="*", type=Path, metavar="FILES",
                         help="entries.csv, intents.yaml, ..., or a folder of them")  # fmt: skip
    content.add_argument("--draft", action="store_true", help="the open draft instead")
    content.add_argument("--publish", action="store_true",
                         help="after the import: check, test and publish")  # fmt: skip
    content.add_argument("--reason", default="", help="why it is published though tests are worse")
    job = add("knowledge-job", "jobs", "used by the brain: one job in a process of its own")
    job.add_argument("folder", type=Path)
    add("learning-job", "jobs", "used by the brain: the speech model learns from own calls")
    second = add("second-pass", "jobs", "used by the brain: hears utterances once more")
    second.add_argument("folder", type=Path)


def _add_speech(add: Add) -> None:
    transcribe = add("transcribe", "speech", "WAV files to JSON lines")
    transcribe.add_argument("file", nargs="+", type=Path)
    text = "embedded, whisper, or another speech model; default: as calls are heard at first"
    transcribe.add_argument("--model", default="", metavar="NAME", help=text)
    say = add("say", "voice", "a sentence as the robot says it, to hear or try a voice")
    say.add_argument("text", metavar="TEXT")
    say.add_argument(
        "--voice", default="", metavar="NAME",
        help="another voice: espeak, one of Kokoro's (zf_xiaoxiao) or a blend"
        " (zf_xiaoxiao+zm_yunjian), or a folder of sherpa-onnx",
    )  # fmt: skip
    say.add_argument("--speaker", type=int, help="which speaker, in a voice of several")
    say.add_argument("--slow", action="store_true", help="as for callers who asked for it")
    say.add_argument("--out", type=Path, metavar="WAV", help="where the sound is written")
    add("voice-job", "voice", "used by the brain: sentences in its voice, in a process of its own")
    add("understand", "speech", "one utterance a line in, one JSON object a line out")
    model = add("model", "models", "speech models")
    model.add_argument(
        "action", choices=["list", "advise", "fetch", "check", "use", "adapt", "compare", "learn"],
        help="list what is here and what can be fetched; advise what fits this machine;"
        " fetch NAME; check that one loads; use NAME"
        " (or a folder, or 'embedded') from the next call on; adapt the embedded one to the"
        " published knowledge base, the scripts, plans and places, and use it; compare NAME with"
        " --with NAME on stored calls; learn: what the last nights learned from own calls",
    )  # fmt: skip
    model.add_argument("name", nargs="?", default="", metavar="NAME")
    model.add_argument("--with", dest="other", default="embedded", help="compare: the other model")
    model.add_argument(
        "--calls", type=int, default=20, help="compare: how many of the newest calls"
    )
    text = "compare: corrected words as call,channel,text, to count errors by"
    model.add_argument("--transcripts", type=Path, metavar="CSV", help=text)
    text = "compare: on the words that people corrected and nothing was learned from"
    model.add_argument("--corrected", action="store_true", help=text)
    text = "learn: now and not at night; HOLDLINE_LEARN has to allow it"
    model.add_argument("--now", action="store_true", help=text)
    model.add_argument("--back", action="store_true", help="learn: to the model before the last")
    model.add_argument("--url", default="", help="another place to download the model from")
    model.add_argument("--file", type=Path, help="fetch: the archive, downloaded elsewhere")
    model.add_argument("--sha256", default="", help="fetch: the checksum that you expect")
    model.add_argument(
        "--unverified", action="store_true", help="fetch: where no checksum is known"
    )
    model.add_argument(
        "--second", default="", help="use: a whole-utterance model that hears finals again"
    )
    text = "check, advise, compare --corrected: for programs"
    model.add_argument("--json", action="store_true", help=text)


def _add_ring(add: Add) -> None:
    ring = add("ring", "ringing", "a simulated caller dials the hotline over real SIP and RTP")
    ring.add_argument("--say", action="append", default=[], metavar="TEXT", help="what is said")
    ring.add_argument("--wav", action="append", default=[], type=Path, help="play a WAV instead")
    ring.add_argument("--scenario", default="", help="a whole story (see --list)")
    ring.add_argument("--list", action="store_true", help="the stories that there are")
    ring.add_argument("--from", dest="number", default="", help="the caller's number")
    ring.add_argument(
        "--agent-line",
        action="append",
        default=[],
        metavar="SIP",
        help="answer as the agent's phone at this address (default: demo agents)",
    )
    ring.add_argument(
        "--voice", default="", metavar="NAME",
        help="who speaks: espeak, natural (a man calls, a woman answers), or a caller's voice such"
        " as zf_xiaoyi, or a blend (zm_yunxi+zf_xiaoyi)",
    )  # fmt: skip
    ring.add_argument(
        "--manner", action="append", default=[], metavar="NAME",
        help="how, and over what: hasty, old, quiet, clipped, echo, noise, street, lossy; several"
        " by repeating it",
    )  # fmt: skip
    ring.add_argument(
        "--accent", action="append", default=[], metavar="NAME",
        help="the caller's: n-l, zh-z, f-h (the second said for the first)",
    )  # fmt: skip
    ring.add_argument("--no-agent", action="store_true", help="only the caller")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; the exit status is 0, 1 (it failed) or 2 (used wrongly)."""
    chosen = _parser().parse_args(arguments)
    misused = chosen.misused(chosen) if "misused" in chosen else ""
    if misused:
        print(f"holdline {chosen.verb}: error: {misused}", file=sys.stderr)
        return 2
    try:
        run: Verb = getattr(importlib.import_module(chosen.module), chosen.verb.replace("-", "_"))
        return run(chosen, Settings())
    except ValidationError as error:
        for problem in error.errors():
            name = "HOLDLINE_" + ".".join(str(part) for part in problem["loc"]).upper()
            print(f"holdline: {name}: {problem['msg']}", file=sys.stderr)
        return 2
    except VerbError as error:
        print(f"holdline: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
