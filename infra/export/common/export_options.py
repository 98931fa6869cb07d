"""The command line of every family's export.py, and what its bundle says of where the weights are from.

    parser = export_parser(__doc__, {name: address, ...}, LICENCE, 'what --set takes')
    parser.add_argument(...)            # what this family has besides
    arguments = parser.parse_args()     # model, checkpoint or random, out, set
    source = source_of(arguments, address, LICENCE)

Import `bundle` before it, which puts this folder on the path.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from bundle_files import sha256_of


def export_parser(
    description: str, addresses: Mapping[str, str], licence: str, settings: str, only_tracks: bool = False
) -> argparse.ArgumentParser:
    """--list, which prints and ends; --model, one of `addresses`; --checkpoint or --random; --out; --set, of which
    `settings` says what it takes; for families that only track, --image-model."""

    class ListModels(argparse.Action):
        def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
            print('\n'.join(f'{name}  {address}  {licence}' for name, address in addresses.items()))
            parser.exit()

    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--list', action=ListModels, nargs=0, help='print the models and the addresses of their checkpoints'
    )
    parser.add_argument('--model', choices=sorted(addresses), required=True)
    weights = parser.add_mutually_exclusive_group(required=True)
    weights.add_argument('--checkpoint', type=Path, help='the downloaded checkpoint')
    weights.add_argument('--random', type=int, metavar='SEED', help='random weights instead of a checkpoint')
    parser.add_argument('--out', type=Path, required=True, help='folder the bundle is written to')
    parser.add_argument('--set', nargs='+', default=[], metavar='NAME=VALUE', help=settings)
    if only_tracks:
        segments = 'bundle that segments pictures; mobilesam by default'
        parser.add_argument('--image-model', metavar='BUNDLE', help=segments)
    return parser


def source_of(arguments: argparse.Namespace, address: str, licence: str) -> dict[str, str]:
    """`source` of the family's settings: url and licence, and of a checkpoint its sha256."""
    if arguments.checkpoint is None:
        return {'url': f'none: random numbers, seed {arguments.random}', 'licence': licence}
    return {'url': address, 'licence': licence, 'sha256': sha256_of(arguments.checkpoint)}
