"""Writes a bundle of the SAM 2 family, for `vamg models add`.

    python export.py --model sam2.1-hiera-tiny --checkpoint sam2.1_hiera_tiny.pt --out sam2.1-hiera-tiny

Where the checkpoints are is said by --list. Without --checkpoint but with --random SEED the weights are random:
for timing only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from bundle import Edition, write_bundle
from bundle_files import sha256_of
from checkpoints import CHECKPOINTS, LICENCE, build, randomise, resized
from graphs import check_supported


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--list', action='store_true', help='print the models and the addresses of their checkpoints')
    parser.add_argument('--model', choices=sorted(CHECKPOINTS))
    parser.add_argument('--checkpoint', type=Path, help='the downloaded checkpoint')
    parser.add_argument('--random', type=int, metavar='SEED', help='random weights instead of a checkpoint')
    parser.add_argument('--out', type=Path, help='folder the bundle is written to')
    parser.add_argument(
        '--sizes', type=int, nargs='+', default=[1024], help='input sizes, multiples of 32; SAM 2 is trained at 1024'
    )
    parser.add_argument(
        '--set',
        nargs='+',
        default=[],
        metavar='NAME=VALUE',
        help="upstream's options, for example max_cond_frames_in_attn=4",
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
        for name, checkpoint in CHECKPOINTS.items():
            print(f'{name}  {checkpoint.url}  {LICENCE}')
        return
    public = CHECKPOINTS[arguments.model]
    overrides = [f'++model.{setting}' for setting in arguments.set]
    models = []
    for size in sorted(set(arguments.sizes)):
        model = build(public.config, arguments.checkpoint, resized(public.config, overrides, size))
        if arguments.checkpoint is None:
            randomise(model, arguments.random)
        check_supported(model)
        models.append(model)
    source = {'url': public.url, 'licence': LICENCE}
    if arguments.checkpoint:
        source['sha256'] = sha256_of(arguments.checkpoint)
    else:
        source['url'] = f'none: random numbers, seed {arguments.random}'
    torch.set_num_threads(1)
    description = f'{arguments.model}: image segmenter, and memory tracker for video.'
    write_bundle(arguments.out, Edition(arguments.out.name, models, source, description))
    print(f'{arguments.out}: add it with `vamg models add`.')


if __name__ == '__main__':
    main()
