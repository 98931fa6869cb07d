"""The memory network: keys, values, read-out, refinement and presence on top of MobileSAM's frozen features.

The family is STM (Oh et al. 2019), STCN (Cheng et al. 2021), XMem (Cheng and Schwing 2022) and Cutie (Cheng et al.
2024); sizes are ours. Shapes: B pictures, N objects, T memory frames, [H, W] the grid of stride 8, M = H * W.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDE8_CHANNELS = 128
STRIDE16_CHANNELS = 256
KEY_CHANNELS = 64
CONTEXT_CHANNELS = 32
VALUE_CHANNELS = 16
TOP_K = 8
BRANCH, TRUNK, HIDDEN, FINE = 64, 96, 32, 8
GROUPS = 8
MAX_SHARPNESS = 25.0
MAX_PENALTY = 20.0  # keeps the exponent within float32 together with the sharpness
SMALL = 1e-36
BASE_CLAMP = 0.02
REACH = 5  # cells of stride 8 that an object may move between two frames
OUT_OF_REACH = 16.0  # taken from the logits there


class KeyEncoder(nn.Module):
    """Frozen features -> key (what is matched) and context (what the other parts see of the picture)."""

    def __init__(self) -> None:
        super().__init__()
        # Statistics of the training features, set once before training.
        self.register_buffer('mean8', torch.zeros(1, STRIDE8_CHANNELS, 1, 1))
        self.register_buffer('scale8', torch.ones(1, STRIDE8_CHANNELS, 1, 1))
        self.register_buffer('mean16', torch.zeros(1, STRIDE16_CHANNELS, 1, 1))
        self.register_buffer('scale16', torch.ones(1, STRIDE16_CHANNELS, 1, 1))
        self.branch8 = nn.Conv2d(STRIDE8_CHANNELS, BRANCH, 1)
        self.branch16 = nn.Conv2d(STRIDE16_CHANNELS, BRANCH, 1)
        self.norm0 = nn.GroupNorm(GROUPS, 2 * BRANCH)
        self.conv1 = nn.Conv2d(2 * BRANCH, TRUNK, 3, padding=1)
        self.norm1 = nn.GroupNorm(GROUPS, TRUNK)
        self.conv2 = nn.Conv2d(TRUNK, TRUNK, 3, padding=2, dilation=2)
        self.norm2 = nn.GroupNorm(GROUPS, TRUNK)
        self.to_key = nn.Conv2d(TRUNK, KEY_CHANNELS, 1)
        self.to_context = nn.Conv2d(TRUNK, CONTEXT_CHANNELS, 1)

    def forward(self, stride8: Tensor, stride16: Tensor) -> tuple[Tensor, Tensor]:
        """[B, 128, H, W], [B, 256, H/2, W/2] -> key [B, 64, H, W] of length 1, context [B, 32, H, W] >= 0."""
        a = self.branch8((stride8 - self.mean8) * self.scale8)
        b = self.branch16((stride16 - self.mean16) * self.scale16)
        b = F.interpolate(b, scale_factor=2, mode='bilinear', align_corners=False)
        x = F.relu(self.norm0(torch.cat([a, b], 1)))
        x = F.relu(self.norm1(self.conv1(x)))
        x = x + F.relu(self.norm2(self.conv2(x)))
        key = self.to_key(x)
        key = key / key.square().sum(1, keepdim=True).sqrt().clamp_min(1e-6)
        return key, F.relu(self.to_context(x))


class ValueEncoder(nn.Module):
    """What is remembered of an object on a frame: its mask, and what lies around it and beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.from_context = nn.Conv2d(CONTEXT_CHANNELS, HIDDEN, 3, padding=1)
        self.from_masks = nn.Conv2d(2, HIDDEN, 3, padding=1, bias=False)
        self.out = nn.Conv2d(HIDDEN, VALUE_CHANNELS - 1, 3, padding=1)

    def forward(self, context: Tensor, masks: Tensor, others: Tensor) -> Tensor:
        """[1, 32, H, W], [N, 1, H, W], [N, 1, H, W] in 0..1 -> [N, 16, H, W], whose channel 0 is the mask."""
        # The picture's share is computed once for all objects.
        hidden = F.relu(self.from_context(context) + self.from_masks(torch.cat([masks, others], 1)))
        return torch.cat([masks, self.out(hidden)], 1)


@dataclass
class ReadOut:
    logits: Tensor  # [N, 1, 2H, 2W], stride 4, objects independent
    presence: Tensor  # [N]
    mask: Tensor  # [N, 1, H, W] in 0..1: the remembered masks as carried over, before refinement


