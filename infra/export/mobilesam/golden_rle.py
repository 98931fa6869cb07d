"""COCO run-length vectors from pycocotools."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco


def blobs(random: np.random.Generator, height: int, width: int, count: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    mask = np.zeros((height, width), np.uint8)
    for _ in range(count):
        y, x = random.uniform(0, height), random.uniform(0, width)
        ry, rx = random.uniform(1, height / 3), random.uniform(1, width / 3)
        mask |= (((rows - y) / ry) ** 2 + ((columns - x) / rx) ** 2 <= 1).astype(np.uint8)
    return mask


def noise(random: np.random.Generator, height: int, width: int, share: float) -> np.ndarray:
    return (random.random((height, width)) < share).astype(np.uint8)


def one_pixel(height: int, width: int, y: int, x: int) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[y, x] = 1
    return mask


def create_masks() -> dict[str, np.ndarray]:
    random = np.random.default_rng(20240607)
    masks = {
        'empty': np.zeros((7, 5), np.uint8),
        'full': np.ones((7, 5), np.uint8),
        'one by one empty': np.zeros((1, 1), np.uint8),
        'one by one full': np.ones((1, 1), np.uint8),
        'first pixel': one_pixel(6, 9, 0, 0),
        'last pixel': one_pixel(6, 9, 5, 8),
        'middle pixel': one_pixel(6, 9, 3, 4),
        'one row': noise(random, 1, 37, 0.5),
        'one column': noise(random, 41, 1, 0.5),
        'one row full': np.ones((1, 12), np.uint8),
        'one column full': np.ones((12, 1), np.uint8),
        'checkerboard': (np.indices((8, 9)).sum(0) % 2).astype(np.uint8),
        'starts with foreground': np.tril(np.ones((10, 10), np.uint8)),
        'run across columns': np.pad(np.ones((16, 4), np.uint8), ((0, 0), (3, 2))),
        'two far columns': np.pad(np.ones((3, 1), np.uint8), ((2, 2), (0, 40)))
        | np.pad(np.ones((3, 1), np.uint8), ((2, 2), (40, 0))),
        'full 500x300': np.ones((500, 300), np.uint8),
        'blobs 500x300': blobs(random, 500, 300, 6),
        'blobs 300x500': blobs(random, 300, 500, 4),
        'last pixel 500x300': one_pixel(500, 300, 499, 299),
    }
    for index in range(12):
        height, width = (int(value) for value in random.integers(2, 64, 2))
        masks[f'blobs {index} {height}x{width}'] = blobs(random, height, width, int(random.integers(1, 4)))
    for index, share in enumerate((0.02, 0.1, 0.3, 0.5, 0.7, 0.95)):
        height, width = (int(value) for value in random.integers(2, 30, 2))
        masks[f'noise {index} {height}x{width}'] = noise(random, height, width, share)
    return masks


def uncompressed_counts(mask: np.ndarray) -> list[int]:
    flat = mask.flatten(order='F')
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    counts = [0, *runs] if flat[0] else runs
    decoded = coco.decode(coco.frPyObjects({'size': list(mask.shape), 'counts': counts}, *mask.shape))
    assert np.array_equal(decoded, mask)
    return counts


def describe(name: str, mask: np.ndarray) -> dict:
    rle = coco.encode(np.asfortranarray(mask))
    return {
        'name': name,
        'size': list(mask.shape),
        'counts': uncompressed_counts(mask),
        'compressed': rle['counts'].decode(),
        'area': int(coco.area(rle)),
        'bbox': coco.toBbox(rle).tolist(),
    }


def describe_group(random: np.random.Generator) -> dict:
    masks = [blobs(random, 48, 64, 2) for _ in range(6)]
    masks += [np.zeros((48, 64), np.uint8), np.ones((48, 64), np.uint8)]
    rles = [coco.encode(np.asfortranarray(mask)) for mask in masks]
    union, common = coco.merge(rles[:3], intersect=False), coco.merge(rles[:2], intersect=True)
    return {
        'masks': [describe(f'group {index}', mask) for index, mask in enumerate(masks)],
        'iou': coco.iou(rles, rles, [0] * len(rles)).tolist(),
        'iouCrowd': coco.iou(rles, rles, [1] * len(rles)).tolist(),
        'unionOfFirstThree': union['counts'].decode(),
        'intersectionOfFirstTwo': common['counts'].decode(),
    }


def write_rle(path: Path) -> None:
    document = {
        'note': 'pycocotools 2.0.11. Sizes are [height, width]; counts are column-major and start with background. '
        'iou[d][g] = detection d against ground truth g, iscrowd 0; iouCrowd is the same with iscrowd 1.',
        'masks': [describe(name, mask) for name, mask in create_masks().items()],
        'group': describe_group(np.random.default_rng(7)),
    }
    path.write_text(json.dumps(document, separators=(',', ':')) + '\n')
