"""JSON formats, read by pycocotools, Datumaro, supervision and ETA (the library under FiftyOne)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from masks import Masks, runs, runs_of_rle


def coco(root: Path, _sequence: str) -> Masks:
    data = COCO(root / "annotations/instances_default.json")
    found = Masks()
    for image_id, image in data.imgs.items():
        for annotation in data.loadAnns(data.getAnnIds(imgIds=[image_id])):
            mask = data.annToMask(annotation)
            assert annotation["area"] == mask.sum() and annotation["bbox"] == coco_mask.toBbox(annotation["segmentation"]).tolist()
            assert annotation["track_id"] == annotation["instance_id"]
            found.add(image["frame_index"], annotation["track_id"], runs(mask))
    return found


def coco_supervision(root: Path, _sequence: str) -> Masks:
    """Its reader knows no tracks: masks of a frame are numbered in the order of the file."""
    import supervision

    data = supervision.DetectionDataset.from_coco(str(root), str(root / "annotations/instances_default.json"), force_masks=True)
    found = Masks()
    for path, detections in data.annotations.items():
        for number, mask in enumerate([] if detections.mask is None else detections.mask):
            found.add(Path(path).stem, number, runs(mask))
    return found


def datumaro(root: Path, _sequence: str) -> Masks:
    return _datumaro_masks(root, "datumaro")


def coco_datumaro(root: Path, _sequence: str) -> Masks:
    return _datumaro_masks(root, "coco_instances")


def _datumaro_masks(root: Path, name: str) -> Masks:
    from datumaro import Dataset

    found = Masks()
    for item in Dataset.import_from(str(root), name):
        for annotation in item.annotations:
            if annotation.type.name != "mask":  # COCO's box beside it
                continue
            found.add(Path(item.id).name, annotation.attributes["track_id"], runs(annotation.image))
    return found


def sa_v(root: Path, sequence: str) -> Masks:
    """As SA-V's own notebook does; the frame is the place in the outer list."""
    video = json.loads((root / f"{sequence}_auto.json").read_text())
    assert video["masklet_num"] == len(video["masklet_id"])
    found = Masks()
    for position, masks in enumerate(video["masklet"]):
        for identity, rle in zip(video["masklet_id"], masks, strict=True):
            mask = coco_mask.decode(rle)
            if mask.any():
                found.add(position, identity, runs(mask))
    return found


def burst(root: Path, _sequence: str) -> Masks:
    (sequence,) = json.loads((root / "annotations.json").read_text())["sequences"]
    found = Masks()
    for path, masks in zip(sequence["annotated_image_paths"], sequence["segmentations"], strict=True):
        for identity, mask in masks.items():
            found.add(Path(path).stem, identity, runs_of_rle({"size": [sequence["height"], sequence["width"]], "counts": mask["rle"]}))
    return found


def fiftyone(root: Path, sequence: str) -> Masks:
    # ETA finds files, unpacks archives and traces contours with these; reading labels needs none.
    for name in ("glob2", "py7zr", "skimage", "skimage.morphology"):
        sys.modules.setdefault(name, MagicMock())
    import eta.core.video as etav

    manifest = json.loads((root / "manifest.json").read_text())
    assert manifest["index"][0]["labels"] == f"labels/{sequence}.json"
    height, width = json.loads((root / "size.json").read_text())
    found = Masks()
    labels = etav.VideoLabels.from_json(str(root / manifest["index"][0]["labels"]))
    for number in labels:
        for detected in labels[number].objects:
            box = detected.bounding_box
            left, top = round(box.top_left.x * width), round(box.top_left.y * height)
            right, bottom = round(box.bottom_right.x * width), round(box.bottom_right.y * height)
            mask = np.zeros((height, width), bool)
            mask[top:bottom, left:right] = detected.mask
            found.add(number, detected.index, runs(mask))
    return found
