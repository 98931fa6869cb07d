"""Seconds per frame and memory of the Python original, to put beside `node dist/bench/deaot.js` on the same bundle
and machine.

    python bench.py --model r50-deaotl --random 1 --masks masks.json

The clip is that of bench/deaot.ts: noise of 854 x 480, and rectangles. Every frame is remembered, so that the memory is
full at frame 9, from which on frames count. Masks of frame 8, before anything is forgotten, are written for
bench/deaot.ts to compare with.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from aot.dataloaders.video_transforms import MultiRestrictSize, MultiToTensor
from aot.networks.engines import build_engine
from bundle import MAX_LEN_LONG_TERM
from checkpoints import MODELS, build, configure, quietly, randomise
from golden_files import counts_of
from timed_clip import now, print_figures
from torch.nn import functional as F

WIDTH, HEIGHT = 854, 480
COMPARED, WARM_UP = 8, 9


def picture_of(position: int, long_edge: int) -> torch.Tensor:
    count = WIDTH * HEIGHT * 3
    noise = ((np.arange(count + 12 * position, dtype=np.uint64) * 2654435761 % 2**32) >> 24).astype(np.float32)
    sample = {'current_img': noise[12 * position :].reshape(HEIGHT, WIDTH, 3), 'meta': {}}
    resize = MultiRestrictSize(None, long_edge, False, [1], True)
    return MultiToTensor()(resize(sample))[0]['current_img'].float()[None]


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--model', choices=sorted(MODELS), required=True)
    parser.add_argument('--random', type=int, default=1)
    parser.add_argument('--frames', type=int, default=13)
    parser.add_argument('--objects', type=int, default=2)
    parser.add_argument('--long-edge', type=int, default=1040)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--masks', type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with torch.inference_mode(False):
        model = build(configure(arguments.model))
        randomise(model, arguments.random)
    with quietly():
        engine = build_engine(
            model.cfg.MODEL_ENGINE,
            phase='eval',
            aot_model=model,
            long_term_mem_gap=1,
            max_len_long_term=MAX_LEN_LONG_TERM,
        ).eval()
    labels = torch.zeros(1, 1, HEIGHT, WIDTH)
    for number in range(arguments.objects):
        labels[:, :, 100 + 60 * number : 200 + 60 * number, 100:300] = number + 1
    picture = picture_of(0, arguments.long_edge)
    labels = F.interpolate(labels, size=picture.shape[2:])
    times = []
    with quietly():
        engine.add_reference_frame(picture, labels, obj_nums=[arguments.objects], frame_step=0)
        for position in range(1, arguments.frames):
            picture = picture_of(position, arguments.long_edge)
            start = now()
            engine.match_propogate_one_frame(picture)
            found = engine.decode_current_logits((HEIGHT, WIDTH)).argmax(1, keepdim=True).float()
            engine.update_memory(F.interpolate(found, size=engine.input_size_2d))
            times.append(now() - start)
            if arguments.masks and position == COMPARED:
                masks = [counts_of((found[0, 0] == n + 1).numpy()) for n in range(arguments.objects)]
                arguments.masks.write_text(json.dumps(masks) + '\n')
    print_figures(times[WARM_UP - 1 :], arguments.objects)


if __name__ == '__main__':
    main()
