"""The trained network as three ONNX graphs, built node by node (opset 17, dynamic H, W, N and T).

python export_graphs.py --checkpoint work/last.pt --out ../models/bundles/mobilesam
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import onnx
import torch
from onnx import TensorProto

import network as net
from graph_layers import GraphBuilder, Layers

GRAPHS = ('memory-key', 'memory-value', 'memory-read')
LARGEST_HALF = 65504


def halfs_input(g: GraphBuilder, name: str, shape: list[int | str]) -> str:
    return g.op('Cast', g.input(name, shape, TensorProto.FLOAT16), to=TensorProto.FLOAT)


def halfs_output(g: GraphBuilder, x: str, name: str, shape: list[int | str]) -> None:
    """As it is remembered. Numbers beyond a half's range are clamped."""
    within = g.op('Clip', x, g.constant(-LARGEST_HALF), g.constant(LARGEST_HALF))
    g.op('Cast', within, to=TensorProto.FLOAT16, output=name)
    g.output(name, shape, TensorProto.FLOAT16)


def key_graph(model: net.KeyEncoder) -> GraphBuilder:
    layers = Layers('memory-key')
    g = layers.g
    branches = []
    for name, rows, columns, mean, scale, branch in (
        ('stride4', 'H4', 'W4', model.mean4, model.scale4, model.to_detail),
        ('stride8', 'H', 'W', model.mean8, model.scale8, model.branch8),
        ('stride16', 'H16', 'W16', model.mean16, model.scale16, model.branch16),
    ):
        x = g.input(name, [1, mean.shape[1], rows, columns])
        x = g.op('Mul', g.op('Sub', x, layers.tensor(mean)), layers.tensor(scale))
        branches.append(layers.conv(x, branch))
    detail, *branches = branches
    x = g.op('Concat', branches[0], layers.double(branches[1]), axis=1)
    x = layers.relu(layers.group_norm(x, model.norm0))
    x = layers.relu(layers.group_norm(layers.conv(x, model.conv1), model.norm1))
    x = g.op('Add', x, layers.relu(layers.group_norm(layers.conv(x, model.conv2), model.norm2)))
    key = layers.conv(x, model.to_key)
    length = g.op('Sqrt', g.op('ReduceSum', g.op('Mul', key, key), g.ints(1), keepdims=1))
    key = g.op('Div', key, g.op('Max', length, g.constant(1e-6)))
    halfs_output(g, key, 'key', [1, net.KEY_CHANNELS, 'H', 'W'])
    halfs_output(g, g.op('Relu', layers.conv(x, model.to_context)), 'context', [1, net.CONTEXT_CHANNELS, 'H', 'W'])
    halfs_output(g, g.op('Relu', detail), 'detail', [1, net.DETAIL_CHANNELS, 'H4', 'W4'])
    return g


def value_graph(model: net.ValueEncoder) -> GraphBuilder:
    layers = Layers('memory-value')
    g = layers.g
    context = halfs_input(g, 'context', [1, net.CONTEXT_CHANNELS, 'H', 'W'])
    masks, others = g.input('masks', ['N', 1, 'H', 'W']), g.input('others', ['N', 1, 'H', 'W'])
    own = layers.conv(g.op('Concat', masks, others, axis=1), model.from_masks)
    hidden = layers.relu(g.op('Add', layers.conv(context, model.from_context), own))
    values = g.op('Concat', masks, layers.conv(hidden, model.out), axis=1)
    halfs_output(g, values, 'values', ['N', net.VALUE_CHANNELS, 'H', 'W'])
    return g


