"""Which past frames are remembered: permanent, recent and long-term (the same policy as core/tracking/memory)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

RECENT = 3
PERMANENT = 3
LONG_TERM = 4
INTERVAL = 8


@dataclass
class MemoryFrame:
    key: np.ndarray  # [64, H * W]
    values: dict[int, np.ndarray] = field(default_factory=dict)  # object id -> [16, H * W]
    given: set[int] = field(default_factory=set)  # objects whose masks were given on this frame
    seen: set[int] = field(default_factory=set)  # objects that are in sight on it


class MemoryBank:
    def __init__(self) -> None:
        self.frames: dict[int, MemoryFrame] = {}
        self.permanent: list[int] = []
        self.recent: list[int] = []
        self.long_term: list[int] = []
        self.interval = INTERVAL

    def write(self, count: int, frame: MemoryFrame) -> None:
        """The frame just tracked, `count` frames after the start."""
        self.frames[count] = frame
        self.recent = [*self.recent, count][-RECENT:]
        if count > 0 and count % self.interval == 0:
            self.long_term.append(count)
            while len(self.long_term) > LONG_TERM:
                self.interval *= 2
                self.long_term = [c for c in self.long_term if c % self.interval == 0]
        self._forget()

    def keep(self, count: int) -> None:
        """Objects were added here: the first such frame is permanent, the newest, and what alone shows most objects."""
        if count not in self.permanent:
            self.permanent.append(count)
        if len(self.permanent) > PERMANENT:
            self.permanent.remove(min(self.permanent[1:-1], key=self._only_shown_on))
        self._forget()

    def _only_shown_on(self, count: int) -> int:
        """How many objects are seen on this frame and on no other that is kept for long."""
        kept = {*self.permanent, *self.long_term} - {count}
        elsewhere = {id for other in kept if other in self.frames for id in self.frames[other].seen}
        return len(self.frames[count].seen - elsewhere) if count in self.frames else 0

    def knows_any(self, objects: list[int]) -> bool:
        return any(id in frame.values for frame in self.frames.values() for id in objects)

    def forget_recent(self, id: int) -> None:
        """What the recent frames know of an object, but for masks that were given."""
        for count in self.recent:
            if id not in self.frames[count].given:
                self.frames[count].values.pop(id, None)

    def _forget(self) -> None:
        held = {*self.permanent, *self.recent, *self.long_term}
        self.frames = {count: self.frames[count] for count in sorted(self.frames) if count in held}

    def arrays(self, objects: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Keys [T, 64, M], values [T, N, 16, M], valid and given [N, T]."""
        frames = list(self.frames.values())
        keys = np.stack([frame.key for frame in frames])
        channels = next(value.shape[0] for frame in frames for value in frame.values.values())
        values = np.zeros((len(frames), len(objects), channels, keys.shape[2]), np.float32)
        valid = np.zeros((len(objects), len(frames)), np.float32)
        given = np.zeros_like(valid)
        for t, frame in enumerate(frames):
            for n, id in enumerate(objects):
                if id in frame.values:
                    values[t, n], valid[n, t], given[n, t] = frame.values[id], 1, id in frame.given
        return keys, values, valid, given
