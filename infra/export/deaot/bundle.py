"""A folder that `vamg models add` takes: graphs that share one file of weights, deaot.json and bundle.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from graphs import Encoder, Identify, Propagate, Reference, Transformer
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[1] / 'common'))
from bundle_files import WEIGHTS, WeightFile, write_graph, write_manifest  # noqa: E402

SETTINGS = 'deaot.json'
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
    weights = WeightFile(folder)
    files = [('deaot-settings', SETTINGS), ('weights', WEIGHTS)]
    (folder / SETTINGS).write_text(json.dumps({**settings_of(model, source), **(changes or {})}, indent=1) + '\n')
    for role, (module, inputs, outputs) in graph_cases(model).items():
        free = {**{name: free for name, (_, free) in inputs.items()}, **outputs}
        examples = {name: value for name, (value, _) in inputs.items()}
        write_graph(folder / f'{role}.onnx', module, examples, list(outputs), free, weights)
        files.append((role, f'{role}.onnx'))
    weights.close()
    paper = 'DeAOT (Yang and Yang 2022)' if model.cfg.MODEL_VOS == 'deaot' else 'AOT (Yang, Wei and Yang 2021)'
    head = {
        'name': name,
        'family': 'deaot',
        'description': description,
        **({'imageModel': image_model} if image_model else {}),
    }
    write_manifest(folder / 'bundle.json', head, files, source, f'{paper}, github.com/yoxu515/aot-benchmark')
