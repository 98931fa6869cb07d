"""STQ of deeplab2, VPQ of panopticapi, VC of VSPW: metrics of pictures that hold one number per pixel."""

from __future__ import annotations

import contextlib
import io
import math
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image

from scenes import HEIGHT, WIDTH, Frame, flatten

UNJUDGED = -1


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
