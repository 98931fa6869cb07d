"""Writes the golden results of the Python original for the parity test of the SAM 2 family: `npm run parity`.

    python golden.py --out ../../../test/golden/sam2
    python golden.py --out FOLDER --full-size sam2.1-hiera-tiny

The tiny model (tiny.py) is run by upstream's video predictor over the drawn clip (clip.py); see golden_runs.py.
Results only are written, never code.
"""

from __future__ import annotations

import shutil

import torch
from bundle import Edition, write_bundle
from full_size import golden_parser, write_full_size
from golden_files import Recorder
from golden_runs import (
    COMMON,
    CORRECTED,
    OTHER_RULES,
    PLAIN,
    REVERSE,
    OneState,
    patch,
    prompts,
    run,
    write_frames,
    write_golden,
)
from graphs import check_supported
from tiny import create_tiny, create_tiny_2_0


@torch.inference_mode()
def main() -> None:
    arguments = golden_parser(__doc__).parse_args()
    folder = arguments.out
    torch.set_num_threads(1)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    patch()
    write_frames(folder)
    if arguments.full_size:
        write_full_size(arguments, OneState, folder)
        return
    recorder = Recorder()
    runs = {
        'forward': run(create_tiny, OneState, folder, recorder, PLAIN, False, {}),
        'backward': run(create_tiny, OneState, folder, recorder, REVERSE, True, {}),
        'other rules': run(create_tiny, OneState, folder, recorder, CORRECTED, False, OTHER_RULES),
        'version 2.0': run(create_tiny_2_0, OneState, folder, recorder, REVERSE, True, {}),
    }
    write_golden(folder, recorder, 'sam2', runs, prompts(create_tiny(**COMMON), folder, recorder))
    source = {'url': 'none: random numbers of infra/export/sam2/tiny.py', 'licence': 'Apache-2.0'}
    words = 'with few channels and random weights, for tests.'
    with torch.inference_mode(False):
        models = [create_tiny(**COMMON), create_tiny_2_0(**COMMON)]
        for model in models:
            check_supported(model)
        write_bundle(
            folder / 'bundle',
            Edition('sam2-tiny', models[:1], source, f'SAM 2.1 {words}'),
            Edition('sam2-tiny-2.0', models[1:], source, f'SAM 2.0 {words}', 'v2.0-', ('encoder', 'decoder')),
        )


if __name__ == '__main__':
    main()
