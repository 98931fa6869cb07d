"""Writes a bundle of the SAM 2 family, for `vamg models add`.

    python export.py --model sam2.1-hiera-tiny --checkpoint sam2.1_hiera_tiny.pt --out sam2.1-hiera-tiny

Where the checkpoints are is said by --list. Without --checkpoint but with --random SEED the weights are random:
for timing only.
"""

from __future__ import annotations

import torch
from bundle import Edition, write_bundle
from checkpoints import CHECKPOINTS, LICENCE, build, randomise, resized
from export_options import export_parser, source_of
from graphs import check_supported


def main() -> None:
    addresses = {name: checkpoint.url for name, checkpoint in CHECKPOINTS.items()}
    settings = "upstream's options, for example max_cond_frames_in_attn=4"
    parser = export_parser(__doc__, addresses, LICENCE, settings)
    parser.add_argument(
        '--sizes', type=int, nargs='+', default=[1024], help='input sizes, multiples of 32; SAM 2 is trained at 1024'
    )
    arguments = parser.parse_args()
    public = CHECKPOINTS[arguments.model]
    overrides = [f'++model.{setting}' for setting in arguments.set]
    models = []
    for size in sorted(set(arguments.sizes)):
        model = build(public.config, arguments.checkpoint, resized(public.config, overrides, size))
        if arguments.checkpoint is None:
            randomise(model, arguments.random)
        check_supported(model)
        models.append(model)
    source = source_of(arguments, public.url, LICENCE)
    torch.set_num_threads(1)
    description = f'{arguments.model}: image segmenter, and memory tracker for video.'
    write_bundle(arguments.out, Edition(arguments.out.name, models, source, description))
    print(f'{arguments.out}: add it with `vamg models add`.')


if __name__ == '__main__':
    main()
