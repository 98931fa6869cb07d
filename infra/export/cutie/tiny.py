"""The configuration that parity is proved with: Cutie with every part and few channels, random weights."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from checkpoints import build, configuration
from cutie.model.cutie import CUTIE
from cutie.model.utils import resnet
from random_weights import randomise
from torch import nn

SEED = 2
WIDTH = 8
NETWORK = {
    'pixel_dim': 24,
    'key_dim': 16,
    'value_dim': 24,
    'sensory_dim': 16,
    'embed_dim': 24,
    'pixel_encoder.type': 'resnet18',
    'pixel_encoder.ms_dims': f'[{4 * WIDTH},{2 * WIDTH},{WIDTH}]',
    'mask_encoder.final_dim': 4 * WIDTH,
    'object_transformer.ff_dim': 48,
    'object_transformer.num_heads': 4,
    'object_transformer.num_blocks': 2,
    'object_transformer.num_queries': 4,
    'mask_decoder.up_dims': '[24,16,16]',
}


def narrow(pretrained: bool = True, extra_dim: int = 0, model_dir: str | None = None) -> SimpleNamespace:
    """The stages of a residual network of upstream's blocks with few channels."""

    def stage(before: int, after: int, stride: int) -> nn.Sequential:
        shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
        return nn.Sequential(resnet.BasicBlock(before, after, stride, shortcut))

    return SimpleNamespace(
        conv1=nn.Conv2d(3 + extra_dim, WIDTH, 7, 2, 3, bias=False),
        bn1=nn.BatchNorm2d(WIDTH),
        relu=nn.ReLU(),
        maxpool=nn.MaxPool2d(3, 2, 1),
        layer1=stage(WIDTH, WIDTH, 1),
        layer2=stage(WIDTH, 2 * WIDTH, 2),
        layer3=stage(2 * WIDTH, 4 * WIDTH, 2),
    )


def create_tiny(**options: object) -> CUTIE:
    """`options` are upstream's; a dot is written as two underscores."""
    overrides = [f'model.{key}={value}' for key, value in NETWORK.items()]
    overrides += [f'{key.replace("__", ".")}={value}' for key, value in options.items()]
    whole = resnet.resnet18
    resnet.resnet18 = narrow
    try:
        model = build(configuration('base', overrides), None)
    finally:
        resnet.resnet18 = whole
    randomise(model, SEED)
    with torch.no_grad():
        liven(model)
    return model


def liven(model: CUTIE) -> None:
    """Random networks hardly look at what they are given: let memories and masks decide."""
    model.mask_encoder.conv1.weight[:, 3:].mul_(4)
    model.mask_decoder.pred.weight.mul_(3)
    model.mask_decoder.pred.bias.fill_(-3)
