"""XMem as networks with a free picture size and a free number of objects and remembered tokens.

How they are cut is described in README.md. Shapes: H, W the padded picture, h = H / 16, w = W / 16, B objects.
"""

from __future__ import annotations

from networks import XMem
from torch import Tensor, nn


def tokens(x: Tensor) -> Tensor:
    """[B, C, h, w] -> [B, h * w, C]."""
    return x.flatten(2).transpose(1, 2)


class Encoder(nn.Module):
    """image [1, 3, H, W] in 0..1 -> what the other graphs need of it."""

    def __init__(self, model: XMem) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        model = self.model
        f4, f8, f16 = model.key_encoder.stages(model.normalise(image))
        key, shrinkage, selection = model.key_proj(f16)
        skip8, skip4 = model.decoder.skips(f8, f4)
        return f16, skip8, skip4, tokens(key)[0], shrinkage.flatten(), tokens(selection)[0]


class Segment(nn.Module):
    """Masks of some objects from what was read for them, and their hidden state after the frame."""

    def __init__(self, model: XMem) -> None:
        super().__init__()
        self.decoder = model.decoder

    def forward(
        self, f16: Tensor, skip8: Tensor, skip4: Tensor, readout: Tensor, hidden: Tensor
    ) -> tuple[Tensor, Tensor]:
        read = readout.transpose(1, 2).reshape(hidden.shape[0], readout.shape[2], hidden.shape[2], hidden.shape[3])
        return self.decoder(f16, skip8, skip4, read, hidden)


class ValueEncoder(nn.Module):
    """What is remembered of each object on a frame, and its hidden state after a deep update."""

    def __init__(self, model: XMem) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, image: Tensor, f16: Tensor, hidden: Tensor, masks: Tensor, others: Tensor
    ) -> tuple[Tensor, Tensor]:
        encoder = self.model.value_encoder
        values = encoder(self.model.normalise(image), f16, masks, others)
        return tokens(values), encoder.hidden_reinforce(values, hidden)
