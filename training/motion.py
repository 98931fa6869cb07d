"""Smooth random motion: paths, affine matrices and thin-plate deformation."""

from __future__ import annotations

import cv2
import numpy as np

Rng = np.random.Generator
CONTROLS = np.stack(np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]), -1).reshape(9, 2)


def smooth_path(rng: Rng, length: int, dims: int, size: float) -> np.ndarray:
    """[length, dims]: a sum of slow waves and a drift, starting at 0; its extent is about `size`."""
    time = np.linspace(0, 1, length)[:, None]
    path = time * rng.normal(0, 1, (1, dims))
    for frequency in (0.5, 1.0, 2.0):
        wave = np.sin(2 * np.pi * frequency * time + rng.uniform(0, 6.28, (1, dims)))
        path = path + wave * rng.normal(0, 0.5 / (1 + frequency), (1, dims))
    return (path - path[:1]) * size


def affine(scale: float, angle: float, shear: float, stretch: float, dx: float, dy: float) -> np.ndarray:
    """[2, 3]: stretch and shear, then rotation and scale, then translation."""
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    linear = np.array([[cos, -sin], [sin, cos]]) @ np.array([[stretch, shear], [0, 1 / stretch]])
    return np.concatenate([linear, [[dx], [dy]]], 1)


def _radial(squared: np.ndarray) -> np.ndarray:
    return squared * np.log(np.maximum(squared, 1e-12))


class ThinPlate:
    """Thin-plate warps of a picture by moving a 3 x 3 grid of control points (Bookstein 1989)."""

    def __init__(self, side: int) -> None:
        distances = ((CONTROLS[:, None] - CONTROLS[None]) ** 2).sum(2)
        affine_part = np.concatenate([np.ones((9, 1)), CONTROLS], 1)
        system = np.zeros((12, 12))
        system[:9, :9], system[:9, 9:], system[9:, :9] = _radial(distances), affine_part, affine_part.T
        self._inverse = np.linalg.inv(system)
        axis = np.linspace(-1, 1, side)
        grid = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
        basis = _radial(((grid[:, None] - CONTROLS[None]) ** 2).sum(2))
        self._basis = np.concatenate([basis, np.ones((len(grid), 1)), grid], 1)
        self.side = side

    def warp(self, picture: np.ndarray, displacement: np.ndarray) -> np.ndarray:
        """`picture` [side, side, c]; `displacement` [9, 2] of the control points, 1 being half a side."""
        target = np.concatenate([CONTROLS + displacement, np.zeros((3, 2))])
        source = (self._basis @ (self._inverse @ target)).reshape(self.side, self.side, 2)
        source = ((source + 1) / 2 * (self.side - 1)).astype(np.float32)
        return cv2.remap(picture, source[..., 0], source[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
