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

from dataset import build_range, sequence_path
from export_graphs import export
from network import TOP_K, MemoryNetwork
from rollout import intersection_over_union, load_sample, rollout

SEED = 20260
HELD_OUT_COUNT = 24
CHECKPOINT_EVERY = 50


@dataclass(frozen=True)
class Stage:
    name: str
    steps: int
    sequences: int  # trained on the first so many
    frames: int
    max_step: int  # largest gap between chosen frames
    rate: float
    top_k: int | None
    crop: int | None  # side of the window trained on, in cells of stride 16
    accumulate: int = 2


STAGES = (
    Stage('short', steps=260, sequences=100, frames=3, max_step=2, rate=1.5e-3, top_k=None, crop=16),
    Stage('gaps', steps=400, sequences=200, frames=4, max_step=2, rate=1e-3, top_k=None, crop=16),
    Stage('long', steps=400, sequences=400, frames=5, max_step=2, rate=6e-4, top_k=TOP_K, crop=18),
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
        results = rollout(model, sample, TOP_K)[1]
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
        optimizer = torch.optim.AdamW(self.model.parameters(), stage.rate, weight_decay=1e-3)
        if self.optimizer_state:
            optimizer.load_state_dict(self.optimizer_state)
            self.optimizer_state = None
        self.model.train()
        started, losses, scores = time.time(), [], []
        while self.step < stage.steps:
            random = np.random.default_rng([SEED, self.stage, self.step])
            for group in optimizer.param_groups:
                group['lr'] = stage.rate * schedule(self.step / stage.steps)
            for _ in range(stage.accumulate):
                sample = None
                while sample is None:
                    path = paths[int(random.integers(len(paths)))]
                    sample = load_sample(str(path), random, stage.frames, stage.max_step, stage.crop)
                loss, results = rollout(self.model, sample, stage.top_k)
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
                    seconds=round(time.time() - started),
                )
                losses, scores = [], []
        self.stage, self.step = self.stage + 1, 0
        self.save(None)


def schedule(progress: float) -> float:
    """Warm-up over 5 %, then a half cosine."""
    return min(progress / 0.05, 1) * (0.5 + 0.5 * np.cos(np.pi * progress)) + 0.01


def start_builders(arguments: argparse.Namespace, count: int) -> list[multiprocessing.Process]:
    """One process for the held-out set and the first half of the training set, one for the second half."""
    common = (SEED, arguments.sources, arguments.work, arguments.weights_dir)
    context = multiprocessing.get_context('spawn')
    builders = [
        context.Process(target=build_range, args=('heldout', 0, HELD_OUT_COUNT, *common), daemon=True),
        context.Process(target=build_range, args=('train', 0, count, *common), daemon=True),
    ]
    for builder in builders:
        builder.start()
    return builders


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--weights-dir', type=Path, required=True, help='folder with encoder.onnx and sam.onnx')
    parser.add_argument(
        '--sources', type=Path, required=True, help='folder of the sources; missing ones are downloaded'
    )
    parser.add_argument('--work', type=Path, required=True, help='sequences, checkpoints and log')
    parser.add_argument('--out', type=Path, required=True, help='folder the ONNX graphs are written to')
    parser.add_argument('--threads', type=int, default=2)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(arguments.threads)
    log = Log(arguments.work / 'log.jsonl')
    builders = start_builders(arguments, max(stage.sequences for stage in STAGES))
    held_out = [sequence_path(arguments.work, 'heldout', index) for index in range(HELD_OUT_COUNT)]
    trainer = Trainer(arguments.work, log)
    for number, stage in enumerate(STAGES):
        if number < trainer.stage:
            continue
        paths = [sequence_path(arguments.work, 'train', index) for index in range(stage.sequences)]
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
