"""Generated scenes: the same seed gives the same scene, and masks say what is visible."""

from __future__ import annotations

import numpy as np

from dataset import pool_masks, scene_for_tests
from motion import CONTROLS, ThinPlate
from sprites import cut_out


def test_same_seed_same_scene() -> None:
    first, second, other = (scene_for_tests(seed) for seed in (3, 3, 4))
    assert (first.frames == second.frames).all() and (first.masks == second.masks).all()
    assert first.frames.shape == (4, 96, 160, 3) and first.masks.shape == (4, 2, 96, 160)
    assert (first.frames != other.frames).any()


def test_visible_parts_do_not_overlap() -> None:
    masks = np.concatenate([scene_for_tests(seed).masks for seed in range(4)])
    assert masks.any() and masks.sum(1).max() == 1


def test_pooled_masks_are_shares() -> None:
    mask = np.zeros((1, 30, 40), np.uint8)
    mask[0, :4, 2:8] = 1
    pooled = pool_masks(mask, 8, 12)
    assert pooled.shape == (1, 8, 12)
    assert pooled[0, 0, :3].tolist() == [128, 255, 0] and pooled[0, 1:].max() == 0


def test_thin_plate_moves_what_the_controls_say() -> None:
    plate = ThinPlate(33)
    picture = np.zeros((33, 33, 1), np.float32)
    picture[16, 16] = 1
    assert plate.warp(picture, np.zeros_like(CONTROLS))[16, 16] == 1
    moved = plate.warp(picture, np.full_like(CONTROLS, 0.25))  # the source lies a quarter further: 4 pixels
    assert np.unravel_index(moved.argmax(), moved.shape)[:2] == (12, 12)


def test_cut_out_refuses_what_the_border_cuts() -> None:
    picture = np.full((100, 120, 3), 90, np.uint8)
    mask = np.zeros((100, 120), bool)
    mask[30:70, 40:90] = True
    assert cut_out(picture, mask, 'x').pixels[112, 112].tolist() == [90, 90, 90, 255]
    assert cut_out(picture, np.roll(mask, 40, 1), 'x') is None
