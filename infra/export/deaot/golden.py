"""Writes the golden results of the Python original for the parity test of the DeAOT family: `npm run parity`.

    python golden.py --out ../../../test/golden/deaot

The tiny models (tiny.py) are run by upstream's inference engines over the drawn clip (../common/clip.py). Upstream has
no way to remove an object and no memory with an end that keeps the reference: both are put around its engines here, as
README.md says. Results only are written, never code.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import torch
from aot.dataloaders.video_transforms import MultiRestrictSize, MultiToTensor
from aot.networks.engines import build_engine
from bundle import settings_of, write_bundle
from checkpoints import quietly
from clip import FRAMES, HEIGHT, LATE, WIDTH, draw
from golden_files import Recorder, counts_of
from graphs import check_supported
from tiny import create_tiny
from torch.nn import functional as F

LONG_EDGE = 1040
# Two logits nearer than this at a pixel would let rounding decide.
MARGIN = 5e-6
NOBODY = -1e10
# Frames on which memories are noted.
NOTED = (LATE, FRAMES - 1)
# Frame -> (objects given on it, objects removed after it).
PLAIN = {0: ([1, 2], []), LATE: ([3], []), 7: ([2], []), 8: ([], [1])}
REVERSE = {8: ([1, 2], []), 5: ([1], [])}
RUNS = {
    'forward': ('deaots', PLAIN, False, {'long_term_mem_gap': 3, 'short_term_mem_skip': 1}),
    'backward': ('deaots', REVERSE, True, {'long_term_mem_gap': 2, 'short_term_mem_skip': 2}),
    'groups and a full memory': (
        'deaots',
        PLAIN,
        False,
        {'long_term_mem_gap': 1, 'short_term_mem_skip': 1, 'max_obj_num': 2, 'max_len_long_term': 3},
    ),
    'AOT': ('aots', PLAIN, False, {'long_term_mem_gap': 3, 'short_term_mem_skip': 1}),
}


def picture_of(position: int) -> torch.Tensor:
    """As upstream's evaluation reads a picture: floats, resized by OpenCV, normalised."""
    sample = {'current_img': draw(position)[0].astype(np.float32), 'meta': {}}
    resize = MultiRestrictSize(None, LONG_EDGE, False, [1], True)
    return MultiToTensor()(resize(sample))[0]['current_img'].float()[None]


class Watched:
    """One of upstream's engines, whose long-term memory has an end: the oldest frame goes that is no object's first or
    last given one."""

    def __init__(self, engine: torch.nn.Module, most: int | None) -> None:
        self.engine, self.most = engine, most
        self.frames: list[int] = []
        self.given: dict[int, set[int]] = {}
        self.objects: set[int] = set()
        self.append = engine.update_long_term_memory
        engine.update_long_term_memory = self.update

    def update(self, new: list) -> None:
        self.append(new)
        self.frames.append(self.position)
        while self.most and len(self.frames) > self.most:
            keep = {f([p for p in self.frames if o in self.given.get(p, ())]) for o in self.objects for f in (min, max)}
            oldest = next((p for p in self.frames if p not in keep), None)
            if oldest is None:
                return
            self.forget(self.frames.index(oldest), new[0][0].shape[0])

    def forget(self, place: int, tokens: int) -> None:
        """Upstream has the newest frame first."""
        start = (len(self.frames) - 1 - place) * tokens
        cut = [
            [None if e is None else torch.cat([e[:start], e[start + tokens :]]) for e in layer]
            for layer in self.engine.long_term_memories
        ]
        self.engine.long_term_memories = cut
        del self.frames[place]


def memory_of(engine: torch.nn.Module) -> torch.Tensor:
    """[tokens, channels] of the newest short-term memory, layer by layer: what is kept, then what was identified."""
    layers = engine.short_term_memories_list[-1]
    tokens = [[e.flatten(2)[0].T for e in layer if e is not None] for layer in layers]
    return torch.cat([*[e for layer in tokens for e in layer[:-1]], *[layer[-1] for layer in tokens]], 1)


