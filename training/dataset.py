"""Builds training sequences and caches their frozen features: work/sequences/<split>-<index>.npz, one per seed.

A file holds `stride8` float16 [L, 128, H, W], `stride16` float16 [L, 256, H/2, W/2], `masks` uint8 [L, K, 2H, 2W]
(share of the object's visible pixels in each cell of stride 4, 255 = all) and `kind`.
"""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

import drawing
from frozen_model import Features, FrozenModel
from real_clips import label_window
from scene import SceneOptions, Sequence, camera_frames, compose
from sources import Source, open_sources, read_clip, read_picture
from sprites import CutOut, Sprite, cut_outs_of, random_sprite

LENGTH = 8
KINDS = {'drawn': 0.12, 'still': 0.28, 'moving': 0.25, 'real': 0.35}
SHAPES = {(288, 512): 0.7, (384, 512): 0.2, (512, 288): 0.1}
# Not seen in training: the generated evaluation set is made of these.
HELD_OUT = {'truck.jpg', 'again.mkv', 'book.mkv', 'head-pose-face-detection-male.gif', 'worker-zone-detection.gif'}
SPLITS = {'train': 1, 'heldout': 2}
Rng = np.random.Generator


@dataclass
class Material:
    sources: list[Source]
    library: list[CutOut]


def pick(rng: Rng, choices: dict) -> object:
    return list(choices)[int(rng.choice(len(choices), p=list(choices.values())))]


def load_material(split: str, sources_dir: Path, work_dir: Path, model: FrozenModel) -> Material:
    """The split's sources and its cut-outs (found once, then kept in the work folder)."""
    is_held_out = split == 'heldout'
    sources = [source for source in open_sources(sources_dir) if (source.file in HELD_OUT) == is_held_out]
    path = work_dir / f'cutouts-{split}.pickle'
    if not path.exists():
        library: list[CutOut] = []
        for source in sources:
            frames = [read_picture(source)] if source.is_picture else spread(read_clip(source, 150), 2)
            for frame in frames:
                library += cut_outs_of(model, frame, source.file)
        path.with_suffix('.part').write_bytes(pickle.dumps(library))
        path.with_suffix('.part').rename(path)
    return Material(sources, pickle.loads(path.read_bytes()))


def spread(frames: np.ndarray, count: int) -> np.ndarray:
    return frames[np.linspace(0, len(frames) - 1, count).astype(int)]


def fit_frames(frames: np.ndarray, height: int, width: int) -> np.ndarray:
    """Centre crop to the aspect, then resize."""
    source_height, source_width = frames.shape[1:3]
    scale = max(height / source_height, width / source_width)
    crop_height, crop_width = round(height / scale), round(width / scale)
    top, left = (source_height - crop_height) // 2, (source_width - crop_width) // 2
    cropped = frames[:, top : top + crop_height, left : left + crop_width]
    return np.stack([cv2.resize(frame, (width, height), interpolation=cv2.INTER_LINEAR) for frame in cropped])


