"""The bundle's networks in fewer bits, as bundles of their own, to measure what that gains and what it costs.

    python variants.py --graphs FOLDER --bundle ../../../models/bundles/mobilesam --out OUT [--sizes 512 768 1024]

FOLDER is the installed bundle (graphs and weights; `vamg models list` names it). Written are OUT/int8-encoder and
OUT/int8 (encoder and decoders; weights of matrix products as int8 per channel, what goes into them as uint8 with a
scale found at run time: onnxruntime's dynamic quantisation) and OUT/half-encoder (all of the encoder in float16).
They are for the benchmarks' --bundle and --bundles, for example

    npm run bench:generator -- --decoder none --bundles OUT/int8-encoder,OUT/int8 --input-size 512
    npm run bench:automatic -- --data DIR --preset draft --bundle OUT/int8-encoder
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.float16 import convert_float_to_float16

from export import SIZES

DECODERS = ('decoder-{}', 'decoder-{}-points')


def to_int8(source: Path, target: Path) -> None:
    quantize_dynamic(source, target, op_types_to_quantize=['MatMul'], per_channel=True, weight_type=QuantType.QInt8)


def to_half(source: Path, target: Path) -> None:
    onnx.save(convert_float_to_float16(onnx.load(source), keep_io_types=True), target)


VARIANTS = {
    'int8-encoder': (to_int8, ('encoder-{}',)),
    'int8': (to_int8, ('encoder-{}', *DECODERS)),
    'half-encoder': (to_half, ('encoder-{}',)),
}


def write_variant(name: str, graphs: Path, manifest: dict, out: Path, sizes: list[int]) -> None:
    convert, patterns = VARIANTS[name]
    changed = {f'{pattern.format(size)}.onnx' for pattern in patterns for size in sizes}
    out.mkdir(parents=True)
    for file in manifest['files']:
        target = out / file['path']
        if file['path'] in changed:
            convert(graphs / file['path'], target)
            file |= {'bytes': target.stat().st_size, 'sha256': hashlib.sha256(target.read_bytes()).hexdigest()}
            file['external'] = []
        else:
            shutil.copyfile(graphs / file['path'], target)
        for weights in file.get('external', []):
            if not (out / weights).exists():
                shutil.copyfile(graphs / weights, out / weights)
    (out / 'bundle.json').write_text(json.dumps(manifest | {'name': f'mobilesam-{name}'}, indent=2) + '\n')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--graphs', type=Path, required=True)
    parser.add_argument('--bundle', type=Path, required=True)
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--sizes', type=int, nargs='+', default=SIZES)
    arguments = parser.parse_args()
    for name in VARIANTS:
        manifest = json.loads((arguments.bundle / 'bundle.json').read_text())
        write_variant(name, arguments.graphs, manifest, arguments.out / name, arguments.sizes)
        print(f'{arguments.out / name}')


if __name__ == '__main__':
    main()
