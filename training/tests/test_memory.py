"""Aggregation, the loss rollout and the memory policy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from aggregation import aggregate
from memory_bank import MemoryBank, MemoryFrame
from network import MemoryNetwork
from rollout import Sample, load_sample, rollout
from tracker import MaskGrid


def test_competitors_share_the_odds() -> None:
    logits = torch.tensor([2.0, 1.0]).view(2, 1, 1, 1)
    a, b = torch.sigmoid(aggregate(logits)).flatten().tolist()
    odds = [np.exp(2.0), np.exp(1.0)]
    assert a == pytest.approx(odds[0] / (1 + sum(odds)), abs=1e-6)
    assert b == pytest.approx(odds[1] / (1 + sum(odds)), abs=1e-6)
    nested = aggregate(logits, torch.zeros(2, 2))
    assert torch.allclose(nested, logits)


def test_rollout_reaches_every_parameter() -> None:
    torch.manual_seed(1)
    model = MemoryNetwork()
    model.reader.fine2.weight.data.normal_()
    masks = torch.zeros(3, 2, 16, 24)
    masks[:, 0, 4:10, 4:12], masks[:, 1, 8:14, 14:20] = 1, 1
    sample = Sample(torch.randn(3, 64, 16, 24), torch.randn(3, 128, 8, 12), torch.randn(3, 256, 4, 6), masks)
    loss, results = rollout(model, sample)
    loss.backward()
    assert len(results) == 2 and results[0].shape == (2, 1, 16, 24)
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name


def test_samples_repeat(tmp_path: Path) -> None:
    path = tmp_path / 's.masks.npy'
    rng = np.random.default_rng(0)
    masks = np.zeros((8, 2, 72, 96), np.uint8)
    masks[:, :, 30:50, 40:60] = 255
    np.save(path, masks)
    for name, shape in (('stride4', (64, 72, 96)), ('stride8', (128, 36, 48)), ('stride16', (256, 18, 24))):
        np.save(tmp_path / f's.{name}.npy', rng.random((8, *shape)).astype(np.float16))
    first, second = (load_sample(path, np.random.default_rng(5), 4, 2, crop=16) for _ in range(2))
    assert torch.equal(first.stride8, second.stride8) and first.stride8.shape == (4, 128, 32, 32)
    assert first.stride16.shape == (4, 256, 16, 16) and first.stride4.shape == (4, 64, 64, 64)
    assert first.masks.shape[2:] == (64, 64) and first.masks[0].sum() > 0


def test_bank_keeps_first_recent_and_long_term() -> None:
    bank = MemoryBank()
    for count in range(50):
        bank.write(count, MemoryFrame(np.zeros((64, 4), np.float32), {1: np.zeros((16, 4), np.float32)}))
        if count in (0, 10, 11, 12):
            bank.keep(count)
    assert bank.permanent == [0, 11, 12] and bank.recent == [47, 48, 49]
    assert bank.interval == 16 and bank.long_term == [16, 32, 48]
    assert sorted(bank.frames) == [0, 11, 12, 16, 32, 47, 48, 49]
    bank.frames[0].given.add(1)
    keys, values, valid, given = bank.arrays([1, 2])
    assert keys.shape == (8, 64, 4) and values.shape == (8, 2, 16, 4) and valid.sum(1).tolist() == [8, 0]
    assert given.tolist() == [[1, *[0] * 7], [0] * 8]


def test_grid_maps_there_and_back() -> None:
    grid = MaskGrid((480, 854), (288, 512))
    mask = np.zeros((480, 854), bool)
    mask[100:300, 200:500] = True
    small = grid.coverage(mask)
    assert small.shape == (1, 1, 36, 64) and 0 <= small.min() and small.max() == 1
    full = grid.full(np.repeat(np.repeat(small[0, 0] * 10 - 5, 2, 0), 2, 1)) > 0
    assert (full & mask).sum() / (full | mask).sum() > 0.9
