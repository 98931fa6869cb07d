"""Pictures and masks of bench/token-memory.ts, and how the frames of a tracker are timed beside it."""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

WARM_UP = 2
WIDTH, HEIGHT = 480, 272


def picture(frame: int) -> np.ndarray:
    number = np.arange(WIDTH * HEIGHT * 3, dtype=np.uint64) + np.uint64(12 * frame)
    return (
        ((number * np.uint64(2654435761) >> np.uint64(24)) & np.uint64(255)).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--random', type=int, default=3)
    parser.add_argument('--frames', type=int, default=8)
    parser.add_argument('--objects', type=int, default=2)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--masks', type=Path)


def now() -> np.ndarray:
    """Seconds by the clock and of CPU."""
    return np.array([time.perf_counter(), time.process_time()])


def print_figures(times: list[np.ndarray], objects: int) -> None:
    """Mean of the frames that count, and the peak of memory."""
    wall, cpu = np.mean(times, axis=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f'{wall:.2f} s ({cpu:.2f} s of CPU) per frame with {objects} objects, peak memory {peak:.0f} MB')


def measure(arguments: argparse.Namespace, step: Callable[[torch.Tensor, torch.Tensor | None], torch.Tensor]) -> None:
    """Print seconds per frame and the peak of memory. `step` takes a picture [3, H, W], RGB 0..1, and on the first
    frame the numbers of the objects [H, W], and gives the numbers found."""
    mask = torch.zeros(HEIGHT, WIDTH, dtype=torch.long)
    for number in range(arguments.objects):
        mask[40 + 60 * number : 90 + 60 * number, 100:300] = number + 1
    times, found = [], []
    for t in range(arguments.frames):
        start = now()
        image = torch.from_numpy(picture(t)).permute(2, 0, 1).float() / 255
        best = step(image, mask if t == 0 else None)
        times.append(now() - start)
        found.append(best.numpy().astype(np.uint8))
    print_figures(times[WARM_UP:], arguments.objects)
    if arguments.masks:
        arguments.masks.write_bytes(np.stack(found[1:]).tobytes())
