"""Writes a bundle of the DeAOT family, for `vamg models add`.

    python export.py --model r50-deaotl --checkpoint R50_DeAOTL_PRE_YTB_DAV.pth --out r50-deaotl

Where the checkpoints are is said by --list. Without --checkpoint but with --random SEED the weights are random:
for timing only.
"""

from __future__ import annotations

import torch
from bundle import write_bundle
from checkpoints import ADDRESS, LICENCE, MODELS, build, configure, load, randomise
from export_options import export_parser, source_of
from graphs import check_supported

CHANGEABLE = ('long_term_mem_gap', 'short_term_mem_skip', 'max_len_long_term')


def settings_from(pairs: list[str]) -> dict[str, int]:
    found = dict(pair.partition('=')[::2] for pair in pairs)
    wrong = [name for name, value in found.items() if name not in CHANGEABLE or not value.isdigit() or int(value) < 1]
    if wrong:
        raise SystemExit(f'--set takes positive numbers for {", ".join(CHANGEABLE)}, not {", ".join(wrong)}')
    return {name: int(value) for name, value in found.items()}


def main() -> None:
    settings = 'settings of the tracker: ' + ', '.join(CHANGEABLE)
    arguments = export_parser(__doc__, dict.fromkeys(MODELS, ADDRESS), LICENCE, settings, only_tracks=True).parse_args()
    changes = settings_from(arguments.set)
    model = build(configure(arguments.model))
    check_supported(model)
    if arguments.checkpoint:
        load(model, arguments.checkpoint)
    else:
        randomise(model, arguments.random)
    source = source_of(arguments, ADDRESS, LICENCE)
    torch.set_num_threads(1)
    description = f'{arguments.model}: memory tracker for video.'
    write_bundle(arguments.out, arguments.out.name, model, source, description, arguments.image_model, changes)
    print(f'{arguments.out}: add it with `vamg models add`.')


if __name__ == '__main__':
    main()
