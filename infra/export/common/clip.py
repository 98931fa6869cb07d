"""A drawn clip of 12 frames: two objects, one of which passes behind a post, and a third that comes in later."""

from __future__ import annotations

import cv2
import numpy as np

FRAMES = 12
WIDTH, HEIGHT = 168, 112
LATE = 5
POST = (96, 110)


def draw(position: int) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """The picture [H, W, 3], RGB, and the visible mask [H, W] of each object."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    ground = 90 + 30 * np.sin(columns / 9) * np.cos(rows / 7)
    picture = np.stack([ground, ground * 0.9 + 10, 140 - 0.4 * ground], -1).astype(np.uint8)
    shapes = {
        1: ('ellipse', (34 + 9 * position, 44 + 2 * position), (19, 14), (210, 70, 50)),
        2: ('box', (128 - 3 * position, 74), (15, 17), (60, 180, 90)),
        3: ('ellipse', (20 + 4 * (position - LATE), 96 - 3 * (position - LATE)), (12, 9), (230, 210, 60)),
    }
    owner = np.zeros((HEIGHT, WIDTH), np.uint8)
    for number, (kind, (x, y), (half_width, half_height), colour) in shapes.items():
        if number == 3 and position < LATE:
            continue
        for canvas, value in ((picture, colour), (owner, number)):
            if kind == 'box':
                cv2.rectangle(canvas, (x - half_width, y - half_height), (x + half_width, y + half_height), value, -1)
            else:
                cv2.ellipse(canvas, (x, y), (half_width, half_height), 0, 0, 360, value, -1)
    for canvas, value in ((picture, (40, 40, 46)), (owner, 0)):
        cv2.rectangle(canvas, (POST[0], 0), (POST[1], HEIGHT), value, -1)
    return picture, {number: owner == number for number in shapes}
