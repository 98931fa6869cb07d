"""Milliseconds per prompt of the exported decoders, beside the original decoder's arithmetic.

    python bench.py --package-dir PACKAGE/dist --bundle ../../../models/bundles/mobilesam [--batches 16 32 64]

`original` is the pinned decoder with a symbolic batch (1024 only). The runs are interleaved and the best of each is
taken, since the ratio is what can be compared between machines. With --cpu-time one thread is used and its CPU time
is reported, which other processes on the machine disturb less.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort

from export import SIZES
from verify import open_original_decoder


def create_feeds(size: int, batch: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(size)
    side = size // 16
    coords = random.uniform(0, size, (batch, 2, 2)).astype(np.float32)
    return {
        'image_embeddings': random.normal(0, 0.1, (1, 256, side, side)).astype(np.float32),
        'point_coords': coords,
        'point_labels': np.tile(np.array([1, -1], np.float32), (batch, 1)),
        'mask_input': np.zeros((batch, 1, size // 4, size // 4), np.float32),
        'has_mask_input': np.zeros(1, np.float32),
        'picture_cells': np.array([side, side], np.float32),
        'orig_im_size': np.array([size, size], np.float32),
    }


def bench(sessions: dict[str, ort.InferenceSession], feeds: dict, repeats: int, clock: object) -> dict[str, float]:
    best: dict[str, float] = {}
    for _ in range(repeats):
        for name, session in sessions.items():
            inputs = {value.name: feeds[value.name] for value in session.get_inputs()}
            start = clock()
            session.run(None, inputs)
            best[name] = min(best.get(name, float('inf')), clock() - start)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--package-dir', type=Path, required=True)
    parser.add_argument('--bundle', type=Path, required=True)
    parser.add_argument('--sizes', type=int, nargs='+', default=SIZES)
    parser.add_argument('--batches', type=int, nargs='+', default=(16, 32, 64))
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument('--cpu-time', action='store_true')
    arguments = parser.parse_args()
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1 if arguments.cpu_time else 2
    clock = time.process_time if arguments.cpu_time else time.perf_counter
    with tempfile.TemporaryDirectory(dir=arguments.package_dir) as name:
        folder = Path(name)
        for file in ('encoder.onnx', 'sam.onnx'):
            os.link(arguments.package_dir / file, folder / file)
        for graph in arguments.bundle.glob('*.onnx'):
            (folder / graph.name).write_bytes(graph.read_bytes())
        for size in arguments.sizes:
            names = {'plain': f'decoder-{size}', 'points': f'decoder-{size}-points'}
            sessions = {n: ort.InferenceSession(str(folder / f'{file}.onnx'), options) for n, file in names.items()}
            if size == 1024:
                sessions['original'] = open_original_decoder(arguments.package_dir / 'sam.onnx', folder, options)
            for batch in arguments.batches:
                best = bench(sessions, create_feeds(size, batch), arguments.repeats, clock)
                print(size, f'B={batch}', *(f'{n} {s / batch * 1000:.1f} ms' for n, s in best.items()), flush=True)


if __name__ == '__main__':
    main()
