"""Writes a bundle of Cutie, for `vamg models add`.

    python export.py --model cutie-base-mega --checkpoint cutie-base-mega.pth --out cutie-base-mega

Where the checkpoints are is said by --list. Without --checkpoint but with --random SEED the weights are random:
for timing only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from bundle import write_bundle
from bundle_files import sha256_of
from checkpoints import CHECKPOINTS, LICENCE, build, configuration, url_of
from graphs import check_supported
from random_weights import randomise

# Upstream has no limit; memory grows with every object of a run.
DEFAULTS = ['chunk_size=8']


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--list', action='store_true', help='print the models and the addresses of their checkpoints')
    parser.add_argument('--model', choices=sorted(CHECKPOINTS))
    parser.add_argument('--checkpoint', type=Path, help='the downloaded checkpoint')
    parser.add_argument('--random', type=int, metavar='SEED', help='random weights instead of a checkpoint')
    parser.add_argument('--out', type=Path, help='folder the bundle is written to')
    parser.add_argument(
        '--set', nargs='+', default=[], metavar='NAME=VALUE', help="upstream's options, for example mem_every=5"
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
    model = build(configuration(CHECKPOINTS[arguments.model], DEFAULTS + arguments.set), arguments.checkpoint)
    check_supported(model)
    source = {'url': url_of(arguments.model), 'licence': LICENCE}
    if arguments.checkpoint:
        source['sha256'] = sha256_of(arguments.checkpoint)
    else:
        randomise(model, arguments.random)
        source['url'] = f'none: random numbers, seed {arguments.random}'
    write_bundle(arguments.out, arguments.out.name, model, source, f'{arguments.model}: memory tracker for video.')
    print(f'{arguments.out}: add it with `vamg models add`.')


if __name__ == '__main__':
    main()
