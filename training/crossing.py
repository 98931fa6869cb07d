"""Scenes in which an object goes behind something larger, is hidden as a whole, and comes out again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scene import Actor, SceneOptions, Sequence, render
from sprites import SIDE, CutOut, Sprite, random_sprite

Rng = np.random.Generator
LENGTH = 10
# Of the largest visible area: at most, on one frame in between; at least, at both ends.
HIDDEN, SHOWN = 0.04, 0.5
CANDIDATES = 12
OPAQUE_SHARE = 0.28  # of a cut-out's square
HALF_SIDE = 0.36  # of a sprite's square: from its middle to the border of what it shows
TRIES = 20


def crossing_options(rng: Rng, options: SceneOptions) -> SceneOptions:
    """Of a scene with the object, at most one other that is followed, and perhaps one that only stands about."""
    return replace(
        options,
        length=LENGTH,
        tracked=int(rng.integers(1, 4)),
        occluders=int(rng.integers(1, 3)),
        speed=rng.uniform(0.2, 0.8),
        foreground=0,
    )


def crossing_scene(
    rng: Rng, library: list[CutOut], place: tuple[np.ndarray, np.ndarray | None], options: SceneOptions
) -> Sequence | None:
    """`place`: background uint8 [L, h, w, 3], and how its ground moves. None when no try hides the object."""
    background, carried = place
    ground = np.zeros((options.length, 2)) if carried is None else carried - carried[0]
    for _ in range(TRIES):
        count = options.tracked + options.occluders
        blocker = int(rng.integers(1, count))
        sprites = [random_sprite(rng, library, 0.1) for _ in range(count)]
        sprites[blocker] = blocking_sprite(rng, library, sprites[0])
        actors = [Actor(rng, sprite, options, False, np.zeros((options.length, 2))) for sprite in sprites]
        meet(rng, actors[0], actors[blocker], options)
        if rng.random() < 0.3:  # what hides the object stands, and the camera goes along with the object
            actors[blocker].position += ground * min(1, options.width / (1 + np.abs(ground).max()))
        if not is_hidden_between(actors[0], actors[blocker], options):
            continue
        order = [index for index in rng.permutation(count) if index != blocker]
        order.insert(int(rng.integers(order.index(0) + 1, count)), blocker)
        sequence = render(rng, background, actors, np.array(order), options, None)
        if comes_back(sequence.masks[:, 0].sum((1, 2))):
            return sequence
    return None


def blocking_sprite(rng: Rng, library: list[CutOut], hidden: Sprite) -> Sprite:
    """A thing without large holes; half the time the one whose colour is nearest to that of what it will hide."""
    if not library:
        return random_sprite(rng, library, 1)
    chosen = [library[int(rng.integers(len(library)))] for _ in range(CANDIDATES)]
    solid = [sprite for sprite in chosen if sprite.pixels[..., 3].mean() > 255 * OPAQUE_SHARE] or chosen[:1]
    if rng.random() < 0.5:
        return solid[0]
    colour = mean_colour(hidden.draw(0))
    return min(solid, key=lambda sprite: float(np.abs(mean_colour(sprite.pixels) - colour).sum()))


def mean_colour(pixels: np.ndarray) -> np.ndarray:
    weights = pixels[..., 3].astype(np.float64).ravel()
    return np.average(pixels[..., :3].reshape(-1, 3).astype(np.float64), axis=0, weights=weights + 1e-9)


def meet(rng: Rng, hidden: Actor, blocker: Actor, options: SceneOptions) -> None:
    """Gives both courses that meet: they pass each other, or what hides the object goes back where it came from."""
    length = options.length
    blocker.scale = np.minimum(hidden.scale * rng.uniform(1.3, 2.4), 1.6 * min(options.height, options.width) / SIDE)
    time = (np.arange(length) - rng.uniform(0.4, 0.6) * (length - 1)) / rng.uniform(1.5, 4)
    if rng.random() < 0.2:
        time = np.abs(time)
    angle = rng.normal(0, 0.35) + rng.choice([0, np.pi]) + (np.pi / 2 if rng.random() < 0.15 else 0)
    distance = SIDE * HALF_SIDE * (hidden.scale + blocker.scale) * np.clip(time, -2.5, 2.5)
    apart = distance[:, None] * np.array([np.cos(angle), np.sin(angle)])
    share = rng.uniform(0, 0.6)
    blocker.position = hidden.position + apart * (1 - share)
    hidden.position = hidden.position - apart * share


def is_hidden_between(hidden: Actor, blocker: Actor, options: SceneOptions) -> bool:
    """From these two alone, on small pictures."""
    areas = []
    for t in range(options.length):
        shown = hidden.draw(t, options.height, options.width)[1] > 0.5
        areas.append((shown & (blocker.draw(t, options.height, options.width)[1] <= 0.5)).sum())
    return comes_back(np.array(areas))


def comes_back(areas: np.ndarray) -> bool:
    """Visible areas, one per frame: well visible at both ends, not in between."""
    largest = areas.max()
    return largest > 0 and min(areas[0], areas[-1]) >= SHOWN * largest and areas[1:-1].min() <= HIDDEN * largest
