"""Writes a bundle of XMem, for `vamg models add`.

    python export.py --model xmem --checkpoint XMem.pth --out xmem

Where the checkpoints are is said by --list. Without --checkpoint but with --random SEED the weights are random: for
timing only.
"""

from __future__ import annotations

import torch
from bundle import write_bundle
from checkpoints import CHECKPOINTS, LICENCE, load, url_of
from export_options import export_parser, source_of
from networks import Sizes, XMem
from options import options_of
from random_weights import randomise


def main() -> None:
    addresses = {name: url_of(name) for name in CHECKPOINTS}
    takes = "upstream's options, for example mem_every=10"
    arguments = export_parser(__doc__, addresses, LICENCE, takes, only_tracks=True).parse_args()
    torch.set_num_threads(1)
    options = options_of(arguments.set)
    if arguments.checkpoint:
        model = load(arguments.checkpoint)
    else:
        model = XMem(Sizes()).eval()
        randomise(model, arguments.random)
    source = source_of(arguments, url_of(arguments.model), LICENCE)
    description = f'{arguments.model}: memory tracker for video.'
    write_bundle(arguments.out, arguments.out.name, model, options, source, description, arguments.image_model)
    print(f'{arguments.out}: add it with `vamg models add`.')


if __name__ == '__main__':
    main()
