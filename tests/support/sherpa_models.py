"""Small sherpa-onnx models, exported from the embedded one: a streaming and a whole-utterance one.

Run by itself (``python -m tests.support.sherpa_models FOLDER``): its graph library and vosk do not
live in one process. The graph of the second has word labels only where phones are, as the library's
decoder for whole utterances wants them.
"""

import subprocess
import sys
from pathlib import Path

from app.settings import EMBEDDED_MODEL, ROOT

SAID = ("我 要 报停", "太贵 了", "我家 电视 没信号", "电视 没信号", "我 想 装 宽带", "我 要 报停 太贵 了")


def sherpa_models(folder: Path) -> Path:
    """``folder`` with ``streaming`` and ``offline`` in it."""
    command = [sys.executable, "-m", "tests.support.sherpa_models", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, timeout=120)
    return folder


def _make(folder: Path) -> None:
    import kaldifst

    from app.adapters.speech import speech_graph as graph
    from app.language.texts.pronounce import phones_of
    from app.language.texts.trigram import Trigram
    from scripts.train_speech_model.kaldi_model import read_model
    from scripts.train_speech_model.onnx_model import write_offline, write_streaming

    layers, priors = read_model(EMBEDDED_MODEL / "am" / "final.mdl")
    sentences = [line.split() for line in SAID]
    words = sorted({word for sentence in sentences for word in sentence})
    readings, acceptor = phones_of(words), Trigram(sentences, words, {}, 0.0).acceptor()
    write_streaming(folder / "streaming", layers, priors)
    graph.write_graph(folder / "streaming", acceptor, readings, graph.SHERPA)
    write_offline(folder / "offline", layers, priors)
    ids = {word: at for at, word in enumerate(["<eps>", *words])}
    lexicon, grammar = graph._lexicon(readings, ids, len(ids)), graph._grammar(acceptor, ids, len(ids))
    kaldifst.arcsort(lexicon, sort_type="olabel")
    kaldifst.arcsort(grammar, sort_type="ilabel")
    composed = kaldifst.compose(lexicon, grammar)
    kaldifst.connect(composed)
    expanded = graph._Expansion(composed, graph.SHERPA).run()
    kaldifst.rmepsilon(expanded)
    kaldifst.arcsort(expanded, sort_type="ilabel")
    expanded.write(str(folder / "offline" / "graph.fst"))
    graph._write_symbols(folder / "offline" / "words.txt", ["<eps>", *words])


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
