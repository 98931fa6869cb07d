"""J of the memory tracker on clips with ground truth: first masks given, full resolution, masks of stride 4 alone.

    python evaluate.py --weights-dir DIR --data DIR --cache DIR [--clips davis16-bus ...] [--graphs DIR] [--size 512]

J of an object is the mean intersection over union over the frames after its first that show it. An object is given on
the first frame of the clip; with --add-later, one that appears later is given on the first frame that shows it.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from clips import read_frames, read_labels
from frozen_model import BUNDLE, FrozenModel, fit_longest_side
from tracker import MaskGrid, MemoryGraphs, MemoryTracker

CLIPS = (
    'davis16-flamingo',
    'davis16-libby',
    'davis16-bus',
    'davis16-car-shadow',
    'davis16-surf',
    'pumavos-chair',
    'mix-hike',
)


def cached_features(folder: Path, cache: Path, size: int, weights_dir: Path) -> tuple[np.ndarray, ...]:
    """Frozen features of every frame, of stride 4, 8 and 16, as float16, kept on disk."""
    paths = [cache / f'{folder.name}-{size}-stride{stride}.npy' for stride in (4, 8, 16)]
    if not all(path.exists() for path in paths):
        cache.mkdir(parents=True, exist_ok=True)
        model = FrozenModel(weights_dir, size, with_decoders=False)
        features = [model.encode(frame) for frame in read_frames(folder)]
        for path, parts in zip(
            paths, zip(*((f.stride4, f.stride8, f.stride16) for f in features), strict=True), strict=True
        ):
            np.save(path, np.stack(parts).astype(np.float16))
    return tuple(np.load(path, mmap_mode='r') for path in paths)


def j_of(mask: np.ndarray, truth: np.ndarray) -> float:
    return float((mask & truth).sum() / (mask | truth).sum())


def evaluate_clip(
    features: tuple[np.ndarray, ...], labels: list[np.ndarray], graphs: MemoryGraphs, size: int, add_later: bool
) -> dict[int, float]:
    tracker = MemoryTracker(graphs, MaskGrid(labels[0].shape, fit_longest_side(*labels[0].shape, size)))
    scores: dict[int, list[float]] = {}
    for t, label in enumerate(labels):
        results = tracker.observe(*(part[t].astype(np.float32) for part in features))
        shown = [int(id) for id in np.unique(label) if 0 < id < 255]
        for id in shown:
            if id in scores:
                scores[id].append(j_of(results[id], label == id))
        if t == 0 or add_later:
            new = [id for id in shown if id not in scores]
            if new:
                tracker.add({id: label == id for id in new})
                scores |= {id: [] for id in new}
    return {id: round(float(np.mean(values)), 3) for id, values in scores.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--weights-dir', type=Path, required=True)
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--cache', type=Path, required=True)
    parser.add_argument('--clips', nargs='+', default=CLIPS)
    parser.add_argument('--graphs', type=Path, default=BUNDLE)
    parser.add_argument('--size', type=int, default=512)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--add-later', action='store_true')
    arguments = parser.parse_args()
    graphs = MemoryGraphs(arguments.graphs, arguments.threads)
    means = []
    for name in arguments.clips:
        folder = arguments.data / name
        features = cached_features(folder, arguments.cache, arguments.size, arguments.weights_dir)
        started = time.time()
        scores = evaluate_clip(features, read_labels(folder), graphs, arguments.size, arguments.add_later)
        seconds = (time.time() - started) / len(features[0])
        means.append(np.mean(list(scores.values())))
        print(json.dumps({'clip': name, 'J': scores, 'secondsPerFrame': round(seconds, 3)}), flush=True)
    print(json.dumps({'mean': round(float(np.mean(means)), 4)}))


if __name__ == '__main__':
    main()
