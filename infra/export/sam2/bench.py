"""Seconds per frame and memory of the Python original, to put beside `node dist/bench/sam2.js` on the same bundle
and machine. EdgeTAM's runs in its own environment (../edgetam/README.md).

    python bench.py --model sam2.1-hiera-tiny --random 3 --frames 10 --objects 2
    python bench.py --model edgetam --random 3 --size 512

The clip is that of bench/sam2.ts: moving noise, and rectangles to follow. Frames from the eighth on count, when the
memory is full.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from checkpoints import CHECKPOINTS, build, randomise, resized

sys.path.append(str(Path(__file__).resolve().parents[1] / 'common'))
from timed_clip import now, print_figures  # noqa: E402

WARM_UP = 7


def state_of(frames: torch.Tensor) -> dict:
    """What the predictor's init_state makes of a video: of sam2 1.1.0, and of the older one that EdgeTAM has."""
    count, _, height, width = frames.shape
    device = torch.device('cpu')
    state = {'images': frames, 'num_frames': count, 'video_height': height, 'video_width': width}
    state |= {'device': device, 'storage_device': device, 'offload_video_to_cpu': False, 'offload_state_to_cpu': False}
    state |= {'obj_ids': [], 'tracking_has_started': False}
    names = (
        'cached_features constants point_inputs_per_obj mask_inputs_per_obj obj_id_to_idx obj_idx_to_id '
        'output_dict_per_obj temp_output_dict_per_obj frames_tracked_per_obj frames_already_tracked'
    )
    state |= {name: {} for name in names.split()}
    for name, kind in (('output_dict', dict), ('consolidated_frame_inds', set)):
        state[name] = {'cond_frame_outputs': kind(), 'non_cond_frame_outputs': kind()}
    return state


def one_by_one(perceiver: torch.nn.Module) -> None:
    """EdgeTAM's perceiver as upstream wrote it fails for two objects at once (a view of an expanded tensor): it is run
    for each, and all else for all of them together."""
    forward = perceiver.forward

    def each(grids: torch.Tensor, positions: torch.Tensor) -> tuple[torch.Tensor, ...]:
        pairs = zip(grids.split(1), positions.split(1), strict=True)
        return tuple(torch.cat(parts) for parts in zip(*(forward(*pair) for pair in pairs), strict=True))

    perceiver.forward = each


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--model', choices=sorted(CHECKPOINTS), required=True)
    parser.add_argument('--random', type=int, default=3)
    parser.add_argument('--size', type=int, default=1024)
    parser.add_argument('--frames', type=int, default=10)
    parser.add_argument('--objects', type=int, default=2)
    parser.add_argument('--threads', type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with torch.inference_mode(False):
        config = CHECKPOINTS[arguments.model].config
        # Holes are filled by a CUDA kernel.
        model = build(config, None, resized(config, ['++model.fill_hole_area=0'], arguments.size))
        randomise(model, arguments.random)
    if getattr(model, 'spatial_perceiver', None) is not None:
        one_by_one(model.spatial_perceiver)
    size = model.image_size
    picture = np.random.default_rng(1).normal(size=(3, size, size)).astype(np.float32)
    frames = torch.from_numpy(np.stack([np.roll(picture, 4 * t, axis=2) for t in range(arguments.frames)]))
    state = state_of(frames)
    for number in range(arguments.objects):
        mask = torch.zeros(size, size, dtype=torch.bool)
        mask[100 + 60 * number : 200 + 60 * number, 100:300] = True
        model.add_new_mask(state, 0, number + 1, mask)
    times = []
    last = now()
    for _ in model.propagate_in_video(state):
        at = now()
        times.append(at - last)
        last = at
    print_figures(times[WARM_UP:], arguments.objects)


if __name__ == '__main__':
    main()
