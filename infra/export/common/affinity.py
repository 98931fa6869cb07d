"""The graph that compares a frame's keys with remembered tokens; XMem and Cutie do it alike."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Affinity(nn.Module):
    """For each query the `top_k` remembered tokens that are most like it: softmax weights, and which they are. The
    similarity is the anisotropic L2 of Cheng and Schwing ("XMem", 2022, equation 2)."""

    def __init__(self, top_k: int, key_dim: int) -> None:
        super().__init__()
        self.top_k = top_k
        self.scale = 1 / math.sqrt(key_dim)

    def forward(self, keys: Tensor, shrinkage: Tensor, query: Tensor, selection: Tensor) -> tuple[Tensor, Tensor]:
        remembered = torch.cat([keys, keys * keys], 1)
        asked = torch.cat([2 * query * selection, -selection], 1)
        constant = (selection * query * query).sum(1, keepdim=True)
        similarity = (asked @ remembered.t() - constant) * (shrinkage * self.scale)
        most = torch.minimum(torch.tensor(self.top_k), torch.as_tensor(keys.shape[0]))
        values, indices = torch.topk(similarity, most, dim=1)
        weights = (values - values[:, :1]).exp()
        return weights / weights.sum(1, keepdim=True), indices.float()
