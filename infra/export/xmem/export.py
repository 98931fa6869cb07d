"""Writes a bundle of XMem, for `vamg models add`.

    python export.py --model xmem --checkpoint XMem.pth --out xmem

Where the checkpoints are is said by --list. Without --checkpoint but with --random SEED the weights are random: for
timing only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from bundle import write_bundle
from bundle_files import sha256_of
from checkpoints import CHECKPOINTS, LICENCE, load, url_of
from networks import Sizes, XMem
from options import options_of
from random_weights import randomise


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--list', action='store_true', help='print the models and the addresses of their checkpoints')
    parser.add_argument('--model', choices=sorted(CHECKPOINTS))
    parser.add_argument('--checkpoint', type=Path, help='the downloaded checkpoint')
    parser.add_argument('--random', type=int, metavar='SEED', help='random weights instead of a checkpoint')
    parser.add_argument('--out', type=Path, help='folder the bundle is written to')
    parser.add_argument('--image-model', help='bundle that segments pictures; mobilesam where nothing is said')
    parser.add_argument(
        '--set', nargs='+', default=[], metavar='NAME=VALUE', help="upstream's options, for example mem_every=10"
    )
    arguments = parser.parse_args()
    if not arguments.list and (not arguments.model or not arguments.out):
        parser.error('--model and --out are needed')
    if not arguments.list and (arguments.checkpoint is None) == (arguments.random is None):
        parser.error('either --checkpoint or --random is needed')
    return arguments


def main() -> None:
    arguments = parse()
    if arguments.list:
        for name in CHECKPOINTS:
            print(f'{name}  {url_of(name)}  {LICENCE}')
        return
    torch.set_num_threads(1)
    options = options_of(arguments.set)
    source = {'url': url_of(arguments.model), 'licence': LICENCE}
    if arguments.checkpoint:
        model = load(arguments.checkpoint)
        source['sha256'] = sha256_of(arguments.checkpoint)
    else:
        model = XMem(Sizes()).eval()
        randomise(model, arguments.random)
        source['url'] = f'none: random numbers, seed {arguments.random}'
    description = f'{arguments.model}: memory tracker for video.'
    write_bundle(arguments.out, arguments.out.name, model, options, source, description, arguments.image_model)
    print(f'{arguments.out}: add it with `vamg models add`.')


if __name__ == '__main__':
    main()
