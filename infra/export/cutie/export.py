"""Writes a bundle of Cutie, for `vamg models add`.

    python export.py --model cutie-base-mega --checkpoint cutie-base-mega.pth --out cutie-base-mega

Where the checkpoints are is said by --list. Without --checkpoint but with --random SEED the weights are random:
for timing only.
"""

from __future__ import annotations

import torch
from bundle import write_bundle
from checkpoints import CHECKPOINTS, LICENCE, build, configuration, url_of
from export_options import export_parser, source_of
from graphs import check_supported
from random_weights import randomise

# Upstream has no limit; memory grows with every object of a run.
DEFAULTS = ['chunk_size=8']


def main() -> None:
    addresses = {name: url_of(name) for name in CHECKPOINTS}
    takes = "upstream's options, for example mem_every=5"
    arguments = export_parser(__doc__, addresses, LICENCE, takes, only_tracks=True).parse_args()
    torch.set_num_threads(1)
    model = build(configuration(CHECKPOINTS[arguments.model], DEFAULTS + arguments.set), arguments.checkpoint)
    check_supported(model)
    if arguments.checkpoint is None:
        randomise(model, arguments.random)
    source = source_of(arguments, url_of(arguments.model), LICENCE)
    description = f'{arguments.model}: memory tracker for video.'
    write_bundle(arguments.out, arguments.out.name, model, source, description, arguments.image_model)
    print(f'{arguments.out}: add it with `vamg models add`.')


if __name__ == '__main__':
    main()
