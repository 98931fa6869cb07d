"""The configuration that parity is proved with: XMem with every part and few channels, random weights."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from networks import Sizes, XMem

sys.path.append(str(Path(__file__).resolve().parents[1] / 'common'))
from random_weights import randomise  # noqa: E402

SEED = 1
SIZES = Sizes(
    key_dim=16,
    value_dim=32,
    hidden_dim=12,
    key_width=4,
    key_depth=(2, 1, 1),
    value_width=4,
    value_depth=(1, 1, 1),
    up_dims=(32, 16, 16),
    update_dim=16,
)


def create_tiny(seed: int = SEED) -> XMem:
    model = XMem(SIZES).eval()
    randomise(model, seed)
    with torch.no_grad():
        liven(model)
    return model


def liven(model: XMem) -> None:
    """Random networks hardly look at what they are given: let memories and masks decide."""
    model.value_encoder.conv1.weight[:, 3:].mul_(4)
    model.decoder.pred.weight.mul_(3)
    model.decoder.pred.bias.fill_(-1.5)
