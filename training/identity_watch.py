"""Notices when a mask has gone over to another thing (the same as core/tracking/memory/identity-watch.ts)."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

LOST_DROP, LOST_MARGIN, LOST_FRAMES = 2.5, 1.0, 6
DOUBT_DROP = 1.25
FOUND_DROP, FOUND_MARGIN, FOUND_SHARE, FOUND_MASK = 1.5, 1.0, 0.2, 0.3
RATE, DOUBT_RATE = 0.1, 0.02
CRUMB_SHARE = 0.1
EMPTY = 0.5


@dataclass
class Usual:
    likeness: float
    area: float
    lost: bool = False
    newest: list[float] = field(default_factory=list)  # likeness on the last frames, oldest first


class IdentityWatch:
    def __init__(self) -> None:
        self.objects: dict[int, Usual] = {}

    def is_lost(self, id: int) -> bool:
        return id in self.objects and self.objects[id].lost

    def forget(self, id: int) -> None:
        self.objects.pop(id, None)

    def judge(self, id: int, mask: np.ndarray, likeness: np.ndarray) -> np.ndarray | None:
        """Mask [H, W] in 0..1, likeness [2, H, W] -> its cells [H, W] that are the object; None: lost, or not seen."""
        everything = np.ones(mask.shape, bool)
        usual = self.objects.get(id)
        if mask.sum() < EMPTY:
            return None if usual and usual.lost else everything
        inside = np.where(mask > 0.5, mask, 0)
        own, others = (likeness * inside).sum((1, 2)) / max(inside.sum(), 1e-6)
        area = int((mask > 0.5).sum())
        if usual is None:
            if area:
                self.objects[id] = Usual(own, area, newest=[own])
            return everything
        if usual.lost:
            part = find_part(usual, mask, likeness)
            if part is not None:
                usual.lost, usual.newest = False, [usual.likeness]
            return part
        if area == 0:
            return everything
        if area < CRUMB_SHARE * usual.area:
            usual.area += (area - usual.area) * DOUBT_RATE
            return None if own - others < LOST_MARGIN else everything
        if usual.newest[0] - own > LOST_DROP and own - others < LOST_MARGIN:
            usual.lost = True
            usual.newest = []
            return None
        usual.newest = [*usual.newest, own][-LOST_FRAMES:]
        rate = DOUBT_RATE if usual.likeness - own > DOUBT_DROP else RATE
        usual.likeness += (own - usual.likeness) * rate
        usual.area += (area - usual.area) * rate
        return everything


def find_part(usual: Usual, mask: np.ndarray, likeness: np.ndarray) -> np.ndarray | None:
    """The largest connected part of the mask that looks like the object, grown by one cell."""
    own, others = (box_mean(part) for part in likeness)
    alike = (mask > FOUND_MASK) & (usual.likeness - own < FOUND_DROP) & (own - others > FOUND_MARGIN)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(alike.astype(np.uint8))
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if stats[largest, cv2.CC_STAT_AREA] < FOUND_SHARE * usual.area:
        return None
    return cv2.dilate((labels == largest).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def box_mean(values: np.ndarray) -> np.ndarray:
    """Mean over 3 x 3 cells, of those inside the picture."""
    kernel = np.ones((3, 3))
    border = {'borderType': cv2.BORDER_CONSTANT}
    counts = cv2.filter2D(np.ones(values.shape), -1, kernel, **border)
    return cv2.filter2D(values.astype(np.float64), -1, kernel, **border) / counts
