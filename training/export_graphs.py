"""The trained network as three ONNX graphs, built node by node (opset 17, dynamic H, W, N and T).

python export_graphs.py --checkpoint work/last.pt --out ../models/bundles/mobilesam
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto
from torch import nn

import network as net

sys.path.insert(0, str(Path(__file__).parent.parent / 'infra' / 'export' / 'mobilesam'))
from graph_builder import GraphBuilder

OPSET = 17
GRAPHS = ('memory-key', 'memory-value', 'memory-read')


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


def key_graph(model: net.KeyEncoder) -> GraphBuilder:
    layers = Layers('memory-key')
    g = layers.g
    branches = []
    for name, rows, columns, mean, scale, branch in (
        ('stride8', 'H', 'W', model.mean8, model.scale8, model.branch8),
        ('stride16', 'H16', 'W16', model.mean16, model.scale16, model.branch16),
    ):
        x = g.input(name, [1, mean.shape[1], rows, columns])
        x = g.op('Mul', g.op('Sub', x, layers.tensor(mean)), layers.tensor(scale))
        branches.append(layers.conv(x, branch))
    x = g.op('Concat', branches[0], layers.double(branches[1]), axis=1)
    x = layers.relu(layers.group_norm(x, model.norm0))
    x = layers.relu(layers.group_norm(layers.conv(x, model.conv1), model.norm1))
    x = g.op('Add', x, layers.relu(layers.group_norm(layers.conv(x, model.conv2), model.norm2)))
    key = layers.conv(x, model.to_key)
    length = g.op('Sqrt', g.op('ReduceSum', g.op('Mul', key, key), g.ints(1), keepdims=1))
    g.op('Div', key, g.op('Max', length, g.constant(1e-6)), output='key')
    g.op('Relu', layers.conv(x, model.to_context), output='context')
    g.output('key', [1, net.KEY_CHANNELS, 'H', 'W'])
    g.output('context', [1, net.CONTEXT_CHANNELS, 'H', 'W'])
    return g


def value_graph(model: net.ValueEncoder) -> GraphBuilder:
    layers = Layers('memory-value')
    g = layers.g
    context = g.input('context', [1, net.CONTEXT_CHANNELS, 'H', 'W'])
    masks, others = g.input('masks', ['N', 1, 'H', 'W']), g.input('others', ['N', 1, 'H', 'W'])
    own = layers.conv(g.op('Concat', masks, others, axis=1), model.from_masks)
    hidden = layers.relu(g.op('Add', layers.conv(context, model.from_context), own))
    g.op('Concat', masks, layers.conv(hidden, model.out), axis=1, output='values')
    g.output('values', ['N', net.VALUE_CHANNELS, 'H', 'W'])
    return g


def read_graph(model: net.MemoryReader) -> GraphBuilder:
    layers = Layers('memory-read')
    g = layers.g
    key = g.input('query_key', [1, net.KEY_CHANNELS, 'H', 'W'])
    context = g.input('query_context', [1, net.CONTEXT_CHANNELS, 'H', 'W'])
    memory_keys = g.input('memory_keys', ['T', net.KEY_CHANNELS, 'M'])
    memory_values = g.input('memory_values', ['T', 'N', net.VALUE_CHANNELS, 'M'])
    valid = g.input('valid', ['N', 'T'])
    previous = g.input('previous_masks', ['N', 1, 'H', 'W'])
    read, best = read_nodes(layers, model, (key, memory_keys, memory_values, valid))
    grid = g.op('Shape', key, start=2, end=4)
    read = g.op('Reshape', read, g.op('Concat', g.ints(-1, net.VALUE_CHANNELS), grid, axis=0))
    best = g.op('Reshape', best, g.op('Concat', g.ints(1, 1), grid, axis=0))
    shared = layers.conv(g.op('Concat', context, best, axis=1), model.from_shared)
    own = layers.conv(g.op('Concat', read, previous, axis=1), model.from_object)
    hidden = layers.relu(g.op('Add', shared, own))
    for conv in (model.conv1, model.conv2):
        hidden = g.op('Add', hidden, layers.relu(layers.conv(hidden, conv)))
    mask = g.slice(read, [1], [0], [1])
    low, high = g.constant(net.BASE_CLAMP), g.constant(1 - net.BASE_CLAMP)
    clamped = g.op('Clip', mask, low, high)
    base = g.op('Log', g.op('Div', clamped, g.op('Sub', g.constant(1), clamped)))
    fine = g.op('DepthToSpace', layers.conv(hidden, model.to_fine), blocksize=2, mode='CRD')
    fine = layers.conv(layers.relu(fine), model.fine)
    g.op('Add', layers.double(base), fine, output='logits')
    presence_nodes(layers, model, hidden, mask)
    g.output('logits', ['N', 1, 'H4', 'W4'])
    g.output('presence', ['N'])
    return g


def read_nodes(layers: Layers, model: net.MemoryReader, inputs: tuple[str, str, str, str]) -> tuple[str, str]:
    """MemoryReader.read with top-k: values [N, 16, Mq] and the best similarity [Mq]."""
    g = layers.g
    key, memory_keys, memory_values, valid = inputs
    frames, positions = layers.dim(memory_keys, 0), layers.dim(memory_keys, 2)
    query = g.transpose(g.op('Reshape', key, g.ints(net.KEY_CHANNELS, -1)), 1, 0)
    similarity = g.op('MatMul', query, memory_keys)
    chosen, index = g.ops('TopK', [similarity, g.ints(net.TOP_K)], 2, axis=2, largest=1, sorted=0)
    best = g.op('ReduceMax', chosen, axes=[0, 2], keepdims=1)
    closeness = g.op('Mul', g.op('Sub', chosen, best), layers.tensor(model.sharpness()))
    penalty = penalty_nodes(layers, model, index, frames, (layers.dim(key, 3), positions))
    weights = g.op('Exp', g.op('Sub', closeness, penalty))
    # Memory positions as rows of all objects' values, so that one Gather serves every object.
    rows = g.transpose(memory_values, 0, 3, 1, 2)
    row_count = g.op('Mul', frames, positions)
    rows = g.op('Reshape', rows, g.op('Concat', row_count, g.ints(-1), axis=0))
    offset = g.op('Mul', g.op('Reshape', layers.count(frames), g.ints(-1, 1, 1)), positions)
    candidates = g.op('Gather', rows, g.op('Add', index, offset), axis=0)
    sums = g.op('MatMul', g.op('Unsqueeze', weights, g.ints(2)), candidates)
    objects = layers.dim(memory_values, 1)
    shape = g.op('Concat', frames, g.ints(-1), objects, g.ints(net.VALUE_CHANNELS), axis=0)
    known = g.transpose(valid, 1, 0)
    sums = g.op('Mul', g.op('Reshape', sums, shape), g.op('Unsqueeze', known, g.ints(1, 3)))
    totals = g.op('Mul', g.op('ReduceSum', weights, g.ints(2), keepdims=1), g.op('Unsqueeze', known, g.ints(1)))
    total = g.op('Max', g.op('ReduceSum', totals, g.ints(0), keepdims=0), g.constant(net.SMALL))
    read = g.op('Div', g.op('ReduceSum', sums, g.ints(0), keepdims=0), g.op('Unsqueeze', total, g.ints(2)))
    return g.transpose(read, 1, 2, 0), best


def penalty_nodes(layers: Layers, model: net.MemoryReader, index: str, frames: str, grid: tuple[str, str]) -> str:
    """MemoryReader.distance_penalty."""
    g = layers.g
    width, positions = grid
    query = g.op('Reshape', layers.count(positions), g.ints(1, -1, 1))
    apart = []
    for op in ('Div', 'Mod'):
        steps = g.op('Cast', g.op('Sub', g.op(op, index, width), g.op(op, query, width)), to=TensorProto.FLOAT)
        apart.append(g.op('Mul', steps, steps))
    age = g.op('Sub', g.op('Sub', frames, g.ints(1)), layers.count(frames))
    age = g.op('Min', age, g.ints(len(model.log_locality) - 1))
    locality = g.op('Gather', layers.tensor(model.log_locality.exp()), age, axis=0)
    penalty = g.op('Mul', g.op('Reshape', locality, g.ints(-1, 1, 1)), g.op('Add', *apart))
    return g.op('Min', penalty, g.constant(net.MAX_PENALTY))


def presence_nodes(layers: Layers, model: net.MemoryReader, hidden: str, mask: str) -> None:
    g = layers.g
    area = g.op('Add', g.op('ReduceSum', mask, g.ints(2, 3), keepdims=0), g.constant(1))
    inside = g.op('Div', g.op('ReduceSum', g.op('Mul', hidden, mask), g.ints(2, 3), keepdims=0), area)
    strongest = g.op('ReduceMax', hidden, axes=[2, 3], keepdims=0)
    peak = g.op('ReduceMax', mask, axes=[2, 3], keepdims=0)
    pooled = g.op('Concat', strongest, inside, peak, axis=1)
    logit = layers.linear(layers.relu(layers.linear(pooled, model.presence1)), model.presence2)
    g.op('Reshape', logit, g.ints(-1), output='presence')


def export(model: net.MemoryNetwork, out_dir: Path, about: dict | None = None) -> None:
    """Writes the three graphs and memory.json (sizes, and what `about` tells of the weights)."""
    out_dir.mkdir(parents=True, exist_ok=True)
    graphs = (key_graph(model.key), value_graph(model.value), read_graph(model.reader))
    for name, graph in zip(GRAPHS, graphs, strict=True):
        proto = graph.build()
        onnx.checker.check_model(proto, full_check=True)
        (out_dir / f'{name}.onnx').write_bytes(proto.SerializeToString(deterministic=True))
    sizes = {
        'keyChannels': net.KEY_CHANNELS,
        'contextChannels': net.CONTEXT_CHANNELS,
        'valueChannels': net.VALUE_CHANNELS,
        'topK': net.TOP_K,
    }
    (out_dir / 'memory.json').write_text(json.dumps({**sizes, **(about or {})}, indent=2) + '\n')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--checkpoint', type=Path, help='without it, the weights are random')
    parser.add_argument('--out', type=Path, required=True)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    model = net.MemoryNetwork()
    if arguments.checkpoint:
        model.load_state_dict(torch.load(arguments.checkpoint, weights_only=True)['model'])
    export(model.eval(), arguments.out)


if __name__ == '__main__':
    main()
