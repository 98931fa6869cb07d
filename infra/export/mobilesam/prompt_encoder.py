"""SAM's prompt encoder: points, box corners and an optional mask, as tokens and a dense image-side addition."""

from __future__ import annotations

import math

import numpy as np

from graph_builder import GraphBuilder
from source_weights import SourceFile

CHANNELS = 256
OUTPUT_TOKENS = 5
NORM_2D_EPS = 1e-6
NAME = 'model.prompt_encoder'


class PromptEncoder:
    def __init__(self, graph: GraphBuilder, source: SourceFile, size: int) -> None:
        self.graph, self.source, self.size, self.side = graph, source, size, size // 16
        self._scales = [*source.in_order('onnx::Mul_')]
        self._shifts = [*source.in_order('onnx::Add_')]

    def named(self, name: str, *dims: int) -> str:
        tensor = self.source[f'{NAME}.{name}']
        return self.graph.weight(tensor.reshaped(*dims) if dims else tensor)

    # Points ------------------------------------------------------------------------------------------------------

    def position_encoding(self, unit_coords: str) -> str:
        """Coordinates in [-1, 1], last axis (x, y) -> random Fourier features."""
        g = self.graph
        angles = g.op('MatMul', unit_coords, self.named('pe_layer.positional_encoding_gaussian_matrix'))
        angles = g.op('Mul', angles, g.constant(2 * math.pi))
        return g.op('Concat', g.op('Sin', angles), g.op('Cos', angles), axis=-1)

    def tokens(self, coords: str, labels: str) -> str:
        """The five output tokens (IoU, four masks) followed by one token per point: [B, 5 + N, 256]."""
        g = self.graph
        unit = g.op('Div', g.op('Add', coords, g.constant(0.5)), g.constant(self.size))
        unit = g.op('Sub', g.op('Mul', unit, g.constant(2)), g.constant(1))
        is_point = g.op('Cast', g.op('Greater', labels, g.constant(-0.5)), to=1)
        points = g.op('Mul', self.position_encoding(unit), g.op('Unsqueeze', is_point, g.ints(-1)))
        kinds = ['not_a_point_embed', *(f'point_embeddings.{label}' for label in range(4))]
        table = g.op('Concat', *(self.named(f'{kind}.weight') for kind in kinds), axis=0)
        index = g.op('Cast', g.op('Add', labels, g.constant(1)), to=7)
        points = g.op('Add', points, g.op('Gather', table, index, axis=0))
        batch = g.op('Shape', coords, start=0, end=1)
        shape = g.op('Concat', batch, g.ints(OUTPUT_TOKENS, CHANNELS), axis=0)
        output_tokens = g.op('Expand', g.weight(self.source['onnx::Expand_1921']), shape)
        return g.op('Concat', output_tokens, points, axis=1)

    # Image side --------------------------------------------------------------------------------------------------

    def image_position(self) -> str:
        """The encoding of every image token's centre, [1, side * side, 256]; constant, folded when the graph loads."""
        g, side = self.graph, self.side
        centres = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
        centres = np.float32(2) * centres - np.float32(1)
        x = g.op('Expand', g.constant(centres.reshape(1, side, 1)), g.ints(side, side, 1))
        y = g.op('Expand', g.constant(centres.reshape(side, 1, 1)), g.ints(side, side, 1))
        grid = g.reshape(g.op('Concat', x, y, axis=-1), 1, side * side, 2)
        return self.position_encoding(grid)

    def no_mask_embedding(self) -> str:
        return self.graph.weight(self._scales[2].reshaped(CHANNELS))

    def dense(self, mask: str, has_mask: str) -> str:
        """The mask prompt as an addition to the image tokens, [B, side * side, 256]. Both strided convolutions have
        kernel = stride, so they are matrix products over 4 x 4 patches laid out as (y2, x2, y1, x1)."""
        g, side = self.graph, self.side
        patches = g.transpose(g.reshape(mask, -1, side, 2, 2, side, 2, 2), 0, 1, 4, 2, 5, 3, 6)
        x = g.reshape(patches, -1, 4)
        x = g.linear(x, g.transpose(self.named('mask_downscaling.0.weight', 4, 4), 1, 0), self.bias(0))
        x = g.reshape(g.op('Gelu', self.norm(x, 0, 4)), -1, 16)
        second = g.transpose(self.named('mask_downscaling.3.weight'), 2, 3, 1, 0)
        x = g.linear(x, g.reshape(second, 16, 16), self.bias(3))
        x = g.op('Gelu', self.norm(x, 1, 16))
        # has * (x W + b) + (1 - has) * none, with the blend applied to the small weights instead of the image.
        third = g.transpose(self.named('mask_downscaling.6.weight', CHANNELS, 16), 1, 0)
        without = g.op('Mul', g.op('Sub', g.constant([1]), has_mask), self.no_mask_embedding())
        bias = g.op('Add', g.op('Mul', has_mask, self.bias(6)), without)
        x = g.op('Gemm', x, g.op('Mul', has_mask, third), bias)
        return g.reshape(x, -1, side * side, CHANNELS)

    def bias(self, layer: int) -> str:
        return self.named(f'mask_downscaling.{layer}.bias')

    def norm(self, x: str, index: int, channels: int) -> str:
        scale, shift = self._scales[index].reshaped(channels), self._shifts[index].reshaped(channels)
        return self.graph.layer_norm(x, self.graph.weight(scale), self.graph.weight(shift), NORM_2D_EPS)
