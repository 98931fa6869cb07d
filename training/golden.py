"""The golden clip of the memory tracker: drawn frames as PNG, given masks, and the masks that this tracker gives.

    python golden.py --weights-dir DIR --out ../test/golden/memory

Run it again whenever the graphs change; the frames stay the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco

import drawing
from frozen_model import BUNDLE, FrozenModel, fit_longest_side
from scene import SceneOptions, Sequence, camera_frames, camera_matrices, compose
from sprites import SIDE
from tracker import MaskGrid, MemoryGraphs, MemoryTracker

SEED, HEIGHT, WIDTH, LENGTH, OBJECTS = 13, 135, 240, 12, 3
ADDED = {1: 0, 2: 0, 3: 4}  # object -> frame it is given on
COLOURS, INPUT_SIZE = 48, 512
NOTE = (
    'Frames in name order; `given` are the masks handed to the tracker after it has seen that frame, `expected` its '
    'masks on every later frame. COCO RLE (column-major). Made by training/golden.py from a drawn scene.'
)


def draw_clip() -> Sequence:
    """Three drawn shapes over a drawn background, reduced to a few colours so that the pictures stay small."""
    rng = np.random.default_rng(SEED)
    options = SceneOptions(HEIGHT, WIDTH, LENGTH, tracked=OBJECTS, occluders=0, speed=0.7, camera=0.5)
    sprites = [drawing.ArticulatedShape(rng, SIDE) for _ in range(OBJECTS)]
    place = drawing.texture(rng, HEIGHT, WIDTH)
    background = camera_frames(place, camera_matrices(rng, place.shape[:2], options), options)
    sequence = compose(rng, background, sprites, options)
    frames = [Image.fromarray(frame).quantize(COLOURS, dither=Image.Dither.NONE) for frame in sequence.frames]
    return Sequence(np.stack([np.asarray(frame.convert('RGB')) for frame in frames]), sequence.masks)


def encode_mask(mask: np.ndarray) -> dict:
    rle = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {'size': list(rle['size']), 'counts': rle['counts'].decode()}


def track_clip(sequence: Sequence, model: FrozenModel, graphs: MemoryGraphs) -> tuple[list[dict], list[dict]]:
    tracker = MemoryTracker(graphs, MaskGrid((HEIGHT, WIDTH), fit_longest_side(HEIGHT, WIDTH, INPUT_SIZE)))
    given, expected = [], []
    for t, frame in enumerate(sequence.frames):
        features = model.encode(frame)
        for id, mask in tracker.observe(features.stride4, features.stride8, features.stride16).items():
            expected.append({'frame': t, 'object': id, 'rle': encode_mask(mask)})
        new = {id: sequence.masks[t, id - 1] > 0 for id, start in ADDED.items() if start == t}
        if new:
            tracker.add(new)
            given += [{'frame': t, 'object': id, 'rle': encode_mask(mask)} for id, mask in new.items()]
    return given, expected


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--weights-dir', type=Path, required=True)
    parser.add_argument('--graphs', type=Path, default=BUNDLE)
    parser.add_argument('--out', type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    sequence = draw_clip()
    for t, frame in enumerate(sequence.frames):
        picture = Image.fromarray(frame).quantize(COLOURS, dither=Image.Dither.NONE)
        assert (np.asarray(picture.convert('RGB')) == frame).all()
        picture.save(arguments.out / f'frame-{t:02d}.png', optimize=True)
    model = FrozenModel(arguments.weights_dir, INPUT_SIZE, with_decoders=False)
    given, expected = track_clip(sequence, model, MemoryGraphs(arguments.graphs))
    graphs = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(arguments.graphs.glob('memory-*.onnx'))
    }
    golden = {'note': NOTE, 'inputSize': INPUT_SIZE, 'graphs': graphs, 'given': given, 'expected': expected}
    (arguments.out / 'masks.json').write_text(json.dumps(golden, indent=1) + '\n')


if __name__ == '__main__':
    main()
