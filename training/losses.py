"""Training losses on one frame: masks N x 1 x h x w, ground truth as shares in 0..1."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from network import ReadOut

HARD_SHARE = 0.25  # of the positions, those with the largest loss (bootstrapping)
FOREGROUND_WEIGHT = 3.0
READ_WEIGHT, PRESENCE_WEIGHT = 0.5, 0.2


def mask_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy over all positions and over the hardest ones."""
    loss = F.binary_cross_entropy_with_logits(logits, truth, reduction='none') * (1 + (FOREGROUND_WEIGHT - 1) * truth)
    loss = loss.flatten(1)
    hardest = loss.topk(max(1, int(loss.shape[1] * HARD_SHARE)), dim=1).values
    return loss.mean() + hardest.mean()


def dice_loss(probabilities: Tensor, truth: Tensor) -> Tensor:
    """1 - soft dice, for the objects that are visible."""
    sums = truth.sum((1, 2, 3))
    overlap = (probabilities * truth).sum((1, 2, 3))
    dice = 1 - (2 * overlap + 1) / (probabilities.sum((1, 2, 3)) + sums + 1)
    visible = (sums > 0).float()
    return (dice * visible).sum() / visible.sum().clamp_min(1)


def frame_loss(out: ReadOut, aggregated: Tensor, truth4: Tensor, truth8: Tensor, visible: Tensor) -> Tensor:
    """`aggregated` logits and `truth4` at stride 4, `truth8` at stride 8, `visible` [N] of 0 or 1."""
    read = out.mask.clamp(1e-4, 1 - 1e-4)
    read_loss = F.binary_cross_entropy(read, truth8, weight=1 + (FOREGROUND_WEIGHT - 1) * truth8)
    presence = F.binary_cross_entropy_with_logits(out.presence, visible)
    loss = mask_loss(aggregated, truth4) + dice_loss(torch.sigmoid(aggregated), truth4)
    return loss + READ_WEIGHT * (read_loss + dice_loss(read, truth8)) + PRESENCE_WEIGHT * presence