def read_graph(model: net.MemoryReader) -> GraphBuilder:
    layers = Layers('memory-read')
    g = layers.g
    key = halfs_input(g, 'query_key', [1, net.KEY_CHANNELS, 'H', 'W'])
    context = halfs_input(g, 'query_context', [1, net.CONTEXT_CHANNELS, 'H', 'W'])
    detail = halfs_input(g, 'query_detail', [1, net.DETAIL_CHANNELS, 'H4', 'W4'])
    # As they are remembered: half the bytes to hand over, and a frame's share is widened where it is used.
    memory_keys = g.input('memory_keys', ['T', net.KEY_CHANNELS, 'M'], TensorProto.FLOAT16)
    memory_values = g.input('memory_values', ['T', 'N', net.VALUE_CHANNELS, 'M'], TensorProto.FLOAT16)
    known = (g.input('valid', ['N', 'T']), g.input('given', ['N', 'T']))
    previous = g.input('previous_masks', ['N', 1, 'H', 'W'])
    read = read_nodes(layers, model, key, memory_keys, memory_values, known)
    mask = g.slice(read, [1], [0], [1])
    own = layers.conv(g.op('Concat', read, previous, axis=1), model.from_object)
    hidden = layers.relu(g.op('Add', layers.conv(context, model.from_shared), own))
    outside = g.op('Sub', g.constant(1), mask)
    means = g.op('Concat', *(mean_nodes(layers, hidden, part) for part in (mask, outside)), axis=1)
    summary = g.op('Unsqueeze', layers.linear(means, model.from_summary), g.ints(2, 3))
    hidden = layers.relu(g.op('Add', hidden, summary))
    for conv in (model.conv1, model.conv2):
        hidden = g.op('Add', hidden, layers.relu(layers.conv(hidden, conv)))
    clamped = g.op('Clip', mask, g.constant(net.BASE_CLAMP), g.constant(1 - net.BASE_CLAMP))
    base = layers.double(g.op('Log', g.op('Div', clamped, g.op('Sub', g.constant(1), clamped))))
    fine = g.op('DepthToSpace', layers.conv(hidden, model.to_fine), blocksize=2, mode='CRD')
    fine = g.op('Add', fine, layers.conv(detail, model.from_detail))
    fine = layers.relu(g.op('Add', fine, layers.conv(base, model.from_base)))
    fine = g.op('Add', fine, layers.relu(layers.conv(fine, model.fine1)))
    logits = g.op('Add', base, layers.conv(fine, model.fine2))
    g.op('Sub', logits, layers.double(out_of_reach_nodes(layers, previous, memory_values, known[0])), output='logits')
    presence_nodes(layers, model, hidden, mask)
    g.output('logits', ['N', 1, 'H4', 'W4'])
    g.output('presence', ['N'])
    g.output('likeness', ['N', 2, 'H', 'W'])
    return g


def read_nodes(
    layers: Layers, model: net.MemoryReader, key: str, memory_keys: str, memory_values: str, known: tuple[str, str]
) -> str:
    """MemoryReader.read, [N, 16 + 16 + 4, H, W]; MemoryReader.likeness becomes an output.

    A Scan takes the memory frames one by one, so that only one frame's similarities are held at a time.
    """
    g = layers.g
    query = g.transpose(g.op('Reshape', key, g.ints(net.KEY_CHANNELS, -1)), 1, 0)
    positions, objects = layers.dim(query, 0), layers.dim(memory_values, 1)
    places = g.op('Reshape', layers.count(positions), g.ints(-1, 1))
    width = layers.dim(key, 3)
    places = (g.op('Div', places, width), g.op('Mod', places, width))
    frame_inputs = [memory_keys, memory_values, locality_nodes(layers, model, memory_keys)]
    frame_inputs += [g.transpose(part, 1, 0) for part in known]
    frame_inputs.append(elder_nodes(layers, memory_keys, frame_inputs[-2]))
    sizes = [g.op('Concat', positions, objects, g.ints(channels), axis=0) for channels in (net.VALUE_CHANNELS, 1)]
    zeros = [g.op('ConstantOfShape', size) for size in sizes]
    body = scan_body(layers, model, query, places, width, sizes[0])
    states = [*zeros, *zeros, zeros[1], zeros[1]]
    sums = g.ops('Scan', [*states, *frame_inputs], 6, body=body, num_scan_inputs=len(frame_inputs))
    parts, evidence = [], []
    for part, total in (sums[:2], sums[2:4]):
        parts.append(g.op('Div', part, g.op('Max', total, g.constant(net.SMALL))))
        inside = g.slice(part, [2], [0], [1])
        evidence += [inside, g.op('Sub', total, inside)]
    floored = g.op('Max', g.op('Concat', *evidence, axis=2), g.constant(net.EVIDENCE_FLOOR))
    levels = g.op('Mul', g.op('Log', floored), g.constant(net.EVIDENCE_SCALE))
    read = g.transpose(g.op('Concat', *parts, levels, axis=2), 1, 2, 0)
    channels = 2 * net.VALUE_CHANNELS + net.EVIDENCE_CHANNELS
    grid = g.op('Shape', key, start=2, end=4)
    own, every = sums[4:]
    both = g.op('Max', g.op('Concat', own, g.op('Sub', every, own), axis=2), g.constant(net.EVIDENCE_FLOOR))
    likeness = g.transpose(g.op('Log', both), 1, 2, 0)
    g.op('Reshape', likeness, g.op('Concat', g.ints(-1, 2), grid, axis=0), output='likeness')
    return g.op('Reshape', read, g.op('Concat', g.ints(-1, channels), grid, axis=0))


