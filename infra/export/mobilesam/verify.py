"""Compares the exported graphs with the originals and prints the largest absolute differences.

    python verify.py --package-dir PACKAGE/dist --bundle ../../../models/bundles/mobilesam [--sizes 512 768 1024]

Encoder and decoder are compared with the PyTorch original at every size, and at 1024 also with the original ONNX files.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch

from export import SIZES, open_sources
from torch_reference import create_sam

ORIGINAL_OUTPUTS = ('/Reshape_9_output_0', '/iou_prediction_head/layers.2/Gemm_output_0')


def open_session(path: Path, options: ort.SessionOptions | None = None) -> ort.InferenceSession:
    if options is None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 2
    return ort.InferenceSession(str(path), options)


def open_original_decoder(
    path: Path, folder: Path, options: ort.SessionOptions | None = None
) -> ort.InferenceSession:
    """The original decoder with a symbolic batch and its inner four-mask tensors as outputs."""
    model = onnx.load(path)
    for value in model.graph.input:
        if value.name in ('point_coords', 'point_labels', 'mask_input'):
            value.type.tensor_type.shape.dim[0].dim_param = 'B'
    del model.graph.output[:]
    for name in ORIGINAL_OUTPUTS:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    onnx.save(model, folder / 'original-decoder.onnx')
    return open_session(folder / 'original-decoder.onnx', options)


def difference(actual: list[np.ndarray], expected: list[np.ndarray]) -> str:
    pairs = zip(actual, expected, strict=True)
    return ', '.join(f'{np.abs(a - b).max():.2e} (of {np.abs(b).max():.3g})' for a, b in pairs)


def sample_prompts(random: np.random.Generator, size: int, batch: int) -> tuple[np.ndarray, np.ndarray]:
    coords = random.uniform(0, size, (batch, 2, 2)).astype(np.float32)
    labels = np.array([[1, -1], [0, 1], [2, 3], [1, 0]], np.float32)[np.arange(batch) % 4]
    return coords, labels


def torch_decode(sam: object, feeds: dict[str, np.ndarray], use_mask: bool) -> list[np.ndarray]:
    """Drives the PyTorch modules one prompt at a time; box corners go in as a box, without a padding point."""
    masks, scores = [], []
    for index, label in enumerate(feeds['point_labels']):
        coords = torch.from_numpy(feeds['point_coords'][index : index + 1])
        is_box = label[0] == 2
        # The original appends the padding point itself.
        keep = label != -1
        points = None if is_box else (coords[:, keep], torch.from_numpy(label[keep])[None])
        mask = torch.from_numpy(feeds['mask_input'][index : index + 1]) if use_mask else None
        boxes = coords.reshape(1, 4) if is_box else None
        sparse, dense = sam.prompt_encoder(points=points, boxes=boxes, masks=mask)
        logits, score = sam.mask_decoder.predict_masks(
            torch.from_numpy(feeds['image_embeddings']), sam.prompt_encoder.get_dense_pe(), sparse, dense
        )
        masks.append(logits.numpy())
        scores.append(score.numpy())
    return [np.concatenate(masks), np.concatenate(scores)]


@torch.no_grad()
def verify_size(size: int, package_dir: Path, folder: Path) -> None:
    random = np.random.default_rng(size)
    sam = create_sam(size, package_dir, *open_sources(package_dir))
    image = random.standard_normal((1, 3, size, size)).astype(np.float32)
    names = ['image_embeddings', 'stride8_features']
    embedding = open_session(folder / f'encoder-{size}.onnx').run(names, {'image': image})
    pixels = torch.from_numpy(image)
    stage = sam.image_encoder.layers[0](sam.image_encoder.patch_embed(pixels))
    expected = [sam.image_encoder(pixels).numpy(), stage.transpose(1, 2).reshape(1, 128, size // 8, size // 8).numpy()]
    print(f'{size} encoder vs PyTorch      {difference(embedding, expected)} embeddings, stride 8')
    if size == 1024:
        original = open_session(package_dir / 'encoder.onnx').run(None, {'input': image})
        print(f'{size} encoder vs ONNX         {difference(embedding[:1], original)}')
    decoder = open_session(folder / f'decoder-{size}.onnx')
    points_decoder = open_session(folder / f'decoder-{size}-points.onnx')
    coords, labels = sample_prompts(random, size, 4)
    mask = random.normal(0, 8, (4, 1, size // 4, size // 4)).astype(np.float32)
    feeds = {'image_embeddings': embedding[0], 'point_coords': coords, 'point_labels': labels, 'mask_input': mask}
    feeds['picture_cells'] = np.array([size // 16, size // 16], np.float32)
    original_decoder = open_original_decoder(package_dir / 'sam.onnx', folder) if size == 1024 else None
    for use_mask in (False, True):
        feeds['has_mask_input'] = np.array([float(use_mask)], np.float32)
        actual = decoder.run(None, feeds)
        # The original needs every prompt of one call to have the same number of points: no padding in rows 1 to 3.
        rows = [1, 3]
        padded = dict(feeds)
        padded['point_coords'] = np.concatenate([coords[rows], np.zeros((2, 1, 2), np.float32)], 1)
        padded['point_labels'] = np.concatenate([labels[rows], -np.ones((2, 1), np.float32)], 1)
        padded['mask_input'] = mask[rows]
        actual_padded = decoder.run(None, padded)
        expected = torch_decode(sam, feeds, use_mask)
        unpadded = [0, 2]
        pairs = [[a[unpadded] for a in actual], [e[unpadded] for e in expected]]
        print(f'{size} decoder vs PyTorch      mask={use_mask!s:5} {difference(*pairs)} 1 point, box')
        print(
            f'{size} decoder vs PyTorch      mask={use_mask!s:5} '
            f'{difference(actual_padded, [e[rows] for e in expected])} 2 points'
        )
        if original_decoder:
            original_feeds = {**feeds, 'orig_im_size': np.array([size, size], np.float32)}
            inputs = {value.name for value in original_decoder.get_inputs()}
            original = original_decoder.run(None, {k: v for k, v in original_feeds.items() if k in inputs})
            print(f'{size} decoder vs ONNX         mask={use_mask!s:5} {difference(actual, original)}')
        if not use_mask:
            names = ('image_embeddings', 'point_coords', 'point_labels', 'picture_cells')
            points = points_decoder.run(None, {name: feeds[name] for name in names})
            print(f'{size} points decoder vs plain {difference(points, [a[:, 1:] for a in actual])}')
        for rows, columns in ((size // 32, size // 16), (size // 16, size // 64)):
            part = decoder.run(None, {**feeds, 'picture_cells': np.array([rows, columns], np.float32)})
            whole = [actual[0][:, :, : 4 * rows, : 4 * columns], actual[1]]
            print(f'{size} part of the masks vs all  {difference(part, whole)} {rows} x {columns} cells')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--package-dir', type=Path, required=True)
    parser.add_argument('--bundle', type=Path, required=True)
    parser.add_argument('--sizes', type=int, nargs='+', default=SIZES)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory(dir=arguments.package_dir) as name:
        folder = Path(name)
        for file in ('encoder.onnx', 'sam.onnx'):
            os.link(arguments.package_dir / file, folder / file)
        for graph in arguments.bundle.glob('*.onnx'):
            (folder / graph.name).write_bytes(graph.read_bytes())
        for size in arguments.sizes:
            verify_size(size, arguments.package_dir, folder)


if __name__ == '__main__':
    main()
