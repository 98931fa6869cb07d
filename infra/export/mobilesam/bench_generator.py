"""The original mask generator as a process that answers requests, for `bench/generator.ts`.

    python bench_generator.py --package-dir PACKAGE/dist [--size 1024] [--decoder torch|onnx] [--threads 2]

Reads one JSON object a line, `{"image": FILE, "options": {"points_per_side": 32}}`, and prints one a line: `seconds` by
the clock and `cpuSeconds` of `SamAutomaticMaskGenerator.generate` without reading the file, and its `records` (COCO run
lengths). `--decoder onnx` keeps the original's Python and lets onnxruntime run the original's own decoder file.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import types
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from mobile_sam import SamAutomaticMaskGenerator
from PIL import Image

from export import open_sources
from torch_reference import create_sam
from verify import open_original_decoder


def decode_with_onnx(sam: object, package_dir: Path, folder: Path, threads: int) -> None:
    """Replaces prompt encoder and mask decoder by the original's ONNX file; the masks' order and shapes stay."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    (folder / 'sam.onnx').write_bytes((package_dir / 'sam.onnx').read_bytes())
    session = open_original_decoder(folder / 'sam.onnx', folder, options)
    side = sam.image_encoder.img_size // 4
    sparse_of = sam.prompt_encoder.forward

    def keep_points(_: object, points: object, boxes: object, masks: object) -> tuple:
        assert boxes is None and masks is None
        return points, sparse_of(points=None, boxes=None, masks=None)[1]

    def predict(
        _: object, image_embeddings: torch.Tensor, sparse_prompt_embeddings: tuple, multimask_output: bool, **__: object
    ) -> tuple:
        assert multimask_output
        coords, labels = sparse_prompt_embeddings
        batch = len(coords)
        feeds = {
            'image_embeddings': image_embeddings.numpy(),
            'point_coords': np.concatenate([coords.numpy(), np.zeros((batch, 1, 2))], 1).astype(np.float32),
            'point_labels': np.concatenate([labels.numpy(), -np.ones((batch, 1))], 1).astype(np.float32),
            'mask_input': np.zeros((batch, 1, side, side), np.float32),
            'has_mask_input': np.zeros(1, np.float32),
            'orig_im_size': np.array([side * 4, side * 4], np.float32),
        }
        wanted = {value.name for value in session.get_inputs()}
        masks, scores = session.run(None, {name: value for name, value in feeds.items() if name in wanted})
        return torch.from_numpy(masks[:, 1:]), torch.from_numpy(scores[:, 1:])

    sam.prompt_encoder.forward = types.MethodType(keep_points, sam.prompt_encoder)
    sam.mask_decoder.forward = types.MethodType(predict, sam.mask_decoder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--package-dir', type=Path, required=True)
    parser.add_argument('--size', type=int, default=1024)
    parser.add_argument('--decoder', choices=('torch', 'onnx'), default='torch')
    parser.add_argument('--threads', type=int, default=0)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    sam = create_sam(arguments.size, arguments.package_dir, *open_sources(arguments.package_dir))
    with tempfile.TemporaryDirectory() as folder:
        if arguments.decoder == 'onnx':
            assert arguments.size == 1024, 'the original decoder file is for 1024 pixels'
            decode_with_onnx(sam, arguments.package_dir, Path(folder), arguments.threads)
        print(json.dumps({'ready': True, 'threads': torch.get_num_threads()}), flush=True)
        for line in sys.stdin:
            request = json.loads(line)
            picture = np.array(Image.open(request['image']).convert('RGB'))
            generator = SamAutomaticMaskGenerator(sam, output_mode='coco_rle', **request['options'])
            start, cpu_start = time.perf_counter(), time.process_time()
            records = generator.generate(picture)
            times = {'seconds': time.perf_counter() - start, 'cpuSeconds': time.process_time() - cpu_start}
            print(json.dumps({**times, 'records': records}), flush=True)


if __name__ == '__main__':
    main()
