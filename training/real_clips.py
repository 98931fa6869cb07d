"""Real motion: windows of real clips with masks carried over short gaps by optical flow and SAM's decoder.

These masks are pseudo labels. An object is kept only where flow (which knows motion) and the decoder (which knows
borders) agree on every frame of the window.
"""

from __future__ import annotations

import cv2
import numpy as np

from frozen_model import Features, FrozenModel, find_masks, upsample_logits_crop
from scene import Sequence

Rng = np.random.Generator
AGREEMENT = 0.78
SCORE = 0.8


def warp_mask(flow_method: cv2.DISOpticalFlow, before: np.ndarray, after: np.ndarray, masks: list[np.ndarray]) -> list:
    """Masks of `before` carried to `after` (grey pictures) by the flow from `after` back to `before`."""
    flow = flow_method.calc(after, before, None)
    ys, xs = np.mgrid[: after.shape[0], : after.shape[1]].astype(np.float32)
    return [
        cv2.remap(mask.astype(np.float32), xs + flow[..., 0], ys + flow[..., 1], cv2.INTER_LINEAR) > 0.5
        for mask in masks
    ]


def sharpen(model: FrozenModel, features: Features, masks: list[np.ndarray]) -> list[tuple[np.ndarray, float]]:
    """Each mask as box and mask prompt -> the decoder's mask and predicted IoU."""
    height, width = features.size
    boxes, inputs = [], []
    for mask in masks:
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        boxes.append([columns[0] - 2, rows[0] - 2, columns[-1] + 2, rows[-1] + 2])
        square = np.zeros((model.size, model.size), np.float32)
        square[:height, :width] = mask
        small = cv2.resize(square, (model.size // 4, model.size // 4), interpolation=cv2.INTER_AREA)
        inputs.append(((small - 0.5) * 20)[None])
    logits, scores = model.segment_boxes(features, np.array(boxes), np.stack(inputs))
    rows, columns = -(-height // 4), -(-width // 4)
    full = [upsample_logits_crop(logit[:rows, :columns], (height, width)) > 0 for logit in logits]
    return list(zip(full, scores, strict=True))


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / max(1, (a | b).sum()))


def choose_objects(rng: Rng, masks: list[np.ndarray], movement: np.ndarray, count: int) -> list[np.ndarray]:
    """Up to `count` disjoint masks; moving ones are preferred."""
    chosen: list[np.ndarray] = []
    weights = np.array([0.15 + movement[mask].mean() for mask in masks])
    order = rng.choice(len(masks), len(masks), replace=False, p=weights / weights.sum())
    for index in order:
        mask = masks[index]
        if all((mask & other).sum() < 0.05 * min(mask.sum(), other.sum()) for other in chosen):
            chosen.append(mask)
        if len(chosen) == count:
            break
    return chosen


def label_window(
    rng: Rng, model: FrozenModel, frames: np.ndarray, count: int = 4
) -> tuple[Sequence, list[Features]] | None:
    """Frames [L, h, w, 3] -> the same frames with masks and features; None where no object holds to the end."""
    flow_method = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    features = [model.encode(frames[0])]
    found = find_masks(model, features[0])
    if not found:
        return None
    flow = flow_method.calc(grey[0], grey[-1], None)
    movement = np.minimum(np.linalg.norm(flow, axis=2) / 8, 3)
    tracks = [[mask] for mask in choose_objects(rng, found, movement, count)]
    for t in range(1, len(frames)):
        features.append(model.encode(frames[t]))
        warped = warp_mask(flow_method, grey[t - 1], grey[t], [track[-1] for track in tracks])
        alive = [(track, mask) for track, mask in zip(tracks, warped, strict=True) if mask.sum() > 60]
        if not alive:
            return None
        sharpened = sharpen(model, features[t], [mask for _, mask in alive])
        tracks = []
        for (track, expected), (mask, score) in zip(alive, sharpened, strict=True):
            if score > SCORE and overlap(mask, expected) > AGREEMENT:
                tracks.append([*track, mask])
        if not tracks:
            return None
    masks = np.stack([np.stack([track[t] for track in tracks]) for t in range(len(frames))])
    return Sequence(frames, masks.astype(np.uint8)), features
