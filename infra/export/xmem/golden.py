"""Writes the golden results of XMem for the parity test: `npm run parity xmem`.

    python golden.py --out ../../../test/golden/xmem

There is no package of the original, so the tiny model (tiny.py) is run by tracker.py, over the clip of the SAM 2
family, whose golden files have the frames. That tracker.py gives the original's numbers was found once, with the
original at hand: docs/models.md.
"""

from __future__ import annotations

import torch
from bundle import settings_of, write_bundle
from clip import FRAMES, HEIGHT, LATE, WIDTH, draw
from golden_files import Recorder, check_margins, counts_of, golden_folder
from options import DEFAULTS
from tiny import create_tiny
from tracker import Tracker

# The only option that is part of a graph.
COMMON = {**DEFAULTS, 'size': -1, 'top_k': 8}
LONG = {
    **COMMON,
    'mem_every': 1,
    'max_mid_term_frames': 4,
    'min_mid_term_frames': 2,
    'num_prototypes': 12,
    'max_long_term_elements': 40,
}
# Both updates of the hidden state on one frame; pictures made smaller.
SHORT = {
    **COMMON,
    'mem_every': 2,
    'deep_update_every': 3,
    'enable_long_term': False,
    'max_mid_term_frames': 3,
    'size': 72,
}
# Pictures made larger.
BACKWARD = {**COMMON, 'mem_every': 3, 'size': 128}
# Frame -> (objects given on it, objects removed after it).
PLAIN = {0: ([1, 2], []), LATE: ([3], []), 8: ([], [1])}
CORRECTED = {0: ([1, 2], []), LATE: ([2, 3], []), 9: ([], [2])}
# Shares of use and similarities nearer than this to a decision would let rounding decide.
MARGIN = 1e-5
ROW_MARGIN = 4e-6


def memory_of(tracker: Tracker, recorder: Recorder) -> dict:
    """Everything that is remembered; tokens as [tokens, channels]."""
    buckets = []
    for bucket in tracker.memory.buckets:
        stores = bucket.stores

        def joined(name: str, stores: list = stores) -> list[int]:
            return recorder.add(torch.cat([getattr(store, name) for store in stores]))

        counted = [store for store in (bucket.long, bucket.work) if len(store) > 0]
        buckets.append(
            {
                'objects': list(bucket.objects),
                'sizes': [len(store) for store in stores],
                'keys': joined('keys'),
                'shrinkage': joined('shrinkage'),
                'values': [
                    recorder.add(torch.cat([store.values[i] for store in stores if len(store) > 0]))
                    for i in bucket.objects
                ],
                'usage': [recorder.add(store.usage()) for store in counted if tracker.options['enable_long_term']],
            }
        )
    objects = [{'id': i, 'hidden': recorder.add(own)} for i, own in tracker.hidden.items()]
    return {'objects': objects, 'buckets': buckets}


def run(recorder: Recorder, script: dict, frames: list[int], options: dict) -> dict:
    model = create_tiny()
    tracker = Tracker(model, options)
    lines = []
    for number, frame in enumerate(frames):
        given, removed = script.get(frame, ([], []))
        picture, masks = draw(frame)
        image = torch.from_numpy(picture).permute(2, 0, 1).float() / 255
        probs, ids = tracker.step(image, {i: torch.from_numpy(masks[i]) for i in given} or None)
        best = probs.argmax(0).numpy()
        line = {
            'frame': frame,
            'given': [{'object': i, 'counts': counts_of(masks[i])} for i in given],
            'known': list(tracker.logits),
            'logits': recorder.add(torch.stack([*tracker.logits.values()])) if tracker.logits else None,
            'found': [{'object': i, 'counts': counts_of(best == plane)} for plane, i in enumerate(ids, 1)],
            'removed': removed,
        }
        # Ours remembers a frame when the next one comes: this is what it must have then.
        if number % 3 == 1:
            line['memory'] = memory_of(tracker, recorder)
        lines.append(line)
        if removed:
            tracker.remove(removed)
    settings = settings_of(model, options, {})
    del settings['source']
    return {'settings': settings, 'lines': lines}


@torch.inference_mode()
def main() -> None:
    folder = golden_folder(__doc__)
    recorder = Recorder()
    check_margins(MARGIN, ROW_MARGIN)
    runs = {
        'long-term memory': run(recorder, PLAIN, list(range(FRAMES)), LONG),
        'last frames only, smaller pictures': run(recorder, CORRECTED, list(range(FRAMES)), SHORT),
        'backward, larger pictures': run(recorder, {9: ([1, 2], [])}, list(range(9, 2, -1)), BACKWARD),
    }
    recorder.write_golden(folder, 'xmem', (WIDTH, HEIGHT), runs)
    with torch.inference_mode(False):
        source = {'url': 'none: random numbers of infra/export/xmem/tiny.py', 'licence': 'MIT'}
        description = 'XMem with few channels, random weights, for tests.'
        write_bundle(folder / 'bundle', 'xmem-tiny', create_tiny(), LONG, source, description)


if __name__ == '__main__':
    main()
