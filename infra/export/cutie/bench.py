"""Seconds per frame and memory of the Python original, to put beside `node dist/bench/cutie.js` on the same bundle
and machine.

    python bench.py --model cutie-base-mega --random 3 --frames 8 --objects 2 --masks masks.bin

The pictures are those of bench/cutie.ts. Frames from the third on count. --masks writes the masks found, as bytes.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import torch
from checkpoints import CHECKPOINTS, build, configuration
from cutie.inference.inference_core import InferenceCore
from random_weights import randomise

WARM_UP = 2
WIDTH, HEIGHT = 480, 272


def picture(frame: int) -> np.ndarray:
    number = np.arange(WIDTH * HEIGHT * 3, dtype=np.uint64) + np.uint64(12 * frame)
    return (
        ((number * np.uint64(2654435761) >> np.uint64(24)) & np.uint64(255)).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)
    )


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--model', choices=sorted(CHECKPOINTS), required=True)
    parser.add_argument('--random', type=int, default=3)
    parser.add_argument('--frames', type=int, default=8)
    parser.add_argument('--objects', type=int, default=2)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--masks', type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = build(configuration(CHECKPOINTS[arguments.model], ['chunk_size=8']), None)
    randomise(model, arguments.random)
    core = InferenceCore(model, cfg=model.cfg)
    mask = torch.zeros(HEIGHT, WIDTH, dtype=torch.long)
    for number in range(arguments.objects):
        mask[40 + 60 * number : 90 + 60 * number, 100:300] = number + 1
    times, found = [], []
    for t in range(arguments.frames):
        start = (time.perf_counter(), time.process_time())
        image = torch.from_numpy(picture(t)).permute(2, 0, 1).float() / 255
        given = (mask, list(range(1, arguments.objects + 1))) if t == 0 else ()
        best = core.output_prob_to_mask(core.step(image, *given))
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
        found.append(best.numpy().astype(np.uint8))
    wall, cpu = np.mean(times[WARM_UP:], axis=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f'{wall:.2f} s ({cpu:.2f} s of CPU) per frame with {arguments.objects} objects, peak memory {peak:.0f} MB')
    if arguments.masks:
        arguments.masks.write_bytes(np.stack(found[1:]).tobytes())


if __name__ == '__main__':
    main()
