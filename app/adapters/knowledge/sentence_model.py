"""The sentence model in ``app/models/sentences``: ONNX by onnxruntime, words by tokenizers.

It is multilingual-e5-small (Wang et al., 2024; MIT), trained on with sentences of callers by
``scripts/train_sentence_model``. A light installation lacks the libraries and does without it.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np

from app.language.understanding.intents import Layout, softmax, within
from app.language.understanding.learned import Floats
from app.language.understanding.sentences import Meant

FOLDER = Path(__file__).resolve().parents[2] / "models" / "sentences"
#: What e5 was trained to see before a sentence.
PREFIX = "query: "
_FIRST, _PAD, _LAST, _LONGEST = 0, 1, 2, 128
_AT_ONCE = 32

log = logging.getLogger(__name__)


class _Session(Protocol):
    """What is used of onnxruntime's session."""

    def run(self, outputs: Sequence[str] | None, given: dict[str, Any]) -> Sequence[Any]: ...


class OnnxSentenceModel:
    """Implements the SentenceModel port. Raises OSError or KeyError for a folder without it, and
    ImportError without its libraries."""

    def __init__(self, folder: Path = FOLDER) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415  a light installation lacks it

        with np.load(folder / "heads.npz", allow_pickle=False) as arrays:
            heads = dict(arrays)
        self.name = str(heads["name"])
        self.kinds = tuple(map(str, heads["kinds"]))
        if "reasons" not in heads:  # trained before reasons were told apart
            width = heads["kind_weights"].shape[1]
            heads |= {"reasons": np.array(["none"]), "reason_bias": np.zeros(1, np.float32),
                      "reason_weights": np.zeros((1, width), np.float32)}  # fmt: skip
        self.reasons = tuple(map(str, heads["reasons"]))
        self._layout = Layout(tuple(map(str, heads["families"])), self.kinds)
        self._heads = heads
        self._words = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._prefix = [_FIRST, *self._words.encode(PREFIX.strip()).ids]
        self._session = _session(folder / "model.onnx")
        self._lock = Lock()

    def meant(self, texts: Sequence[str]) -> Sequence[Meant]:
        """A kind's probability is its family's by the kind's share of it."""
        points, heads = self.points(texts), self._heads
        families = softmax(points @ heads["family_weights"].T + heads["family_bias"])
        raised = np.exp(points @ heads["kind_weights"].T + heads["kind_bias"])
        shares = within(raised, self._layout.member)
        kinds = np.asarray(families[:, self._layout.of] * shares, np.float32)
        reasons = softmax(points @ heads["reason_weights"].T + heads["reason_bias"])
        return list(map(Meant, kinds, reasons))

    def points(self, texts: Sequence[str]) -> Floats:
        """What the texts mean, as one row of length 1 each."""
        found = np.zeros((len(texts), self._heads["kind_weights"].shape[1]), np.float32)
        # Texts of one length together: nothing is computed for padding.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(order), _AT_ONCE):
            some = order[start : start + _AT_ONCE]
            found[some] = self._compute([texts[at] for at in some])
        return found

    def _compute(self, texts: Sequence[str]) -> Floats:
        with self._lock:
            words = [self._words.encode(text, add_special_tokens=False).ids for text in texts]
        rows = [[*(self._prefix + ids)[: _LONGEST - 1], _LAST] for ids in words]
        longest = max(map(len, rows))
        ids = np.array([row + [_PAD] * (longest - len(row)) for row in rows], np.int64)
        return np.asarray(self._session.run(None, {"ids": ids})[0], np.float32)


def _session(path: Path) -> _Session:
    """One thread: calls are many and small, and several threads wait for each other."""
    import onnxruntime  # noqa: PLC0415  a light installation lacks it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    if not path.exists():
        raise FileNotFoundError(path)
    session: _Session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    return session


def load_sentence_model(folder: Path = FOLDER) -> OnnxSentenceModel | None:
    """The model, or None where its libraries or its files are not there."""
    try:
        return OnnxSentenceModel(folder)
    except ImportError:
        log.info("no sentence model: onnxruntime or tokenizers is not installed")
    except (OSError, KeyError) as error:
        log.warning("no sentence model: %s", error)
    return None
