"""Trains the memory network: sources -> sequences with cached features -> stages -> ONNX graphs. One command:

    python train.py --weights-dir DIR --sources DIR --work DIR --out ../models/bundles/mobilesam

Sequences are built by child processes while the first stages train; a stage waits for the sequences it names, so that
the result does not depend on their speed. An interrupted run continues from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from dataset import SPLITS, build_range, load_material, sequence_path
from export_graphs import export
from frozen_model import FrozenModel
from network import MemoryNetwork
from rollout import intersection_over_union, load_sample, rollout

SEED = 20260
HELD_OUT_COUNT = 8
SECOND_HALF = 200  # the number of the second builder's first sequence
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
    accumulate: int = 2
    scalar_rate: float = 1.0  # rate of sharpness and locality, which are logarithms, relative to the others'


STAGES = (
    Stage('short', steps=160, sequences=52, frames=3, max_step=2, rate=2e-3, crop=16),
    Stage('gaps', steps=340, sequences=100, frames=4, max_step=2, rate=1.5e-3, crop=16),
    Stage('long', steps=230, sequences=130, frames=5, max_step=1, rate=1.2e-3, crop=16, scalar_rate=20),
)


class Log:
    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, **entry: object) -> None:
        line = json.dumps({'time': time.strftime('%H:%M:%S'), **entry})
        with self.path.open('a') as file:
            file.write(line + '\n')
        print(line, flush=True)


def wait_for(paths: list[Path], builders: list[multiprocessing.Process]) -> None:
    while missing := [path for path in paths if not path.exists()]:
        if any(builder.exitcode not in (None, 0) for builder in builders):
            raise RuntimeError(f'a builder failed; {len(missing)} sequences are missing, first {missing[0].name}')
        time.sleep(2)


def set_statistics(model: MemoryNetwork, paths: list[Path]) -> None:
    """Per-channel mean and deviation of the frozen features."""
    for name, mean, scale in (
        ('stride8', model.key.mean8, model.key.scale8),
        ('stride16', model.key.mean16, model.key.scale16),
    ):
        rows = [
            np.load(path)[name][::3].astype(np.float32).transpose(1, 0, 2, 3).reshape(mean.shape[1], -1)
            for path in paths
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
        sample = load_sample(str(path), np.random.default_rng(number), 7, 1)
        if sample is None:
            continue
        results = rollout(model, sample)[1]
        per_frame = [intersection_over_union(r, sample.masks[t + 1].unsqueeze(1)) for t, r in enumerate(results)]
        mean = torch.stack(per_frame).nanmean().item()
        scores.setdefault(str(np.load(path)['kind']), []).append(mean)
    model.train()
    every = [value for values in scores.values() for value in values]
    return {
        'all': round(float(np.mean(every)), 4),
        **{k: round(float(np.mean(v)), 4) for k, v in sorted(scores.items())},
    }


class Trainer:
    def __init__(self, work: Path, log: Log) -> None:
        torch.manual_seed(SEED)
        self.model, self.log = MemoryNetwork(), log
        self.path = work / 'last.pt'
        self.stage, self.step = 0, 0
        self.optimizer_state: dict | None = None
        if self.path.exists():
            state = torch.load(self.path, weights_only=True)
            self.model.load_state_dict(state['model'])
            self.stage, self.step, self.optimizer_state = state['stage'], state['step'], state['optimizer']

    def save(self, optimizer: torch.optim.Optimizer | None) -> None:
        state = {'model': self.model.state_dict(), 'stage': self.stage, 'step': self.step}
        state['optimizer'] = optimizer.state_dict() if optimizer else None
        torch.save(state, self.path.with_suffix('.part'))
        self.path.with_suffix('.part').rename(self.path)

    def run_stage(self, stage: Stage, paths: list[Path]) -> None:
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
        self.model.train()
        started, losses, scores = time.time(), [], []
        while self.step < stage.steps:
            random = np.random.default_rng([SEED, self.stage, self.step])
            for group in optimizer.param_groups:
                group['lr'] = stage.rate * group['factor'] * schedule(self.step / stage.steps)
            for _ in range(stage.accumulate):
                sample = None
                while sample is None:
                    path = paths[int(random.integers(len(paths)))]
                    sample = load_sample(str(path), random, stage.frames, stage.max_step, stage.crop)
                loss, results = rollout(self.model, sample, random)
                (loss / stage.accumulate).backward()
                losses.append(loss.item())
                scores.append(intersection_over_union(results[-1], sample.masks[-1].unsqueeze(1)).nanmean().item())
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            self.step += 1
            if self.step % CHECKPOINT_EVERY == 0 or self.step == stage.steps:
                self.save(optimizer)
                self.log.write(
                    stage=stage.name,
                    step=self.step,
                    loss=round(float(np.mean(losses)), 4),
                    iou=round(float(np.nanmean(scores)), 4),
                    sharpness=round(self.model.reader.sharpness().item(), 2),
                    locality=[round(value, 4) for value in self.model.reader.log_locality.exp().tolist()],
                    seconds=round(time.time() - started),
                )
                losses, scores = [], []
        self.stage, self.step = self.stage + 1, 0
        self.save(None)


def schedule(progress: float) -> float:
    """Warm-up over 5 %, then a half cosine."""
    return float(min(progress / 0.05, 1) * (0.5 + 0.5 * np.cos(np.pi * progress)) + 0.01)


def training_paths(work: Path, count: int) -> list[Path]:
    """The first `count` sequences: as many of the first builder's as of the second's."""
    numbers = [start + index for index in range(count // 2) for start in (0, SECOND_HALF)]
    return [sequence_path(work, 'train', number) for number in numbers]


def start_builders(arguments: argparse.Namespace) -> list[multiprocessing.Process]:
    """Two processes with half of the training set each; the second makes the held-out set as well."""
    half = max(stage.sequences for stage in STAGES) // 2
    common = (SEED, arguments.sources, arguments.work, arguments.weights_dir)
    context = multiprocessing.get_context('spawn')
    jobs = [[('train', 0, half)], [('heldout', 0, HELD_OUT_COUNT), ('train', SECOND_HALF, SECOND_HALF + half)]]
    builders = [context.Process(target=build_all, args=(ranges, common), daemon=True) for ranges in jobs]
    for builder in builders:
        builder.start()
    return builders


def build_all(ranges: list[tuple[str, int, int]], common: tuple) -> None:
    for split, start, stop in ranges:
        build_range(split, start, stop, *common)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--weights-dir', type=Path, required=True, help='folder with encoder.onnx and sam.onnx')
    parser.add_argument(
        '--sources', type=Path, required=True, help='folder of the sources; missing ones are downloaded'
    )
    parser.add_argument('--work', type=Path, required=True, help='sequences, checkpoints and log')
    parser.add_argument('--out', type=Path, required=True, help='folder the ONNX graphs are written to')
    parser.add_argument('--threads', type=int, default=1, help='of the trainer; the builders have one each')
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(arguments.threads)
    log = Log(arguments.work / 'log.jsonl')
    for split in SPLITS:  # cut-outs, once for all builders
        load_material(split, arguments.sources, arguments.work, FrozenModel(arguments.weights_dir, threads=2))
    builders = start_builders(arguments)
    held_out = [sequence_path(arguments.work, 'heldout', index) for index in range(HELD_OUT_COUNT)]
    trainer = Trainer(arguments.work, log)
    for number, stage in enumerate(STAGES):
        if number < trainer.stage:
            continue
        paths = training_paths(arguments.work, stage.sequences)
        wait_for(paths, builders)
        if number == 0 and trainer.step == 0:
            set_statistics(trainer.model, paths)
        started = time.time()
        log.write(stage=stage.name, event='start', **asdict(stage))
        trainer.run_stage(stage, paths)
        wait_for(held_out, builders)
        scores = evaluate_held_out(trainer.model, held_out)
        log.write(stage=stage.name, event='end', seconds=round(time.time() - started), heldOutJ=scores)
        export(trainer.model.eval(), arguments.out)


if __name__ == '__main__':
    main()
