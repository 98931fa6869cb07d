"""The configuration that parity is proved with: XMem with every part and few channels, random weights."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from networks import Sizes, XMem

sys.path.append(str(Path(__file__).resolve().parents[1] / 'common'))
from clip import draw  # noqa: E402
from random_weights import randomise  # noqa: E402

SEED = 166
SIZES = Sizes(
    key_dim=16,
    value_dim=32,
    hidden_dim=12,
    key_width=4,
    key_depth=(2, 2, 3),
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
    """Random networks hardly look at what they are given: let memories and masks decide. Places of the clip get keys
    that differ, or rounding would decide which tokens are likest."""
    model.value_encoder.conv1.weight[:, 3:].mul_(4)
    model.decoder.pred.weight.mul_(3)
    model.decoder.pred.bias.fill_(-1.5)
    picture = torch.from_numpy(draw(0)[0]).permute(2, 0, 1)[None].float() / 255
    projection = model.key_proj.key_proj
    keys = projection(model.key_encoder.stages(model.normalise(picture))[-1])
    spread = keys.std((0, 2, 3))
    projection.bias.sub_(keys.mean((0, 2, 3))).div_(spread)
    projection.weight.div_(spread[:, None, None, None])
