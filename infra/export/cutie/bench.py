"""Seconds per frame and memory of the Python original, to put beside `node dist/bench/token-memory.js` on the same
bundle and machine.

    python bench.py --model cutie-base-mega --random 3 --frames 8 --objects 2 --masks masks.bin

The pictures are those of bench/token-memory.ts. Frames from the third on count. --masks writes the masks found, as
bytes.
"""

from __future__ import annotations

import argparse

import torch
from checkpoints import CHECKPOINTS, build, configuration
from cutie.inference.inference_core import InferenceCore
from random_weights import randomise
from timed_clip import add_arguments, measure


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--model', choices=sorted(CHECKPOINTS), required=True)
    add_arguments(parser)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = build(configuration(CHECKPOINTS[arguments.model], ['chunk_size=8']), None)
    randomise(model, arguments.random)
    core = InferenceCore(model, cfg=model.cfg)
    objects = list(range(1, arguments.objects + 1))

    def step(image: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        return core.output_prob_to_mask(core.step(image, mask, None if mask is None else objects))

    measure(arguments, step)


if __name__ == '__main__':
    main()
