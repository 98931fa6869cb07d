"""Seconds per frame and memory of the Python original, to put beside `node dist/bench/sam2.js` on the same bundle
and machine.

    python bench.py --model sam2.1-hiera-tiny --random 3 --frames 10 --objects 2

The clip is that of bench/sam2.ts: a noise picture with discs. Frames from the eighth on count, when the memory is full.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import torch
from checkpoints import CHECKPOINTS, build, randomise

WARM_UP = 7


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--model', choices=sorted(CHECKPOINTS), required=True)
    parser.add_argument('--random', type=int, default=3)
    parser.add_argument('--frames', type=int, default=10)
    parser.add_argument('--objects', type=int, default=2)
    parser.add_argument('--threads', type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with torch.inference_mode(False):
        model = build(CHECKPOINTS[arguments.model].config, None, ['++model.fill_hole_area=0'])
        randomise(model, arguments.random)
    size = model.image_size
    picture = np.random.default_rng(1).normal(size=(3, size, size)).astype(np.float32)
    frames = torch.from_numpy(np.stack([np.roll(picture, 4 * t, axis=2) for t in range(arguments.frames)]))
    state = {
        'images': frames,
        'num_frames': arguments.frames,
        'video_height': size,
        'video_width': size,
        'device': torch.device('cpu'),
    }
    state |= {'storage_device': state['device'], 'obj_ids': [], 'cached_features': {}, 'constants': {}}
    names = (
        'point_inputs_per_obj mask_inputs_per_obj obj_id_to_idx obj_idx_to_id output_dict_per_obj '
        'temp_output_dict_per_obj frames_tracked_per_obj'
    )
    state |= {name: {} for name in names.split()}
    for number in range(arguments.objects):
        mask = torch.zeros(size, size, dtype=torch.bool)
        mask[100 + 60 * number : 200 + 60 * number, 100:300] = True
        model.add_new_mask(state, 0, number + 1, mask)
    times = []
    last = (time.perf_counter(), time.process_time())
    for _ in model.propagate_in_video(state):
        now = (time.perf_counter(), time.process_time())
        times.append((now[0] - last[0], now[1] - last[1]))
        last = now
    wall, cpu = np.mean(times[WARM_UP:], axis=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f'{wall:.2f} s ({cpu:.2f} s of CPU) per frame with {arguments.objects} objects, peak memory {peak:.0f} MB')


if __name__ == '__main__':
    main()
