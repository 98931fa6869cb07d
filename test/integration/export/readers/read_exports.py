"""Reads exports of video-amg with the readers that other people use.

Usage: read_exports.py REQUEST.json
REQUEST.json: [{"reader": NAME, "root": FOLDER, "sequence": NAME}, …]; on stdout a list of {frame: {id: run lengths}}.
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


def main() -> None:
    answers = []
    for request in json.loads(Path(sys.argv[1]).read_text()):
        # The readers talk on stdout.
        with contextlib.redirect_stdout(sys.stderr):
            masks = READERS[request["reader"]](Path(request["root"]), request["sequence"])
        answers.append(masks.frames)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
