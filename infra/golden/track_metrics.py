"""HOTA, CLEAR and IDF1 of TrackEval."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from pycocotools import mask as coco
from scipy.optimize import linear_sum_assignment
from trackeval.datasets import MOTSChallenge
from trackeval.metrics import CLEAR, HOTA, Identity

from rle import encode
from scenes import HEIGHT, WIDTH, Frame


def overlaps(rows: list[np.ndarray], columns: list[np.ndarray]) -> np.ndarray:
    if not rows or not columns:
        return np.zeros((len(rows), len(columns)))
    return np.asarray(coco.iou([encode(m) for m in rows], [encode(m) for m in columns], [0] * len(columns)))


def ignored_region(frame: Frame, similarity: np.ndarray, complete: bool) -> np.ndarray:
    """Void pixels; with partial truth all pixels but those of objects that nothing matches at IoU 0.5."""
    if complete:
        return frame.void
    scores = np.where(similarity >= 0.5, similarity, -10000)
    matched = {int(r) for r, c in zip(*linear_sum_assignment(-scores), strict=True) if similarity[r, c] >= 0.5}
    region = np.ones((HEIGHT, WIDTH), bool)
    for row, mask in enumerate(frame.truth.values()):
        if row not in matched:
            region &= ~mask
    return region


def judged_data(frames: list[Frame], complete: bool) -> dict:
    """The scene as TrackEval's metrics take it, after its removal of detections in ignored regions (MOTS Challenge)."""
    raw: dict = defaultdict(list, num_timesteps=len(frames), seq='scene')
    for frame in frames:
        truth, predictions = frame.truth, frame.predictions
        similarity = overlaps(list(truth.values()), [mask & ~frame.void for mask in predictions.values()])
        raw['similarity_scores'].append(similarity)
        raw['gt_ids'].append(np.array(list(truth), int))
        raw['gt_classes'].append(np.full(len(truth), 2))
        raw['gt_dets'].append([encode(mask) for mask in truth.values()])
        raw['gt_ignore_region'].append(encode(ignored_region(frame, similarity, complete)))
        raw['tracker_ids'].append(np.array(list(predictions), int))
        raw['tracker_classes'].append(np.full(len(predictions), 2))
        raw['tracker_dets'].append([encode(mask) for mask in predictions.values()])
    dataset = MOTSChallenge.__new__(MOTSChallenge)  # its constructor wants a folder of files
    dataset.class_name_to_class_id = {'pedestrian': '2'}
    return dataset.get_preprocessed_seq_data(raw, 'pedestrian')


def track_scores(data: dict) -> dict:
    hota = HOTA().eval_sequence(data)
    clear = CLEAR({'PRINT_CONFIG': False}).eval_sequence(data)
    identity = Identity({'PRINT_CONFIG': False}).eval_sequence(data)
    return {
        'detections': int(data['num_tracker_dets']),
        'hota': {
            key: [float(v) for v in hota[key]]
            for key in ('HOTA', 'DetA', 'AssA', 'DetRe', 'DetPr', 'AssRe', 'AssPr', 'LocA')
        },
        'clear': {
            key: float(clear[key])
            for key in ('MOTA', 'MOTP', 'sMOTA', 'CLR_TP', 'CLR_FN', 'CLR_FP', 'IDSW', 'Frag', 'MT', 'PT', 'ML')
        },
        'identity': {key: float(identity[key]) for key in ('IDF1', 'IDP', 'IDR', 'IDTP', 'IDFP', 'IDFN')},
    }


def flat_frames(frames: list[Frame], data: dict) -> list[Frame]:
    """The scene with the detections that TrackEval kept, under its numbers (in the order of ours)."""
    kept = []
    for t, frame in enumerate(frames):
        masks = [coco.decode(rle) > 0 for rle in data['tracker_dets'][t]]
        kept.append(
            Frame(
                frame.truth,
                {int(id) + 1: mask for id, mask in zip(data['tracker_ids'][t], masks, strict=True)},
                frame.void,
            )
        )
    return kept
