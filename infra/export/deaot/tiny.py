"""The configurations that parity is proved with: DeAOT and AOT with few channels and random weights."""

from __future__ import annotations

import torch
from aot.networks.encoders.mobilenetv2 import ConvBNReLU, MobileNetV2
from aot.networks.layers.normalization import FrozenBatchNorm2d
from aot.networks.layers.transformer import LongShortTermTransformer
from checkpoints import build, configure, quietly, randomise
from torch import nn

CHANNELS = 16
SEEDS = {'deaots': 17, 'aots': 3}
# Of what the bank of identities says.
LIVELINESS = 3
# Of what is remembered: so that rounding stays small beside what is compared.
CALM = 0.4


def create_tiny(name: str, seed: int | None = None) -> nn.Module:
    cfg = configure(name)
    cfg.MODEL_ENCODER_EMBEDDING_DIM = CHANNELS
    cfg.MODEL_MAX_OBJ_NUM = 4
    if cfg.MODEL_VOS == 'aot':
        cfg.MODEL_SELF_HEADS = cfg.MODEL_ATT_HEADS = 2
    encoder = MobileNetV2(16, FrozenBatchNorm2d, width_mult=0.1)
    cfg.MODEL_ENCODER_DIM = [8, 8, 16, 32]
    encoder.features[-1] = encoder.stages[-1][-1] = ConvBNReLU(32, 32, kernel_size=1, norm_layer=FrozenBatchNorm2d)
    model = build(cfg)
    model.encoder = encoder
    if cfg.MODEL_VOS == 'aot':
        # Upstream's configurations do not name this width.
        with quietly():
            model.LSTT = LongShortTermTransformer(
                cfg.MODEL_LSTT_NUM, CHANNELS, 2, 2, dim_feedforward=64, return_intermediate=True
            )
    model.eval()
    randomise(model, SEEDS[name] if seed is None else seed)
    with torch.no_grad():
        liven(model)
    return model


def liven(model: nn.Module) -> None:
    """Random networks hardly look at what they are given: let identities decide."""
    model.patch_wise_id_bank.weight.mul_(LIVELINESS)
    for layer in model.LSTT.layers:
        for name in ('linear_QV', 'linear_ID_V') if model.cfg.MODEL_VOS == 'deaot' else ('linear_Q', 'linear_V'):
            getattr(layer, name).weight.mul_(CALM)
