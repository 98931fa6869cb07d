"""Holds networks.py and tracker.py against the original, of which a checkout is needed (it is no package).

    python compare.py --original ../../../../XMem

The same random weights, tiny and at full size, run through both over the clip of the golden files; the largest
differences are printed. Objects that come later have memories of their own in ours (README.md), so where frames of such
an object are condensed the original is given one of its own memories for each group of objects.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from golden import CORRECTED, LONG, PLAIN, SHORT
from networks import Sizes, XMem
from options import DEFAULTS
from original import GroupedMemory, Original
from tiny import create_tiny, liven
from torch import Tensor, nn
from torch.nn import functional as F
from tracker import Padding, Tracker

sys.path.append(str(Path(__file__).resolve().parents[1] / 'common'))
from clip import draw  # noqa: E402
from random_weights import randomise  # noqa: E402

FORWARD = list(range(12))
APART = {**LONG, 'deep_update_every': 3}
LATER = {0: ([1, 2], []), 5: ([3], [])}
# Name -> script, frames, options, whether each group has a memory of its own.
RUNS = {
    'two objects, prototypes made and forgotten': ({0: ([1, 2], [])}, FORWARD, LONG, False),
    'one corrected, deep updates apart': ({0: ([1, 2], []), 7: ([1], [])}, FORWARD, APART, False),
    'one added, prototypes of the first two': (
        LATER,
        FORWARD,
        {**LONG, 'max_mid_term_frames': 9, 'min_mid_term_frames': 5},
        False,
    ),
    'one added, two corrected, no long-term memory, smaller': (
        {frame: (given, []) for frame, (given, _) in CORRECTED.items() if given},
        FORWARD,
        {**SHORT, 'max_mid_term_frames': 99},
        False,
    ),
    'backward, one added, larger, all else as by default': (
        {11: ([1, 2], []), 6: ([3], [])},
        FORWARD[::-1],
        {**DEFAULTS, 'size': 128},
        False,
    ),
    'one added, one removed, prototypes of all': (PLAIN, FORWARD, LONG, True),
}


class Core:
    """The original with the interface of tracker.py; pictures are resized as its eval.py does."""

    def __init__(self, original: Original, network: nn.Module, options: dict, is_grouped: bool) -> None:
        config = {**options, 'hidden_dim': network.hidden_dim}
        config['enable_long_term_count_usage'] = options['enable_long_term']
        self.core = original.InferenceCore(network, config=config)
        if is_grouped:
            self.core.memory = GroupedMemory(config, original.MemoryManager)
        self.size = options['size']
        self.ids: list[int] = []

    def step(self, image: Tensor, masks: dict[int, Tensor], normalise: XMem) -> Tensor:
        size = image.shape[1:]
        inner = Padding(size, self.size).inner
        picture = F.interpolate(normalise.normalise(image)[None], inner, mode='bilinear', align_corners=False)[0]
        self.ids += [i for i in masks if i not in self.ids]
        self.core.set_all_labels(list(range(1, len(self.ids) + 1)))
        planes = labels = None
        if masks:
            whole = torch.stack([masks.get(i, torch.zeros(size)).float() for i in self.ids])[None]
            planes = F.interpolate(whole, inner, mode='nearest')[0]
            labels = [self.ids.index(i) + 1 for i in masks]
        probs = self.core.step(picture, planes, labels)
        return F.interpolate(probs[:, None], size, mode='bilinear', align_corners=False)[:, 0]

    def remove(self, gone: list[int]) -> None:
        self.core.memory.remove([self.ids.index(i) for i in gone])
        self.ids = [i for i in self.ids if i not in gone]

    def groups(self) -> list[tuple[Tensor, ...]]:
        """Keys, shrinkage, values [objects, tokens, channels] of each group of objects, and the shares of use."""
        memory = self.core.memory
        if isinstance(memory, GroupedMemory):
            return [self.group(own, 0) for own, _ in memory.groups]
        return [self.group(memory, number) for number in range(memory.work_mem.num_groups)]

    def group(self, memory: object, number: int) -> tuple[Tensor, ...]:
        """Later groups have values of the last tokens only."""
        long = memory.long_mem if memory.enable_long_term and memory.long_mem.num_groups > number else None
        keys, shrinkage, values, usage = [], [], [], []
        for store in [memory.work_mem] if long is None else [long, memory.work_mem]:
            count = store.get_v_size(number)
            keys.append(store.key[0, :, store.size - count :].T)
            shrinkage.append(store.shrinkage[0, 0, store.size - count :])
            values.append(store.value[number].transpose(1, 2))
            if number == 0 and store.count_usage:
                usage.append(store.get_usage().flatten())
        return torch.cat(keys), torch.cat(shrinkage), torch.cat(values, 1), torch.cat(usage) if usage else None


def memory_difference(tracker: Tracker, core: Core) -> float:
    theirs = core.groups()
    hidden = torch.stack([*tracker.hidden.values()]) - core.core.memory.get_hidden()[0]
    differences = [hidden]
    for bucket, (keys, shrinkage, values, usage) in zip(tracker.memory.buckets, theirs, strict=True):
        differences.append(torch.cat([store.keys for store in bucket.stores]) - keys)
        differences.append(torch.cat([store.shrinkage for store in bucket.stores]) - shrinkage)
        for own, i in zip(values, bucket.objects, strict=True):
            differences.append(torch.cat([store.values[i] for store in bucket.stores if len(store)]) - own)
        if usage is not None:
            # Nobody asks how much the first frame was read.
            at, first = len(bucket.long), len(bucket.first)
            differences += [bucket.long.usage() - usage[:at], bucket.work.usage() - usage[at + first :]]
    return max(each.abs().max().item() for each in differences if each.numel())


def compare(model: XMem, original: Original, network: nn.Module, run: tuple) -> str:
    script, frames, options, is_grouped = run
    tracker, core = Tracker(model, options), Core(original, network, options, is_grouped)
    noted: list[Tensor] = []
    hook = network.decoder.pred.register_forward_hook(lambda _module, _inputs, logits: noted.append(logits[:, 0]))
    worst = {'logits': 0.0, 'memory': 0.0, 'pixels': 0}
    compared = 0
    for frame in frames:
        given, removed = script.get(frame, ([], []))
        picture, masks = draw(frame)
        image = torch.from_numpy(picture).permute(2, 0, 1).float() / 255
        chosen = {i: torch.from_numpy(masks[i]) for i in given}
        noted.clear()
        ours, theirs = tracker.step(image, chosen or None)[0], core.step(image, chosen, model)
        if noted and tracker.logits:
            difference = torch.stack([*tracker.logits.values()]) - noted[0]
            worst['logits'] = max(worst['logits'], difference.abs().max().item())
            compared += 1
        worst['pixels'] += (ours.argmax(0) != theirs.argmax(0)).sum().item()
        worst['memory'] = max(worst['memory'], memory_difference(tracker, core))
        if removed:
            tracker.remove(removed)
            core.remove(removed)
    hook.remove()
    prototypes = [len(bucket.long) for bucket in tracker.memory.buckets]
    return (
        f'{compared} frames: logits {worst["logits"]:.1e}, memories {worst["memory"]:.1e}, {worst["pixels"]} pixels; '
        f'prototypes at the end {prototypes}'
    )


def keys_of_frames(core: Core, normalise: XMem) -> list[Tensor]:
    """The original by itself, with an object that comes later; every frame is remembered."""
    keys = []
    for frame in FORWARD:
        picture, masks = draw(frame)
        given = {i: torch.from_numpy(masks[i]) for i in LATER.get(frame, ([], []))[0]}
        core.step(torch.from_numpy(picture).permute(2, 0, 1).float() / 255, given, normalise)
        memory = core.core.memory
        keys.append(memory.work_mem.key[0, :, -memory.HW :])
    return keys


def misplaced(original: Original, network: nn.Module, normalise: XMem) -> str:
    """Whose key stands beside the first value of that object, in the original, when frames of it were condensed."""
    core = Core(original, network, {**LONG, 'max_mid_term_frames': 5, 'max_long_term_elements': 1000}, False)
    keys = keys_of_frames(core, normalise)
    memory = core.core.memory
    at = memory.work_mem.size - memory.work_mem.get_v_size(1)
    beside = memory.work_mem.key[0, :, at : at + memory.HW]
    frames = [frame for frame, key in enumerate(keys) if torch.equal(key, beside)]
    try:
        keys_of_frames(Core(original, network, LONG, False), normalise)
        ending = 'prototypes are forgotten'
    except NotImplementedError:
        ending = 'forgetting prototypes raises NotImplementedError'
    return f'its first value, of frame 5, is beside the key of frame {frames}; {ending}'


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--original', type=Path, required=True, help='a checkout of github.com/hkchengrex/XMem')
    original = Original(parser.parse_args().original)
    for name in ('tiny', 'full size'):
        with torch.inference_mode(False):
            if name == 'tiny':
                model = create_tiny()
            else:
                model = XMem(Sizes()).eval()
                randomise(model, 3)
                with torch.no_grad():
                    liven(model)
            network = original.build(model.sizes, model.state_dict())
        print(f'{name}: {len(model.state_dict())} tensors, names and shapes equal')
        for title, run in RUNS.items():
            print(f'  {title}: {compare(model, original, network, run)}', flush=True)
        print(f'  the original by itself, one added and condensed: {misplaced(original, network, model)}')


if __name__ == '__main__':
    main()
