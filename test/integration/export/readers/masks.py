"""What every reader gives back: {frame: {id: COCO run lengths}}, the frame as that format names it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from pycocotools import mask as coco


def runs(mask: np.ndarray) -> str:
    return coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()


def runs_of_rle(rle: dict) -> str:
    """Decoded and encoded again, so that only what the reader sees counts."""
    return runs(coco.decode(rle))


class Masks:
    def __init__(self) -> None:
        self.frames: dict[str, dict[str, str]] = defaultdict(dict)

    def add(self, frame: int | str, identity: int | str, value: str | list) -> None:
        objects = self.frames[str(int(frame))]
        if str(int(identity)) in objects:
            raise ValueError(f"object {identity} twice in frame {frame}")
        objects[str(int(identity))] = value
