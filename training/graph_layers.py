"""Network layers as nodes of an ONNX graph (opset 17)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent.parent / 'infra' / 'export' / 'mobilesam'))
from graph_builder import GraphBuilder

OPSET = 17


class Layers:
    """Network layers as graph nodes."""

    def __init__(self, name: str) -> None:
        self.g = GraphBuilder(name, OPSET)

    def tensor(self, value: torch.Tensor) -> str:
        return self.g.constant(value.detach().numpy().astype(np.float32))

    def conv(self, x: str, layer: nn.Conv2d) -> str:
        inputs = [x, self.tensor(layer.weight)] + ([self.tensor(layer.bias)] if layer.bias is not None else [])
        pad = layer.padding[0]
        attributes = {'kernel_shape': list(layer.kernel_size), 'pads': [pad] * 4, 'dilations': list(layer.dilation)}
        return self.g.op('Conv', *inputs, **attributes)

    def group_norm(self, x: str, layer: nn.GroupNorm) -> str:
        """Instance normalisation of groups laid out as channels, then scale and shift per channel."""
        g, groups = self.g, layer.num_groups
        flat = g.reshape(x, 0, groups, -1)
        one, zero = g.constant(np.ones(groups)), g.constant(np.zeros(groups))
        flat = g.op('InstanceNormalization', flat, one, zero, epsilon=layer.eps)
        x = g.op('Reshape', flat, g.op('Shape', x))
        x = g.op('Mul', x, self.tensor(layer.weight.view(1, -1, 1, 1)))
        return g.op('Add', x, self.tensor(layer.bias.view(1, -1, 1, 1)))

    def double(self, x: str) -> str:
        scales = self.g.constant(np.array([1, 1, 2, 2]))
        return self.g.op('Resize', x, '', scales, mode='linear', coordinate_transformation_mode='half_pixel')

    def linear(self, x: str, layer: nn.Linear) -> str:
        return self.g.linear(x, self.tensor(layer.weight.T.contiguous()), self.tensor(layer.bias))

    def relu(self, x: str) -> str:
        return self.g.op('Relu', x)

    def count(self, size: str) -> str:
        """0, 1, … `size` - 1, for a one-element tensor."""
        g = self.g
        return g.op('Range', g.op('Squeeze', g.ints(0)), g.op('Squeeze', size), g.constant(1, np.int64))

    def dim(self, x: str, axis: int) -> str:
        return self.g.op('Shape', x, start=axis, end=axis + 1)
