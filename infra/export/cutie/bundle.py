"""A folder that `vamg models add` takes: graphs that share one file of weights, cutie.json and bundle.json."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnx
import torch
from cutie.model.cutie import CUTIE
from graphs import Affinity, Encoder, MaskEncoder, Segment, SensoryUpdate
from omegaconf import DictConfig
from onnx import TensorProto
from torch import nn

OPSET = 18
WEIGHTS = 'weights.bin'
SETTINGS = 'cutie.json'
# Smaller tensors stay in their graph.
SHARED_BYTES = 1024
# What the tracker reads, under upstream's names (config/video_config.yaml, config/model/base.yaml).
OPTIONS = 'max_internal_size mem_every stagger_updates top_k chunk_size use_long_term max_mem_frames'.split()
LONG_TERM = 'max_mem_frames min_mem_frames num_prototypes max_num_tokens buffer_tokens'.split()
SIZES = 'pixel_dim key_dim value_dim sensory_dim embed_dim'.split()


def settings_of(config: DictConfig, source: dict) -> dict:
    if not config.long_term.count_usage or config.flip_aug:
        raise SystemExit('count_usage=False and flip_aug=True are not supported')
    return {
        'source': source,
        **{name: config[name] for name in OPTIONS},
        'long_term': {name: config.long_term[name] for name in LONG_TERM},
        **{name: config.model[name] for name in SIZES},
        'num_queries': config.model.object_transformer.num_queries,
        'up_dims': list(config.model.mask_decoder.up_dims),
    }


class WeightFile:
    """Tensors of all graphs, each stored once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: dict[str, int] = {}
        self.file = path.open('wb')

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
            entries = {'location': WEIGHTS, 'offset': self.places[digest], 'length': len(data)}
            tensor.ClearField('raw_data')
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in entries.items():
                tensor.external_data.add(key=key, value=str(value))


def graph_cases(model: CUTIE) -> dict[str, tuple[nn.Module, dict[str, tuple[tuple, list]], dict[str, list]]]:
    """Role -> module, inputs (shape of an example, names of its dimensions or None), outputs (names of dimensions)."""
    config = model.cfg.model
    pixel, key, value, sensory = model.pixel_dim, model.key_dim, model.value_dim, model.sensory_dim
    up8, up4 = config.mask_decoder.up_dims[:2]
    h, w, queries = 5, 7, config.object_transformer.num_queries
    image = ((1, 3, 16 * h, 16 * w), [None, None, 'H', 'W'])
    pix_feat = ((1, pixel, h, w), [None, None, 'h', 'w'])
    of_object = ((2, sensory, h, w), ['B', None, 'h', 'w'])
    masks = ((2, 16 * h, 16 * w), ['B', 'H', 'W'])
    state = ['B', None, 'h', 'w']
    summaries = ['B', None, None]
    return {
        'encoder': (
            Encoder(model),
            {'image': image},
            {
                'pix_feat': [None, None, 'h', 'w'],
                'stride8': [None, None, '2h', '2w'],
                'stride4': [None, None, '4h', '4w'],
                'key': ['hw', None],
                'shrinkage': ['hw'],
                'selection': ['hw', None],
            },
        ),
        'affinity': (
            Affinity(model.cfg.top_k, key),
            {
                'keys': ((50, key), ['N', None]),
                'shrinkage': ((50,), ['N']),
                'query': ((35, key), ['M', None]),
                'selection': ((35, key), ['M', None]),
            },
            {'weights': ['M', 'K'], 'indices': ['M', 'K']},
        ),
        'segment': (
            Segment(model),
            {
                'pix_feat': pix_feat,
                'stride8': ((1, up8, 2 * h, 2 * w), [None, None, '2h', '2w']),
                'stride4': ((1, up4, 4 * h, 4 * w), [None, None, '4h', '4w']),
                'readout': ((2, h * w, value), ['B', 'hw', None]),
                'sensory': of_object,
                'last_masks': ((2, h, w), ['B', 'h', 'w']),
                'summaries': ((2, queries, model.embed_dim + 1), summaries),
            },
            {'logits': ['B', '4h', '4w'], 'update': state},
        ),
        'sensory-update': (
            SensoryUpdate(model),
            {'update': of_object, 'sensory': of_object},
            {'new_sensory': state},
        ),
        'mask-encoder': (
            MaskEncoder(model),
            {'image': image, 'pix_feat': pix_feat, 'sensory': of_object, 'masks': masks, 'others': masks},
            {'values': ['B', 'hw', None], 'new_sensory': state, 'summaries': summaries},
        ),
    }


def dimensions(names: list) -> dict[int, str]:
    return {i: name for i, name in enumerate(names) if name}


def write_graphs(folder: Path, model: CUTIE, weights: WeightFile) -> list[tuple[str, str]]:
    """Write the graphs. Gives roles and file names."""
    written = []
    for role, (module, inputs, outputs) in graph_cases(model).items():
        path = folder / f'{role}.onnx'
        generator = torch.Generator().manual_seed(1)
        with torch.no_grad():
            torch.onnx.export(
                module.eval(),
                tuple(torch.rand(shape, generator=generator) for shape, _ in inputs.values()),
                str(path),
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_axes={
                    **{name: dimensions(names) for name, (_, names) in inputs.items()},
                    **{name: dimensions(names) for name, names in outputs.items()},
                },
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
        written.append((role, path.name))
    return written


def write_bundle(folder: Path, name: str, model: CUTIE, source: dict, description: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    weights = WeightFile(folder / WEIGHTS)
    files = [('cutie-settings', SETTINGS), ('weights', WEIGHTS)]
    (folder / SETTINGS).write_text(json.dumps(settings_of(model.cfg, source), indent=1) + '\n')
    files += write_graphs(folder, model, weights)
    weights.file.close()
    attribution = f'Cutie (Cheng et al. 2024), github.com/hkchengrex/Cutie; weights: {source["url"]}'
    manifest = {
        'schemaVersion': 1,
        'name': name,
        'family': 'cutie',
        'description': description,
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
