"""Writes the golden results of the Python original for the parity test of EdgeTAM: `npm run parity`.

    python golden.py --out ../../../test/golden/edgetam
    python golden.py --out FOLDER --full-size edgetam

As ../sam2/golden.py does, whose clip and runs these are.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).resolve().parent.parent / 'sam2'))

from bundle import Edition, write_bundle
from full_size import golden_parser, write_full_size
from golden_files import Recorder
from golden_runs import (
    COMMON,
    CORRECTED,
    OTHER_RULES,
    PLAIN,
    REVERSE,
    kept_on,
    patch,
    prompts,
    run,
    write_frames,
    write_golden,
)
from graphs import check_supported
from tiny_edgetam import create_tiny

# Broken in sam2 1.1.0, works here.
MORE_RULES = {**OTHER_RULES, 'clear_non_cond_mem_around_input': 'true'}


class StatePerObject:
    """EdgeTAM's predictor is of the time when no object could be added once tracking had begun: a state of its own
    for every object, which is what later predictors do within one."""

    def __init__(self, model: torch.nn.Module, folder: Path) -> None:
        self.model, self.folder = model, folder
        self.states: dict[int, dict] = {}

    def known(self) -> list[int]:
        return list(self.states)

    def add(self, frame: int, number: int, mask: object) -> None:
        self.states[number] = self.model.init_state(str(self.folder))
        self.model.add_new_mask(self.states[number], frame, number, mask)

    def correct(self, frame: int, number: int, mask: object) -> None:
        self.model.add_new_mask(self.states[number], frame, number, mask)
        self.model.propagate_in_video_preflight(self.states[number])

    def propagate(self, frame: int, reverse: bool) -> torch.Tensor:
        masks = []
        for state in self.states.values():
            ((_, _, mask),) = list(self.model.propagate_in_video(state, frame, 0, reverse=reverse))
            masks.append(mask)
        together = torch.cat(masks)
        return self.model._apply_non_overlapping_constraints(together) if self.model.non_overlap_masks else together

    def output(self, frame: int, number: int) -> tuple[bool, dict]:
        return kept_on(self.states[number]['output_dict'], frame)

    def remove(self, number: int) -> None:
        del self.states[number]


@torch.inference_mode()
def main() -> None:
    arguments = golden_parser(__doc__).parse_args()
    folder = arguments.out
    torch.set_num_threads(1)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    patch()
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as frames:
        clip = Path(frames)
        write_frames(clip)
        if arguments.full_size:
            write_full_size(arguments, StatePerObject, clip)
            return
        runs = {
            'forward': run(create_tiny, StatePerObject, clip, recorder, PLAIN, False, {}),
            'backward': run(create_tiny, StatePerObject, clip, recorder, REVERSE, True, {}),
            'other rules': run(create_tiny, StatePerObject, clip, recorder, CORRECTED, False, MORE_RULES),
        }
        prompted = prompts(create_tiny(**COMMON), clip, recorder)
    write_golden(folder, recorder, 'edgetam', runs, prompted)
    with torch.inference_mode(False):
        model = create_tiny(**COMMON)
        check_supported(model)
        source = {'url': 'none: random numbers of infra/export/edgetam/tiny_edgetam.py', 'licence': 'Apache-2.0'}
        description = 'EdgeTAM with few channels and random weights, for tests.'
        write_bundle(folder / 'bundle', Edition('edgetam-tiny', [model], source, description))


if __name__ == '__main__':
    main()
