"""The MobileSAM image encoder (TinyViT-5M with SAM's neck) at a fixed square input size."""

from __future__ import annotations

from graph_builder import GraphBuilder
from source_weights import SourceFile

LAYER_NORM_EPS = 1e-5
NECK_NORM_EPS = 1e-6
# (channels, blocks, heads, window) of the three attention stages.
STAGES = ((128, 2, 4, 7), (160, 6, 5, 14), (320, 2, 10, 7))


class EncoderGraph:
    def __init__(self, source: SourceFile, size: int) -> None:
        self.size = size
        self.source = source
        self.graph = GraphBuilder(f'mobilesam-encoder-{size}')
        self._convs = iter(source.in_order('onnx::Conv_'))
        self._linears = iter(source.in_order('onnx::MatMul_'))

    def build(self) -> GraphBuilder:
        g, size = self.graph, self.size
        x = g.input('image', [1, 3, size, size])
        x = g.op('Gelu', self.conv(x, stride=2))
        x = self.conv(x, stride=2)
        # Also outputs: what the memory network (training/) reads beside the embeddings.
        x = self.inverted_bottleneck(x, channels=64)
        x = self.inverted_bottleneck(x, channels=64, output='stride4_features')
        x = self.patch_merging(x, channels=128, stride=2, output='stride8_features')
        side = size // 8
        for stage, (channels, blocks, heads, window) in enumerate(STAGES, start=1):
            x = self.to_tokens(x, side, channels)
            for block in range(blocks):
                x = self.block(x, f'layers.{stage}.blocks.{block}', side, channels, heads, window)
            x = self.to_image(x, side, channels)
            if stage == 1:
                x, side = self.patch_merging(x, channels=160, stride=2), side // 2
            elif stage == 2:
                x = self.patch_merging(x, channels=320, stride=1)
        self.neck(x, side)
        g.output('image_embeddings', [1, 256, side, side])
        g.output('stride4_features', [1, 64, size // 4, size // 4])
        g.output('stride8_features', [1, 128, size // 8, size // 8])
        return g

    def conv(self, x: str, stride: int = 1, groups: int = 1, output: str | None = None) -> str:
        """The next convolution of the original, in graph order (batch norm is folded into it there)."""
        weight, bias = next(self._convs), next(self._convs)
        pad, kernel = weight.dims[2] // 2, weight.dims[2]
        inputs = (x, self.graph.weight(weight), self.graph.weight(bias))
        shape = {'kernel_shape': [kernel] * 2, 'strides': [stride] * 2, 'pads': [pad] * 4, 'group': groups}
        return self.graph.op('Conv', *inputs, output=output, **shape)

    def inverted_bottleneck(self, x: str, channels: int, output: str | None = None) -> str:
        g = self.graph
        hidden = g.op('Gelu', self.conv(x))
        hidden = g.op('Gelu', self.conv(hidden, groups=channels * 4))
        return g.op('Gelu', g.op('Add', self.conv(hidden), x), output=output)

    def patch_merging(self, x: str, channels: int, stride: int, output: str | None = None) -> str:
        g = self.graph
        x = g.op('Gelu', self.conv(x))
        x = g.op('Gelu', self.conv(x, stride=stride, groups=channels))
        return self.conv(x, output=output)

    def to_tokens(self, x: str, side: int, channels: int) -> str:
        return self.graph.transpose(self.graph.reshape(x, channels, side * side), 1, 0)

    def to_image(self, x: str, side: int, channels: int) -> str:
        return self.graph.reshape(self.graph.transpose(x, 1, 0), 1, channels, side, side)

    def named(self, name: str) -> str:
        return self.graph.weight(self.source[name])

    def linear_weight(self) -> str:
        return self.graph.weight(next(self._linears))

    def block(self, x: str, name: str, side: int, channels: int, heads: int, window: int) -> str:
        """Tokens [side * side, channels] -> tokens: window attention, depthwise convolution, MLP."""
        g = self.graph
        x = g.op('Add', x, self.attention(x, name, side, channels, heads, window))
        x = self.to_tokens(self.conv(self.to_image(x, side, channels), groups=channels), side, channels)
        hidden = g.layer_norm(
            x, self.named(f'{name}.mlp.norm.weight'), self.named(f'{name}.mlp.norm.bias'), LAYER_NORM_EPS
        )
        hidden = g.op('Gelu', g.linear(hidden, self.linear_weight(), self.named(f'{name}.mlp.fc1.bias')))
        hidden = g.linear(hidden, self.linear_weight(), self.named(f'{name}.mlp.fc2.bias'))
        return g.op('Add', x, hidden)

    def attention(self, x: str, name: str, side: int, channels: int, heads: int, window: int) -> str:
        g = self.graph
        count = -(-side // window)
        padded, tokens, depth = count * window, window * window, channels // heads
        norm_bias = self.named(f'{name}.attn.norm.bias')
        qkv_weight, qkv_bias = self.linear_weight(), self.named(f'{name}.attn.qkv.bias')
        normed = g.layer_norm(x, self.named(f'{name}.attn.norm.weight'), norm_bias, LAYER_NORM_EPS)
        qkv = g.reshape(g.linear(normed, qkv_weight, qkv_bias), side, side, 3 * channels)
        # The original pads with zeros before the norm, so every padding token projects to one constant vector.
        padding = g.op('Add', g.op('MatMul', norm_bias, qkv_weight), qkv_bias)
        for axis, shape in ((1, (side, padded - side)), (0, (padded - side, padded))):
            if padded > side:
                rim = g.op('Expand', padding, g.ints(*shape, 3 * channels))
                qkv = g.op('Concat', qkv, rim, axis=axis)
        qkv = g.reshape(qkv, count, window, count, window, heads, 3 * depth)
        qkv = g.reshape(g.transpose(qkv, 0, 2, 4, 1, 3, 5), count * count, heads, tokens, 3 * depth)
        q, k, v = g.ops('Split', [qkv], 3, axis=-1, num_outputs=3)
        scores = g.op('MatMul', g.op('Mul', q, g.constant(depth**-0.5)), g.transpose(k, 0, 1, 3, 2))
        bias = self.source[f'/{name.replace(".blocks", "/blocks")}/attn/Constant_5_output_0']
        scores = g.op('Softmax', g.op('Add', scores, g.weight(bias)), axis=-1)
        out = g.reshape(g.op('MatMul', scores, v), count, count, heads, window, window, depth)
        out = g.reshape(g.transpose(out, 0, 3, 1, 4, 2, 5), padded, padded, channels)
        if padded > side:
            out = g.slice(out, [0, 1], [0, 0], [side, side])
        out = g.reshape(out, side * side, channels)
        return g.linear(out, self.linear_weight(), self.named(f'{name}.attn.proj.bias'))

    def neck(self, x: str, side: int) -> None:
        g = self.graph
        scales = [*self.source.in_order('onnx::Mul_')]
        shifts = [*self.source.in_order('onnx::Add_')]
        for index, (kernel, scale, shift) in enumerate(zip((1, 3), scales, shifts)):
            weight = self.named(f'neck.{index * 2}.weight')
            x = g.op('Conv', x, weight, kernel_shape=[kernel] * 2, pads=[kernel // 2] * 4, strides=[1, 1])
            x = self.to_tokens(x, side, 256)
            x = g.layer_norm(x, g.weight(scale.reshaped(256)), g.weight(shift.reshaped(256)), NECK_NORM_EPS)
            if index == 0:
                x = self.to_image(x, side, 256)
        g.op('Reshape', g.transpose(x, 1, 0), g.ints(1, 256, side, side), output='image_embeddings')
