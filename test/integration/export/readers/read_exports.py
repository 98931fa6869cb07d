"""Reads exports of video-amg with the readers that other people use.

Usage: read_exports.py REQUEST.json
REQUEST.json: a list of {"reader": NAME, "root": FOLDER, "sequence": NAME}, answered by {frame: {id: run lengths}}, and of
{"line": PYTHON, "root": FOLDER}, a line of docs/formats.md, answered by what it made. The answers are a list on stdout.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import json_readers
import picture_readers
import trackeval_readers

READERS = {
    "pycocotools coco": json_readers.coco,
    "supervision coco": json_readers.coco_supervision,
    "datumaro coco": json_readers.coco_datumaro,
    "datumaro datumaro": json_readers.datumaro,
    "pycocotools sa-v": json_readers.sa_v,
    "pycocotools burst": json_readers.burst,
    "eta fiftyone": json_readers.fiftyone,
    "Pillow davis": picture_readers.davis,
    "Pillow label-map": picture_readers.label_map,
    "Pillow mots-png": picture_readers.mots_png,
    "datumaro mots-png": picture_readers.mots_png_datumaro,
    "Pillow sa-v-png": picture_readers.sa_v_png,
    "importer cvat": picture_readers.cvat,
    "datumaro cvat-polygon": picture_readers.cvat_polygon,
    "outside cvat-polygon": picture_readers.cvat_polygon_outside,
    "trackeval mots": trackeval_readers.mots,
    "trackeval mot": trackeval_readers.mot,
    "trackeval davis": trackeval_readers.davis,
    "trackeval youtube-vis": trackeval_readers.youtube_vis,
    "trackeval burst": trackeval_readers.burst,
}


def load(line: str, root: str) -> dict[str, int]:
    """Run a line of docs/formats.md: pixels of the mask, highest label, number of tracks or items."""
    import datumaro
    import numpy
    import PIL.Image
    import pycocotools.coco
    import pycocotools.mask

    made: dict = {"root": root, "json": json, "numpy": numpy, "PIL": PIL, "pycocotools": pycocotools, "datumaro": datumaro}
    exec(line, made)
    measures = {"mask": lambda mask: mask.sum(), "labels": lambda labels: labels.max(), "tracks": len, "dataset": len, "frame": numpy.size}
    return {name: int(measure(made[name])) for name, measure in measures.items() if name in made}


def answer(request: dict) -> dict:
    if "line" in request:
        return load(request["line"], request["root"])
    return READERS[request["reader"]](Path(request["root"]), request["sequence"]).frames


def main() -> None:
    answers = []
    for request in json.loads(Path(sys.argv[1]).read_text()):
        # The readers talk on stdout.
        with contextlib.redirect_stdout(sys.stderr):
            answers.append(answer(request))
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
