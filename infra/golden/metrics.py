"""Golden numbers of the metrics: drawn scenes, and what the reference implementations say about them.

    python metrics.py --davis DIR --deeplab2 FILE --panopticapi DIR --vspw FILE \\
        --out ../../test/fixtures/golden/metrics.json

TrackEval comes from PyPI, the others from checkouts; README.md names the revisions. None of their code is in this
repository.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import math
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image
from pycocotools import mask as coco
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from trackeval.datasets import MOTSChallenge
from trackeval.metrics import CLEAR, HOTA, Identity

from scenes import HEIGHT, LENGTH, WIDTH, Frame, draw_scenes, flatten

UNJUDGED = -1
WINDOWS = (1, 2, 4, 6, 8, 10, LENGTH)
NOTE = (
    f'Made by infra/golden/metrics.py. Masks are COCO RLE of size [{HEIGHT}, {WIDTH}]; the truth is disjoint. '
    'reference.complete: pixels without truth are background; reference.partial: they are unlabelled.'
)


def encode(mask: np.ndarray) -> dict:
    return coco.encode(np.asfortranarray(mask.astype(np.uint8)))


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


def label_maps(frame: Frame, complete: bool) -> tuple[np.ndarray, np.ndarray]:
    truth = np.full((HEIGHT, WIDTH), 0 if complete else UNJUDGED)
    for id, mask in frame.truth.items():
        truth[mask] = id
    truth[frame.void] = UNJUDGED
    return truth, flatten(frame.predictions)


def stq(module: ModuleType, frames: list[Frame], complete: bool) -> dict:
    """AQ of deeplab2 with the classes background and object, and the IoU of class object from its confusion matrix."""
    background, thing, ignore, shift = 0, 1, 255, 16
    metric = module.STQuality(2, [thing], ignore, shift, 2**26)
    for frame in frames:
        truth, predicted = label_maps(frame, complete)
        y_true = np.where(truth > 0, (thing << shift) + truth, background << shift)
        y_pred = np.where(predicted > 0, (thing << shift) + predicted, background << shift)
        for labels in (y_true, y_pred):
            labels[truth == UNJUDGED] = ignore << shift
        metric.update_state(y_true, y_pred)
    result = metric.result()
    confusion = metric._iou_confusion_matrix_per_sequence[0]
    unions = confusion.sum(0) + confusion.sum(1) - confusion.diagonal()
    ious = confusion.diagonal()[unions > 0] / unions[unions > 0]
    assert math.isnan(result['IoU']) or abs(ious.mean() - result['IoU']) < 1e-12
    return {'aq': float(result['AQ']), 'sq': float(confusion[thing, thing] / unions[thing]) if unions[thing] else None}


def save_rgb(labels: np.ndarray, path: Path) -> None:
    Image.fromarray(np.stack([labels & 255, labels >> 8 & 255, labels >> 16], -1).astype(np.uint8)).save(path)


def vpq(frames: list[Frame], complete: bool, window: int, folder: Path) -> dict | None:
    """Panoptic quality of panopticapi on tubes laid out as one picture each (as deeplab2 describes VPQ)."""
    from panopticapi.evaluation import pq_compute_single_core

    ground, background, thing = 1 << 20, 0, 1
    maps = [label_maps(frame, complete) for frame in frames]
    (folder / 'truth').mkdir(exist_ok=True)
    (folder / 'predicted').mkdir(exist_ok=True)
    tubes = []
    for start in range(max(len(frames) - window + 1, 1)):
        truth = np.concatenate([t for t, _ in maps[start : start + window]], 1)
        predicted = np.concatenate([p for _, p in maps[start : start + window]], 1)
        truth = np.where(truth == UNJUDGED, 0, np.where(truth == 0, ground, truth))
        name = f'{start}.png'
        save_rgb(truth, folder / 'truth' / name)
        save_rgb(predicted, folder / 'predicted' / name)
        sides = []
        for labels in (truth, predicted):
            ids, areas = np.unique(labels[labels > 0], return_counts=True)
            sides.append(
                [
                    {'id': int(i), 'category_id': background if i == ground else thing, 'area': int(a), 'iscrowd': 0}
                    for i, a in zip(ids, areas, strict=True)
                ]
            )
        tubes.append(tuple({'file_name': name, 'image_id': start, 'segments_info': side} for side in sides))
    with contextlib.redirect_stdout(io.StringIO()):
        stat = pq_compute_single_core(
            0, tubes, str(folder / 'truth'), str(folder / 'predicted'), {background: {}, thing: {}}
        )
    counts = stat[thing]
    if counts.tp + counts.fp + counts.fn == 0:
        return None
    _, per_class = stat.pq_average({thing: {'isthing': 1}}, None)
    return {key: float(value) for key, value in per_class[thing].items()} | {
        'tp': counts.tp,
        'fp': counts.fp,
        'fn': counts.fn,
    }


def video_consistency(script: Path, frames: list[Frame], complete: bool, window: int, folder: Path) -> float | None:
    """VC of the VSPW script. Pixels that are not judged get another label on every frame: they are never constant."""
    data, found = folder / 'data' / 'scene' / 'mask', folder / 'found' / 'scene'
    data.mkdir(parents=True, exist_ok=True)
    found.mkdir(parents=True, exist_ok=True)
    (folder / 'val.txt').write_text('scene\n')
    for t, frame in enumerate(frames):
        truth, predicted = label_maps(frame, complete)
        Image.fromarray(np.where(truth == UNJUDGED, 200 + t, truth).astype(np.uint8)).save(data / f'{t:05}.png')
        Image.fromarray(predicted.astype(np.uint8)).save(found / f'{t:05}.png')
    source = script.read_text()
    assert source.count('clip_num=16') == 1
    program = source.replace('clip_num=16', f'clip_num={window}')
    command = [sys.executable, '-W', 'ignore', '-c', program, str(folder), str(folder / 'found')]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    value = float(output.split(f'VC{window} score: ')[1].split()[0])
    return None if math.isnan(value) else value


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


def load_file(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def describe(frames: list[Frame], stq_module: ModuleType, vspw: Path) -> dict:
    reference: dict = {'davis': contour_and_region(frames)}
    for name, complete in (('complete', True), ('partial', False)):
        data = judged_data(frames, complete)
        flat = flat_frames(frames, data)
        with tempfile.TemporaryDirectory() as folder:
            reference[name] = track_scores(data) | {
                'stq': stq(stq_module, flat, complete),
                'vpq': {str(window): vpq(flat, complete, window, Path(folder)) for window in WINDOWS},
                'vc': {
                    str(window): video_consistency(vspw, flat, complete, window, Path(folder)) for window in (8, 16)
                },
            }
    return {
        'frames': [
            {
                'truth': {str(id): encode(mask)['counts'].decode() for id, mask in frame.truth.items()},
                'predictions': {str(id): encode(mask)['counts'].decode() for id, mask in frame.predictions.items()},
                'void': encode(frame.void)['counts'].decode() if frame.void.any() else None,
            }
            for frame in frames
        ],
        'reference': reference,
    }


def rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 10)
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--davis', type=Path, required=True, help='checkout of davis2017-evaluation')
    parser.add_argument('--deeplab2', type=Path, required=True, help='segmentation_and_tracking_quality.py (numpy)')
    parser.add_argument('--panopticapi', type=Path, required=True, help='checkout of panopticapi')
    parser.add_argument('--vspw', type=Path, required=True, help='VC_perclip.py')
    parser.add_argument('--out', type=Path, required=True)
    arguments = parser.parse_args()
    sys.path += [str(arguments.davis.resolve()), str(arguments.panopticapi.resolve())]
    stq_module = load_file(arguments.deeplab2, 'segmentation_and_tracking_quality')
    scenes = [{'name': name} | describe(frames, stq_module, arguments.vspw) for name, frames in draw_scenes().items()]
    document = {'note': NOTE, 'size': [HEIGHT, WIDTH], 'contours': rounded(large_contours()), 'scenes': rounded(scenes)}
    arguments.out.write_text(json.dumps(document, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    main()