def locality_nodes(layers: Layers, model: net.MemoryReader, memory_keys: str) -> str:
    """The locality of each memory frame by its age: [T]."""
    g = layers.g
    frames = layers.dim(memory_keys, 0)
    age = g.op('Sub', g.op('Sub', frames, g.ints(1)), layers.count(frames))
    age = g.op('Min', age, g.ints(len(model.log_locality) - 1))
    return g.op('Gather', layers.tensor(model.log_locality.exp()), age, axis=0)


def elder_nodes(layers: Layers, memory_keys: str, valid: str) -> str:
    """1 for the frames [T, N] that know an object and are not the newest ones."""
    g = layers.g
    frames = layers.dim(memory_keys, 0)
    is_elder = g.op('Less', layers.count(frames), g.op('Sub', frames, g.ints(net.ELDER)))
    return g.op('Mul', valid, g.op('Unsqueeze', g.op('Cast', is_elder, to=TensorProto.FLOAT), g.ints(1)))


def scan_body(
    layers: Layers, model: net.MemoryReader, query: str, places: tuple[str, str], width: str, shape: str
) -> onnx.GraphProto:
    """One memory frame: its best matches are added to the running sums and totals, of all frames and of given ones."""
    g = layers.g
    outer, g.nodes = g.nodes, []
    states = ['sums', 'totals', 'given_sums', 'given_totals', 'own', 'every']
    keys, values, locality, *known, elder = frame = [
        'frame_keys',
        'frame_values',
        'frame_locality',
        'frame_known',
        'frame_given',
        'frame_elder',
    ]
    keys, values = (g.op('Cast', stored, to=TensorProto.FLOAT) for stored in (keys, values))
    chosen, index = g.ops('TopK', [g.op('MatMul', query, keys), g.ints(net.TOP_K)], 2, axis=1, largest=1, sorted=0)
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
    added = g.op('Reshape', added, shape)
    total = g.op('Unsqueeze', g.op('ReduceSum', weights, g.ints(1), keepdims=1), g.ints(2))
    for share, (sums, totals) in zip(known, (states[:2], states[2:4]), strict=True):
        factor = g.op('Unsqueeze', share, g.ints(0, 2))
        g.op('Add', sums, g.op('Mul', added, factor), output=f'{sums}_out')
        g.op('Add', totals, g.op('Mul', total, factor), output=f'{totals}_out')
    # By looks alone, on the elder frames.
    factor = g.op('Unsqueeze', elder, g.ints(0, 2))
    anywhere = g.op('Exp', closeness)
    masks = g.op('Squeeze', g.slice(values, [1], [0], [1]), g.ints(1))
    masks = g.op('Gather', g.transpose(masks, 1, 0), index, axis=0)  # [places, k, N]
    inside = g.transpose(g.op('MatMul', g.op('Unsqueeze', anywhere, g.ints(1)), masks), 0, 2, 1)
    every = g.op('Unsqueeze', g.op('ReduceSum', anywhere, g.ints(1), keepdims=1), g.ints(2))
    for name, amount in (('own', inside), ('every', every)):
        g.op('Add', name, g.op('Mul', amount, factor), output=f'{name}_out')
    nodes, g.nodes = g.nodes, outer
    value = onnx.helper.make_tensor_value_info
    channels = {
        'sums': net.VALUE_CHANNELS,
        'totals': 1,
        'given_sums': net.VALUE_CHANNELS,
        'given_totals': 1,
        'own': 1,
        'every': 1,
    }
    shapes: dict[str, list] = {name: ['M', 'N', channels[name]] for name in states}
    shapes |= {
        'frame_keys': [net.KEY_CHANNELS, 'M'],
        'frame_values': ['N', net.VALUE_CHANNELS, 'M'],
        'frame_locality': [],
        'frame_known': ['N'],
        'frame_given': ['N'],
        'frame_elder': ['N'],
    }
    halfs = frame[:2]
    inputs = [
        value(name, TensorProto.FLOAT16 if name in halfs else TensorProto.FLOAT, shapes[name])
        for name in (*states, *frame)
    ]
    outputs = [value(f'{name}_out', TensorProto.FLOAT, shapes[name]) for name in states]
    return onnx.helper.make_graph(nodes, 'memory-frame', inputs, outputs)


