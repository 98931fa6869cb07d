"""Strided samples of the model's tensors at each input size, from the PyTorch original."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from mobile_sam.utils.transforms import ResizeLongestSide
from PIL import Image

from export import SIZES, open_sources
from torch_reference import create_sam

FRAME = 'blocks'
STRIDES = (97, 397, 1009)
LARGEST_SAMPLE = 4000
NOTE = (
    'Samples are every stride-th value, from index 0, of the tensor in row-major order (sum and sumAbs are over all of it). '
    'resized: uint8 RGB, [height, width, 3], the frame resized with the longest side at inputSize, '
    'height = floor(h * scale + 0.5), by PIL bilinear with antialiasing (horizontal pass first, 8-bit result between '
    'the passes). image: (resized - mean) / std per channel, [1, 3, S, S], zero padded at the right and the bottom. '
    'Prompts are in pixels of the resized frame. labels: 1 foreground, 0 background, -1 padding, 2 and 3 box corners. '
    'maskInputOf names the prompt whose single-mask logits (index 0 of lowResMasks) are the mask input. '
    'lowResMasks is [1, 4, S/4, S/4], index 0 the single-mask output.'
)


def sample(tensor: np.ndarray) -> dict:
    flat = tensor.reshape(-1)
    stride = next(stride for stride in STRIDES if flat.size / stride <= LARGEST_SAMPLE)
    values = flat[::stride].tolist()
    if tensor.dtype != np.uint8:
        values = [float(f'{value:.7g}') for value in values]
    total = flat.astype(np.float64)
    return {
        'shape': list(tensor.shape),
        'stride': stride,
        'sum': float(total.sum()),
        'sumAbs': float(np.abs(total).sum()),
        'values': values,
    }


def create_prompts(size: int) -> list[dict]:
    """Positions on a 480 x 270 frame, scaled to the input size (all are exact in float32)."""
    scale = size / 512
    point = lambda x, y: [x * scale, y * scale]  # noqa: E731
    return [
        {'name': 'one point', 'coords': [point(252, 140), [0, 0]], 'labels': [1, -1]},
        {'name': 'two points', 'coords': [point(328, 72), point(120, 180), [0, 0]], 'labels': [1, 0, -1]},
        {'name': 'box', 'coords': [point(190, 120), point(290, 160)], 'labels': [2, 3]},
        {
            'name': 'point and mask',
            'coords': [point(252, 140), [0, 0]],
            'labels': [1, -1],
            'maskInputOf': 'one point',
        },
    ]


def decode(sam: object, embedding: torch.Tensor, prompt: dict, mask: torch.Tensor | None) -> list[torch.Tensor]:
    coords, labels = torch.tensor([prompt['coords']], dtype=torch.float32), torch.tensor([prompt['labels']])
    if prompt['labels'][0] == 2:
        points, boxes = None, coords.reshape(1, 4)
    else:  # the original appends the padding point itself
        points, boxes = (coords[:, :-1], labels[:, :-1]), None
    sparse, dense = sam.prompt_encoder(points=points, boxes=boxes, masks=mask)
    return sam.mask_decoder.predict_masks(embedding, sam.prompt_encoder.get_dense_pe(), sparse, dense)


def describe_size(size: int, package_dir: Path, frame: np.ndarray) -> dict:
    sam = create_sam(size, package_dir, *open_sources(package_dir))
    resized = ResizeLongestSide(size).apply_image(frame)
    image = sam.preprocess(torch.from_numpy(resized.copy()).permute(2, 0, 1)[None])
    embedding = sam.image_encoder(image)
    logits_by_name: dict[str, torch.Tensor] = {}
    prompts = []
    for prompt in create_prompts(size):
        mask = logits_by_name[prompt['maskInputOf']][:, :1] if 'maskInputOf' in prompt else None
        logits, scores = decode(sam, embedding, prompt, mask)
        logits_by_name[prompt['name']] = logits
        masks = (logits[0] > 0).flatten(1).sum(1).tolist()
        prompts.append(
            {
                **prompt,
                'iouPredictions': scores[0].tolist(),
                'lowResMasks': sample(logits.numpy()),
                'areasAboveZero': masks,
            }
        )
    return {
        'frame': f'frames/{FRAME}.png',
        'inputSize': size,
        'pixelMean': sam.pixel_mean.flatten().tolist(),
        'pixelStd': sam.pixel_std.flatten().tolist(),
        'resized': sample(resized),
        'image': sample(image.numpy()),
        'imageEmbeddings': sample(embedding.numpy()),
        'prompts': prompts,
    }


def write_model(package_dir: Path, fixtures: Path) -> None:
    frame = np.array(Image.open(fixtures / 'frames' / f'{FRAME}.png').convert('RGB'))
    folder = fixtures / 'golden' / 'model'
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        document = {'note': NOTE, **describe_size(size, package_dir, frame)}
        (folder / f'{FRAME}-{size}.json').write_text(json.dumps(document, separators=(',', ':')) + '\n')
        print('model', size)
