"""The network over a short training sequence, its own predictions going back into the memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from aggregation import aggregate
from losses import frame_loss
from network import MemoryNetwork

MIN_CELLS = 6.0  # visible area, in cells of stride 4, that makes an object one to follow
VISIBLE_CELLS = 1.0


@dataclass
class Sample:
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


def load_sample(
    path: str, random: np.random.Generator, frames: int, max_step: int, crop: int | None = None, max_objects: int = 3
) -> Sample | None:
    """Some frames of a sequence, perhaps backwards, mirrored or cropped, and the objects that the first one shows."""
    with np.load(path) as data:
        stride8, stride16, masks = data['stride8'], data['stride16'], data['masks']
    length = len(masks)
    step = int(random.integers(1, max_step + 1))
    step = min(step, (length - 1) // (frames - 1))
    start = int(random.integers(0, length - step * (frames - 1)))
    index = start + np.arange(frames) * step
    if random.random() < 0.5:
        index = index[::-1]
    masks = masks[index].astype(np.float32) / 255
    shown = np.flatnonzero(masks[0].sum((1, 2)) >= MIN_CELLS)
    if not len(shown):
        return None
    objects = random.permutation(shown)[:max_objects]
    parts = [stride8[index].astype(np.float32), stride16[index].astype(np.float32), masks[:, objects]]
    if crop:
        rows, columns = crop_window(random, parts[2], crop)
        scales = (2, 1, 4)
        parts = [
            part[..., rows.start * n : rows.stop * n, columns.start * n : columns.stop * n]
            for part, n in zip(parts, scales, strict=True)
        ]
    if random.random() < 0.5:
        parts = [part[..., ::-1] for part in parts]
    return Sample(*(torch.from_numpy(np.ascontiguousarray(part)) for part in parts))


def others_of(masks: Tensor) -> Tensor:
    """[N, 1, h, w] -> the sum of the other objects' masks, at most 1."""
    return (masks.sum(0, keepdim=True) - masks).clamp(0, 1)


def damage(masks: Tensor, random: np.random.Generator) -> Tensor:
    """Sometimes the errors a tracker makes: grown, shrunk, or with a part missing. [N, 1, h, w] in 0..1."""
    kind = random.random()
    if kind < 0.15:
        return F.max_pool2d(masks, 3, 1, 1)
    if kind < 0.35:
        return 1 - F.max_pool2d(1 - masks, 3, 1, 1)
    if kind < 0.5:
        rows, columns = masks.shape[2:]
        top, left = int(random.integers(rows)), int(random.integers(columns))
        masks = masks.clone()
        masks[:, :, top : top + rows // 4, left : left + columns // 4] = 0
    return masks


def rollout(
    model: MemoryNetwork, sample: Sample, random: np.random.Generator | None = None
) -> tuple[Tensor, list[Tensor]]:
    """Mean loss over the frames after the first, and their aggregated logits [N, 1, 2H, 2W].

    With `random`, for training: remembered predictions are sometimes damaged, so that the network learns to mend them,
    and places out of the object's reach count as well.
    """
    keys, contexts = model.key(sample.stride8, sample.stride16)
    flat_keys = keys.flatten(2)
    truth4 = sample.masks.unsqueeze(2)  # [T, N, 1, 2H, 2W]
    truth8 = F.avg_pool2d(sample.masks, 2).unsqueeze(2)
    visible = (truth4.sum((2, 3, 4)) > VISIBLE_CELLS).float()
    previous, values, losses, results = truth8[0], [], [], []
    for t in range(1, len(keys)):
        values.append(model.value(contexts[t - 1 : t], previous, others_of(previous)).flatten(2))
        known = torch.ones(truth4.shape[1], t)
        memory = (flat_keys[:t], torch.stack(values), known)
        out = model.reader(keys[t : t + 1], contexts[t : t + 1], *memory, previous, gate=random is None)
        aggregated = aggregate(out.logits)
        losses.append(frame_loss(out, aggregated, truth4[t], truth8[t], visible[t]))
        results.append(aggregated)
        # As when tracking: an object held to be absent leaves an empty mask.
        present = (out.presence.detach() >= 0).float().view(-1, 1, 1, 1)
        previous = F.avg_pool2d(torch.sigmoid(aggregated.detach()), 2) * torch.maximum(
            present, visible[t].view(-1, 1, 1, 1)
        )
        if random is not None:
            previous = damage(previous, random)
    return torch.stack(losses).mean(), results


def intersection_over_union(logits: Tensor, truth: Tensor) -> Tensor:
    """[N, 1, h, w] each -> [N]; NaN for an object that neither shows."""
    a, b = logits > 0, truth > 0.5
    return (a & b).sum((1, 2, 3)) / (a | b).sum((1, 2, 3))
