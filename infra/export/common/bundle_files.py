"""What every family's export shares: graphs that keep their large tensors in one file of weights, and bundle.json."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path

import onnx
import torch
from onnx import TensorProto
from torch import Tensor, nn

OPSET = 18
WEIGHTS = 'weights.bin'
# Smaller tensors stay in their graph.
SHARED_BYTES = 1024


def sha256_of(path: Path) -> str:
    with path.open('rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()


class WeightFile:
    """Tensors of all graphs of a folder, each stored once."""

    def __init__(self, folder: Path) -> None:
        self.places: dict[str, int] = {}
        self.file = (folder / WEIGHTS).open('wb')

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

    def close(self) -> None:
        self.file.close()


def write_graph(
    path: Path,
    module: nn.Module,
    examples: dict[str, Tensor],
    outputs: list[str],
    free: dict[str, dict[int, str]],
    weights: WeightFile,
) -> None:
    """Trace a module over example inputs. `free` names the axes of inputs and outputs that may have any length."""
    with torch.no_grad(), warnings.catch_warnings():
        # The tracer follows lengths of free axes; it warns wherever one becomes a plain number.
        warnings.simplefilter('ignore', torch.jit.TracerWarning)
        torch.onnx.export(
            module.eval(),
            tuple(examples.values()),
            str(path),
            input_names=list(examples),
            output_names=outputs,
            dynamic_axes=free,
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


def tracker_head(name: str, family: str, description: str, image_model: str | None) -> dict:
    """What `write_manifest` is told of a tracker, whose pictures are segmented by another bundle."""
    named = {'imageModel': image_model} if image_model else {}
    return {'name': name, 'family': family, 'description': description, **named}


def write_manifest(path: Path, head: dict, files: list[tuple[str, str]], source: dict, work: str) -> None:
    """bundle.json: `head` is what comes before the files (roles and names); `work` is whose networks they are."""
    folder = path.parent
    manifest = {
        'schemaVersion': 1,
        **head,
        'files': [
            {
                'role': role,
                'path': name,
                'sha256': sha256_of(folder / name),
                'bytes': (folder / name).stat().st_size,
                'licence': source['licence'],
                'attribution': f'{work}; weights: {source["url"]}',
                'external': [WEIGHTS] if name.endswith('.onnx') else [],
            }
            for role, name in files
        ],
    }
    path.write_text(json.dumps(manifest, indent=2) + '\n')
