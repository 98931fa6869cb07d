"""PNG and TIFF, read by Pillow and Datumaro; XML of CVAT, read as its importer does and by Datumaro."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco

from masks import Masks, runs


def _label_maps(files: list[Path], mode: str) -> Masks:
    found = Masks()
    for file in files:
        picture = Image.open(file)
        assert picture.mode == mode, f"{file.name} has mode {picture.mode}"
        labels = np.array(picture)
        found.frames[str(int(file.stem))]
        for value in np.unique(labels[labels != 0]):
            found.add(file.stem, value, runs(labels == value))
    return found


def davis(root: Path, sequence: str) -> Masks:
    files = sorted((root / "Annotations" / sequence).glob("*.png"))
    palette = Image.open(files[0]).getpalette()
    assert palette[:12] == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]
    return _label_maps(files, "P")


def label_map(root: Path, _sequence: str) -> Masks:
    wide = sorted(root.glob("*.tif"))
    return _label_maps(wide, "I") if wide else _label_maps(sorted(root.glob("*.png")), "I;16")


def mots_png(root: Path, sequence: str) -> Masks:
    return _label_maps(sorted((root / sequence / "instances").glob("*.png")), "I;16")


def mots_png_datumaro(root: Path, sequence: str) -> Masks:
    from datumaro import Dataset

    found = Masks()
    for item in Dataset.import_from(str(root / sequence), "mots"):
        for annotation in item.annotations:
            assert annotation.label == 1
            found.add(item.id, annotation.attributes["track_id"], runs(annotation.image))
    return found


def sa_v_png(root: Path, sequence: str) -> Masks:
    found = Masks()
    for folder in sorted((root / "Annotations" / sequence).iterdir()):
        for file in sorted(folder.iterdir()):
            mask = np.array(Image.open(file))
            assert len(np.unique(mask)) <= 2
            found.frames[str(int(file.stem))]
            if (mask > 0).any():
                found.add(file.stem, folder.name, runs(mask > 0))
    return found


def cvat_document(root: Path) -> tuple[ElementTree.Element, int, int]:
    """The document, and the height and width of its frames."""
    document = ElementTree.parse(root / "annotations.xml").getroot()
    size = document.find("meta/task/original_size")
    return document, int(size.find("height").text), int(size.find("width").text)


def cvat(root: Path, _sequence: str) -> Masks:
    """CVAT's importer: of a track of masks it keeps the first shape; runs go along the rows of the box, zeros first."""
    document, height, width = cvat_document(root)
    found = Masks()
    for track in document.iter("track"):
        shapes = track.findall("mask")
        assert len(shapes) <= 2 and [shape.get("outside") for shape in shapes] == ["0", "1"][: len(shapes)]
        shape = shapes[0]
        box_width, box_height = int(shape.get("width")), int(shape.get("height"))
        lengths = [int(length) for length in shape.get("rle").split(",")]
        pixels = np.repeat(np.arange(len(lengths)) % 2, lengths).reshape(box_height, box_width)
        mask = np.zeros((height, width), bool)
        left, top = int(shape.get("left")), int(shape.get("top"))
        mask[top : top + box_height, left : left + box_width] = pixels
        attributes = {one.get("name"): one.text for one in shape.iter("attribute")}
        assert attributes["object_id"] == track.get("group_id")
        found.add(shape.get("frame"), track.get("group_id"), runs(mask))
    return found


def cvat_polygon(root: Path, _sequence: str) -> Masks:
    """Datumaro's reader; polygons filled by pycocotools."""
    from datumaro import Dataset

    _document, height, width = cvat_document(root)
    found = Masks()
    for item in Dataset.import_from(str(root), "cvat"):
        for polygon in item.annotations:
            assert polygon.attributes["keyframe"]
            if not polygon.attributes["outside"]:
                (rle,) = coco.frPyObjects([polygon.points], height, width)
                found.add(item.attributes["frame"], polygon.group, runs(coco.decode(rle)))
    return found


def cvat_polygon_outside(root: Path, _sequence: str) -> Masks:
    """Where a track says that its object is not seen."""
    found = Masks()
    for track in ElementTree.parse(root / "annotations.xml").getroot().iter("track"):
        for shape in track.findall("polygon"):
            if shape.get("outside") == "1":
                found.add(shape.get("frame"), track.get("group_id"), "outside")
    return found