class MemoryReader(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.log_sharpness = nn.Parameter(torch.tensor(2.5))
        # How much nearer places are preferred: in the newest memory frame, the two before it, and all older ones.
        self.log_locality = nn.Parameter(torch.tensor([-4.0, -5.0, -6.0, -7.0]))
        self.from_shared = nn.Conv2d(CONTEXT_CHANNELS + 1, HIDDEN, 3, padding=1)
        self.from_object = nn.Conv2d(VALUE_CHANNELS + 1, HIDDEN, 3, padding=1, bias=False)
        self.conv1 = nn.Conv2d(HIDDEN, HIDDEN, 3, padding=2, dilation=2)
        self.conv2 = nn.Conv2d(HIDDEN, HIDDEN, 3, padding=4, dilation=4)
        self.to_fine = nn.Conv2d(HIDDEN, 4 * FINE, 1)
        self.fine = nn.Conv2d(FINE, 1, 3, padding=1)
        self.presence1 = nn.Linear(2 * HIDDEN + 1, 32)
        self.presence2 = nn.Linear(32, 1)

    def sharpness(self) -> Tensor:
        return self.log_sharpness.exp().clamp_max(MAX_SHARPNESS)

    def forward(
        self,
        query_key: Tensor,
        query_context: Tensor,
        memory_keys: Tensor,
        memory_values: Tensor,
        valid: Tensor,
        previous_masks: Tensor,
        gate: bool = True,
    ) -> ReadOut:
        """[1,64,H,W], [1,32,H,W], [T,64,M], [T,N,16,M], [N,T] of 0 or 1, [N,1,H,W] in 0..1; frames oldest first."""
        height, width = query_key.shape[-2:]
        read, best = self.read(query_key, memory_keys, memory_values, valid)
        read = read.view(*read.shape[:2], height, width)
        shared = self.from_shared(torch.cat([query_context, best.view(1, 1, height, width)], 1))
        hidden = F.relu(shared + self.from_object(torch.cat([read, previous_masks], 1)))
        hidden = hidden + F.relu(self.conv1(hidden))
        hidden = hidden + F.relu(self.conv2(hidden))
        mask = read[:, :1]
        base = torch.logit(mask.clamp(BASE_CLAMP, 1 - BASE_CLAMP))
        base = F.interpolate(base, scale_factor=2, mode='bilinear', align_corners=False)
        fine = F.relu(F.pixel_shuffle(self.to_fine(hidden), 2))
        logits = base + self.fine(fine)
        if gate:
            far = out_of_reach(previous_masks)
            logits = logits - F.interpolate(far, scale_factor=2, mode='bilinear', align_corners=False)
        return ReadOut(logits, self.presence(hidden, mask), mask)

    def read(
        self, query_key: Tensor, memory_keys: Tensor, memory_values: Tensor, valid: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Values at the best-matching memory positions: [N, 16, M], and the best similarity: [M]."""
        frames, objects, channels, positions = memory_values.shape
        query = query_key.flatten(2)[0].T
        similarity = torch.matmul(query, memory_keys)  # [T, Mq, M]
        chosen, index = similarity.topk(TOP_K, dim=2)
        best = chosen.detach().amax((0, 2))
        # Against the largest similarity possible, 1, so that frames can be added up one after the other.
        closeness = self.sharpness() * (chosen - 1)
        weights = torch.exp(closeness - self.distance_penalty(index, query_key.shape[-1]))
        rows = memory_values.permute(0, 3, 1, 2).reshape(frames * positions, -1)
        offset = torch.arange(frames, device=index.device).view(-1, 1, 1) * positions
        candidates = rows[index + offset]  # [T, Mq, k, N * 16]
        sums = torch.matmul(weights.unsqueeze(2), candidates).squeeze(2)
        known = valid.T  # [T, N]
        sums = sums.view(frames, -1, objects, channels) * known[:, None, :, None]
        totals = weights.sum(2).unsqueeze(2) * known[:, None]  # [T, Mq, N]
        read = sums.sum(0) / totals.sum(0).clamp_min(SMALL).unsqueeze(2)  # [Mq, N, 16]
        return read.permute(1, 2, 0), best

    def distance_penalty(self, index: Tensor, width: int) -> Tensor:
        """Memory positions [T, Mq, k] -> squared distance to the query position times the frame's locality."""
        query = torch.arange(index.shape[1], device=index.device).view(1, -1, 1)
        rows, columns = index // width - query // width, index % width - query % width
        age = torch.arange(len(index) - 1, -1, -1, device=index.device).clamp_max(len(self.log_locality) - 1)
        locality = self.log_locality.exp()[age].view(-1, 1, 1)
        return (locality * (rows.square() + columns.square()).float()).clamp_max(MAX_PENALTY)

    def presence(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Is the object visible? From the strongest responses and those under the carried-over mask: [N]."""
        inside = (hidden * mask).sum((2, 3)) / (mask.sum((2, 3)) + 1)
        pooled = torch.cat([hidden.amax((2, 3)), inside, mask.amax((2, 3))], 1)
        return self.presence2(F.relu(self.presence1(pooled)))[:, 0]


def out_of_reach(previous_masks: Tensor) -> Tensor:
    """[N, 1, H, W]: 0 near where the object was on the previous frame, up to 16 elsewhere; 0 if it was not seen."""
    near = F.max_pool2d(previous_masks, 2 * REACH + 1, 1, REACH)
    seen = (2 * previous_masks.amax((2, 3), keepdim=True)).clamp_max(1)
    return OUT_OF_REACH * seen * (1 - (2 * near).clamp_max(1))


class MemoryNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.key = KeyEncoder()
        self.value = ValueEncoder()
        self.reader = MemoryReader()
        # Before training, the refinement leaves the carried-over mask as it is.
        nn.init.zeros_(self.reader.fine.weight)
        nn.init.zeros_(self.reader.fine.bias)