class Run:
    """Upstream's engines over the clip, with objects given and removed."""

    def __init__(self, recorder: Recorder, name: str, options: dict) -> None:
        self.recorder = recorder
        self.model = create_tiny(name)
        self.per_group = options.get('max_obj_num')
        self.most = options.get('max_len_long_term')
        self.engine = build_engine(
            self.model.cfg.MODEL_ENGINE,
            phase='eval',
            aot_model=self.model,
            long_term_mem_gap=options['long_term_mem_gap'],
            short_term_mem_skip=options['short_term_mem_skip'],
            max_aot_obj_num=self.per_group,
        ).eval()
        self.per_group = self.per_group or self.model.max_obj_num
        self.watched: list[Watched] = []
        self.removed: set[int] = set()
        self.objects: list[int] = []

    def group_of(self, number: int) -> int:
        return (number - 1) // self.per_group

    def step(self, position: int, picture: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Labels at the size of the picture, and logits of all groups."""
        for one in self.watched:
            one.position = position
        self.engine.match_propogate_one_frame(picture)
        raw = []
        for group, one in enumerate(self.engine.aot_engines):
            logits = one.decode_current_logits((HEIGHT, WIDTH))
            raw.append((one.pred_id_logits.clone(), logits))
            for number in self.removed:
                if self.group_of(number) == group:
                    logits[:, (number - 1) % self.per_group + 1] = NOBODY
        merged = self.engine.soft_logit_aggregation([logits for _, logits in raw])
        best = merged[0].sort(0, descending=True).values
        margin = (best[0] - best[1]).min().item()
        if margin < MARGIN:
            raise SystemExit(f'frame {position}: {margin:.2g} at a pixel: choose another seed, rounding may turn it')
        return merged.argmax(1, keepdim=True).float(), [logits for logits, _ in raw]

    def give(self, position: int, picture: torch.Tensor, labels: torch.Tensor, numbers: list[int]) -> None:
        masks = draw(position)[1]
        for number in numbers:
            labels[labels == number] = 0
        for number in numbers:
            labels[0, 0][torch.from_numpy(masks[number])] = number
        small = F.interpolate(labels, size=picture.shape[2:])
        is_first = not self.objects
        self.objects = sorted({*self.objects, *numbers})
        count = max(self.objects)
        if is_first or self.group_of(count) >= len(self.engine.aot_engines):
            before = len(self.engine.aot_engines)
            self.open(count)
            self.watched += [Watched(one, self.most) for one in self.engine.aot_engines[before:]]
        self.engine.obj_nums = count
        parts, counts = self.engine.separate_mask(small, count)
        features = None if is_first else self.engine.aot_engines[0].curr_enc_embs
        for group, (one, part, own) in enumerate(zip(self.engine.aot_engines, parts, counts, strict=True)):
            here = {number for number in numbers if self.group_of(number) == group}
            watched = self.watched[group]
            watched.position = position
            watched.objects |= here
            if not here:
                # As upstream's DeAOT engine: the frame is remembered anew with the masks as they are now.
                one.update_short_term_memory(part)
                continue
            watched.given.setdefault(position, set()).update(here)
            one.frame_step = self.engine.aot_engines[0].frame_step
            self.forget_here(watched, position)
            first = one.long_term_memories is None
            one.add_reference_frame(picture, part, obj_nums=[own], img_embs=features)
            features = one.curr_enc_embs
            if first:
                watched.frames.append(position)
        self.engine.update_size()

    def open(self, count: int) -> None:
        """Engines for so many objects, made by upstream's own class."""
        kind = type(self.engine)
        made = build_engine(
            self.model.cfg.MODEL_ENGINE,
            phase='eval',
            aot_model=self.model,
            long_term_mem_gap=self.engine.long_term_mem_gap,
            short_term_mem_skip=self.engine.short_term_mem_skip,
            max_aot_obj_num=self.per_group,
        ).eval()
        assert isinstance(made, kind)
        blank = torch.zeros(1, 1, 113, 161)
        made.add_reference_frame(torch.zeros(1, 3, 113, 161), blank, obj_nums=[count])
        for one in made.aot_engines[len(self.engine.aot_engines) :]:
            one.restart_engine()
            self.engine.aot_engines.append(one)

    def forget_here(self, watched: Watched, position: int) -> None:
        """A reference takes the place of the same frame."""
        if position in watched.frames:
            tokens = watched.engine.enc_hw
            watched.forget(watched.frames.index(position), tokens)

    def track(self, script: dict, reverse: bool) -> list[dict]:
        lines = []
        for position in range(max(script), 0, -1) if reverse else range(FRAMES):
            given, removed = script.get(position, ([], []))
            picture = picture_of(position)
            line = {
                'frame': position,
                'given': [{'object': n, 'counts': counts_of(draw(position)[1][n])} for n in given],
                'removed': removed,
            }
            labels = torch.zeros(1, 1, HEIGHT, WIDTH)
            if self.objects:
                labels, logits = self.step(position, picture)
                line['tracked'] = [
                    {'object': n, 'counts': counts_of((labels[0, 0] == n).numpy())}
                    for n in self.objects
                    if n not in self.removed
                ]
                counts = [1 + self.count_in(g) for g in range(len(logits))]
                line['logits'] = [self.recorder.add(one[0, :n, ::2]) for n, one in zip(counts, logits, strict=True)]
                if not given:
                    self.engine.update_memory(F.interpolate(labels, size=self.engine.input_size_2d))
            if given:
                self.give(position, picture, labels, given)
            if position in NOTED:
                line['memory'] = [self.recorder.add(memory_of(one)) for one in self.engine.aot_engines]
            line['long'] = [watched.frames.copy() for watched in self.watched]
            lines.append(line)
            for number in removed:
                self.removed.add(number)
                self.watched[self.group_of(number)].objects.discard(number)
        return lines

    def count_in(self, group: int) -> int:
        return sum(self.group_of(number) == group for number in self.objects)


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, required=True)
    folder = parser.parse_args().out
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    recorder = Recorder()
    runs = {}
    for title, (name, script, reverse, options) in RUNS.items():
        with quietly():
            lines = Run(recorder, name, options).track(script, reverse)
        runs[title] = {'bundle': name, 'settings': options, 'lines': lines}
    golden = {
        'note': 'written by infra/export/deaot/golden.py; numbers are [offset, length] in floats.bin (float32, '
        'little-endian); frames are those of test/golden/sam2',
        'width': WIDTH,
        'height': HEIGHT,
        'input': {'position': 0, 'pixels': recorder.add(picture_of(0)[0, :, ::8, ::8])},
        'runs': runs,
    }
    recorder.write(folder)
    (folder / 'golden.json').write_text(json.dumps(golden) + '\n')
    with torch.inference_mode(False):
        for name in sorted({run[0] for run in RUNS.values()}):
            model = create_tiny(name)
            check_supported(model)
            source = {'url': 'none: random numbers of infra/export/deaot/tiny.py', 'licence': 'BSD-3-Clause'}
            description = f'{settings_of(model, source)["model_vos"]} with few channels and random weights, for tests.'
            write_bundle(folder / name, f'{name}-tiny', model, source, description)


if __name__ == '__main__':
    main()
