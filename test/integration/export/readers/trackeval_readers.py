"""Formats that TrackEval reads, each as ground truth and as a tracker's result; both must say the same."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
from pycocotools.mask import decode
from trackeval.datasets import BURST, DAVIS, MotChallenge2DBox, MOTSChallenge, YouTubeVIS

from masks import Masks, runs_of_rle

QUIET = {"PRINT_CONFIG": False}


def _collect(raw: dict, who: str, first: int, value=runs_of_rle) -> Masks:
    found = Masks()
    for step in range(raw["num_timesteps"]):
        found.frames[str(step + first)]
        for identity, detection in zip(raw[f"{who}_ids"][step], raw[f"{who}_dets"][step], strict=True):
            found.add(step + first, identity, value(detection))
    return found


def _both(data, sequence: str, first: int, value=runs_of_rle) -> Masks:
    truth = _collect(data._load_raw_file("tracker", sequence, is_gt=True), "gt", first, value)
    result = _collect(data._load_raw_file("tracker", sequence, is_gt=False), "tracker", first, value)
    assert truth.frames == result.frames
    return truth


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _frames(root: Path) -> int:
    return len((root / "frames.csv").read_text().splitlines()) - 1


def mots(root: Path, sequence: str) -> Masks:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        _copy(root / f"{sequence}.txt", base / f"gt/{sequence}/gt/gt.txt")
        _copy(root / f"{sequence}.txt", base / f"trackers/tracker/data/{sequence}.txt")
        config = {"GT_FOLDER": str(base / "gt"), "TRACKERS_FOLDER": str(base / "trackers"), "SKIP_SPLIT_FOL": True, "SEQ_INFO": {sequence: _frames(root)}}
        return _both(MOTSChallenge({**config, **QUIET}), sequence, 1)


def mot(root: Path, sequence: str) -> Masks:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        _copy(root / f"{sequence}.txt", base / f"trackers/tracker/data/{sequence}.txt")
        config = {"GT_FOLDER": str(root), "TRACKERS_FOLDER": str(base / "trackers"), "SKIP_SPLIT_FOL": True, "SEQ_INFO": {sequence: None}}
        return _both(MotChallenge2DBox({**config, **QUIET}), sequence, 1, lambda box: [float(side) for side in box])


def davis(root: Path, sequence: str) -> Masks:
    """It numbers the pictures by their order."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        shutil.copytree(root / "Annotations", base / "tracker/data")
        config = {"GT_FOLDER": str(root / "Annotations"), "TRACKERS_FOLDER": str(base), "SEQ_INFO": {sequence: _frames(root)}}
        return _both(DAVIS({**config, **QUIET}), sequence, 0)


def youtube_vis(root: Path, sequence: str) -> Masks:
    """Read as a tracker's result: a submission has no IDs, so its tracks are numbered by their scores."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        truth = json.loads((root / "annotations/instances.json").read_text())
        for track in truth["annotations"]:  # ground truth is read only where its runs are not compressed
            track["segmentations"] = [rle and {"size": rle["size"], "counts": _lengths(decode(rle))} for rle in track["segmentations"]]
        (base / "gt/youtube_vis_test").mkdir(parents=True)
        (base / "gt/youtube_vis_test/instances.json").write_text(json.dumps(truth))
        _copy(root / "results/results.json", base / "trackers/youtube_vis_test/tracker/data/results.json")
        data = YouTubeVIS({"GT_FOLDER": f"{base}/gt/", "TRACKERS_FOLDER": f"{base}/trackers/", "SPLIT_TO_EVAL": "test", **QUIET})
        expected = _collect(data._load_raw_file("tracker", sequence, is_gt=True), "gt", 0)
        result = _collect(data._load_raw_file("tracker", sequence, is_gt=False), "tracker", 0)
    ranked = sorted(truth["annotations"], key=lambda track: (-track["score"], track["id"]))
    first = min(int(number) for objects in result.frames.values() for number in objects)
    found = Masks()
    for frame, objects in result.frames.items():
        found.frames[frame]
        for number, value in objects.items():
            found.add(frame, ranked[int(number) - first]["id"], value)
    assert found.frames == expected.frames
    return found


def _lengths(mask: np.ndarray) -> list[int]:
    pixels = np.concatenate([[0], mask.flatten(order="F"), [0]])
    ends = np.flatnonzero(np.diff(pixels))
    return np.diff(np.concatenate([[0], ends, [mask.size]])).tolist()


def burst(root: Path, _sequence: str) -> Masks:
    """It numbers objects of all videos anew; with one video in the order of track_category_ids."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        _copy(root / "annotations.json", base / "gt/annotations.json")
        _copy(root / "annotations.json", base / "trackers/tracker/data/annotations.json")
        data = BURST({"GT_FOLDER": str(base / "gt"), "TRACKERS_FOLDER": str(base / "trackers"), "MAX_DETECTIONS": 0, **QUIET})
        (name,) = data.seq_list
        frames = {image["id"]: image["frame_index"] for image in data.gt_data["images"]}
        truth = data._load_raw_file("tracker", name, is_gt=True)
        result = data._load_raw_file("tracker", name, is_gt=False)
    (sequence,) = json.loads((root / "annotations.json").read_text())["sequences"]
    ours = list(sequence["track_category_ids"])
    expected, found = Masks(), Masks()
    for masks, raw, who, identity_of in ((expected, truth, "gt", lambda number: ours[number - 1]), (found, result, "dt", int)):
        for category, tracks in raw[f"classes_to_{who}_tracks"].items():
            for number, track in zip(raw[f"classes_to_{who}_track_ids"][category], tracks, strict=True):
                for image, rle in track.items():
                    masks.add(frames[image], identity_of(number), runs_of_rle(rle))
    assert found.frames == expected.frames
    return found
