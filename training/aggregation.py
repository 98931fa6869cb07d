"""Soft aggregation: objects that compete share every position (STM, Oh et al. 2019), in logits."""

from __future__ import annotations

import torch
from torch import Tensor

LIMIT = 16.118  # logit of 1 - 1e-7


def aggregate(logits: Tensor, competes: Tensor | None = None) -> Tensor:
    """Independent logits [N, 1, h, w] -> aggregated logits of the same shape.

    The odds of object i become odds_i / (1 + sum of its competitors' odds). `competes` [N, N] of 0 or 1, zero on the
    diagonal; without it, everyone competes with everyone else.
    """
    logits = logits.clamp(-LIMIT, LIMIT)
    if competes is None:
        competes = 1 - torch.eye(len(logits))
    others = torch.einsum('ij,jchw->ichw', competes.to(logits), logits.exp())
    return logits - torch.log1p(others)
