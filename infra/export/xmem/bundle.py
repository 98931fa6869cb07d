"""A folder that `vamg models add` takes: graphs that share one file of weights, xmem.json and bundle.json."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import torch
from graphs import Encoder, Segment, ValueEncoder
from networks import XMem
from torch import Tensor, nn

sys.path.append(str(Path(__file__).resolve().parents[1] / 'common'))
from affinity import Affinity  # noqa: E402
from bundle_files import WEIGHTS, WeightFile, tracker_head, write_graph, write_manifest  # noqa: E402

SETTINGS = 'xmem.json'
# Cells of the example that is traced; both are free.
ROWS, COLUMNS = 5, 7

Case = tuple[nn.Module, dict[str, tuple[Tensor, dict]], dict[str, dict]]


def settings_of(model: XMem, options: dict, source: dict) -> dict:
    """What the tracker's rules need, under upstream's names (eval.py); sizes as in networks.py."""
    sizes = asdict(model.sizes)
    kept = ('key_dim', 'value_dim', 'hidden_dim', 'up_dims')
    return {
        'source': source,
        **options,
        **{name: sizes[name] for name in kept},
        'image_dim': 16 * sizes['key_width'],
    }


def graph_cases(model: XMem, top_k: int) -> dict[str, Case]:
    """Role -> module, inputs (an example and its free dimensions), free dimensions of the outputs."""
    sizes = model.sizes
    numbers = torch.Generator().manual_seed(1)

    def example(*shape: int) -> Tensor:
        return torch.rand(shape, generator=numbers)

    image = example(1, 3, 16 * ROWS, 16 * COLUMNS)
    with torch.no_grad():
        f16, skip8, skip4, key, shrinkage, selection = Encoder(model)(image)
    whole = {'image': (image, {2: 'H', 3: 'W'})}
    on_cells = {'f16': (f16, {2: 'h', 3: 'w'})}
    skips = {'skip8': (skip8, {2: '2h', 3: '2w'}), 'skip4': (skip4, {2: '4h', 3: '4w'})}
    hidden = {'hidden': (example(2, sizes.hidden_dim, ROWS, COLUMNS), {0: 'B', 2: 'h', 3: 'w'})}
    masks = {name: (example(2, *image.shape[2:]), {0: 'B', 1: 'H', 2: 'W'}) for name in ('masks', 'others')}
    readout = {'readout': (example(2, len(key), sizes.value_dim), {0: 'B', 1: 'hw'})}
    queries = {'query': (key, {0: 'M'}), 'selection': (selection, {0: 'M'})}
    remembered = {'keys': (torch.cat([key, -key]), {0: 'N'}), 'shrinkage': (torch.cat([shrinkage] * 2), {0: 'N'})}
    new_hidden = {'new_hidden': hidden['hidden'][1]}
    return {
        'encoder': (
            Encoder(model),
            whole,
            {
                **{name: free for name, (_, free) in {**on_cells, **skips}.items()},
                **{name: {0: 'hw'} for name in ('key', 'shrinkage', 'selection')},
            },
        ),
        'affinity': (
            Affinity(top_k, sizes.key_dim),
            {**remembered, **queries},
            {name: {0: 'M', 1: 'K'} for name in ('weights', 'indices')},
        ),
        'segment': (
            Segment(model),
            {**on_cells, **skips, **readout, **hidden},
            {'logits': {0: 'B', 1: '4h', 2: '4w'}, **new_hidden},
        ),
        'value-encoder': (
            ValueEncoder(model),
            {**whole, **on_cells, **hidden, **masks},
            {'values': {0: 'B', 1: 'hw'}, **new_hidden},
        ),
    }


def write_bundle(
    folder: Path,
    name: str,
    model: XMem,
    options: dict,
    source: dict,
    description: str,
    image_model: str | None = None,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    weights = WeightFile(folder)
    files = [('xmem-settings', SETTINGS), ('weights', WEIGHTS)]
    (folder / SETTINGS).write_text(json.dumps(settings_of(model, options, source), indent=1) + '\n')
    cases = graph_cases(model, options['top_k'])
    for role, (module, inputs, outputs) in cases.items():
        free = {**{name: axes for name, (_, axes) in inputs.items()}, **outputs}
        examples = {name: value for name, (value, _) in inputs.items()}
        write_graph(folder / f'{role}.onnx', module, examples, list(outputs), free, weights)
        files.append((role, f'{role}.onnx'))
    weights.close()
    head = tracker_head(name, 'xmem', description, image_model)
    work = 'XMem (Cheng and Schwing 2022), github.com/hkchengrex/XMem'
    write_manifest(folder / 'bundle.json', head, files, source, work)
