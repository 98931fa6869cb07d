"""A folder that `vamg models add` takes: graphs that share one file of weights, deaot.json and bundle.json."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path

import onnx
import torch
from graphs import Encoder, Identify, Propagate, Reference, Transformer
from onnx import TensorProto
from torch import nn

OPSET = 18
WEIGHTS = 'weights.bin'
SETTINGS = 'deaot.json'
# Smaller tensors stay in their graph.
SHARED_BYTES = 1024
# Cells of the example that is traced; both are free.
ROWS, COLUMNS = 6, 9
# Most frames of the long-term memory; upstream's has no end.
MAX_LEN_LONG_TERM = 8

Case = tuple[nn.Module, dict[str, tuple[torch.Tensor, dict]], dict[str, dict]]


def settings_of(model: nn.Module, source: dict) -> dict:
    """What the tracker's rules need, under upstream's names (configs/models, networks/engines)."""
    cfg, transformer = model.cfg, Transformer(model)
    return {
        'source': source,
        'model_vos': cfg.MODEL_VOS,
        'max_obj_num': cfg.MODEL_MAX_OBJ_NUM,
        'align_corners': cfg.MODEL_ALIGN_CORNERS,
        'long_term_mem_gap': cfg.TEST_LONG_TERM_MEM_GAP,
        'short_term_mem_skip': cfg.TEST_SHORT_TERM_MEM_SKIP,
        'max_len_long_term': MAX_LEN_LONG_TERM,
        'kept_channels': transformer.kept_channels,
        'identified_channels': transformer.identified_channels,
        'pending_channels': transformer.pending_channels,
    }


class WeightFile:
    """Tensors of all graphs, each stored once."""

    def __init__(self, path: Path) -> None:
        self.file = path.open('wb')
        self.places: dict[str, int] = {}

    def take(self, graph: onnx.ModelProto) -> None:
        for tensor in graph.graph.initializer:
            data = tensor.raw_data
            if len(data) < SHARED_BYTES:
                continue
            digest = hashlib.sha256(data).hexdigest()
            if digest not in self.places:
                self.file.write(b'\0' * (-self.file.tell() % 64))
                self.places[digest] = self.file.tell()
                self.file.write(data)
            tensor.ClearField('raw_data')
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in {'location': WEIGHTS, 'offset': self.places[digest], 'length': len(data)}.items():
                tensor.external_data.add(key=key, value=str(value))


def graph_cases(model: nn.Module) -> dict[str, Case]:
    """Role -> module, inputs (an example and its free dimensions), free dimensions of the outputs."""
    cfg, transformer, zeros = model.cfg, Transformer(model), torch.zeros
    edge = 1 if cfg.MODEL_ALIGN_CORNERS else 0
    image = zeros(1, 3, 16 * (ROWS - edge) + edge, 16 * (COLUMNS - edge) + edge)
    names = ('embedding', 'stride16', 'stride8', 'stride4')
    with torch.no_grad():
        features = dict(zip(names, Encoder(model)(image), strict=True))
    free = {'embedding': ('h', 'w'), 'stride16': ('h', 'w'), 'stride8': ('h8', 'w8'), 'stride4': ('h4', 'w4')}
    on_map = {name: {2: high, 3: wide} for name, (high, wide) in free.items()}
    maps = {name: (value, on_map[name]) for name, value in features.items()}
    tokens = ROWS * COLUMNS
    widths = {'kept': transformer.kept_channels, 'identified': transformer.identified_channels}
    memories = {
        f'{term}_{part}': (torch.rand(length, width), {0: count})
        for term, length, count in (('long', 2 * tokens, 'M'), ('short', tokens, 'N'))
        for part, width in widths.items()
    }
    labels = {'labels': (zeros(1, *image.shape[2:]), {1: 'H', 2: 'W'})}
    waiting = transformer.pending_channels
    pending = {'pending': (zeros(tokens, waiting), {0: 'N'})} if waiting else {}
    kept, identified = {'kept': {0: 'N'}}, {'identified': {0: 'N'}}
    left = {name: {0: 'N'} for name in pending}
    return {
        'propagate': (Propagate(model), {**maps, **memories}, {'logits': {2: 'h4', 3: 'w4'}, **kept, **left}),
        'reference': (
            Reference(model),
            {'embedding': maps['embedding'], **labels},
            {**kept, **identified, **left},
        ),
        'identify': (Identify(model), {**labels, **pending}, identified),
        'encoder': (Encoder(model), {'image': (image, {2: 'H', 3: 'W'})}, on_map),
    }


def write_graph(path: Path, case: Case, weights: WeightFile) -> None:
    module, inputs, outputs = case
    with torch.no_grad(), warnings.catch_warnings():
        # Sizes of pictures and memories are followed by the tracer; it warns where a plain number is not.
        warnings.simplefilter('ignore', torch.jit.TracerWarning)
        torch.onnx.export(
            module.eval(),
            tuple(value for value, _ in inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={**{name: free for name, (_, free) in inputs.items()}, **outputs},
            opset_version=OPSET,
            do_constant_folding=True,
            dynamo=False,
        )
    graph = onnx.load(path)
    graph.producer_name, graph.producer_version = 'video-amg', ''
    for node in graph.graph.node:
        node.ClearField('doc_string')
    weights.take(graph)
    path.write_bytes(graph.SerializeToString(deterministic=True))


def write_bundle(
    folder: Path,
    name: str,
    model: nn.Module,
    source: dict,
    description: str,
    image_model: str | None = None,
    changes: dict[str, int] | None = None,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    weights = WeightFile(folder / WEIGHTS)
    files = [('deaot-settings', SETTINGS), ('weights', WEIGHTS)]
    (folder / SETTINGS).write_text(json.dumps({**settings_of(model, source), **(changes or {})}, indent=1) + '\n')
    for role, case in graph_cases(model).items():
        write_graph(folder / f'{role}.onnx', case, weights)
        files.append((role, f'{role}.onnx'))
    weights.file.close()
    paper = 'DeAOT (Yang and Yang 2022)' if model.cfg.MODEL_VOS == 'deaot' else 'AOT (Yang, Wei and Yang 2021)'
    attribution = f'{paper}, github.com/yoxu515/aot-benchmark; weights: {source["url"]}'
    manifest = {
        'schemaVersion': 1,
        'name': name,
        'family': 'deaot',
        'description': description,
        **({'imageModel': image_model} if image_model else {}),
        'files': [
            {
                'role': role,
                'path': path,
                'sha256': hashlib.sha256((folder / path).read_bytes()).hexdigest(),
                'bytes': (folder / path).stat().st_size,
                'licence': source['licence'],
                'attribution': attribution,
                'external': [WEIGHTS] if path.endswith('.onnx') else [],
            }
            for role, path in files
        ],
    }
    (folder / 'bundle.json').write_text(json.dumps(manifest, indent=2) + '\n')
