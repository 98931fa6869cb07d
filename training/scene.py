"""Generated scenes: sprites moving over a moving background, with exact masks of what is visible of each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from drawing import blob_outline
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
    pan: float = 0.0  # how far the camera travels sideways, in widths of the picture
    foreground: int = 0  # things that stand between the camera and the objects


class Actor:
    """One sprite with its whole course."""

    def __init__(self, rng: Rng, sprite: Sprite, options: SceneOptions, leaves: bool, carried: np.ndarray) -> None:
        """`carried` [L, 2]: how the place it stands on moves through the picture (zeros: the camera follows it)."""
        length, (height, width) = options.length, (options.height, options.width)
        reach = min(height, width)
        self.sprite = sprite
        start = rng.uniform([0.15 * width, 0.15 * height], [0.85 * width, 0.85 * height])
        path = smooth_path(rng, length, 2, 0.3 * options.speed) * [width, height]
        if leaves:
            path = path + exit_path(rng, length, start, width, height)
        self.position = start + path + carried
        self.scale = (
            reach
            * np.exp(rng.uniform(-1.2, 0.15))
            / SIDE
            * np.exp(smooth_path(rng, length, 1, 0.25 * options.speed)[:, 0])
        )
        self.scale = np.clip(self.scale, reach * 0.12 / SIDE, reach * 1.3 / SIDE)
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


def camera_matrices(rng: Rng, picture_size: tuple[int, int], options: SceneOptions) -> np.ndarray:
    """[L, 2, 3]: a picture of (height, width) as a moving camera sees it."""
    height, width = options.height, options.width
    cover = max(height / picture_size[0], width / picture_size[1])
    zoom = cover * rng.uniform(1.1, 1.6) * np.exp(smooth_path(rng, options.length, 1, 0.08 * options.camera)[:, 0])
    zoom = np.maximum(zoom, cover * 1.02)
    angle = smooth_path(rng, options.length, 1, 0.06 * options.camera)[:, 0]
    shift = smooth_path(rng, options.length, 2, 0.15 * options.camera) * [width, height]
    shift[:, 0] += rng.choice([-1, 1]) * options.pan * width * np.linspace(-0.5, 0.5, options.length)
    matrices = []
    for t in range(options.length):
        matrix = affine(zoom[t], angle[t], 0, 1, 0, 0)
        centre = matrix[:, :2] @ [picture_size[1] / 2, picture_size[0] / 2]
        matrix[:, 2] = np.array([width / 2, height / 2]) + shift[t] - centre
        matrices.append(matrix)
    return np.stack(matrices)


def camera_frames(picture: np.ndarray, matrices: np.ndarray, options: SceneOptions) -> np.ndarray:
    """A still picture [h, w, c] through the camera: uint8 [L, height, width, c]."""
    size, border = (options.width, options.height), cv2.BORDER_REFLECT_101
    return np.stack([cv2.warpAffine(picture, matrix, size, borderMode=border) for matrix in matrices])


def foreground_layer(rng: Rng, filling: np.ndarray, count: int) -> np.ndarray:
    """Posts and bushes cut from a picture [h, w, 3]: RGBA uint8 [h, w, 4]."""
    height, width = filling.shape[:2]
    alpha = np.zeros((height, width), np.uint8)
    for _ in range(count):
        x, lean = rng.uniform(0, width), rng.normal(0, 0.08) * height
        if rng.random() < 0.6:
            ends = [(int(x - lean), -20), (int(x + lean), height + 20)]
            cv2.line(alpha, *ends, 255, int(height * rng.uniform(0.015, 0.12)), cv2.LINE_AA)
        else:
            outline = blob_outline(rng, height * rng.uniform(0.08, 0.3), rng.uniform(0.2, 0.8))
            cv2.fillPoly(alpha, [np.round(outline + [x, rng.uniform(0, height)]).astype(np.int32)], 255, cv2.LINE_AA)
    return np.dstack([filling, alpha])


def compose(
    rng: Rng,
    background: np.ndarray,
    sprites: list[Sprite],
    options: SceneOptions,
    carried: np.ndarray | None = None,
    foreground: np.ndarray | None = None,
) -> Sequence:
    """`background` uint8 [L, h, w, 3]; the first `options.tracked` sprites get masks, the others only hide them or look
    like them; some of these stand still on ground that moves as `carried` [L, 2] says. `foreground` uint8 [L, h, w, 4]
    covers everything."""
    leaving = int(rng.integers(options.tracked)) if options.leaves else -1
    actors = []
    for index, sprite in enumerate(sprites):
        stands = carried is not None and index >= options.tracked and rng.random() < 0.5
        ground = carried - carried[int(rng.integers(options.length))] if stands else np.zeros((options.length, 2))
        actors.append(Actor(rng, sprite, options, index == leaving, ground))
    order = rng.permutation(len(actors))  # back to front
    return render(rng, background, actors, order, options, foreground)


def render(
    rng: Rng,
    background: np.ndarray,
    actors: list[Actor],
    order: np.ndarray,
    options: SceneOptions,
    foreground: np.ndarray | None,
) -> Sequence:
    """The actors over the background, back to front in this order; the first `options.tracked` get masks."""
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
        if foreground is not None:
            alpha = foreground[t, ..., 3:].astype(np.float32) / 255
            picture = picture * (1 - alpha) + foreground[t, ..., :3] * alpha
            visible *= 1 - alpha[..., 0]
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
