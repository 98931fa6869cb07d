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
    logits = g.op('Add', layers.double(base), fine)
    g.op('Sub', logits, layers.double(out_of_reach_nodes(layers, previous)), output='logits')
    presence_nodes(layers, model, hidden, mask)
    g.output('logits', ['N', 1, 'H4', 'W4'])
    g.output('presence', ['N'])
    return g


def read_nodes(layers: Layers, model: net.MemoryReader, inputs: tuple[str, str, str, str]) -> tuple[str, str]:
    """MemoryReader.read: values [N, 16, Mq] and the best similarity [Mq].

    A Scan takes the memory frames one by one, so that only one frame's similarities are held at a time.
    """
    g = layers.g
    key, memory_keys, memory_values, valid = inputs
    query = g.transpose(g.op('Reshape', key, g.ints(net.KEY_CHANNELS, -1)), 1, 0)
    positions, objects = layers.dim(query, 0), layers.dim(memory_values, 1)
    channels = g.ints(net.VALUE_CHANNELS)
    places = g.op('Reshape', layers.count(positions), g.ints(-1, 1))
    width = layers.dim(key, 3)
    places = (g.op('Div', places, width), g.op('Mod', places, width))
    frame_inputs = [memory_keys, memory_values, g.transpose(valid, 1, 0), locality_nodes(layers, model, memory_keys)]
    zeros = [g.op('Concat', positions, objects, channels, axis=0), g.op('Concat', positions, objects, axis=0)]
    states = [g.op('ConstantOfShape', shape) for shape in zeros]
    states.append(g.op('Expand', g.constant(-1), positions))
    shape = g.op('Concat', positions, objects, channels, axis=0)
    body = scan_body(layers, model, query, places, width, shape)
    sums, totals, best = g.ops('Scan', [*states, *frame_inputs], 3, body=body, num_scan_inputs=4)
    total = g.op('Max', totals, g.constant(net.SMALL))
    return g.transpose(g.op('Div', sums, g.op('Unsqueeze', total, g.ints(2))), 1, 2, 0), best


def locality_nodes(layers: Layers, model: net.MemoryReader, memory_keys: str) -> str:
    """The locality of each memory frame by its age: [T]."""
    g = layers.g
    frames = layers.dim(memory_keys, 0)
    age = g.op('Sub', g.op('Sub', frames, g.ints(1)), layers.count(frames))
    age = g.op('Min', age, g.ints(len(model.log_locality) - 1))
    return g.op('Gather', layers.tensor(model.log_locality.exp()), age, axis=0)


def scan_body(
    layers: Layers, model: net.MemoryReader, query: str, places: tuple[str, str], width: str, shape: str
) -> onnx.GraphProto:
    """One memory frame: its best matches are added to the running sums, totals and best similarity."""
    g = layers.g
    outer, g.nodes = g.nodes, []
    names = ['sums', 'totals', 'best', 'frame_keys', 'frame_values', 'frame_known', 'frame_locality']
    sums, totals, best, keys, values, known, locality = names
    chosen, index = g.ops('TopK', [g.op('MatMul', query, keys), g.ints(net.TOP_K)], 2, axis=1, largest=1, sorted=0)
    g.op('Max', best, g.op('ReduceMax', chosen, axes=[1], keepdims=0), output='best_out')
    apart = []
    for op, place in zip(('Div', 'Mod'), places, strict=True):
        steps = g.op('Cast', g.op('Sub', g.op(op, index, width), place), to=TensorProto.FLOAT)
        apart.append(g.op('Mul', steps, steps))
    penalty = g.op('Min', g.op('Mul', locality, g.op('Add', *apart)), g.constant(net.MAX_PENALTY))
    closeness = g.op('Mul', g.op('Sub', chosen, g.constant(1)), layers.tensor(model.sharpness()))
    weights = g.op('Exp', g.op('Sub', closeness, penalty))
    # Memory positions as rows of all objects' values, so that one Gather serves every object.
    rows = g.transpose(values, 2, 0, 1)
    rows = g.op('Reshape', rows, g.op('Concat', layers.dim(rows, 0), g.ints(-1), axis=0))
    added = g.op('MatMul', g.op('Unsqueeze', weights, g.ints(1)), g.op('Gather', rows, index, axis=0))
    added = g.op('Mul', g.op('Reshape', added, shape), g.op('Unsqueeze', known, g.ints(0, 2)))
    g.op('Add', sums, added, output='sums_out')
    total = g.op('Mul', g.op('ReduceSum', weights, g.ints(1), keepdims=1), g.op('Unsqueeze', known, g.ints(0)))
    g.op('Add', totals, total, output='totals_out')
    nodes, g.nodes = g.nodes, outer
    value = onnx.helper.make_tensor_value_info
    shapes = {
        'sums': ['M', 'N', net.VALUE_CHANNELS],
        'totals': ['M', 'N'],
        'best': ['M'],
        'frame_keys': [net.KEY_CHANNELS, 'M'],
        'frame_values': ['N', net.VALUE_CHANNELS, 'M'],
        'frame_known': ['N'],
        'frame_locality': [],
    }
    inputs = [value(name, TensorProto.FLOAT, shapes[name]) for name in names]
    outputs = [value(f'{name}_out', TensorProto.FLOAT, shapes[name]) for name in names[:3]]
    return onnx.helper.make_graph(nodes, 'memory-frame', inputs, outputs)


def out_of_reach_nodes(layers: Layers, previous: str) -> str:
    """network.out_of_reach."""
    g = layers.g
    one, two, side = g.constant(1), g.constant(2), 2 * net.REACH + 1
    near = g.op('MaxPool', previous, kernel_shape=[side] * 2, strides=[1, 1], pads=[net.REACH] * 4)
    seen = g.op('Min', g.op('Mul', g.op('ReduceMax', previous, axes=[2, 3], keepdims=1), two), one)
    far = g.op('Sub', one, g.op('Min', g.op('Mul', near, two), one))
    return g.op('Mul', g.op('Mul', seen, far), g.constant(net.OUT_OF_REACH))


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
