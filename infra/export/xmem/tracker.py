"""XMem's inference (the paper, section 3), over the networks of networks.py: the reference that golden.py runs. Written
from the paper and the original's options, whose names they keep; compared with the original, as docs/models.md says.
"""

from __future__ import annotations

import torch
from memory import Memory
from networks import XMem
from options import DEFAULTS
from torch import Tensor
from torch.nn import functional as F


def aggregate(probs: Tensor) -> Tensor:
    """Probabilities [B, H, W] of objects that do not know of each other -> [1 + B, H, W], whose sum is 1; the first is
    the background (Oh et al., "Space-Time Memory Networks", 2019)."""
    every = torch.cat([(1 - probs).prod(0, keepdim=True), probs]).clamp(1e-7, 1 - 1e-7)
    return torch.log(every / (1 - every)).softmax(0)


def tokens(x: Tensor) -> Tensor:
    """[1, C, h, w] -> [hw, C]."""
    return x[0].flatten(1).T


class Tracker:
    def __init__(self, model: XMem, options: dict) -> None:
        self.model = model
        self.options = {**DEFAULTS, **options}
        self.memory = Memory(self.options, model.sizes.key_dim)
        # By object, in the order of their planes: [hidden_dim, h, w].
        self.hidden: dict[int, Tensor] = {}
        self.time = -1
        self.remembered = 0
        self.deep = -self.options['deep_update_every']
        # Of the last frame: by object [4h, 4w], before objects that were given came.
        self.logits: dict[int, Tensor] = {}

    def step(self, image: Tensor, masks: dict[int, Tensor] | None = None) -> tuple[Tensor, list[int]]:
        """Move on to a picture [3, H, W], RGB 0..1, on which masks [H, W] may be given: of new objects, or corrections.
        Gives probabilities [1 + B, H, W], the background first, and whose they are."""
        self.time += 1
        size, padded = image.shape[1:], Padding(image.shape[1:], self.options['size'])
        image = padded.picture(image, self.model)
        f4, f8, f16 = self.model.key_encoder.stages(image)
        key, shrinkage, selection = self.model.key_proj(f16)
        is_memory = masks is not None or self.time - self.remembered >= self.options['mem_every']
        every = self.options['deep_update_every']
        is_deep = is_memory if every < 0 else self.time - self.deep >= every
        probs = None
        self.logits = {}
        if self.hidden:
            probs = self.segment(key, selection, (f16, f8, f4), updates=every >= 0 or not is_memory)
        if masks is not None:
            probs = self.give(probs, {i: padded.mask(own) for i, own in masks.items()}, key)
        if probs is not None and is_memory:
            self.remember(image, (key, shrinkage, selection, f16), probs[1:], is_deep)
        if probs is None:
            return torch.ones(1, *size), []
        return padded.undo(probs, size), list(self.hidden)

    def segment(self, key: Tensor, selection: Tensor, features: tuple[Tensor, ...], updates: bool) -> Tensor:
        h, w = key.shape[2:]
        read = self.memory.read(tokens(key), tokens(selection))
        readout = torch.stack([read[i].T.unflatten(1, (h, w)) for i in self.hidden])
        f16, *above = features
        decoder = self.model.decoder
        logits, hidden = decoder(f16, *decoder.skips(*above), readout, torch.stack([*self.hidden.values()]))
        self.logits = dict(zip(self.hidden, logits, strict=True))
        if updates:
            self.hidden = dict(zip(self.hidden, hidden, strict=True))
        full = F.interpolate(logits[:, None], scale_factor=4, mode='bilinear', align_corners=False)[:, 0]
        return aggregate(full.sigmoid())

    def give(self, probs: Tensor | None, masks: dict[int, Tensor], key: Tensor) -> Tensor:
        """Given masks take their places from all other objects."""
        given = torch.stack([*masks.values()]).sum(0) > 0.5
        planes = {} if probs is None else {i: plane * ~given for i, plane in zip(self.hidden, probs[1:], strict=True)}
        planes |= masks
        for i in masks:
            if i not in self.hidden:
                self.hidden[i] = torch.zeros(self.model.sizes.hidden_dim, *key.shape[2:])
        return aggregate(torch.stack([planes[i] for i in self.hidden]))

    def remember(self, image: Tensor, features: tuple[Tensor, ...], masks: Tensor, is_deep: bool) -> None:
        key, shrinkage, selection, f16 = features
        encoder = self.model.value_encoder
        others = masks.sum(0) - masks
        values = encoder(image, f16, masks, others)
        found = {i: own.flatten(1).T for i, own in zip(self.hidden, values, strict=True)}
        self.memory.add(tokens(key), shrinkage.flatten(), tokens(selection), found)
        self.remembered = self.time
        if is_deep:
            self.deep = self.time
            hidden = encoder.hidden_reinforce(values, torch.stack([*self.hidden.values()]))
            self.hidden = dict(zip(self.hidden, hidden, strict=True))

    def remove(self, gone: list[int]) -> None:
        """Objects that are no longer followed; the original has no such thing."""
        self.hidden = {i: own for i, own in self.hidden.items() if i not in gone}
        self.memory.remove(gone)


class Padding:
    """Pictures are brought to the wanted size and padded on all sides to multiples of 16."""

    def __init__(self, size: tuple[int, int], shorter: int) -> None:
        least = min(size)
        self.inner = tuple(size) if shorter < 0 else tuple(int(side / least * shorter) for side in size)
        missing = [-side % 16 for side in self.inner]
        self.before = [count // 2 for count in missing]
        self.after = [count - first for count, first in zip(missing, self.before, strict=True)]

    def pad(self, x: Tensor) -> Tensor:
        return F.pad(x, (self.before[1], self.after[1], self.before[0], self.after[0]))

    def picture(self, image: Tensor, model: XMem) -> Tensor:
        """[1, 3, H, W] normalised, with zeros around it."""
        image = model.normalise(image)[None]
        if tuple(image.shape[2:]) != self.inner:
            image = F.interpolate(image, self.inner, mode='bilinear', align_corners=False)
        return self.pad(image)

    def mask(self, mask: Tensor) -> Tensor:
        return self.pad(F.interpolate(mask[None, None].float(), self.inner, mode='nearest')[0, 0])

    def undo(self, probs: Tensor, size: tuple[int, int]) -> Tensor:
        (top, left), (height, width) = self.before, self.inner
        inner = probs[:, top : top + height, left : left + width]
        return F.interpolate(inner[:, None], size, mode='bilinear', align_corners=False)[:, 0]
