"""Writes the golden results of the Python originals for the TypeScript parity tests.

    python golden.py --package-dir PACKAGE/dist --fixtures ../../../test/fixtures [--only amg model rle]

Only results are written, never code of the originals. Run it again only to change what is stored.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from golden_amg import write_amg
from golden_model import write_model
from golden_rle import write_rle

PARTS = ('rle', 'model', 'amg')


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--package-dir', type=Path, required=True)
    parser.add_argument('--fixtures', type=Path, required=True)
    parser.add_argument('--only', nargs='+', choices=PARTS, default=PARTS)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    golden = arguments.fixtures / 'golden'
    golden.mkdir(parents=True, exist_ok=True)
    if 'rle' in arguments.only:
        write_rle(golden / 'rle.json')
    if 'model' in arguments.only:
        write_model(arguments.package_dir, arguments.fixtures)
    if 'amg' in arguments.only:
        write_amg(arguments.package_dir, arguments.fixtures)


if __name__ == '__main__':
    main()
