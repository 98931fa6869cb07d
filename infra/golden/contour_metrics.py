"""J and F of davis2017."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from rle import encode
from scenes import HEIGHT, WIDTH, Frame


def contour_and_region(frames: list[Frame]) -> list[dict]:
    """Mean J and F over all frames of davis2017, for every truth object and track that ever overlap."""
    from davis2017.metrics import db_eval_boundary, db_eval_iou

    empty = np.zeros((HEIGHT, WIDTH), bool)
    void = np.stack([frame.void for frame in frames])
    rows = []
    for object in sorted({id for frame in frames for id in frame.truth}):
        truth = np.stack([frame.truth.get(object, empty) for frame in frames])
        for track in sorted({id for frame in frames for id in frame.predictions}):
            predicted = np.stack([frame.predictions.get(track, empty) for frame in frames])
            if not (truth & predicted).any():
                continue
            j, f = db_eval_iou(truth, predicted, void), db_eval_boundary(truth, predicted, void)
            rows.append({'truth': object, 'track': track, 'j': float(np.mean(j)), 'f': float(np.mean(f))})
    return rows


def large_contours() -> list[dict]:
    """J and F of davis2017 in larger pictures, whose tolerance is more than one pixel."""
    from davis2017.metrics import db_eval_boundary, db_eval_iou

    rng = np.random.default_rng(5)
    rows = []
    for height, width in ((240, 427), (480, 854), (300, 40), (7, 900)):
        field = ndimage.gaussian_filter(rng.standard_normal((height, width)), 9)
        other = field + 0.4 * ndimage.gaussian_filter(rng.standard_normal((height, width)), 9)
        truth, predicted = field > field.mean(), other > other.mean()
        void = ndimage.gaussian_filter(rng.standard_normal((height, width)), 9) > 0.05
        truth &= ~void
        masks = {
            'truth': encode(truth)['counts'].decode(),
            'predicted': encode(predicted)['counts'].decode(),
            'void': encode(void)['counts'].decode(),
        }
        scores = {'j': float(db_eval_iou(truth, predicted, void)), 'f': float(db_eval_boundary(truth, predicted, void))}
        rows.append({'size': [height, width]} | masks | scores)
    return rows
