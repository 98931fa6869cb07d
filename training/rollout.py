"""The network over a short training sequence, its own predictions going back into the memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from aggregation import aggregate
from losses import frame_loss
from network import Memory, MemoryNetwork

MIN_CELLS = 6.0  # visible area, in cells of stride 4, that makes an object one to follow
VISIBLE_CELLS = 1.0


@dataclass
class Sample:
    stride4: Tensor  # [T, 64, 2H, 2W]
    stride8: Tensor  # [T, 128, H, W]
    stride16: Tensor  # [T, 256, H/2, W/2]
    masks: Tensor  # [T, K, 2H, 2W] in 0..1


def crop_window(random: np.random.Generator, masks: np.ndarray, crop: int) -> tuple[slice, slice]:
    """Rows and columns (cells of stride 16) of a window of at most `crop` squared, around an object of frame 0."""
    chosen = masks[0, int(random.integers(masks.shape[1]))]
    window = []
    for axis in (0, 1):
        side = chosen.shape[axis] // 4
        centre = np.average(np.arange(chosen.shape[axis]), weights=chosen.sum(1 - axis)) / 4
        start = int(round(centre - crop * random.uniform(0.3, 0.7)))
        start = min(max(0, start), max(0, side - crop))
        window.append(slice(start, min(side, start + crop)))
    return window[0], window[1]


PARTS = {'stride4': 4, 'stride8': 2, 'stride16': 1, 'masks': 4}  # cells along one of stride 16


def part_beside(masks_path: Path, name: str) -> Path:
    """The file of another part of the same sequence."""
    return masks_path.with_name(masks_path.name.replace('.masks.', f'.{name}.'))


def load_sample(
    masks_path: Path,
    random: np.random.Generator,
    frames: int,
    max_step: int,
    crop: int | None = None,
    max_objects: int = 3,
) -> Sample | None:
    """Some frames of a sequence, perhaps backwards, mirrored or cropped, and the objects that the first one shows."""
    length = len(np.load(masks_path, mmap_mode='r'))
    step = int(random.integers(1, max_step + 1))
    step = min(step, (length - 1) // (frames - 1))
    start = int(random.integers(0, length - step * (frames - 1)))
    index = start + np.arange(frames) * step
    if random.random() < 0.5:
        index = index[::-1]
    arrays = {name: np.load(part_beside(masks_path, name), mmap_mode='r') for name in PARTS}
    masks = arrays['masks'][index].astype(np.float32) / 255
    shown = np.flatnonzero(masks[0].sum((1, 2)) >= MIN_CELLS)
    if not len(shown):
        return None
    objects = random.permutation(shown)[:max_objects]
    side = tuple(n // 4 for n in masks.shape[2:])
    window = crop_window(random, masks[:, objects], crop) if crop else tuple(slice(0, n) for n in side)
    parts = {}
    for name, n in PARTS.items():
        rows, columns = (slice(part.start * n, part.stop * n) for part in window)
        parts[name] = arrays[name][index][..., rows, columns].astype(np.float32)
    parts['masks'] = parts['masks'][:, objects] / 255
    flipped = random.random() < 0.5
    return Sample(
        **{
            name: torch.from_numpy(np.ascontiguousarray(part[..., ::-1] if flipped else part))
            for name, part in parts.items()
        }
    )


def others_of(masks: Tensor) -> Tensor:
    """[N, 1, h, w] -> the sum of the other objects' masks, at most 1."""
    return (masks.sum(0, keepdim=True) - masks).clamp(0, 1)


def damage(masks: Tensor, random: np.random.Generator) -> Tensor:
    """Sometimes the errors a tracker makes: grown, shrunk, a part missing, or a leak. [N, 1, h, w] in 0..1."""
    kind = random.random()
    if kind < 0.12:
        return F.max_pool2d(masks, 3, 1, 1)
    if kind < 0.24:
        return 1 - F.max_pool2d(1 - masks, 3, 1, 1)
    if kind < 0.5:
        rows, columns = masks.shape[2:]
        height, width = (max(2, int(side * random.uniform(0.08, 0.3))) for side in (rows, columns))
        top, left = int(random.integers(rows - height + 1)), int(random.integers(columns - width + 1))
        masks = masks.clone()
        chosen = slice(None) if kind < 0.36 else int(random.integers(len(masks)))
        masks[chosen, :, top : top + height, left : left + width] = 0 if kind < 0.36 else 1
    return masks


def given_frames(frames: int, random: np.random.Generator | None) -> list[bool]:
    """On which frames the masks are given: the first. For training, at times none counts as given, or two do."""
    given = [True] + [False] * (frames - 1)
    if random is not None and random.random() < 0.12:
        given[0] = False
    if random is not None and frames > 3 and random.random() < 0.12:
        given[int(random.integers(1, frames - 1))] = True
    return given


def rollout(
    model: MemoryNetwork, sample: Sample, random: np.random.Generator | None = None
) -> tuple[Tensor, list[Tensor]]:
    """Mean loss over the frames after the first, and their aggregated logits [N, 1, 2H, 2W].

    With `random`, for training: remembered predictions are sometimes damaged, so that the network learns to mend them,
    and places out of the object's reach count as well.
    """
    keys, contexts, details = model.key(sample.stride4, sample.stride8, sample.stride16)
    flat_keys = keys.flatten(2)
    truth4 = sample.masks.unsqueeze(2)  # [T, N, 1, 2H, 2W]
    truth8 = F.avg_pool2d(sample.masks, 2).unsqueeze(2)
    visible = (truth4.sum((2, 3, 4)) > VISIBLE_CELLS).float()
    is_given = given_frames(len(keys), random)
    previous, values, losses, results = truth8[0], [], [], []
    objects = truth4.shape[1]
    for t in range(1, len(keys)):
        values.append(model.value(contexts[t - 1 : t], previous, others_of(previous)).flatten(2))
        given = torch.tensor(is_given[:t]).float().expand(objects, t)
        memory = Memory(flat_keys[:t], torch.stack(values), torch.ones(objects, t), given)
        query = (keys[t : t + 1], contexts[t : t + 1], details[t : t + 1])
        out = model.reader(*query, memory, previous, gate=random is None)
        aggregated = aggregate(out.logits)
        losses.append(frame_loss(out, aggregated, truth4[t], truth8[t], visible[t]))
        results.append(aggregated)
        # As when tracking: an object held to be absent leaves an empty mask.
        present = (out.presence.detach() >= 0).float().view(-1, 1, 1, 1)
        previous = F.avg_pool2d(torch.sigmoid(aggregated.detach()), 2) * torch.maximum(
            present, visible[t].view(-1, 1, 1, 1)
        )
        if is_given[t]:
            previous = truth8[t]
        elif random is not None:
            previous = damage(previous, random)
    return torch.stack(losses).mean(), results


def intersection_over_union(logits: Tensor, truth: Tensor) -> Tensor:
    """[N, 1, h, w] each -> [N]; NaN for an object that neither shows."""
    a, b = logits > 0, truth > 0.5
    return (a & b).sum((1, 2, 3)) / (a | b).sum((1, 2, 3))
