"""SAM's mask head: two kernel-2 stride-2 transposed convolutions and the hypernetworks that turn tokens into masks.

The transposed convolutions do not overlap, so each is a matrix product over channels-last pixels; their four outputs
per pixel stay side by side, and the pixels are put in raster order once, at the end, on the few mask channels. Only the
cells that hold picture are upscaled: no cell's masks depend on another cell here.
"""

from __future__ import annotations

from typing import Sequence

from onnx import TensorProto

from graph_builder import GraphBuilder
from source_weights import SourceFile

NORM_2D_EPS = 1e-6
NAME = 'mask_decoder'


class MaskUpscaler:
    def __init__(self, graph: GraphBuilder, source: SourceFile, side: int) -> None:
        self.graph, self.source, self.side = graph, source, side
        # Rows and columns of image tokens whose masks are wanted.
        self.cells = graph.op('Cast', graph.input('picture_cells', [2]), to=TensorProto.INT64)

    def named(self, name: str) -> str:
        return self.graph.weight(self.source[f'{NAME}.{name}'])

    def build(self, tokens: str, image: str, masks: Sequence[int]) -> None:
        """`masks` are the mask tokens to compute (0 is the single-mask token, 1 to 3 the multimask ones)."""
        g, count = self.graph, len(masks)
        hyper = [self.mlp(self.token(tokens, 1 + mask), f'output_hypernetworks_mlps.{mask}') for mask in masks]
        hyper = g.op('Concat', *(g.op('Unsqueeze', vector, g.ints(2)) for vector in hyper), axis=2)
        batch = g.op('Shape', image, start=0, end=1)
        pixels = g.op('Reshape', self.upscale(image), g.op('Concat', batch, g.ints(-1, 32), axis=0))
        shape = g.op('Concat', batch, self.cells, g.ints(2, 2, 2, 2, count), axis=0)
        logits = g.transpose(g.op('Reshape', g.op('MatMul', pixels, hyper), shape), 0, 7, 1, 3, 5, 2, 4, 6)
        shape = g.op('Concat', batch, g.ints(count), g.op('Mul', self.cells, g.ints(4)), axis=0)
        g.op('Reshape', logits, shape, output='low_res_masks')
        self.mlp(self.token(tokens, 0), 'iou_prediction_head', (masks[0], masks[-1] + 1), output='iou_predictions')

    def token(self, tokens: str, index: int) -> str:
        return self.graph.op('Gather', tokens, self.graph.constant(index, 'int64'), axis=1)

    def mlp(self, x: str, name: str, rows: tuple[int, int] | None = None, output: str | None = None) -> str:
        """Three layers; `rows` restricts the last layer to some of its outputs."""
        g = self.graph
        for layer in range(3):
            weight, bias = (self.source[f'{NAME}.{name}.layers.{layer}.{part}'] for part in ('weight', 'bias'))
            if layer == 2 and rows:
                weight, bias = weight.rows(*rows), bias.rows(*rows)
            x = g.op('Gemm', x, g.weight(weight), g.weight(bias), transB=1, output=output if layer == 2 else None)
            x = g.op('Relu', x) if layer < 2 else x
        return x

    def upscale(self, image: str) -> str:
        """[B, side * side, 256] -> [B * cells * 16, 32]."""
        g, side = self.graph, self.side
        square = g.reshape(image, -1, side, side, 256)
        picture = g.op('Slice', square, g.ints(0, 0), self.cells, g.ints(1, 2))
        x = self.transposed_convolution(g.reshape(picture, -1, 256), 0, 256, 64)
        x = g.reshape(x, -1, 64)
        scale, shift = self.source.in_order('onnx::Mul_')[3], self.source.in_order('onnx::Add_')[2]
        x = g.layer_norm(x, g.weight(scale.reshaped(64)), g.weight(shift.reshaped(64)), NORM_2D_EPS)
        x = self.transposed_convolution(g.op('Gelu', x), 3, 64, 32)
        return g.reshape(g.op('Gelu', x), -1, 32)

    def transposed_convolution(self, x: str, layer: int, channels: int, out_channels: int) -> str:
        g = self.graph
        weight = g.transpose(self.named(f'output_upscaling.{layer}.weight'), 0, 2, 3, 1)
        weight = g.reshape(weight, channels, 4 * out_channels)
        bias = g.op('Concat', *[self.named(f'output_upscaling.{layer}.bias')] * 4, axis=0)
        return g.op('Gemm', x, weight, bias)
