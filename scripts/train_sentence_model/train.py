"""Trains the encoder and its classifiers; keeps a checkpoint an epoch."""

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import f1_score
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as f

from app.language.understanding.normalise import normalise

from .network import Encoder, padded
from .packed import Packed
from .sentences import Sentence, Varied, load
from .words import make_tokenizer, numbers

BATCH, SPREAD, WARM_UP = 32, 16.0, 60
#: What the kind's and the answer's losses count beside the family's.
_KIND, _ENTRY, _SMOOTH = 0.7, 0.5, 0.05


@dataclass
class Labels:
    """The names of what is told apart, in the order of the classifiers' rows."""

    families: list[str]
    kinds: list[str]
    entries: list[str]


class Model(nn.Module):
    """The encoder with a classifier each of families, kinds and entries."""

    def __init__(self, packed: Packed, labels: Labels) -> None:
        super().__init__()
        self.encoder = Encoder(packed)
        self.labels = labels
        width = packed.width
        self.families = nn.Linear(width, len(labels.families))
        self.kinds = nn.Linear(width, len(labels.kinds))
        self.entries = nn.Linear(width, len(labels.entries))

    def start_from(self, checkpoint: dict[str, Any]) -> None:
        """Take the weights of another run; classifiers by the names of their classes."""
        state = checkpoint["state"]
        self.encoder.load_state_dict({k[8:]: v for k, v in state.items() if k.startswith("encoder.")})
        for part in ("families", "kinds", "entries"):
            head, names = getattr(self, part), getattr(self.labels, part)
            for at, name in enumerate(checkpoint[part]):
                if name in names:
                    head.weight.data[names.index(name)] = state[f"{part}.weight"][at]
                    head.bias.data[names.index(name)] = state[f"{part}.bias"][at]


def train(packed: Packed, work: Path, start: Path | None, epochs: int, rate: float) -> None:
    """Prints the progress, and after each epoch how well calibration.csv is told apart."""
    torch.manual_seed(1)
    chance = random.Random(1)
    knowledge, sentences = load()
    labels = Labels(*(sorted({getattr(s, n) for s in sentences} - {""}) for n in ("family", "kind", "entry")))
    model = Model(packed, labels)
    if start is not None:
        model.start_from(torch.load(start))
    tokenizer, varied = make_tokenizer(packed), Varied()
    judged = [(normalise(r.text).text, r.family) for r in knowledge.calibration]
    weights = _family_weights(sentences, labels)
    total = epochs * (len(sentences) // BATCH + 1)
    optimiser, schedule = _optimiser(model, rate, total)
    began, steps = time.monotonic(), 0
    for epoch in range(epochs):
        model.train()
        for batch in _batches(sentences, chance):
            points = model.encoder(padded([numbers(tokenizer, varied(s.text)) for s in batch]))
            loss = _loss(model, points * SPREAD, batch, weights)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            steps += 1
            if steps % 50 == 0:
                print(f"{steps}/{total} loss {loss.item():.3f} {time.monotonic() - began:.0f} s", flush=True)
        print(f"epoch {epoch}: macro-F1 {_judge(model, tokenizer, judged):.3f} of {len(judged)} sentences", flush=True)
        torch.save({"state": model.state_dict(), **vars(labels)}, work / "sentences.pt")


def _family_weights(sentences: list[Sentence], labels: Labels) -> Tensor:
    counts = np.bincount([labels.families.index(s.family) for s in sentences])
    return torch.tensor((counts.mean() / counts) ** 0.5, dtype=torch.float32)


def _optimiser(model: Model, rate: float, total: int) -> tuple[Any, Any]:
    encoder = [p for p in model.encoder.parameters() if p.requires_grad]
    heads = [*model.families.parameters(), *model.kinds.parameters(), *model.entries.parameters()]
    groups = [{"params": encoder, "lr": rate}, {"params": heads, "lr": 2e-3}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)

    def share(step: int) -> float:
        return min(1, (step + 1) / WARM_UP) * max(0.02, 1 - step / total)

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, share)


def _batches(sentences: list[Sentence], chance: random.Random) -> list[list[Sentence]]:
    """Sentences of about one length together: hardly anything is computed for padding."""
    order = chance.sample(sentences, len(sentences))
    found = []
    for start in range(0, len(order), BATCH * 20):
        some = sorted(order[start : start + BATCH * 20], key=lambda s: len(s.text))
        found += [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
    chance.shuffle(found)
    return found


def _loss(model: Model, points: Tensor, batch: list[Sentence], weights: Tensor) -> Tensor:
    labels = model.labels
    families = torch.tensor([labels.families.index(s.family) for s in batch])
    loss = f.cross_entropy(model.families(points), families, weight=weights, label_smoothing=_SMOOTH)
    for name, part, counts in (("kind", "kinds", _KIND), ("entry", "entries", _ENTRY)):
        known = [at for at, s in enumerate(batch) if getattr(s, name)]
        if known:
            names = getattr(labels, part)
            wanted = torch.tensor([names.index(getattr(batch[at], name)) for at in known])
            own = f.cross_entropy(getattr(model, part)(points[known]), wanted, label_smoothing=_SMOOTH)
            loss = loss + counts * len(known) / len(batch) * own
    return loss


def _judge(model: Model, tokenizer: Tokenizer, judged: list[tuple[str, str]]) -> float:
    model.eval()
    found = []
    with torch.no_grad():
        for start in range(0, len(judged), 64):
            rows = [numbers(tokenizer, text) for text, _ in judged[start : start + 64]]
            scores = model.families(model.encoder(padded(rows)) * SPREAD)
            found += [model.labels.families[at] for at in scores.argmax(1)]
    meant = [family for _, family in judged]
    return float(f1_score(meant, found, average="macro", labels=sorted(set(meant)), zero_division=0))
