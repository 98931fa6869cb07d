"""A folder that `vamg models add` takes: graphs that share one file of weights, cutie.json and bundle.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from cutie.model.cutie import CUTIE
from graphs import Encoder, MaskEncoder, Segment, SensoryUpdate
from omegaconf import DictConfig
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[1] / 'common'))
from affinity import Affinity  # noqa: E402
from bundle_files import WEIGHTS, WeightFile, tracker_head, write_graph, write_manifest  # noqa: E402

SETTINGS = 'cutie.json'
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
        examples = {name: torch.rand(shape, generator=generator) for name, (shape, _) in inputs.items()}
        named = {**{name: names for name, (_, names) in inputs.items()}, **outputs}
        free = {name: dimensions(names) for name, names in named.items()}
        write_graph(path, module, examples, list(outputs), free, weights)
        written.append((role, path.name))
    return written


def write_bundle(
    folder: Path, name: str, model: CUTIE, source: dict, description: str, image_model: str | None = None
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    weights = WeightFile(folder)
    files = [('cutie-settings', SETTINGS), ('weights', WEIGHTS)]
    (folder / SETTINGS).write_text(json.dumps(settings_of(model.cfg, source), indent=1) + '\n')
    files += write_graphs(folder, model, weights)
    weights.close()
    head = tracker_head(name, 'cutie', description, image_model)
    work = 'Cutie (Cheng et al. 2024), github.com/hkchengrex/Cutie'
    write_manifest(folder / 'bundle.json', head, files, source, work)
