"""Masks as COCO run-length encoding."""

from __future__ import annotations

import numpy as np
from pycocotools import mask as coco


def encode(mask: np.ndarray) -> dict:
    return coco.encode(np.asfortranarray(mask.astype(np.uint8)))
