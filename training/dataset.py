"""Builds training sequences and caches their frozen features: work/sequences/<split>-<index>.*.npy, one seed each.

A sequence has `stride4` float16 [L, 64, 2H, 2W], `stride8` float16 [L, 128, H, W], `stride16` float16 [L, 256, H/2,
W/2] and `masks` uint8 [L, K, 2H, 2W] (share of the visible pixels of the object in each cell of stride 4, 255 = all).
The file of the masks is written last: where it is, the sequence is whole. `kind` is one word.
"""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

import drawing
from crossing import crossing_options, crossing_scene
from frozen_model import Features, FrozenModel
from real_clips import label_window
from scene import SceneOptions, Sequence, camera_frames, camera_matrices, compose, foreground_layer
from sources import Source, open_sources, read_clip, read_picture
from sprites import CutOut, Sprite, cut_outs_of, random_sprite

LENGTH = 8
CROSSINGS_FROM = 600  # sequences from this number on show crossings
KINDS = {'drawn': 0.08, 'still': 0.34, 'moving': 0.23, 'real': 0.35}
SHAPES = {(512, 512): 0.5, (288, 512): 0.35, (384, 512): 0.1, (512, 288): 0.05}
WORLD_HEIGHT, SEAM = 640, 24
# Not seen in training: the generated evaluation set is made of these.
HELD_OUT = {
    'truck.jpg',
    'again.mkv',
    'book.mkv',
    'head-pose-face-detection-male.gif',
    'worker-zone-detection.gif',
    'learning-area-red-panda.jpg',
    'learning-area-wild-bear.jpg',
    'kubric-movi_c_2.gif',
    'kubric-movi_e_2.gif',
    'tfjs-models-pose_1.mp4',
}
SPLITS = {'train': 1, 'heldout': 2}
Rng = np.random.Generator


@dataclass
class Material:
    sources: list[Source]
    library: list[CutOut]
    cache: Path  # of decoded clips

    def clip(self, rng: Rng) -> np.ndarray:
        clips = [source for source in self.sources if not source.is_picture]
        return read_clip(clips[int(rng.integers(len(clips)))], self.cache)

    def picture(self, rng: Rng) -> np.ndarray:
        """A picture, or a frame of a clip."""
        source = self.sources[int(rng.integers(len(self.sources)))]
        if source.is_picture:
            return read_picture(source)
        frames = read_clip(source, self.cache)
        return np.array(frames[int(rng.integers(len(frames)))])


def pick(rng: Rng, choices: dict) -> object:
    return list(choices)[int(rng.choice(len(choices), p=list(choices.values())))]


def load_material(split: str, sources_dir: Path, work_dir: Path, model: FrozenModel) -> Material:
    """The split's sources and its cut-outs (found once, then kept in the work folder)."""
    is_held_out = split == 'heldout'
    sources = [source for source in open_sources(sources_dir) if (source.file in HELD_OUT) == is_held_out]
    path, cache = work_dir / f'cutouts-{split}.pickle', work_dir / 'clips'
    if not path.exists():
        library: list[CutOut] = []
        for source in sources:
            picture = read_picture(source) if source.is_picture else middle_frame(read_clip(source, cache))
            library += cut_outs_of(model, picture, source.file)
        path.with_suffix('.part').write_bytes(pickle.dumps(library))
        path.with_suffix('.part').rename(path)
    return Material(sources, pickle.loads(path.read_bytes()), cache)


