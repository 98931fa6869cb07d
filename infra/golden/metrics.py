"""Golden numbers of the metrics: drawn scenes, and what the reference implementations say about them.

    python metrics.py --davis DIR --deeplab2 FILE --panopticapi DIR --vspw FILE \\
        --out ../../test/fixtures/golden/metrics.json

TrackEval comes from PyPI, the others from checkouts; README.md names the revisions. None of their code is in this
repository.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from contour_metrics import contour_and_region, large_contours
from pixel_metrics import stq, video_consistency, vpq
from rle import encode
from scenes import HEIGHT, LENGTH, WIDTH, Frame, draw_scenes
from track_metrics import flat_frames, judged_data, track_scores

WINDOWS = (1, 2, 4, 6, 8, 10, LENGTH)
NOTE = (
    f'Made by infra/golden/metrics.py. Masks are COCO RLE of size [{HEIGHT}, {WIDTH}]; the truth is disjoint. '
    'reference.complete: pixels without truth are background; reference.partial: they are unlabelled.'
)


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
