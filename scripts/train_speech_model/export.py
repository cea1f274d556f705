"""The trained network as models: for vosk with the operator's graph, for sherpa-onnx, and small ones
that only know the words of an evaluation."""

import json
import math
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from app.adapters.db.demo_data import Demo
from app.adapters.speech.speech_graph import write_graph
from app.bootstrap.adapting import adapt_model
from app.bootstrap.store import open_store
from app.language.texts.pronounce import phones_of
from app.language.texts.trigram import Acceptor
from app.language.understanding.sound import is_han
from app.settings import Settings

from .human import Speaker
from .kaldi_model import write_model
from .layers import MFCC_CONF
from .network import folded, with_state
from .onnx_model import write_offline, write_streaming
from .recipe import NAME, Recipe

LOOP_WORDS = 200
#: In a graph of this size few states are worth following: half the search of Kaldi's 200 finds the same words,
#: and a chunk of half a second spares packing the network's weights for every fifth of one (scripts/BENCHMARKS.md).
_MODEL_CONF = """--min-active=50
--max-active=7000
--beam=13.0
--lattice-beam=6.0
--acoustic-scale=0.7
--frame-subsampling-factor=3
--frames-per-chunk=51
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.6
--endpoint.rule3.min-trailing-silence=1.0
--endpoint.rule4.min-trailing-silence=2.0
"""


def export(recipe: Recipe, model: Path, people: Sequence[Speaker]) -> None:
    """``vosk-cn-catv``, ``onnx/streaming``, ``onnx/offline`` and ``loop-SPEAKER`` in the model folder.

    Raises FileNotFoundError where nothing was trained.
    """
    network = with_state(torch.load(model / "network.pt", weights_only=True))
    network.eval()
    layers, priors = folded(network), np.load(model / "priors.npy")
    acoustic = model / "acoustic"
    for name in ("am", "conf"):
        (acoustic / name).mkdir(parents=True, exist_ok=True)
    write_model(acoustic / "am" / "final.mdl", layers, priors)
    conf = "".join(f"--{key}={value}\n" for key, value in MFCC_CONF.items())
    (acoustic / "conf" / "mfcc.conf").write_text(conf, encoding="utf-8")
    (acoustic / "conf" / "model.conf").write_text(_MODEL_CONF, encoding="utf-8")
    write_streaming(model / "onnx" / "streaming", layers, priors)
    write_offline(model / "onnx" / "offline", layers, priors)
    _operators_model(acoustic, model / NAME)
    for person in people:
        if person.of_words:
            _loop(acoustic, model / f"loop-{person.name}", person, recipe.seed)


def _operators_model(acoustic: Path, target: Path) -> None:
    """With the graph of the demo's content, plans and places."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        store = open_store(settings)
        with store.unit_of_work() as uow:
            Demo(uow, store.clock, "").load()
            uow.commit()
        made = adapt_model(
            settings, lambda percent, what: print(percent, "%", what), acoustic, target
        )
        store.engine.dispose()
    print(f"{target}: {made.words} words, {made.graph_bytes >> 20} MB of graph")


def _loop(acoustic: Path, target: Path, person: Speaker, seed: int) -> None:
    """Any of 200 words of the speaker's recordings, any number of times."""
    said = sorted({r.said for r in person.recordings if len(r.phones) >= 4 and is_han(r.said[0])})
    by_sound = {phones_of([word])[word][0]: word for word in said}
    words = sorted(by_sound.values())
    words = sorted(random.Random(seed).sample(words, min(LOOP_WORDS, len(words))))
    cost = math.log(len(words) + 1)
    acceptor = Acceptor(tuple((0, 0, word, cost) for word in words), ((0, cost),), 1)
    for name in ("am", "conf"):
        (target / name).mkdir(parents=True, exist_ok=True)
        for file in (acoustic / name).iterdir():
            (target / name / file.name).write_bytes(file.read_bytes())
    write_graph(target / "graph", acceptor, phones_of(words))
    (target / "words.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
