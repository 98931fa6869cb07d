"""Generated scenes: sprites moving over a moving background, with exact masks of what is visible of each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from motion import ThinPlate, affine, smooth_path
from sprites import SIDE, Sprite

Rng = np.random.Generator
PLATE = ThinPlate(SIDE)


@dataclass
class Sequence:
    frames: np.ndarray  # uint8 [L, h, w, 3]
    masks: np.ndarray  # uint8 0 or 1, [L, K, h, w]: the visible part of each tracked object


@dataclass
class SceneOptions:
    height: int
    width: int
    length: int
    tracked: int = 3
    occluders: int = 1
    speed: float = 1.0  # 1: objects cross about a third of the picture during the sequence
    twins: bool = False
    leaves: bool = False  # one object leaves the picture and comes back
    deform: float = 0.1
    camera: float = 1.0


class Actor:
    """One sprite with its whole course."""

    def __init__(self, rng: Rng, sprite: Sprite, options: SceneOptions, leaves: bool) -> None:
        length, (height, width) = options.length, (options.height, options.width)
        reach = min(height, width)
        self.sprite = sprite
        start = rng.uniform([0.15 * width, 0.15 * height], [0.85 * width, 0.85 * height])
        path = smooth_path(rng, length, 2, 0.3 * options.speed) * [width, height]
        if leaves:
            path = path + exit_path(rng, length, start, width, height)
        self.position = start + path
        self.scale = (
            reach * rng.uniform(0.25, 0.85) / SIDE * np.exp(smooth_path(rng, length, 1, 0.25 * options.speed)[:, 0])
        )
        self.scale = np.clip(self.scale, reach * 0.12 / SIDE, reach * 1.1 / SIDE)
        self.angle = rng.uniform(-0.3, 0.3) + smooth_path(rng, length, 1, 0.5 * options.speed)[:, 0]
        self.shear = smooth_path(rng, length, 1, 0.2 * options.speed)[:, 0]
        self.stretch = np.exp(np.clip(smooth_path(rng, length, 1, 0.15 * options.speed)[:, 0], -0.4, 0.4))
        self.bend = np.clip(smooth_path(rng, length, 18, options.deform), -0.3, 0.3).reshape(length, 9, 2)
        self.phase = rng.uniform(0, 6.28) + np.cumsum(rng.uniform(0.2, 0.9, length))
        self.mirror = rng.random() < 0.5
        self.tint = rng.uniform(0.8, 1.2, 3)

    def draw(self, t: int, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Colour times alpha [h, w, 3] and alpha [h, w], float32, alpha in 0..1."""
        pixels = self.sprite.draw(self.phase[t]).astype(np.float32)
        if self.mirror:
            pixels = pixels[:, ::-1]
        alpha = pixels[..., 3:] / 255
        pixels = np.dstack([pixels[..., :3] * alpha * self.tint.astype(np.float32), alpha])
        pixels = PLATE.warp(np.ascontiguousarray(pixels), self.bend[t])
        matrix = affine(self.scale[t], self.angle[t], self.shear[t], self.stretch[t], 0, 0)
        matrix[:, 2] = self.position[t] - matrix[:, :2] @ [SIDE / 2, SIDE / 2]
        if self.scale[t] < 0.5:
            pixels = cv2.GaussianBlur(pixels, (0, 0), 0.35 / self.scale[t])
        placed = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR)
        return placed[..., :3], placed[..., 3]


def exit_path(rng: Rng, length: int, start: np.ndarray, width: int, height: int) -> np.ndarray:
    """[length, 2]: out of the picture by the nearer side in the middle of the sequence, and back."""
    middle, span = rng.uniform(0.4, 0.65) * length, rng.uniform(0.18, 0.3) * length
    bump = np.exp(-(((np.arange(length) - middle) / span) ** 4))[:, None]
    if rng.random() < 0.6:
        away = -start[0] - 0.6 * width if start[0] < width / 2 else 1.6 * width - start[0]
        return bump * [away, 0]
    away = -start[1] - 0.7 * height if start[1] < height / 2 else 1.7 * height - start[1]
    return bump * [0, away]


