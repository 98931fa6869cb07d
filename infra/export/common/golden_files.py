"""How golden files hold numbers and masks."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import torch


def golden_folder(description: str | None) -> Path:
    """The folder that a golden script is told to write, emptied; numbers are then made by one thread."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, required=True)
    folder = parser.parse_args().out
    torch.set_num_threads(1)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


class Recorder:
    """Floats of all runs in one file; a record says where its own are."""

    def __init__(self) -> None:
        self.parts: list[np.ndarray] = []
        self.length = 0

    def add(self, values: torch.Tensor) -> list[int]:
        # A copy: some originals add to what they remember in place.
        data = values.detach().float().numpy().ravel().copy()
        self.parts.append(data)
        self.length += data.size
        return [self.length - data.size, data.size]

    def write(self, folder: Path) -> None:
        np.concatenate(self.parts).astype('<f4').tofile(folder / 'floats.bin')

    def write_golden(self, folder: Path, family: str, size: tuple[int, int], runs: dict) -> None:
        """golden.json with runs over pictures of this width and height, and its numbers."""
        note = f'written by infra/export/{family}/golden.py; numbers are [offset, length] in floats.bin (float32, '
        golden = {'note': note + 'little-endian)', 'width': size[0], 'height': size[1], 'runs': runs}
        self.write(folder)
        (folder / 'golden.json').write_text(json.dumps(golden) + '\n')


def counts_of(mask: np.ndarray) -> list[int]:
    """Run lengths, column by column, beginning with background."""
    flat = mask.ravel(order='F').astype(np.int8)
    ends = np.flatnonzero(np.diff(np.concatenate([[0], flat, [1 - flat[-1]]])))
    return np.diff(np.concatenate([[0], ends])).tolist()


def check_margins(margin: float, of_rows: float = 0) -> None:
    """Refuse a run in which rounding could decide which tokens stay: choices among the numbers of a vector (shares of
    use) that are nearer to each other than `margin`; or which are read: choices among those of a row of a matrix
    (similarities) that are nearer than `of_rows`."""
    topk = torch.topk

    def checked(values: torch.Tensor, k: int, dim: int = -1, largest: bool = True, **kwargs: object) -> object:
        if 0 < k < values.shape[dim]:
            ordered = values.sort(dim, descending=largest).values
            least = (ordered.select(dim, k - 1) - ordered.select(dim, k)).abs().min().item()
            if least < (margin if values.dim() == 1 else of_rows):
                raise SystemExit(f'a decision by {least:.2g} only: choose other numbers in tiny.py')
        return topk(values, k=k, dim=dim, largest=largest, **kwargs)

    torch.topk = checked
