"""Public checkpoints of XMem, and networks made of them."""

from __future__ import annotations

from pathlib import Path

import torch
from networks import Sizes, XMem
from torch import Tensor
from torch.nn import functional as F

ADDRESS = 'https://github.com/hkchengrex/XMem/releases/download/v1.0'
LICENCE = 'MIT'
# Name -> file. All have the same sizes.
CHECKPOINTS = {'xmem': 'XMem.pth', 'xmem-s012': 'XMem-s012.pth'}


def url_of(name: str) -> str:
    return f'{ADDRESS}/{CHECKPOINTS[name]}'


def sizes_of(weights: dict[str, Tensor], file: str) -> Sizes:
    """The sizes of a checkpoint, of which users train variants: upstream reads these three from it too."""
    try:
        return Sizes(
            key_dim=weights['key_proj.key_proj.weight'].shape[0],
            value_dim=weights['value_encoder.fuser.block2.conv2.weight'].shape[0],
            hidden_dim=weights['decoder.hidden_update.transform.weight'].shape[0] // 3,
        )
    except KeyError as missing:
        raise SystemExit(f'{file} is not a checkpoint of XMem with a hidden state; it lacks {missing}') from None


def load(checkpoint: Path) -> XMem:
    """A checkpoint; all its parameters must be those of the networks."""
    weights = torch.load(checkpoint, map_location='cpu', weights_only=True)
    model = XMem(sizes_of(weights, checkpoint.name)).eval()
    first = weights['value_encoder.conv1.weight']
    if first.shape[1] == 4:
        # Trained with one object at a time: the masks of others say nothing.
        weights['value_encoder.conv1.weight'] = F.pad(first, (0, 0, 0, 0, 0, 1))
    model.load_state_dict(weights, strict=True)
    return model
