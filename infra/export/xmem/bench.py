"""Seconds per frame and memory of XMem in Python, to put beside `node dist/bench/token-memory.js` on the same bundle
and machine.

    python bench.py --original ../../../../XMem --frames 8 --objects 2 --masks masks.bin

The pictures are those of bench/token-memory.ts. --original is a checkout of github.com/hkchengrex/XMem, which is timed;
without it tracker.py is. Frames from the third on count. --masks writes the masks found, as bytes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from networks import Sizes, XMem
from options import DEFAULTS
from original import Original
from torch import Tensor
from torch.nn import functional as F
from tracker import Tracker

sys.path.append(str(Path(__file__).resolve().parents[1] / 'common'))
from random_weights import randomise  # noqa: E402
from timed_clip import HEIGHT, WIDTH, add_arguments, measure  # noqa: E402


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--original', type=Path, help='a checkout of the original')
    add_arguments(parser)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with torch.inference_mode(False):
        model = XMem(Sizes()).eval()
        randomise(model, arguments.random)
    objects = range(1, arguments.objects + 1)
    if not arguments.original:
        tracker = Tracker(model, DEFAULTS)

        def step(image: Tensor, labels: Tensor | None) -> Tensor:
            return tracker.step(image, None if labels is None else {i: labels == i for i in objects})[0].argmax(0)

        measure(arguments, step)
        return
    original = Original(arguments.original)
    with torch.inference_mode(False):
        network = original.build(model.sizes, model.state_dict())
    options = {**DEFAULTS, 'hidden_dim': model.sizes.hidden_dim, 'enable_long_term_count_usage': True}
    core = original.InferenceCore(network, config=options)
    core.set_all_labels(list(objects))
    inner = tuple(int(side / min(HEIGHT, WIDTH) * DEFAULTS['size']) for side in (HEIGHT, WIDTH))

    def step_of_original(image: Tensor, labels: Tensor | None) -> Tensor:
        """As in its eval.py."""
        picture = F.interpolate(model.normalise(image)[None], inner, mode='bilinear', align_corners=False)[0]
        masks = None if labels is None else torch.stack([labels == i for i in objects])[None].float()
        given = () if masks is None else (F.interpolate(masks, inner, mode='nearest')[0], list(objects))
        probs = core.step(picture, *given)
        full = F.interpolate(probs[:, None], (HEIGHT, WIDTH), mode='bilinear', align_corners=False)[:, 0]
        return full.argmax(0)

    measure(arguments, step_of_original)


if __name__ == '__main__':
    main()