def clip_window(rng: Rng, clip: np.ndarray, length: int, max_step: int) -> np.ndarray:
    step = min(int(rng.integers(1, max_step + 1)), max(1, (len(clip) - 1) // (length - 1)))
    start = int(rng.integers(0, max(1, len(clip) - step * (length - 1))))
    return clip[start : start + step * length : step][:length]


def scene_options(rng: Rng) -> SceneOptions:
    height, width = pick(rng, SHAPES)
    return SceneOptions(
        height,
        width,
        LENGTH,
        tracked=int(rng.integers(1, 4)),
        occluders=int(rng.integers(0, 3)),
        speed=rng.uniform(0.2, 1.2),
        twins=rng.random() < 0.3,
        leaves=rng.random() < 0.25,
        deform=rng.uniform(0, 0.15),
        camera=rng.uniform(0, 1.5),
    )


def scene_sprites(rng: Rng, material: Material, options: SceneOptions, drawn_share: float) -> list[Sprite]:
    """The tracked sprites, then the occluders, of which one may be a twin of the first."""
    count = options.tracked + options.occluders
    sprites = [random_sprite(rng, material.library, drawn_share) for _ in range(count)]
    if options.twins and count > 1:
        sprites[int(rng.integers(1, count))] = sprites[0]
    return sprites


def make_scene(rng: Rng, material: Material, kind: str) -> Sequence:
    options = scene_options(rng)
    height, width = options.height, options.width
    if kind == 'moving':
        clips = [source for source in material.sources if not source.is_picture]
        window = clip_window(rng, read_clip(clips[int(rng.integers(len(clips)))], 300), LENGTH, 6)
        if len(window) == LENGTH:
            background = fit_frames(window, height, width)
            return compose(rng, background, scene_sprites(rng, material, options, 0.15), options)
    if kind == 'drawn':
        picture = drawing.texture(rng, height, width)
    else:
        source = material.sources[int(rng.integers(len(material.sources)))]
        picture = read_picture(source) if source.is_picture else pick_frame(rng, read_clip(source, 100))
    background = camera_frames(rng, picture, options)
    return compose(rng, background, scene_sprites(rng, material, options, 0.7 if kind == 'drawn' else 0.1), options)


def pick_frame(rng: Rng, frames: np.ndarray) -> np.ndarray:
    return frames[int(rng.integers(len(frames)))]


def make_real(rng: Rng, material: Material, model: FrozenModel) -> tuple[Sequence, list[Features]] | None:
    clips = [source for source in material.sources if not source.is_picture]
    for _ in range(3):
        clip = read_clip(clips[int(rng.integers(len(clips)))])
        window = clip_window(rng, clip, LENGTH, 4)
        if len(window) < LENGTH:
            continue
        labelled = label_window(rng, model, window)
        if labelled:
            return labelled
    return None


def build_sequence(index: int, split: str, seed: int, material: Material, model: FrozenModel) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([seed, SPLITS[split], index])
    kind = pick(rng, KINDS)
    labelled = make_real(rng, material, model) if kind == 'real' else None
    if kind == 'real' and labelled is None:
        kind = 'still'
    if labelled is None:
        sequence = make_scene(rng, material, kind)
        features = [model.encode(frame) for frame in sequence.frames]
    else:
        sequence, features = labelled
    rows, columns = features[0].stride16.shape[1:]
    return {
        'stride8': np.stack([f.stride8 for f in features]).astype(np.float16),
        'stride16': np.stack([f.stride16 for f in features]).astype(np.float16),
        'masks': pool_masks(sequence.masks, rows * 4, columns * 4),
        'kind': np.array(kind),
    }


def pool_masks(masks: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """0 or 1 [..., h, w] -> uint8 shares of 255 [..., rows, columns] at stride 4; outside the picture is 0."""
    padded = np.zeros((*masks.shape[:-2], rows * 4, columns * 4), np.float32)
    padded[..., : masks.shape[-2], : masks.shape[-1]] = masks
    pooled = padded.reshape(*masks.shape[:-2], rows, 4, columns, 4).mean((-3, -1))
    return np.round(pooled * 255).astype(np.uint8)


def sequence_path(work_dir: Path, split: str, index: int) -> Path:
    return work_dir / 'sequences' / f'{split}-{index:05d}.npz'


def build_range(
    split: str, start: int, stop: int, seed: int, sources_dir: Path, work_dir: Path, weights_dir: Path
) -> None:
    """Writes what is missing of [start, stop); a file appears only when it is whole."""
    model = FrozenModel(weights_dir, threads=1)
    cv2.setNumThreads(1)
    material = load_material(split, sources_dir, work_dir, model)
    (work_dir / 'sequences').mkdir(exist_ok=True)
    for index in range(start, stop):
        path = sequence_path(work_dir, split, index)
        if not path.exists():
            part = path.with_name(f'{path.stem}.{os.getpid()}.part.npz')
            np.savez(part, **build_sequence(index, split, seed, material, model))
            part.rename(path)


def scene_for_tests(seed: int) -> Sequence:
    """A small drawn scene, without any source or network."""
    rng = np.random.default_rng(seed)
    options = replace(scene_options(rng), height=96, width=160, length=4, tracked=2, occluders=1)
    background = camera_frames(rng, drawing.texture(rng, 96, 160), options)
    return compose(rng, background, scene_sprites(rng, Material([], []), options, 1), options)
