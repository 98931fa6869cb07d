"""Trains the memory network: sources -> sequences with cached features -> stages -> ONNX graphs. One command:

    python train.py --weights-dir DIR --sources DIR --work DIR --out ../models/bundles/mobilesam

Sequences are built by child processes while the first stages train; a stage waits for the sequences it names, so that
the result does not depend on their speed. An interrupted run continues from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch
import torch.distributed

from dataset import CROSSINGS_FROM, SPLITS, build_numbers, load_material, sequence_path
from export_graphs import export
from frozen_model import FrozenModel
from network import MemoryNetwork
from rollout import intersection_over_union, load_sample, part_beside, rollout

SEED = 20260
HELD_OUT = [*range(12), *range(CROSSINGS_FROM, CROSSINGS_FROM + 6)]
CROSSING_SHARE = 0.5  # of the samples, in a stage that has crossings
BUILDERS = 2
STATISTICS_FROM = 40  # sequences
CHECKPOINT_EVERY = 50


@dataclass(frozen=True)
class Stage:
    name: str
    steps: int
    sequences: int  # trained on the first so many
    frames: int
    max_step: int  # largest gap between chosen frames
    rate: float
    crop: int | None  # side of the window trained on, in cells of stride 16
    crossings: int = 0  # and on so many in which an object is hidden as a whole
    scalar_rate: float = 1.0  # rate of sharpness and locality, which are logarithms, relative to the others'


STAGES = (
    Stage('short', steps=500, sequences=160, frames=3, max_step=2, rate=2e-3, crop=16, scalar_rate=10),
    Stage('gaps', steps=1200, sequences=400, frames=4, max_step=2, rate=1.5e-3, crop=16, scalar_rate=10),
    Stage('long', steps=1600, sequences=600, frames=6, max_step=1, rate=1e-3, crop=16, scalar_rate=10),
    Stage('crossings', steps=400, sequences=600, crossings=240, frames=8, max_step=1, rate=5e-4, crop=20),
)
TRAINERS = 2  # processes with samples of their own
ACCUMULATE = 2  # samples of each per step


class Log:
    def __init__(self, path: Path, silent: bool) -> None:
        self.path, self.silent = path, silent

    def write(self, **entry: object) -> None:
        if self.silent:
            return
        line = json.dumps({'time': time.strftime('%H:%M:%S'), **entry})
        with self.path.open('a') as file:
            file.write(line + '\n')
        print(line, flush=True)


def wait_for(paths: list[Path]) -> None:
    """Until the builders have written them (`main` ends everything when a builder fails)."""
    while not all(path.exists() for path in paths):
        time.sleep(2)


def set_statistics(model: MemoryNetwork, paths: list[Path]) -> None:
    """Per-channel mean and deviation of the frozen features."""
    for name, mean, scale in (
        ('stride4', model.key.mean4, model.key.scale4),
        ('stride8', model.key.mean8, model.key.scale8),
        ('stride16', model.key.mean16, model.key.scale16),
    ):
        rows = [
            np.load(part_beside(path, name), mmap_mode='r')[::3]
            .astype(np.float32)
            .transpose(1, 0, 2, 3)
            .reshape(mean.shape[1], -1)
            for path in paths[:STATISTICS_FROM]
        ]
        values = torch.from_numpy(np.concatenate(rows, 1))
        mean.copy_(values.mean(1).view_as(mean))
        scale.copy_(1 / values.std(1).clamp_min(1e-3).view_as(scale))


@torch.no_grad()
def evaluate_held_out(model: MemoryNetwork, paths: list[Path]) -> dict[str, float]:
    """Mean J over the frames and objects of whole held-out sequences, given their first masks, by kind."""
    model.eval()
    scores: dict[str, list[float]] = {}
    for number, path in enumerate(paths):
        sample = load_sample(path, np.random.default_rng(number), 7, 1)
        if sample is None:
            continue
        results = rollout(model, sample)[1]
        per_frame = [intersection_over_union(r, sample.masks[t + 1].unsqueeze(1)) for t, r in enumerate(results)]
        mean = torch.stack(per_frame).nanmean().item()
        kind = str(np.load(part_beside(path, 'kind')))
        scores.setdefault(kind, []).append(mean)
    model.train()
    every = [value for values in scores.values() for value in values]
    return {
        'all': round(float(np.mean(every)), 4),
        **{k: round(float(np.mean(v)), 4) for k, v in sorted(scores.items())},
    }


class Trainer:
    """One of TRAINERS processes that hold the same weights: each adds the gradients of its own samples."""

    def __init__(self, work: Path, log: Log, rank: int) -> None:
        torch.manual_seed(SEED)
        self.model, self.log, self.rank = MemoryNetwork(), log, rank
        self.path = work / 'last.pt'
        self.stage, self.step = 0, 0
        self.optimizer_state: dict | None = None
        if self.path.exists():
            state = torch.load(self.path, weights_only=True)
            self.model.load_state_dict(state['model'])
            self.stage, self.step, self.optimizer_state = state['stage'], state['step'], state['optimizer']

    def save(self, optimizer: torch.optim.Optimizer | None) -> None:
        if self.rank > 0:
            return
        state = {'model': self.model.state_dict(), 'stage': self.stage, 'step': self.step}
        state['optimizer'] = optimizer.state_dict() if optimizer else None
        torch.save(state, self.path.with_suffix('.part'))
        self.path.with_suffix('.part').rename(self.path)

    def optimizer(self, stage: Stage) -> torch.optim.Optimizer:
        reader = self.model.reader
        scalars = [reader.log_sharpness, reader.log_locality]
        others = [p for p in self.model.parameters() if all(p is not scalar for scalar in scalars)]
        groups = [
            {'params': others, 'factor': 1.0},
            {'params': scalars, 'factor': stage.scalar_rate, 'weight_decay': 0},
        ]
        optimizer = torch.optim.AdamW(groups, stage.rate, weight_decay=1e-3)
        if self.optimizer_state:
            optimizer.load_state_dict(self.optimizer_state)
            self.optimizer_state = None
        return optimizer

    def run_stage(self, stage: Stage, paths: list[Path], crossings: list[Path]) -> None:
        optimizer = self.optimizer(stage)
        self.model.train()
        started, losses, scores = time.time(), [], []
        while self.step < stage.steps:
            random = np.random.default_rng([SEED, self.stage, self.step, self.rank])
            for group in optimizer.param_groups:
                group['lr'] = stage.rate * group['factor'] * schedule(self.step / stage.steps)
            for _ in range(ACCUMULATE):
                loss, score = self.backward(stage, paths, crossings, random)
                losses.append(loss)
                scores.append(score)
            self.add_gradients()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            self.step += 1
            if self.step % CHECKPOINT_EVERY == 0 or self.step == stage.steps:
                self.save(optimizer)
                self.log_progress(stage, losses, scores, time.time() - started)
                losses, scores = [], []
        self.stage, self.step = self.stage + 1, 0
        self.save(None)

    def backward(
        self, stage: Stage, paths: list[Path], crossings: list[Path], random: np.random.Generator
    ) -> tuple[float, float]:
        """Gradients of one sample; its loss, and its J on the last frame."""
        sample = None
        while sample is None:
            chosen = crossings if crossings and random.random() < CROSSING_SHARE else paths
            path = chosen[int(random.integers(len(chosen)))]
            sample = load_sample(path, random, stage.frames, stage.max_step, stage.crop)
        loss, results = rollout(self.model, sample, random)
        (loss / (ACCUMULATE * TRAINERS)).backward()
        return loss.item(), intersection_over_union(results[-1], sample.masks[-1].unsqueeze(1)).nanmean().item()

    def add_gradients(self) -> None:
        """The sum over all trainers, in every one of them."""
        gradients = [parameter.grad for parameter in self.model.parameters()]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        torch.distributed.all_reduce(flat)
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def log_progress(self, stage: Stage, losses: list[float], scores: list[float], seconds: float) -> None:
        reader = self.model.reader
        self.log.write(
            stage=stage.name,
            step=self.step,
            loss=round(float(np.mean(losses)), 4),
            iou=round(float(np.nanmean(scores)), 4),
            sharpness=round(reader.sharpness().item(), 2),
            locality=[round(value, 4) for value in reader.log_locality.exp().tolist()],
            seconds=round(seconds),
        )


def schedule(progress: float) -> float:
    """Warm-up over 5 %, then a half cosine."""
    return float(min(progress / 0.05, 1) * (0.5 + 0.5 * np.cos(np.pi * progress)) + 0.01)


def start_builders(arguments: argparse.Namespace) -> list[multiprocessing.Process]:
    """Each makes every second sequence of the held-out set, then of the training set."""
    numbers = [
        *range(max(stage.sequences for stage in STAGES)),
        *range(CROSSINGS_FROM, CROSSINGS_FROM + max(stage.crossings for stage in STAGES)),
    ]
    common = (SEED, arguments.sources, arguments.work, arguments.weights_dir)
    context = multiprocessing.get_context('spawn')
    builders = []
    for number in range(BUILDERS):
        jobs = [('heldout', HELD_OUT[number::BUILDERS]), ('train', numbers[number::BUILDERS])]
        builders.append(context.Process(target=build_all, args=(jobs, common), daemon=True))
        builders[-1].start()
    return builders


def build_all(jobs: list[tuple[str, list[int]]], common: tuple) -> None:
    for split, numbers in jobs:
        build_numbers(numbers, split, *common)


def train(rank: int, arguments: argparse.Namespace) -> None:
    """One trainer through all stages; the first also measures, writes the log and exports."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        'gloo',
        init_method=f'file://{arguments.rendezvous}',
        rank=rank,
        world_size=TRAINERS,
        timeout=timedelta(hours=12),
    )
    log = Log(arguments.work / 'log.jsonl', silent=rank > 0)
    trainer = Trainer(arguments.work, log, rank)
    torch.distributed.barrier()  # all have read the checkpoint
    held_out = [sequence_path(arguments.work, 'heldout', index) for index in HELD_OUT]
    for number, stage in enumerate(STAGES):
        if number < trainer.stage:
            continue
        paths = [sequence_path(arguments.work, 'train', index) for index in range(stage.sequences)]
        crossings = [sequence_path(arguments.work, 'train', CROSSINGS_FROM + n) for n in range(stage.crossings)]
        wait_for([*paths, *crossings, *held_out])
        if number == 0 and trainer.step == 0:
            set_statistics(trainer.model, paths)
        started = time.time()
        log.write(stage=stage.name, event='start', **asdict(stage))
        trainer.run_stage(stage, paths, crossings)
        if rank == 0:
            scores = evaluate_held_out(trainer.model, held_out)
            log.write(stage=stage.name, event='end', seconds=round(time.time() - started), heldOutJ=scores)
            export(trainer.model.eval(), arguments.out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--weights-dir', type=Path, required=True, help='folder with encoder.onnx and sam.onnx')
    parser.add_argument(
        '--sources', type=Path, required=True, help='folder of the sources; missing ones are downloaded'
    )
    parser.add_argument('--work', type=Path, required=True, help='sequences, checkpoints and log')
    parser.add_argument('--out', type=Path, required=True, help='folder the ONNX graphs are written to')
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    for split in SPLITS:  # cut-outs, once for all builders
        load_material(split, arguments.sources, arguments.work, FrozenModel(arguments.weights_dir, threads=2))
    arguments.rendezvous = (arguments.work / 'rendezvous').resolve()
    arguments.rendezvous.unlink(missing_ok=True)
    context = multiprocessing.get_context('spawn')
    processes = start_builders(arguments)
    trainers = [context.Process(target=train, args=(rank, arguments), daemon=True) for rank in range(TRAINERS)]
    for trainer in trainers:
        trainer.start()
    processes += trainers
    while any(trainer.exitcode is None for trainer in trainers):
        if any(process.exitcode not in (None, 0) for process in processes):
            sys.exit('a builder or trainer failed; the same command goes on from the last checkpoint')
        time.sleep(2)
    sys.exit(max(trainer.exitcode for trainer in trainers))


if __name__ == '__main__':
    main()
