"""What export scripts ask for, and what they say of the weights' source."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from bundle_files import sha256_of


def export_parser(description: str | None, models: Iterable[str], example: str) -> argparse.ArgumentParser:
    """`example` is one of upstream's options, with a value."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--list', action='store_true', help='print the models and the addresses of their checkpoints')
    parser.add_argument('--model', choices=sorted(models))
    parser.add_argument('--checkpoint', type=Path, help='the downloaded checkpoint')
    parser.add_argument('--random', type=int, metavar='SEED', help='random weights instead of a checkpoint')
    parser.add_argument('--out', type=Path, help='folder the bundle is written to')
    parser.add_argument('--image-model', metavar='BUNDLE', help='bundle that segments pictures; mobilesam by default')
    parser.add_argument(
        '--set', nargs='+', default=[], metavar='NAME=VALUE', help=f"upstream's options, for example {example}"
    )
    return parser


def parse_export(parser: argparse.ArgumentParser) -> argparse.Namespace:
    arguments = parser.parse_args()
    if not arguments.list and (not arguments.model or not arguments.out):
        parser.error('--model and --out are needed')
    if not arguments.list and (arguments.checkpoint is None) == (arguments.random is None):
        parser.error('either --checkpoint or --random is needed')
    return arguments


def source_of(arguments: argparse.Namespace, url: str, licence: str) -> dict:
    """Where the weights are from, for the bundle."""
    if arguments.checkpoint:
        return {'url': url, 'licence': licence, 'sha256': sha256_of(arguments.checkpoint)}
    return {'url': f'none: random numbers, seed {arguments.random}', 'licence': licence}
