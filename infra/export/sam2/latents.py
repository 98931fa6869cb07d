"""EdgeTAM's memories: latents that a perceiver draws from the grid of a frame, in place of the grid."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Latents(nn.Module):
    """Some latents of no place, which see the whole grid with its positions, then a square of others, each of which
    sees one window of it."""

    def __init__(self, perceiver: nn.Module, memory_encoder: nn.Module, channels: int, cells: int) -> None:
        super().__init__()
        self.perceiver = perceiver
        self.plain = max(0, perceiver.num_latents)
        self.windows = math.isqrt(max(0, perceiver.num_latents_2d))
        self.cells, self.channels = cells, channels
        with torch.no_grad():
            grid = memory_encoder.position_encoding(torch.zeros(1, channels, cells, cells)).flatten(2)
        self.register_buffer('grid_positions', grid.transpose(1, 2).clone())

    def positions(self) -> Tensor:
        """[1, channels, latents]: those of the windows; latents of no place have zeros."""
        squares = torch.zeros(1, self.channels, self.windows, self.windows)
        placed = self.perceiver.position_encoding(squares).flatten(2)
        return torch.cat([torch.zeros(1, self.channels, self.plain), placed], 2)

    def forward(self, memory: Tensor) -> Tensor:
        """[B, channels, cells, cells] -> [B, channels, latents]."""
        perceiver, channels, windows = self.perceiver, self.channels, self.windows
        parts = []
        if self.plain:
            grid = memory.flatten(2).transpose(1, 2)
            plain = perceiver.latents[None] + torch.zeros_like(grid[:, :1])
            for layer in perceiver.layers:
                plain = layer(plain, grid, self.grid_positions)
            parts.append(perceiver.norm(plain))
        side = self.cells // windows
        grid = memory.reshape(-1, channels, windows, side, windows, side).permute(0, 2, 4, 3, 5, 1)
        placed = (perceiver.latents_2d[None] + torch.zeros_like(memory[:, :, 0, 0])[:, None]).reshape(-1, 1, channels)
        grid = grid.reshape(-1, side * side, channels)
        for layer in perceiver.layers:
            placed = layer(placed, grid)
        parts.append(perceiver.norm(placed.reshape(-1, windows * windows, channels)))
        return torch.cat(parts, 1).transpose(1, 2)


def latents_of(model: nn.Module) -> Latents | None:
    """None for a model of SAM 2 proper, whose memories are the grid."""
    perceiver = getattr(model, 'spatial_perceiver', None)
    if perceiver is None:
        return None
    return Latents(perceiver, model.memory_encoder, model.mem_dim, model.sam_image_embedding_size)
