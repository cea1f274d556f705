"""CTC training, seeded; a checkpoint an epoch, so that a run that was cut off goes on from there."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein
from torch.nn import functional

from .layers import CONTEXT
from .network import Network, padded, with_state
from .recipe import Recipe
from .restore import restored
from .shards import Utterance, load

LONGEST_FRAMES = 1200
DEVELOPMENT = 150
PRIOR_POWER = 0.6
_LEAST_PRIOR = 1e-5
_NORMALISED_ON = 1500
_PRIORS_ON = 60


class Batch(NamedTuple):
    frames: torch.Tensor
    labels: torch.Tensor
    frame_counts: torch.Tensor
    label_counts: torch.Tensor

    def on(self, device: torch.device) -> "Batch":
        return Batch(*(part.to(device) for part in self))


def _batch(utterances: Sequence[Utterance], spread: np.ndarray | None) -> Batch:
    """``spread``: standard deviations of the features, for augmentation; None for none."""
    longest = max(len(u.frames) for u in utterances)
    frames = np.zeros(
        (len(utterances), longest + 2 * CONTEXT, utterances[0].frames.shape[1]), np.float32
    )
    for row, utterance in zip(frames, utterances, strict=True):
        own = padded(utterance.frames.astype(np.float32))
        row[: len(own)] = own
        row[len(own) :] = own[-1]
    if spread is not None:
        _augment(frames, spread)
    return Batch(
        torch.from_numpy(frames),
        torch.from_numpy(np.concatenate([u.labels for u in utterances]).astype(np.int64)),
        torch.tensor([(len(u.frames) + 2) // 3 for u in utterances]),
        torch.tensor([len(u.labels) for u in utterances]),
    )


def _augment(frames: np.ndarray, spread: np.ndarray) -> None:
    """Level, channel, and masks over time (Park et al. 2019: SpecAugment)."""
    count, length, width = frames.shape
    frames[:, :, 0] += np.random.uniform(-12, 12, (count, 1))
    frames += np.random.randn(count, 1, width).astype(np.float32) * spread * 0.15
    for row in frames:
        for _ in range(np.random.randint(0, 3)):
            start = np.random.randint(0, length)
            row[start : start + np.random.randint(2, 8)] = row.mean(axis=0)


def _batches(utterances: list[Utterance], frames_a_batch: int) -> list[list[Utterance]]:
    """Of about equal length."""
    made: list[list[Utterance]] = [[]]
    for utterance in sorted(utterances, key=lambda u: len(u.frames)):
        if (
            made[-1]
            and (len(made[-1]) + 1) * (len(utterance.frames) + 2 * CONTEXT) > frames_a_batch
        ):
            made.append([])
        made[-1].append(utterance)
    return made


def greedy(posteriors: torch.Tensor) -> list[int]:
    """The best label a frame, repeats and blanks dropped."""
    best = posteriors.argmax(-1).tolist()
    return [label for at, label in enumerate(best) if label and (at == 0 or best[at - 1] != label)]


def device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def halves_pay() -> bool:
    """Whether bfloat16 is the faster arithmetic: without instructions for it, it takes ten times as long."""
    return device().type == "cuda" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def phone_errors(network: Network, utterances: Sequence[Utterance]) -> float:
    """Phone error rate without a language model."""
    network.eval()
    network.fast = False
    wrong = total = 0
    with torch.no_grad():
        for start in range(0, len(utterances), 25):
            part = utterances[start : start + 25]
            batch = _batch(part, None).on(device())
            for row, count, utterance in zip(
                network(batch.frames), batch.frame_counts, part, strict=True
            ):
                wrong += Levenshtein.distance(greedy(row[:count]), utterance.labels.tolist())
                total += len(utterance.labels)
    return wrong / max(1, total)


class Training:
    """One run into ``folder``: ``network.pt``, ``priors.npy``, and the checkpoint on the way."""

    def __init__(
        self, recipe: Recipe, utterances: list[Utterance], folder: Path,
        before: Mapping[str, torch.Tensor] | None = None,
    ) -> None:  # fmt: skip
        """``before``: the state of a network to begin with."""
        torch.manual_seed(recipe.seed)
        np.random.seed(recipe.seed)
        torch.set_num_threads(1)  # two threads wait for each other more than they help
        chance = random.Random(recipe.seed)
        utterances = [u for u in utterances if len(u.frames) < LONGEST_FRAMES]
        chance.shuffle(utterances)
        held = min(DEVELOPMENT, len(utterances) // 10)
        self._development, rest = utterances[:held], utterances[held:]
        self._recipe, self._folder, self._chance = recipe, folder, chance
        network = with_state(before) if before is not None else Network(recipe.width)
        self._network = network.to(device())
        sample = np.concatenate([u.frames for u in rest[:_NORMALISED_ON]]).astype(np.float32)
        if before is None:
            self._network.mean.copy_(torch.from_numpy(sample.mean(0)))
            self._network.scale.copy_(torch.from_numpy(1 / sample.std(0)))
        self._spread = sample.std(0)
        self._batches = _batches(rest, recipe.frames_a_batch)
        self._optimiser = torch.optim.AdamW(
            self._network.parameters(), recipe.learning_rate, weight_decay=1e-3
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser,
            recipe.learning_rate,
            total_steps=recipe.epochs * len(self._batches),
            pct_start=0.2,
        )
        hours = sum(len(u.frames) for u in rest) / 360_000
        print(
            f"{len(rest)} utterances, {hours:.1f} hours, {len(self._batches)} batches", flush=True
        )

    def run(self) -> None:
        """All epochs that are left."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for epoch in range(self._resume(), self._recipe.epochs):
            began = time.monotonic()
            loss = self._epoch()
            errors = phone_errors(self._network, self._development)
            took = time.monotonic() - began
            print(f"epoch {epoch + 1} of {self._recipe.epochs}: loss {loss:.3f}, phone errors"
                  f" {errors:.3f}, {took:.0f} s", flush=True)  # fmt: skip
            self._keep(epoch + 1)
        np.save(self._folder / "priors.npy", self._priors())
        state = {name: value.cpu() for name, value in self._network.state_dict().items()}
        torch.save(state, self._folder / "network.pt")

    def _epoch(self) -> float:
        self._network.train()
        self._network.fast = halves_pay()
        order = list(self._batches)
        self._chance.shuffle(order)
        total = 0.0
        for utterances in order:
            batch = _batch(utterances, self._spread).on(device())
            loss = functional.ctc_loss(
                self._network(batch.frames).transpose(0, 1), batch.labels, batch.frame_counts,
                batch.label_counts, blank=0, zero_infinity=True,
            )  # fmt: skip
            self._optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
            self._optimiser.step()
            self._schedule.step()
            total += loss.item()
        return total / len(order)

    def _resume(self) -> int:
        path = self._folder / "checkpoint.pt"
        if not path.exists():
            return 0
        state = torch.load(path, map_location=device(), weights_only=True)
        self._network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        return int(state["epoch"])

    def _keep(self, epoch: int) -> None:
        part = self._folder / "checkpoint.part"
        torch.save({"network": self._network.state_dict(), "optimiser": self._optimiser.state_dict(),
                    "schedule": self._schedule.state_dict(), "epoch": epoch}, part)  # fmt: skip
        part.replace(self._folder / "checkpoint.pt")

    def _priors(self) -> np.ndarray:
        """Mean posteriors, flattened: what the decoder divides by."""
        self._network.eval()
        self._network.fast = False
        total, count = torch.zeros(self._network.output.out_channels, dtype=torch.double), 0
        with torch.no_grad():
            for utterances in self._chance.sample(
                self._batches, min(_PRIORS_ON, len(self._batches))
            ):
                batch = _batch(utterances, None).on(device())
                for row, length in zip(
                    self._network(batch.frames).exp(), batch.frame_counts, strict=True
                ):
                    total += row[:length].sum(0).double().cpu()
                    count += int(length)
        priors: np.ndarray = (total / count).numpy().clip(_LEAST_PRIOR) ** PRIOR_POWER
        return priors


