"""Things that move over a background: cut-outs of real pictures, drawn shapes. A sprite is RGBA uint8 [224, 224, 4]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from drawing import ArticulatedShape
from frozen_model import FrozenModel, find_masks, resize_picture

SIDE = 224
MARGIN = 0.14  # room for the deformation
LIMBED_SHARE = 0.25


class Sprite(Protocol):
    def draw(self, phase: float) -> np.ndarray:
        """RGBA uint8 [224, 224, 4] at `phase`, radians of whatever swings."""


@dataclass(frozen=True)
class CutOut:
    pixels: np.ndarray
    source: str

    def draw(self, phase: float) -> np.ndarray:
        del phase
        return self.pixels


class LimbedCutOut:
    """A cut-out on thin legs, or with a thin neck, in its own colours, that swing."""

    def __init__(self, rng: np.random.Generator, body: CutOut) -> None:
        self.body = body
        inside = np.argwhere(body.pixels[..., 3] > 128)
        self.limbs = []
        for _ in range(int(rng.integers(1, 5))):
            row, column = inside[int(rng.integers(len(inside)))]
            self.limbs.append(
                {
                    'root': np.array([column, row], float),
                    'angle': rng.choice([np.pi / 2, np.pi / 2, -np.pi / 2, 0, np.pi]) + rng.normal(0, 0.4),
                    'length': SIDE * rng.uniform(0.25, 0.55),
                    'width': int(rng.integers(4, 15)),
                    'swing': rng.uniform(0.1, 0.7),
                    'shift': rng.uniform(0, 6.28),
                    'colour': body.pixels[row, column, :3].astype(int) + rng.integers(-25, 26),
                }
            )

    def draw(self, phase: float) -> np.ndarray:
        out = np.zeros_like(self.body.pixels)
        for limb in self.limbs:
            angle = limb['angle'] + limb['swing'] * np.sin(phase + limb['shift'])
            bend = angle + limb['swing'] * np.sin(phase * 1.3 + limb['shift'])
            half = limb['length'] / 2
            knee = limb['root'] + half * np.array([np.cos(angle), np.sin(angle)])
            foot = knee + half * np.array([np.cos(bend), np.sin(bend)])
            points = np.round([limb['root'], knee, foot]).astype(np.int32)
            colour = [int(value) for value in np.clip(limb['colour'], 0, 255)]
            cv2.polylines(out, [points], False, [*colour, 255], limb['width'], cv2.LINE_AA)
        alpha = self.body.pixels[..., 3:].astype(np.float32) / 255
        colours = self.body.pixels[..., :3] * alpha + out[..., :3] * (1 - alpha)
        return np.dstack([colours.astype(np.uint8), np.maximum(self.body.pixels[..., 3], out[..., 3])])


def cut_out(picture: np.ndarray, mask: np.ndarray, source: str) -> CutOut | None:
    """The masked part of `picture`, centred; None for what is too small or cut off by the picture's border."""
    height, width = mask.shape
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if len(rows) < 24 or len(columns) < 24:
        return None
    border = int(mask[0].sum() + mask[-1].sum() + mask[:, 0].sum() + mask[:, -1].sum())
    if border > 0.06 * 2 * (len(rows) + len(columns)):
        return None
    # One pixel less, so that the cut-out brings no rim of its old background.
    alpha = cv2.erode(mask.astype(np.uint8) * 255, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(alpha)
    if count < 2 or stats[1:, cv2.CC_STAT_AREA].max() < 0.9 * stats[1:, cv2.CC_STAT_AREA].sum():
        return None
    side = max(len(rows), len(columns))
    scale = SIDE * (1 - 2 * MARGIN) / side
    centre = ((columns[0] + columns[-1]) / 2, (rows[0] + rows[-1]) / 2)
    matrix = np.array([[scale, 0, SIDE / 2 - centre[0] * scale], [0, scale, SIDE / 2 - centre[1] * scale]])
    mode = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    pixels = cv2.warpAffine(np.dstack([picture, alpha]), matrix, (SIDE, SIDE), flags=mode & cv2.INTER_LINEAR)
    return CutOut(pixels, source)


def cut_outs_of(model: FrozenModel, picture: np.ndarray, source: str) -> list[CutOut]:
    picture = resize_picture(picture, model.size)
    masks = find_masks(model, model.encode(picture), 8)
    found = [cut_out(picture, mask, source) for mask in masks]
    return [sprite for sprite in found if sprite is not None]


def random_sprite(rng: np.random.Generator, library: list[CutOut], drawn_share: float) -> Sprite:
    if not library or rng.random() < drawn_share:
        return ArticulatedShape(rng, SIDE)
    body = library[int(rng.integers(len(library)))]
    return LimbedCutOut(rng, body) if rng.random() < LIMBED_SHARE else body
