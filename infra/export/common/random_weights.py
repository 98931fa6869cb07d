"""Random weights in place of trained ones: the same seed gives the same model."""

from __future__ import annotations

import re

import torch


def randomise(model: torch.nn.Module, seed: int) -> None:
    """Fill all parameters and buffers with random numbers that keep the size of activations."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in sorted([*model.named_parameters(), *model.named_buffers()]):
            if re.search(r'inv_freq|pixel_(mean|std)$', name) or not value.is_floating_point():
                continue
            noise = torch.randn(value.shape, generator=generator)
            if 'running_var' in name:
                value.copy_(0.8 + 0.4 * noise.sigmoid())
            elif value.dim() >= 2:
                value.copy_(noise / value[0].numel() ** 0.5)
            elif re.search(r'(norm|bn\d|downsample\.1)\.weight$', name):
                value.copy_(0.8 + 0.1 * noise)
            else:
                value.copy_(0.1 * noise)
