"""Small drawn scenes with truth and predictions, for the golden numbers of the metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

HEIGHT, WIDTH, LENGTH = 54, 80, 21


@dataclass
class Frame:
    """Truth objects are disjoint; predictions may overlap. Everything else in the frame is unlabelled."""

    truth: dict[int, np.ndarray] = field(default_factory=dict)
    predictions: dict[int, np.ndarray] = field(default_factory=dict)
    void: np.ndarray = field(default_factory=lambda: np.zeros((HEIGHT, WIDTH), bool))


@dataclass
class Mover:
    """An ellipse on a line; `seen` says on which frames it exists."""

    x: float
    y: float
    dx: float
    dy: float
    rx: float
    ry: float
    seen: Callable[[int], bool] = lambda t: True

    def draw(self, t: int) -> np.ndarray:
        rows, columns = np.mgrid[:HEIGHT, :WIDTH]
        x, y = self.x + self.dx * t, self.y + self.dy * t
        return ((columns - x) / self.rx) ** 2 + ((rows - y) / self.ry) ** 2 <= 1


def paint(movers: dict[int, Mover], t: int) -> dict[int, np.ndarray]:
    """Masks of what is visible on frame t; later objects hide earlier ones."""
    masks: dict[int, np.ndarray] = {}
    for id, mover in movers.items():
        if not mover.seen(t):
            continue
        shape = mover.draw(t)
        masks = {other: mask & ~shape for other, mask in masks.items()} | {id: shape}
    return {id: mask for id, mask in masks.items() if mask.any()}


def wobble(rng: np.random.Generator, mask: np.ndarray, strength: int = 2) -> np.ndarray:
    """The mask as a tracker might see it: shifted, grown or shrunk, with a bite taken out."""
    shift = rng.integers(-strength, strength + 1, 2)
    moved = ndimage.shift(mask.astype(np.uint8), shift, order=0) > 0
    kind = rng.integers(4)
    if kind == 0:
        moved = ndimage.binary_dilation(moved)
    elif kind == 1:
        moved = ndimage.binary_erosion(moved)
    elif kind == 2 and moved.any():
        y, x = (int(rng.choice(axis)) for axis in np.nonzero(moved))
        moved[y : y + 4, x : x + 4] = False
    return moved


def follow(rng: np.random.Generator, movers: dict[int, Mover], track: Callable[[int, int], int | None]) -> list[Frame]:
    """Frames in which object `id` of frame t is predicted as `track(id, t)`, or not at all where that is None."""
    frames = []
    for t in range(LENGTH):
        frame = Frame(truth=paint(movers, t))
        for id, mask in frame.truth.items():
            number = track(id, t)
            if number is not None:
                frame.predictions[number] = wobble(rng, mask)
        frames.append(frame)
    return frames


def crossing(rng: np.random.Generator) -> list[Frame]:
    movers = {1: Mover(12, 26, 2.8, 0, 9, 7), 2: Mover(68, 29, -2.8, 0, 8, 10)}
    return follow(rng, movers, lambda id, t: {1: 5, 2: 3}[id])


def swapped(rng: np.random.Generator) -> list[Frame]:
    movers = {1: Mover(12, 20, 2.8, 0.4, 9, 7), 2: Mover(68, 32, -2.8, -0.3, 8, 8), 3: Mover(40, 46, 0.3, 0, 11, 5)}
    after = {1: 2, 2: 1, 3: 9}
    return follow(rng, movers, lambda id, t: after[id] if t >= 11 else id)


def missed(rng: np.random.Generator) -> list[Frame]:
    movers = {1: Mover(15, 14, 1.5, 0.6, 9, 8), 2: Mover(60, 38, -1.2, -0.3, 10, 9)}
    return follow(rng, movers, lambda id, t: None if rng.random() < 0.35 else id * 4)


def false_tracks(rng: np.random.Generator) -> list[Frame]:
    """False tracks in the open, half on an object, as a part of one, and one mask around two objects."""
    movers = {1: Mover(20, 20, 0.8, 0.2, 10, 9), 2: Mover(42, 22, 0.8, 0.2, 9, 9)}
    frames = follow(rng, movers, lambda id, t: None if id == 2 and 8 <= t < 12 else id)
    extra = {
        10: Mover(70, 45, -1, 0, 6, 5),
        11: Mover(28, 24, 0.8, 0.2, 8, 7, lambda t: t % 3 != 1),
        12: Mover(18, 18, 0.8, 0.2, 4, 4),
        13: Mover(44, 24, 0.8, 0.2, 4, 4),
        14: Mover(31, 21, 0.8, 0.2, 24, 12, lambda t: t > 5),
    }
    for t, frame in enumerate(frames):
        frame.predictions |= {id: wobble(rng, m.draw(t), 1) for id, m in extra.items() if m.seen(t)}
    return frames


def rivals(rng: np.random.Generator) -> list[Frame]:
    """Several tracks on each object at once, whose masks fit better or worse from frame to frame."""
    movers = {1: Mover(18, 18, 1.2, 0.3, 11, 10), 2: Mover(60, 34, -1.1, 0.1, 12, 11)}
    frames = follow(rng, movers, lambda id, t: id)
    for t, frame in enumerate(frames):
        for id, mask in frame.truth.items():
            frame.predictions[10 + id] = wobble(rng, mask, 3)
            if t % 7 < 4:
                frame.predictions[20 + (t // 7) * 2 + id] = wobble(rng, mask, 1)
    return frames


def coming_back(rng: np.random.Generator) -> list[Frame]:
    """Empty frames: without truth, without predictions, without both; an object comes back under another number."""
    movers = {
        1: Mover(20, 20, 1, 0.5, 9, 8, lambda t: t < 7 or t > 12),
        2: Mover(58, 34, -1, 0, 9, 9, lambda t: t < 9 or t > 14),
    }
    frames = follow(rng, movers, lambda id, t: None if t in (3, 4, 16) else 7 if id == 1 and t > 6 else id)
    frames[10].predictions[20] = Mover(40, 40, 0, 0, 7, 7).draw(0)
    return frames


def crowd(rng: np.random.Generator) -> list[Frame]:
    movers = {}
    for id in range(1, 13):
        x, y = rng.uniform(6, WIDTH - 6), rng.uniform(6, HEIGHT - 6)
        dx, dy = rng.uniform(-1.6, 1.6, 2)
        start, end = sorted(int(t) for t in rng.integers(-8, LENGTH + 8, 2))
        movers[id] = Mover(x, y, dx, dy, *rng.uniform(4, 9, 2), seen=lambda t, a=start, b=end: a <= t <= b)
    names = {id: int(rng.integers(1, 200)) for id in movers}

    def track(id: int, t: int) -> int | None:
        if rng.random() < 0.12:
            return None
        if rng.random() < 0.04:
            names[id] = int(rng.integers(1, 200))
        return names[id]

    return follow(rng, movers, track)


def void_borders(rng: np.random.Generator) -> list[Frame]:
    """Pixels that are not judged around the objects, and a patch of them on which something is predicted."""
    movers = {1: Mover(16, 18, 1.7, 0.2, 9, 9), 2: Mover(60, 36, -1.6, 0, 10, 8)}
    frames = follow(rng, movers, lambda id, t: id if id == 1 or t < 10 else 6)
    patch = Mover(64, 12, 0, 0, 9, 7).draw(0)
    for t, frame in enumerate(frames):
        taken = np.any(list(frame.truth.values()), axis=0)
        rim = ndimage.binary_dilation(taken, iterations=2) ^ taken
        frame.void = (rim | patch) & ~taken
        frame.predictions[30] = Mover(60 + 0.2 * t, 12, 0, 0, 8, 6).draw(0)
        frame.predictions[31] = Mover(66, 12, 0, 0, 5, 4).draw(0)
    return frames


def nothing_found(rng: np.random.Generator) -> list[Frame]:
    return follow(rng, {1: Mover(20, 20, 1, 0, 8, 8)}, lambda id, t: None)


def nothing_there(rng: np.random.Generator) -> list[Frame]:
    frames = follow(rng, {1: Mover(20, 20, 1, 0, 8, 8)}, lambda id, t: id)
    return [Frame(predictions=frame.predictions) for frame in frames]


def draw_scenes() -> dict[str, list[Frame]]:
    moving = [crossing, swapped, missed, false_tracks, rivals, coming_back, crowd]
    builders = [*moving, void_borders, nothing_found, nothing_there]
    scenes = {}
    for seed, build in enumerate(builders):
        frames = build(np.random.default_rng(1000 + seed))
        for frame in frames:
            frame.predictions = {id: mask for id, mask in sorted(frame.predictions.items()) if mask.any()}
        scenes[build.__name__.replace('_', ' ')] = frames
    return scenes


def flatten(masks: dict[int, np.ndarray]) -> np.ndarray:
    """One number per pixel: larger masks first, of equal ones the lower number on top."""
    labels = np.zeros((HEIGHT, WIDTH), np.int64)
    for id, mask in sorted(masks.items(), key=lambda item: (-int(item[1].sum()), -item[0])):
        labels[mask] = id
    return labels