def out_of_reach_nodes(layers: Layers, previous: str, memory_values: str, valid: str) -> str:
    """network.out_of_reach."""
    g = layers.g
    one, two, side = g.constant(1), g.constant(2), 2 * net.REACH + 1
    near = g.op('MaxPool', previous, kernel_shape=[side] * 2, strides=[1, 1], pads=[net.REACH] * 4)
    seen = g.op('Min', g.op('Mul', g.op('ReduceMax', previous, axes=[2, 3], keepdims=1), two), one)
    stored = g.op('Cast', g.slice(memory_values, [2], [0], [1]), to=TensorProto.FLOAT)
    areas = g.op('ReduceSum', stored, g.ints(2, 3), keepdims=0)  # [T, N]
    largest = g.op('ReduceMax', g.op('Mul', areas, g.transpose(valid, 1, 0)), axes=[0], keepdims=0)
    largest = g.op('Unsqueeze', g.op('Max', largest, one), g.ints(1, 2, 3))
    share = g.op('Div', g.op('ReduceSum', previous, g.ints(2, 3), keepdims=1), largest)
    whole = g.op('Sub', share, g.constant(net.HIDDEN_SHARE))
    whole = g.op('Clip', g.op('Div', whole, g.constant(net.WHOLE_SHARE - net.HIDDEN_SHARE)), g.constant(0), one)
    far = g.op('Sub', one, g.op('Min', g.op('Mul', near, two), one))
    return g.op('Mul', g.op('Mul', g.op('Mul', seen, whole), far), g.constant(net.OUT_OF_REACH))


def mean_nodes(layers: Layers, features: str, mask: str) -> str:
    """network.mean_under."""
    g = layers.g
    area = g.op('Add', g.op('ReduceSum', mask, g.ints(2, 3), keepdims=0), g.constant(1))
    return g.op('Div', g.op('ReduceSum', g.op('Mul', features, mask), g.ints(2, 3), keepdims=0), area)


def presence_nodes(layers: Layers, model: net.MemoryReader, hidden: str, mask: str) -> None:
    g = layers.g
    strongest = g.op('ReduceMax', hidden, axes=[2, 3], keepdims=0)
    peak = g.op('ReduceMax', mask, axes=[2, 3], keepdims=0)
    pooled = g.op('Concat', strongest, mean_nodes(layers, hidden, mask), peak, axis=1)
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
        'detailChannels': net.DETAIL_CHANNELS,
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
