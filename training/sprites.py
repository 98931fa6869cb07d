"""Things that move over a background: cut-outs of real pictures, drawn shapes. A sprite is RGBA uint8 [224, 224, 4]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from drawing import ArticulatedShape
from frozen_model import FrozenModel, find_masks

SIDE = 224
MARGIN = 0.14  # room for the deformation


class Sprite(Protocol):
    def draw(self, phase: float) -> np.ndarray: ...


@dataclass(frozen=True)
class CutOut:
    pixels: np.ndarray
    source: str

    def draw(self, phase: float) -> np.ndarray:
        del phase
        return self.pixels


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
    masks = find_masks(model, model.encode(picture))
    found = [cut_out(picture, mask, source) for mask in masks]
    return [sprite for sprite in found if sprite is not None]


def random_sprite(rng: np.random.Generator, library: list[CutOut], drawn_share: float) -> Sprite:
    if not library or rng.random() < drawn_share:
        return ArticulatedShape(rng, SIDE)
    return library[int(rng.integers(len(library)))]
