"""Public checkpoints of AOT and DeAOT, and models made of them or of random numbers."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch
from aot.configs.default import DefaultEngineConfig
from aot.networks.layers import attention, transformer
from aot.networks.models import build_vos_model
from torch import nn

# Where the authors link their checkpoints (on a file-sharing service, which asks before it hands out large files).
ADDRESS = 'https://github.com/yoxu515/aot-benchmark/blob/main/MODEL_ZOO.md'
LICENCE = 'BSD-3-Clause'
# Names as in upstream's configuration, with - for _.
SIZES = ('t', 's', 'b', 'l')
MODELS = {
    **{f'{kind}{size}': f'{kind}{size}' for kind in ('aot', 'deaot') for size in SIZES},
    'r50-aotl': 'r50_aotl',
    'r101-aotl': 'r101_aotl',
    'r50-deaotl': 'r50_deaotl',
}


def configure(name: str) -> object:
    return DefaultEngineConfig('default', MODELS[name])


class PlainLocalAttention(attention.MultiheadLocalAttentionV2):
    """AOT's short-term attention without upstream's CUDA kernel. What upstream falls back to (V3) does not run: it
    adds tensors of different shapes."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs, enable_corr=False)


def build(cfg: object) -> nn.Module:
    """The networks of a configuration, untrained."""
    transformer.MultiheadLocalAttentionV3 = PlainLocalAttention
    with quietly():
        return build_vos_model(cfg.MODEL_VOS, cfg).eval()


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Upstream says on every layer that a CUDA kernel for the short-term window is not there."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        yield


def load(model: nn.Module, path: Path) -> None:
    """Parameters of a checkpoint as upstream writes them. Every one must be there."""
    document = torch.load(path, map_location='cpu', weights_only=True)
    state = document.get('state_dict', document)
    state = {name.removeprefix('module.'): value for name, value in state.items()}
    missing = [name for name in model.state_dict() if name not in state]
    if missing:
        raise SystemExit(f'{path.name} is no checkpoint of this model; it lacks {", ".join(missing[:5])}')
    model.load_state_dict(state, strict=False)


def randomise(model: nn.Module, seed: int) -> None:
    """Fill all parameters and buffers with random numbers that keep the size of activations. The same seed gives
    the same model."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in sorted([*model.named_parameters(), *model.named_buffers()]):
            noise = torch.randn(value.shape, generator=generator)
            if name.endswith('running_var'):
                value.copy_(1 + 0.1 * noise.abs())
            elif name.endswith('patch_wise_id_bank.weight'):
                value.copy_(noise / 16)
            elif value.dim() >= 2 and name.endswith('weight'):
                value.copy_(noise * (2 / value[0].numel()) ** 0.5)
            elif name.endswith('weight'):
                value.copy_(1 + 0.1 * noise)
            else:
                value.copy_(0.1 * noise)