def middle_frame(frames: np.ndarray) -> np.ndarray:
    return np.array(frames[(len(frames) - 1) // 2])


def fit_frames(rng: Rng, frames: np.ndarray, height: int, width: int) -> np.ndarray:
    """A window of the aspect somewhere in the frames, of 65 % of the largest side or more, resized."""
    source_height, source_width = frames.shape[1:3]
    scale = max(height / source_height, width / source_width) / rng.uniform(0.65, 1)
    crop_height, crop_width = round(height / scale), round(width / scale)
    top = int(rng.integers(source_height - crop_height + 1))
    left = int(rng.integers(source_width - crop_width + 1))
    cropped = frames[:, top : top + crop_height, left : left + crop_width]
    mode = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.stack([cv2.resize(frame, (width, height), interpolation=mode) for frame in cropped])


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
        occluders=int(rng.integers(0, 4)),
        speed=rng.uniform(0.2, 1.2),
        twins=rng.random() < 0.4,
        leaves=rng.random() < 0.2,
        deform=rng.uniform(0, 0.2),
        camera=rng.uniform(0, 1.5),
        pan=rng.uniform(0.3, 1.6) if rng.random() < 0.5 else 0,
        foreground=int(rng.integers(1, 5)) if rng.random() < 0.35 else 0,
    )


def scene_sprites(rng: Rng, material: Material, options: SceneOptions, drawn_share: float) -> list[Sprite]:
    """The tracked sprites, then the others, of which some may be twins of the first."""
    count = options.tracked + options.occluders
    sprites = [random_sprite(rng, material.library, drawn_share) for _ in range(count)]
    if options.twins and count > 1:
        for index in {int(rng.integers(1, count)), count - 1}:
            sprites[index] = sprites[0]
    return sprites


def world(rng: Rng, pictures: list[np.ndarray]) -> np.ndarray:
    """Pictures side by side with soft seams: a place that a camera can travel along, [640, w, 3]."""
    parts = []
    for picture in pictures:
        width = max(SEAM * 2, round(picture.shape[1] * WORLD_HEIGHT / picture.shape[0]))
        part = cv2.resize(picture, (width, WORLD_HEIGHT), interpolation=cv2.INTER_AREA)
        parts.append(part[:, ::-1] if rng.random() < 0.5 else part)
    ramp = np.linspace(0, 1, SEAM)[None, :, None]
    whole = parts[0]
    for part in parts[1:]:
        seam = (whole[:, -SEAM:] * (1 - ramp) + part[:, :SEAM] * ramp).astype(np.uint8)
        whole = np.concatenate([whole[:, :-SEAM], seam, part[:, SEAM:]], 1)
    return whole


def make_scene(rng: Rng, material: Material, kind: str) -> Sequence:
    options = scene_options(rng)
    background, carried, foreground = make_place(rng, material, kind, options)
    sprites = scene_sprites(rng, material, options, 0.7 if kind == 'drawn' else 0.1)
    return compose(rng, background, sprites, options, carried, foreground)


def make_place(
    rng: Rng, material: Material, kind: str, options: SceneOptions
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Background, how its ground moves (None: unknown), and what stands in front of everything (see `compose`)."""
    height, width, length = options.height, options.width, options.length
    window = clip_window(rng, material.clip(rng), length, 6) if kind == 'moving' else np.empty(0)
    if len(window) == length:
        background, carried = fit_frames(rng, window, height, width), None
    else:
        count = 3 if options.pan else 1
        if kind == 'drawn':
            place = world(rng, [drawing.texture(rng, WORLD_HEIGHT, WORLD_HEIGHT) for _ in range(count)])
        else:
            place = world(rng, [material.picture(rng) for _ in range(count)])
        matrices = camera_matrices(rng, place.shape[:2], options)
        background, carried = camera_frames(place, matrices, options), matrices[:, :, 2]
    foreground = None
    if options.foreground:
        filling = world(rng, [foreground_filling(rng, material, kind) for _ in range(2)])
        layer = foreground_layer(rng, filling, options.foreground)
        matrices = camera_matrices(rng, layer.shape[:2], replace(options, pan=max(0.5, options.pan)))
        foreground = camera_frames(layer, matrices, options)
    return background, carried, foreground


def foreground_filling(rng: Rng, material: Material, kind: str) -> np.ndarray:
    if kind == 'drawn' or rng.random() < 0.3:
        return drawing.texture(rng, WORLD_HEIGHT, WORLD_HEIGHT)
    return material.picture(rng)


def make_real(rng: Rng, material: Material, model: FrozenModel) -> tuple[Sequence, list[Features]] | None:
    for _ in range(3):
        window = clip_window(rng, material.clip(rng), LENGTH, 4)
        if len(window) < LENGTH:
            continue
        labelled = label_window(rng, model, fit_frames(rng, window, *pick(rng, SHAPES)))
        if labelled:
            return labelled
    return None


def make_crossing(rng: Rng, material: Material) -> Sequence:
    while True:
        options = crossing_options(rng, scene_options(rng))
        background, carried, _ = make_place(rng, material, pick(rng, {'still': 0.6, 'moving': 0.4}), options)
        sequence = crossing_scene(rng, material.library, (background, carried), options)
        if sequence:
            return sequence


def build_sequence(index: int, split: str, seed: int, material: Material, model: FrozenModel) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([seed, SPLITS[split], index])
    kind = pick(rng, KINDS) if index < CROSSINGS_FROM else 'crossing'
    labelled = make_real(rng, material, model) if kind == 'real' else None
    if kind == 'real' and labelled is None:
        kind = 'still'
    if labelled is None:
        sequence = make_crossing(rng, material) if kind == 'crossing' else make_scene(rng, material, kind)
        features = [model.encode(frame) for frame in sequence.frames]
    else:
        sequence, features = labelled
    rows, columns = features[0].stride16.shape[1:]
    return {
        'stride4': np.stack([f.stride4 for f in features]).astype(np.float16),
        'stride8': np.stack([f.stride8 for f in features]).astype(np.float16),
        'stride16': np.stack([f.stride16 for f in features]).astype(np.float16),
        'kind': np.array(kind),
        'masks': pool_masks(sequence.masks, rows * 4, columns * 4),
    }


def pool_masks(masks: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """0 or 1 [..., h, w] -> uint8 shares of 255 [..., rows, columns] at stride 4; outside the picture is 0."""
    padded = np.zeros((*masks.shape[:-2], rows * 4, columns * 4), np.float32)
    padded[..., : masks.shape[-2], : masks.shape[-1]] = masks
    pooled = padded.reshape(*masks.shape[:-2], rows, 4, columns, 4).mean((-3, -1))
    return np.round(pooled * 255).astype(np.uint8)


def sequence_path(work_dir: Path, split: str, index: int, part: str = 'masks') -> Path:
    return work_dir / 'sequences' / f'{split}-{index:05d}.{part}.npy'


def build_numbers(
    numbers: list[int], split: str, seed: int, sources_dir: Path, work_dir: Path, weights_dir: Path
) -> None:
    """Writes what is missing of these sequences; one whose masks are there is whole."""
    model = FrozenModel(weights_dir, threads=1)
    cv2.setNumThreads(1)
    material = load_material(split, sources_dir, work_dir, model)
    (work_dir / 'sequences').mkdir(exist_ok=True)
    for index in numbers:
        if sequence_path(work_dir, split, index).exists():
            continue
        for part, array in build_sequence(index, split, seed, material, model).items():
            path = sequence_path(work_dir, split, index, part)
            unfinished = path.with_name(f'{path.stem}.{os.getpid()}.part.npy')
            np.save(unfinished, array)
            unfinished.rename(path)


def scene_for_tests(seed: int) -> Sequence:
    """A small drawn scene, without any source or network."""
    rng = np.random.default_rng(seed)
    options = replace(scene_options(rng), height=96, width=160, length=4, tracked=2, occluders=1, foreground=1)
    place = drawing.texture(rng, 96, 320)
    matrices = camera_matrices(rng, place.shape[:2], options)
    background, carried = camera_frames(place, matrices, options), matrices[:, :, 2]
    foreground = camera_frames(foreground_layer(rng, place, 1), matrices, options)
    sprites = scene_sprites(rng, Material([], [], Path()), options, 1)
    return compose(rng, background, sprites, options, carried, foreground)
