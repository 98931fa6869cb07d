"""Writes the golden results of the Python original for the parity test of Cutie: `npm run parity`.

    python golden.py --out ../../../test/golden/cutie

The tiny model (tiny.py) is run by upstream's InferenceCore over the clip of the SAM 2 family, whose golden files have
the frames. It is run as it is but for one thing: when an object is deleted, its plane is taken out of the mask of the
last frame too; upstream leaves it there, so that every later object would be taken for its neighbour on the next
frame. Results only are written, never code.
"""

from __future__ import annotations

import torch
from bundle import settings_of, write_bundle
from clip import FRAMES, HEIGHT, LATE, WIDTH, draw
from cutie.inference.inference_core import InferenceCore
from cutie.model.cutie import CUTIE
from golden_files import Recorder, check_margins, counts_of, golden_folder
from graphs import check_supported
from tiny import create_tiny

# The only option that is part of a graph.
TOP_K = 8
LONG = {
    'mem_every': 1,
    'stagger_updates': 1,
    'top_k': TOP_K,
    'long_term__max_mem_frames': 4,
    'long_term__min_mem_frames': 2,
    'long_term__num_prototypes': 12,
    'long_term__max_num_tokens': 40,
    'long_term__buffer_tokens': 6,
}
SHORT = {
    'mem_every': 3,
    'stagger_updates': 2,
    'top_k': TOP_K,
    'use_long_term': 'false',
    'max_mem_frames': 2,
    'chunk_size': 1,
    'max_internal_size': 72,
}
# Frame -> (objects given on it, objects removed after it).
PLAIN = {0: ([1, 2], []), LATE: ([3], []), 8: ([], [1])}
# Upstream cannot correct an object unless a new one comes with it, or all are given anew.
CORRECTED = {0: ([1, 2], []), LATE: ([2, 3], []), 9: ([], [2])}
# Shares of use nearer than this to a decision would let rounding decide.
MARGIN = 1e-5


def note_logits(model: CUTIE) -> list[torch.Tensor]:
    """What the mask decoder gave last."""
    kept: list[torch.Tensor] = []
    decode = model.mask_decoder.forward

    def noted(*args: object, **kwargs: object) -> tuple:
        sensory, logits = decode(*args, **kwargs)
        kept[:] = [logits]
        return sensory, logits

    model.mask_decoder.forward = noted
    return kept


def memory_of(core: InferenceCore, recorder: Recorder) -> dict:
    """Everything that is remembered; tokens as [tokens, channels]."""
    memory = core.memory
    long = memory.long_mem if memory.use_long_term else None
    objects = [
        {'id': i, 'sensory': recorder.add(memory.sensory[i]), 'summaries': recorder.add(memory.obj_v[i])}
        for i in core.object_manager.all_obj_ids
    ]
    buckets = []
    for number, ids in memory.work_mem.buckets.items():
        stores = [s for s in (long, memory.work_mem) if s is not None and s.engaged(number)]
        buckets.append(
            {
                'objects': list(ids),
                'sizes': [
                    long.size(number) if long in stores else 0,
                    memory.work_mem.perm_size(number),
                    memory.work_mem.non_perm_size(number),
                ],
                'keys': recorder.add(torch.cat([s.key[number][0].T for s in stores])),
                'shrinkage': recorder.add(torch.cat([s.shrinkage[number].flatten() for s in stores])),
                'values': [recorder.add(torch.cat([s.value[i][0].T for s in stores])) for i in ids],
                'usage': [recorder.add(s.get_usage(number)) for s in stores if s.save_usage and number in s.use_cnt],
            }
        )
    return {'objects': objects, 'buckets': buckets}


def run(recorder: Recorder, script: dict, frames: list[int], options: dict) -> dict:
    model = create_tiny(**options)
    logits = note_logits(model)
    core = InferenceCore(model, cfg=model.cfg)
    check_margins(MARGIN)
    lines = []
    for number, frame in enumerate(frames):
        given, removed = script.get(frame, ([], []))
        picture, masks = draw(frame)
        image = torch.from_numpy(picture).permute(2, 0, 1).float() / 255
        known = list(core.object_manager.all_obj_ids)
        logits.clear()
        mask = None
        if given:
            mask = torch.zeros(HEIGHT, WIDTH, dtype=torch.long)
            for i in given:
                mask[torch.from_numpy(masks[i])] = i
        prob = core.step(image, mask, given or None)
        ids = core.object_manager.all_obj_ids
        best = core.output_prob_to_mask(prob).numpy()
        line = {
            'frame': frame,
            'given': [{'object': i, 'counts': counts_of(masks[i])} for i in given],
            'known': known,
            'logits': recorder.add(logits[0][0]) if logits else None,
            'found': [{'object': i, 'counts': counts_of(best == i)} for i in ids],
            'removed': removed,
        }
        # Ours remembers a frame when the next one comes: this is what it must have then.
        if number % 3 == 1:
            line['memory'] = memory_of(core, recorder)
        lines.append(line)
        if removed:
            kept = [i for i, o in enumerate(ids) if o not in removed]
            core.delete_objects(removed)
            core.last_mask = core.last_mask[:, kept]
    settings = settings_of(model.cfg, {})
    del settings['source']
    return {'settings': settings, 'lines': lines}


@torch.inference_mode()
def main() -> None:
    folder = golden_folder(__doc__)
    recorder = Recorder()
    forward = list(range(FRAMES))
    runs = {
        'long-term memory': run(recorder, PLAIN, forward, LONG),
        'last frames only, smaller pictures': run(recorder, CORRECTED, forward, SHORT),
        'backward': run(recorder, {9: ([1, 2], [])}, list(range(9, 2, -1)), {'top_k': TOP_K}),
    }
    recorder.write_golden(folder, 'cutie', (WIDTH, HEIGHT), runs)
    with torch.inference_mode(False):
        model = create_tiny(**LONG)
        check_supported(model)
        source = {'url': 'none: random numbers of infra/export/cutie/tiny.py', 'licence': 'MIT'}
        write_bundle(
            folder / 'bundle', 'cutie-tiny', model, source, 'Cutie with few channels, random weights, for tests.'
        )


if __name__ == '__main__':
    main()