def train(
    recipe: Recipe, data: Path, sets: Mapping[str, Sequence[str]], folder: Path,
    begin_with: Path | None = None,
) -> None:  # fmt: skip
    """Two rounds: all data, then a short one in which natural synthetic voices weigh most.

    ``sets``: names of sets by kind (``espeak``, ``natural``, ``human``). ``begin_with``: a trained
    model in place of the first round. Raises ValueError where there is no data.
    """
    espeak, natural, human = (
        list(load(data, sets[kind])) for kind in ("espeak", "natural", "human")
    )
    if not espeak:
        raise ValueError(f"there is no training data in {data}")
    if begin_with is not None:
        known = [*espeak, *natural, *human]
        sample = random.Random(recipe.seed).sample(known, min(_NORMALISED_ON, len(known)))
        before = restored(begin_with, sample).state_dict()
    else:
        first = folder / "first"
        if not (first / "network.pt").exists():
            Training(recipe, [*espeak, *natural, *human], first).run()
        before = torch.load(first / "network.pt", weights_only=True)
    share = random.Random(recipe.seed).sample(human, int(len(human) * recipe.polish_human_share))
    weighed = [*natural * recipe.polish_natural_repeats, *espeak] if natural else [*espeak, *espeak]
    polish = replace(recipe, epochs=recipe.polish_epochs, learning_rate=recipe.polish_rate)
    Training(polish, [*weighed, *share], folder, before).run()