def camera_frames(rng: Rng, picture: np.ndarray, options: SceneOptions) -> np.ndarray:
    """A still picture as seen by a moving camera: uint8 [L, h, w, 3]."""
    height, width = options.height, options.width
    cover = max(height / picture.shape[0], width / picture.shape[1])
    zoom = cover * rng.uniform(1.15, 1.6) * np.exp(smooth_path(rng, options.length, 1, 0.08 * options.camera)[:, 0])
    zoom = np.maximum(zoom, cover * 1.02)
    angle = smooth_path(rng, options.length, 1, 0.06 * options.camera)[:, 0]
    shift = smooth_path(rng, options.length, 2, 0.15 * options.camera) * [width, height]
    frames = []
    for t in range(options.length):
        matrix = affine(zoom[t], angle[t], 0, 1, 0, 0)
        centre = matrix[:, :2] @ [picture.shape[1] / 2, picture.shape[0] / 2]
        matrix[:, 2] = np.array([width / 2, height / 2]) + shift[t] - centre
        frames.append(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101))
    return np.stack(frames)


def compose(rng: Rng, background: np.ndarray, sprites: list[Sprite], options: SceneOptions) -> Sequence:
    """`background` uint8 [L, h, w, 3]; the first `options.tracked` sprites get masks, the others only occlude."""
    leaving = int(rng.integers(options.tracked)) if options.leaves else -1
    actors = [Actor(rng, sprite, options, index == leaving) for index, sprite in enumerate(sprites)]
    order = rng.permutation(len(actors))  # back to front
    height, width = options.height, options.width
    frames = np.empty_like(background)
    masks = np.zeros((options.length, options.tracked, height, width), np.uint8)
    soft = rng.uniform(0, 1.2)
    for t in range(options.length):
        picture = background[t].astype(np.float32)
        visible = np.zeros((len(actors), height, width), np.float32)
        for index in order:
            colour, alpha = actors[index].draw(t, height, width)
            picture = picture * (1 - alpha[..., None]) + colour
            visible *= 1 - alpha
            visible[index] = alpha
        masks[t] = visible[: options.tracked] > 0.5
        if soft > 0.5:
            picture = cv2.GaussianBlur(picture, (0, 0), soft)
        frames[t] = np.clip(picture, 0, 255).astype(np.uint8)
    return Sequence(camera_effects(rng, frames), masks)


def camera_effects(rng: Rng, frames: np.ndarray) -> np.ndarray:
    """Light that changes, shadows that move, motion blur, noise and compression."""
    length, height, width = frames.shape[:3]
    gain = np.exp(smooth_path(rng, length, 1, rng.choice([0.03, 0.2]))[:, 0])
    shade_path = smooth_path(rng, length, 2, 0.4)
    shade = rng.uniform(0, 0.4) * (rng.random() < 0.4)
    blur = int(rng.integers(3, 12)) if rng.random() < 0.25 else 0
    noise, quality = rng.uniform(0, 6), int(rng.integers(55, 96))
    angle = rng.uniform(0, np.pi)
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    for t in range(length):
        picture = frames[t].astype(np.float32) * np.clip(gain[t], 0.5, 1.6)
        if shade:
            wave = np.sin(xs / width * 5 + shade_path[t, 0] * 5) * np.cos(ys / height * 4 + shade_path[t, 1] * 5)
            picture *= 1 - shade * (0.5 + 0.5 * wave[..., None])
        if blur:
            kernel = np.zeros((blur, blur), np.float32)
            middle, arm = (blur - 1) / 2, np.array([np.cos(angle), np.sin(angle)]) * blur / 2
            ends = [tuple(int(round(v)) for v in middle + sign * arm) for sign in (-1, 1)]
            cv2.line(kernel, ends[0], ends[1], 1.0)
            picture = cv2.filter2D(picture, -1, kernel / max(kernel.sum(), 1))
        picture += rng.normal(0, noise, (height, width, 1)).astype(np.float32)
        picture = np.clip(picture, 0, 255).astype(np.uint8)
        coded = cv2.imencode('.jpg', picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        frames[t] = cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1]
    return frames
