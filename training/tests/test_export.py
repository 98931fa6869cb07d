"""The exported graphs compute what the PyTorch network computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch

import network as net
from export_graphs import export

# Of what the graphs give as halfs: half a unit in the last of 11 places.
HALF_ROUNDING = 2**-11


@pytest.fixture(scope='module')
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[net.MemoryNetwork, Path]:
    torch.manual_seed(5)
    model = net.MemoryNetwork().eval()
    for parameter in model.parameters():  # also those that start as zeros
        torch.nn.init.normal_(parameter, std=0.2)
    model.reader.log_sharpness.data.fill_(2.5)
    folder = tmp_path_factory.mktemp('graphs')
    export(model, folder)
    return model, folder


def run(folder: Path, name: str, **inputs: torch.Tensor) -> list[np.ndarray]:
    session = ort.InferenceSession(str(folder / f'{name}.onnx'), providers=['CPUExecutionProvider'])
    return session.run(None, {key: value.numpy() for key, value in inputs.items()})


@pytest.mark.parametrize(('height', 'width'), [(12, 20), (36, 64)])
@torch.no_grad()
def test_key(exported: tuple[net.MemoryNetwork, Path], height: int, width: int) -> None:
    model, folder = exported
    features = {
        'stride4': torch.randn(1, 64, 2 * height, 2 * width),
        'stride8': torch.randn(1, 128, height, width),
        'stride16': torch.randn(1, 256, height // 2, width // 2),
    }
    actual = run(folder, 'memory-key', **features)
    for a, b in zip(actual, model.key(**features), strict=True):
        np.testing.assert_allclose(a, b.numpy(), atol=2e-4, rtol=1e-4 + HALF_ROUNDING)


@pytest.mark.parametrize(('frames', 'objects'), [(1, 1), (4, 3), (6, 2)])
@torch.no_grad()
def test_value_and_read(exported: tuple[net.MemoryNetwork, Path], frames: int, objects: int) -> None:
    model, folder = exported
    height, width = 10, 14
    context, masks = torch.rand(1, 32, height, width), torch.rand(objects, 1, height, width)
    masks[:, :, :, 3:] = 0  # some places are out of reach
    context = context.half().float()
    values = model.value(context, masks, 1 - masks)
    actual = run(folder, 'memory-value', context=context.half(), masks=masks, others=1 - masks)
    np.testing.assert_allclose(actual[0], values.numpy(), atol=1e-4, rtol=1e-4 + HALF_ROUNDING)
    keys = torch.nn.functional.normalize(torch.randn(frames + 1, 64, height * width), dim=1)
    valid = torch.ones(objects, frames)
    valid[0, -1] = 0  # with a single frame: an object that no frame knows
    given = torch.zeros(objects, frames)
    given[-1, 0] = 1
    detail = torch.rand(1, net.DETAIL_CHANNELS, 2 * height, 2 * width)
    detail, key = detail.half().float(), keys[-1].view(1, 64, height, width).half().float()
    remembered = torch.randn(frames, objects, net.VALUE_CHANNELS, height * width).abs()
    remembered, known_keys = remembered.half().float(), keys[:-1].half().float()
    memory = net.Memory(known_keys, remembered, valid, given * valid)
    expected = model.reader(key, context, detail, memory, masks)
    logits, presence, likeness = run(
        folder,
        'memory-read',
        query_key=key.half(),
        query_context=context.half(),
        query_detail=detail.half(),
        memory_keys=memory.keys.half(),
        memory_values=memory.values.half(),
        valid=memory.valid,
        given=memory.given,
        previous_masks=masks,
    )
    assert logits.shape == (objects, 1, 2 * height, 2 * width) and np.isfinite(logits).all()
    np.testing.assert_allclose(logits, expected.logits.numpy(), atol=1e-3, rtol=1e-3)
    np.testing.assert_allclose(likeness, model.reader.likeness(key, memory).numpy(), atol=1e-3, rtol=1e-3)
    np.testing.assert_allclose(presence, expected.presence.numpy(), atol=1e-3, rtol=1e-3)
