"""Writes a bundle of the DeAOT family, for `vamg models add`.

    python export.py --model r50-deaotl --checkpoint R50_DeAOTL_PRE_YTB_DAV.pth --out r50-deaotl

Where the checkpoints are is said by --list. Without --checkpoint but with --random SEED the weights are random:
for timing only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from bundle import write_bundle
from bundle_files import sha256_of
from checkpoints import ADDRESS, LICENCE, MODELS, build, configure, load, randomise
from graphs import check_supported

CHANGEABLE = ('long_term_mem_gap', 'short_term_mem_skip', 'max_len_long_term')


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--list', action='store_true', help='print the models and where their checkpoints are')
    parser.add_argument('--model', choices=sorted(MODELS))
    parser.add_argument('--checkpoint', type=Path, help='the downloaded checkpoint')
    parser.add_argument('--random', type=int, metavar='SEED', help='random weights instead of a checkpoint')
    parser.add_argument('--out', type=Path, help='folder the bundle is written to')
    parser.add_argument('--image-model', metavar='BUNDLE', help='bundle that segments pictures; mobilesam by default')
    parser.add_argument(
        '--set',
        nargs='+',
        default=[],
        metavar='NAME=VALUE',
        help='settings of the tracker: ' + ', '.join(CHANGEABLE),
    )
    arguments = parser.parse_args()
    if not arguments.list and (not arguments.model or not arguments.out):
        parser.error('--model and --out are needed')
    if not arguments.list and (arguments.checkpoint is None) == (arguments.random is None):
        parser.error('either --checkpoint or --random is needed')
    return arguments


def settings_from(pairs: list[str]) -> dict[str, int]:
    found = dict(pair.partition('=')[::2] for pair in pairs)
    wrong = [name for name, value in found.items() if name not in CHANGEABLE or not value.isdigit() or int(value) < 1]
    if wrong:
        raise SystemExit(f'--set takes positive numbers for {", ".join(CHANGEABLE)}, not {", ".join(wrong)}')
    return {name: int(value) for name, value in found.items()}


def main() -> None:
    arguments = parse()
    if arguments.list:
        print('\n'.join(f'{name}  {ADDRESS}  {LICENCE}' for name in MODELS))
        return
    changes = settings_from(arguments.set)
    model = build(configure(arguments.model))
    check_supported(model)
    if arguments.checkpoint:
        load(model, arguments.checkpoint)
        source = {'url': ADDRESS, 'licence': LICENCE, 'sha256': sha256_of(arguments.checkpoint)}
    else:
        randomise(model, arguments.random)
        source = {'url': f'none: random numbers, seed {arguments.random}', 'licence': LICENCE}
    torch.set_num_threads(1)
    description = f'{arguments.model}: memory tracker for video.'
    write_bundle(arguments.out, arguments.out.name, model, source, description, arguments.image_model, changes)
    print(f'{arguments.out}: add it with `vamg models add`.')


if __name__ == '__main__':
    main()
