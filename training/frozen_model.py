"""MobileSAM as the project runs it: the exported graphs in onnxruntime, at one input size."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

PIXEL_MEAN = np.array([123.675, 116.28, 103.53], np.float32)
PIXEL_STD = np.array([58.395, 57.12, 57.375], np.float32)
BUNDLE = Path(__file__).parent.parent / 'models' / 'bundles' / 'mobilesam'
WEIGHT_FILES = ('encoder.onnx', 'sam.onnx')
SCORE_STABILITY_OFFSET = 1.0


@dataclass
class Features:
    """Frozen features cropped to the picture: rows16 = ceil(height / 16), H = 2 * rows16, and so on."""

    stride4: np.ndarray  # [64, 2H, 2W]
    stride8: np.ndarray  # [128, H, W]
    stride16: np.ndarray  # [256, H / 2, W / 2]
    embedding: np.ndarray  # [1, 256, S / 16, S / 16], the whole square, for the decoder
    size: tuple[int, int]  # height, width of the resized picture


def fit_longest_side(height: int, width: int, size: int) -> tuple[int, int]:
    scale = size / max(height, width)
    return max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))


def resize_picture(picture: np.ndarray, size: int) -> np.ndarray:
    """RGB uint8 [h, w, 3] with the longest side at `size`, by PIL bilinear as SAM's ResizeLongestSide."""
    height, width = fit_longest_side(*picture.shape[:2], size)
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR))


class FrozenModel:
    def __init__(self, weights_dir: Path, size: int = 512, threads: int = 2, with_decoders: bool = True) -> None:
        self.size = size
        # Masks of the whole square, in cells.
        self.square = np.full(2, size // 16, np.float32)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        roles = {'encoder': f'encoder-{size}'}
        if with_decoders:
            roles |= {'decoder': f'decoder-{size}', 'points': f'decoder-{size}-points'}
        # External data must lie beside the graph: hard links in a folder on the weights' file system.
        with tempfile.TemporaryDirectory(dir=weights_dir) as name:
            folder = Path(name)
            for file in WEIGHT_FILES:
                os.link(weights_dir / file, folder / file)
            for file in roles.values():
                (folder / f'{file}.onnx').write_bytes((BUNDLE / f'{file}.onnx').read_bytes())
            self.sessions = {
                role: ort.InferenceSession(str(folder / f'{file}.onnx'), options, ['CPUExecutionProvider'])
                for role, file in roles.items()
            }

    def encode(self, picture: np.ndarray) -> Features:
        """RGB uint8 [h, w, 3] of any size."""
        resized = resize_picture(picture, self.size)
        height, width = resized.shape[:2]
        square = np.zeros((1, 3, self.size, self.size), np.float32)
        square[0, :, :height, :width] = ((resized - PIXEL_MEAN) / PIXEL_STD).transpose(2, 0, 1)
        names = ['image_embeddings', 'stride4_features', 'stride8_features']
        embedding, stride4, stride8 = self.sessions['encoder'].run(names, {'image': square})
        rows, columns = -(-height // 16), -(-width // 16)
        return Features(
            stride4[0, :, : 4 * rows, : 4 * columns],
            stride8[0, :, : 2 * rows, : 2 * columns],
            embedding[0, :, :rows, :columns],
            embedding,
            (height, width),
        )

    def segment_points(self, features: Features, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points [P, 2] (x, y) in pixels of the resized picture -> logits [P * 3, S/4, S/4], predicted IoU [P * 3]."""
        coords = np.stack([points, np.zeros_like(points)], 1).astype(np.float32)
        labels = np.tile(np.array([1, -1], np.float32), (len(points), 1))
        feeds = {'image_embeddings': features.embedding, 'point_coords': coords, 'point_labels': labels}
        feeds['picture_cells'] = self.square
        masks, scores = self.sessions['points'].run(None, feeds)
        return masks.reshape(-1, *masks.shape[2:]), scores.reshape(-1)

    def segment_boxes(
        self, features: Features, boxes: np.ndarray, mask_input: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Boxes [P, 4] (x0, y0, x1, y1) and mask logits [P, 1, S/4, S/4] -> logits [P, S/4, S/4], predicted IoU [P]."""
        feeds = {
            'image_embeddings': features.embedding,
            'point_coords': boxes.reshape(-1, 2, 2).astype(np.float32),
            'point_labels': np.tile(np.array([2, 3], np.float32), (len(boxes), 1)),
            'mask_input': mask_input.astype(np.float32),
            'has_mask_input': np.ones(1, np.float32),
            'picture_cells': self.square,
        }
        masks, scores = self.sessions['decoder'].run(None, feeds)
        return masks[:, 0], scores[:, 0]


def upsample_logits(logits: np.ndarray, square: int, size: tuple[int, int]) -> np.ndarray:
    """Logits of the square at stride 4 -> logits [height, width] at the resized picture's size."""
    whole = Image.fromarray(logits.astype(np.float32)).resize((square, square), Image.Resampling.BILINEAR)
    return np.asarray(whole)[: size[0], : size[1]]


def find_masks(model: FrozenModel, features: Features, side: int = 10) -> list[np.ndarray]:
    """SAM's automatic mask generator in short: a grid of points, score, stability, no duplicates; largest first."""
    height, width = features.size
    ys, xs = np.meshgrid((np.arange(side) + 0.5) / side * height, (np.arange(side) + 0.5) / side * width, indexing='ij')
    logits, scores = model.segment_points(features, np.stack([xs.ravel(), ys.ravel()], 1))
    keep = scores > 0.88
    logits, scores = logits[keep], scores[keep]
    rows, columns = -(-height // 4), -(-width // 4)
    logits = logits[:, :rows, :columns]
    high = (logits > SCORE_STABILITY_OFFSET).sum((1, 2))
    stability = high / np.maximum((logits > -SCORE_STABILITY_OFFSET).sum((1, 2)), 1)
    order = [i for i in np.argsort(-scores) if stability[i] > 0.9]
    binary = logits > 0
    chosen: list[int] = []
    for i in order:
        area = binary[i].sum()
        fraction = area / binary[i].size
        if not 0.004 < fraction < 0.5:
            continue
        overlaps = [(binary[i] & binary[j]).sum() / (binary[i] | binary[j]).sum() for j in chosen]
        if all(overlap < 0.7 for overlap in overlaps):
            chosen.append(i)
    return [upsample_logits_crop(logits[i], (height, width)) > 0 for i in chosen]


def upsample_logits_crop(logits: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Cropped logits [ceil(h/4), ceil(w/4)] -> [h, w]."""
    rows, columns = logits.shape
    whole = Image.fromarray(logits.astype(np.float32)).resize((columns * 4, rows * 4), Image.Resampling.BILINEAR)
    return np.asarray(whole)[: size[0], : size[1]]
