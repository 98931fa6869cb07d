"""The memory tracker in Python with the exported graphs: the reference the TypeScript tracker is compared with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort

from frozen_model import BUNDLE
from identity_watch import IdentityWatch
from memory_bank import MemoryBank, MemoryFrame

LIMIT = 16.118
ELDER = 3  # memory frames newer than those that likeness compares with
ELDER_TO_COMPARE = 2  # elder frames that know an object, from which on it can be lost
NOT_THERE = -16.0  # logit where an object is known not to be
SEEN = 0.5  # an object is seen where any cell of its mask is this much
FREE_OVERLAP = 0.1  # objects that overlap less than this share of the smaller one compete


def rounded(x: np.ndarray) -> np.ndarray:
    """Stored values are float16 and are used as stored."""
    return x.astype(np.float16).astype(np.float32)


class MemoryGraphs:
    def __init__(self, folder: Path = BUNDLE, threads: int = 2) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self.sessions = {
            name: ort.InferenceSession(str(folder / f'memory-{name}.onnx'), options, ['CPUExecutionProvider'])
            for name in ('key', 'value', 'read')
        }

    def key(self, *features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Features of stride 4, 8 and 16 -> key, context, detail."""
        names = ('stride4', 'stride8', 'stride16')
        return tuple(self.sessions['key'].run(None, {n: f[None] for n, f in zip(names, features, strict=True)}))

    def value(self, context: np.ndarray, masks: np.ndarray, others: np.ndarray) -> np.ndarray:
        feeds = {'context': context.astype(np.float16), 'masks': masks, 'others': others}  # rounded already
        return self.sessions['value'].run(None, feeds)[0]

    def read(self, **inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        names = ('query_key', 'query_context', 'query_detail', 'memory_keys', 'memory_values')
        halfs = {name: inputs[name].astype(np.float16) for name in names}  # rounded already
        return tuple(self.sessions['read'].run(None, inputs | halfs))


class MaskGrid:
    """Between a picture's pixels and the grids of stride 4 and 8 of its resized copy."""

    def __init__(self, image: tuple[int, int], valid: tuple[int, int]) -> None:
        self.image, self.valid = image, valid
        self.rows, self.columns = (2 * -(-side // 16) for side in valid)

    def coverage(self, mask: np.ndarray) -> np.ndarray:
        """Full-resolution mask -> [1, 1, H, W]: share of each stride-8 cell that it covers."""
        cells = [image * 8 / valid for image, valid in zip(self.image, self.valid, strict=True)]
        ys, xs = np.nonzero(mask)
        row = np.minimum(self.rows - 1, np.floor((ys + 0.5) / cells[0])).astype(int)
        column = np.minimum(self.columns - 1, np.floor((xs + 0.5) / cells[1])).astype(int)
        counts = np.bincount(row * self.columns + column, minlength=self.rows * self.columns)
        share = np.minimum(1, counts / (cells[0] * cells[1]))
        return share.astype(np.float32).reshape(1, 1, self.rows, self.columns)

    def full(self, logits: np.ndarray) -> np.ndarray:
        """[2H, 2W] -> bilinear with half-pixel centres at full resolution [h, w]."""
        out = logits
        for axis in (0, 1):
            cell = self.image[axis] * 4 / self.valid[axis]
            at = np.clip((np.arange(self.image[axis]) + 0.5) / cell - 0.5, 0, out.shape[axis] - 1)
            low = np.floor(at).astype(int)
            high = np.minimum(low + 1, out.shape[axis] - 1)
            share = (at - low).astype(np.float32)
            share = share[:, None] if axis == 0 else share
            out = np.take(out, low, axis) * (1 - share) + np.take(out, high, axis) * share
        return out


class MemoryTracker:
    def __init__(self, graphs: MemoryGraphs, grid: MaskGrid) -> None:
        self.graphs, self.grid = graphs, grid
        self.bank = MemoryBank()
        self.watch = IdentityWatch()
        self.count = -1
        self.objects: list[int] = []
        self.competitors: dict[int, set[int]] = {}
        self.masks: dict[int, np.ndarray] = {}  # [1, 1, H, W] of the newest frame
        self.key = self.context = self.detail = np.empty(0)

    def observe(self, *features: np.ndarray) -> dict[int, np.ndarray]:
        """The next frame, by its features of stride 4, 8 and 16: where the objects are, as full-resolution bool masks
        (empty for absent objects)."""
        self.count += 1
        key, context, detail = self.graphs.key(*features)
        self.key, self.context, self.detail = rounded(key), rounded(context), rounded(detail)
        results = self._read() if self.objects else {}
        frame = MemoryFrame(self.key.reshape(self.key.shape[1], -1))
        for id in self.objects:
            if not self.watch.is_lost(id):
                self._remember(frame, id)
        self.bank.write(self.count, frame)
        return results

    def add(self, masks: dict[int, np.ndarray]) -> None:
        """Objects given by full-resolution masks on the frame last observed."""
        self.masks |= {id: rounded(self.grid.coverage(mask)) for id, mask in masks.items()}
        for id in masks:
            self.competitors[id] = {other for other in self.objects if self._competes(id, other)}
            for other in self.competitors[id]:
                self.competitors[other].add(id)
            self.objects.append(id)
        for id in masks:
            self._remember(self.bank.frames[self.count], id)
            self.bank.frames[self.count].given.add(id)
        self.bank.keep(self.count)

    def _competes(self, a: int, b: int) -> bool:
        first, second = self.masks[a], self.masks[b]
        smaller = min(first.sum(), second.sum())
        return smaller == 0 or np.minimum(first, second).sum() < FREE_OVERLAP * smaller

    def _remember(self, frame: MemoryFrame, id: int) -> None:
        frame.values[id] = self._value(id)
        frame.seen.discard(id)
        if self.masks[id].max() >= SEEN:
            frame.seen.add(id)

    def _value(self, id: int) -> np.ndarray:
        others = sum((self.masks[other] for other in self.competitors[id]), np.zeros_like(self.masks[id]))
        values = self.graphs.value(self.context, self.masks[id], rounded(np.minimum(others, 1)))
        return rounded(values[0].reshape(values.shape[1], -1))

    def _read(self) -> dict[int, np.ndarray]:
        if not self.bank.knows_any(self.objects):
            self.masks |= {id: np.zeros_like(self.masks[id]) for id in self.objects}
            return {id: np.zeros(self.grid.image, bool) for id in self.objects}
        keys, values, valid, given = self.bank.arrays(self.objects)
        logits, presence, likeness = self.graphs.read(
            query_key=self.key,
            query_context=self.context,
            query_detail=self.detail,
            memory_keys=keys,
            memory_values=values,
            valid=valid,
            given=given,
            previous_masks=np.concatenate([self.masks[id] for id in self.objects]),
        )
        seen = (presence >= 0) & (valid.sum(1) > 0)
        own = {id: np.clip(logit[0], -LIMIT, LIMIT) for id, logit in zip(self.objects, logits, strict=True)}
        own = {id: logit for (id, logit), present in zip(own.items(), seen, strict=True) if present}
        kept = dict(own)
        competing = self._compete(own)
        for n, id in enumerate(self.objects):
            was_lost = self.watch.is_lost(id)
            if id not in own or valid[n, :-ELDER].sum() < (1 if was_lost else ELDER_TO_COMPARE):
                continue
            cells = self.watch.judge(id, self._pool(competing[id])[0, 0], likeness[n])
            if cells is None:
                del kept[id]
                if self.watch.is_lost(id) and not was_lost:
                    self.bank.forget_recent(id)
            elif not cells.all():
                kept[id] = np.where(cells.repeat(2, 0).repeat(2, 1), own[id], NOT_THERE)
        results = {id: np.zeros(self.grid.image, bool) for id in self.objects}
        self.masks |= {id: np.zeros_like(self.masks[id]) for id in self.objects}
        for id, aggregated in self._compete(kept).items():
            results[id] = self.grid.full(aggregated) > 0
            self.masks[id] = rounded(self._pool(aggregated))
        return results

    def _compete(self, logits: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
        """Soft aggregation, [2H, 2W] per object."""
        aggregated = {}
        for id, own in logits.items():
            rivals = [np.exp(logits[other]) for other in logits if other in self.competitors[id]]
            aggregated[id] = own - np.log1p(sum(rivals, np.zeros_like(own)))
        return aggregated

    def _pool(self, aggregated: np.ndarray) -> np.ndarray:
        """Logits [2H, 2W] -> probabilities [1, 1, H, W]."""
        shares = 1 / (1 + np.exp(-aggregated))
        return shares.reshape(1, 1, self.grid.rows, 2, self.grid.columns, 2).mean((3, 5))
