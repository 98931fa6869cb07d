"""Procedural pictures: textures, and shapes whose parts move (all random numbers come from the given generator)."""

from __future__ import annotations

import cv2
import numpy as np

Rng = np.random.Generator


def smooth_noise(rng: Rng, height: int, width: int, cells: int) -> np.ndarray:
    """[h, w] in 0..1, with about `cells` blobs along the longer side."""
    scale = cells / max(height, width)
    small = rng.random((max(2, int(height * scale) + 1), max(2, int(width * scale) + 1)), np.float32)
    return np.clip(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)


def texture(rng: Rng, height: int, width: int) -> np.ndarray:
    """RGB uint8 [h, w, 3]: two or three colours mixed by a pattern, with fine noise."""
    colours = rng.integers(10, 246, (3, 3)).astype(np.float32)
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    kind = rng.integers(5)
    if kind == 0:
        pattern = smooth_noise(rng, height, width, int(rng.integers(3, 40)))
    elif kind == 1:  # stripes
        angle, period = rng.uniform(0, np.pi), rng.uniform(8, 60)
        pattern = np.sin((xs * np.cos(angle) + ys * np.sin(angle)) * 2 * np.pi / period) * 0.5 + 0.5
    elif kind == 2:  # checks
        period = rng.uniform(10, 50)
        pattern = ((xs // period + ys // period) % 2).astype(np.float32)
    elif kind == 3:  # spots
        period = rng.uniform(12, 50)
        pattern = (np.sin(xs * 6.28 / period) * np.sin(ys * 6.28 / period) > 0.3).astype(np.float32)
    else:  # gradient
        angle = rng.uniform(0, 2 * np.pi)
        ramp = xs * np.cos(angle) + ys * np.sin(angle)
        pattern = (ramp - ramp.min()) / max(1e-6, float(np.ptp(ramp)))
    warp = smooth_noise(rng, height, width, int(rng.integers(2, 10)))
    mixed = colours[0] + (colours[1] - colours[0]) * pattern[..., None]
    mixed += (colours[2] - mixed) * (warp[..., None] * rng.uniform(0, 0.8))
    mixed += rng.normal(0, rng.uniform(0, 8), (height, width, 1))
    return np.clip(mixed, 0, 255).astype(np.uint8)


def blob_outline(rng: Rng, radius: float, wobble: float) -> np.ndarray:
    """Points [64, 2] of a closed outline around the origin."""
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    radii = np.ones(64)
    for order in range(2, 6):
        radii += wobble / order * rng.normal() * np.cos(order * angles + rng.uniform(0, 6.28))
    radii = np.clip(radii, 0.3, 1.8) * radius
    squeeze = rng.uniform(0.5, 1)
    return np.stack([np.cos(angles) * radii, np.sin(angles) * radii * squeeze], 1)


def polygon_outline(rng: Rng, radius: float) -> np.ndarray:
    corners = int(rng.integers(3, 8))
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radii = rng.uniform(0.6, 1, corners) * radius
    return np.stack([np.cos(angles) * radii, np.sin(angles) * radii], 1)


class ArticulatedShape:
    """A textured body with 0 to 4 limbs that swing; `draw(phase)` gives the sprite at that moment."""

    def __init__(self, rng: Rng, side: int = 224) -> None:
        self.side = side
        body = side * rng.uniform(0.18, 0.3)
        is_polygon = rng.random() < 0.3
        self.outline = polygon_outline(rng, body) if is_polygon else blob_outline(rng, body, rng.uniform(0, 0.8))
        self.texture = texture(rng, side, side)
        self.limb_texture = texture(rng, side, side) if rng.random() < 0.5 else self.texture
        count = int(rng.integers(0, 5))
        self.limbs = [
            {
                'angle': rng.uniform(0, 2 * np.pi),
                'length': body * rng.uniform(0.8, 1.6),
                'width': max(6, int(body * rng.uniform(0.15, 0.5))),
                'swing': rng.uniform(0.1, 0.9),
                'shift': rng.uniform(0, 6.28),
            }
            for _ in range(count)
        ]

    def draw(self, phase: float) -> np.ndarray:
        """RGBA uint8 [side, side, 4] at `phase` (radians of the swing)."""
        centre = self.side / 2
        body, limbs = np.zeros((2, self.side, self.side), np.uint8)
        cv2.fillPoly(body, [np.round(self.outline + centre).astype(np.int32)], 255)
        for limb in self.limbs:
            angle = limb['angle'] + limb['swing'] * np.sin(phase + limb['shift'])
            knee = np.array([np.cos(angle), np.sin(angle)]) * limb['length'] * 0.6 + centre
            bend = angle + limb['swing'] * np.sin(phase * 1.3 + limb['shift'])
            foot = knee + np.array([np.cos(bend), np.sin(bend)]) * limb['length'] * 0.5
            points = np.round([[centre, centre], knee, foot]).astype(np.int32)
            cv2.polylines(limbs, [points], False, 255, limb['width'])
        colour = np.where(body[..., None] > 0, self.texture, self.limb_texture)
        return np.dstack([colour, np.maximum(body, limbs)])
