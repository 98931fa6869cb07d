"""The memory network: keys, values, read-out, refinement and presence on top of MobileSAM's frozen features.

The family is STM (Oh et al. 2019), STCN (Cheng et al. 2021), XMem (Cheng and Schwing 2022) and Cutie (Cheng et al.
2024); reading the given frames apart from the tracked ones follows FEELVOS (Voigtlaender et al. 2019). Sizes are ours.
Shapes: B pictures, N objects, T memory frames, [H, W] the grid of stride 8, M = H * W.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDE4_CHANNELS = 64
STRIDE8_CHANNELS = 128
STRIDE16_CHANNELS = 256
KEY_CHANNELS = 64
CONTEXT_CHANNELS = 32
DETAIL_CHANNELS = 16
VALUE_CHANNELS = 16
TOP_K = 8
BRANCH, TRUNK, HIDDEN, FINE = 64, 96, 40, 16
GROUPS = 8
MAX_SHARPNESS = 25.0
MAX_PENALTY = 20.0  # keeps the exponent within float32 together with the sharpness
SMALL = 1e-36
EVIDENCE_FLOOR = 1e-6  # evidence below it counts as none
EVIDENCE_SCALE = 0.125  # of its logarithm
EVIDENCE_CHANNELS = 4
BASE_CLAMP = 0.02
REACH = 5  # cells of stride 8 that an object may move between two frames
ELDER = 3  # memory frames that are newer than those that likeness compares with
OUT_OF_REACH = 16.0  # taken from the logits there
# Of its largest area: an object that shows less than the first may reappear anywhere, one that shows the second not.
HIDDEN_SHARE, WHOLE_SHARE = 0.55, 0.9


def double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)


class KeyEncoder(nn.Module):
    """Frozen features -> key (what is matched), context and detail (what the other parts see of the picture)."""

    def __init__(self) -> None:
        super().__init__()
        # Statistics of the training features, set once before training.
        for stride, channels in ((4, STRIDE4_CHANNELS), (8, STRIDE8_CHANNELS), (16, STRIDE16_CHANNELS)):
            self.register_buffer(f'mean{stride}', torch.zeros(1, channels, 1, 1))
            self.register_buffer(f'scale{stride}', torch.ones(1, channels, 1, 1))
        self.to_detail = nn.Conv2d(STRIDE4_CHANNELS, DETAIL_CHANNELS, 1)
        self.branch8 = nn.Conv2d(STRIDE8_CHANNELS, BRANCH, 1)
        self.branch16 = nn.Conv2d(STRIDE16_CHANNELS, BRANCH, 1)
        self.norm0 = nn.GroupNorm(GROUPS, 2 * BRANCH)
        self.conv1 = nn.Conv2d(2 * BRANCH, TRUNK, 3, padding=1)
        self.norm1 = nn.GroupNorm(GROUPS, TRUNK)
        self.conv2 = nn.Conv2d(TRUNK, TRUNK, 3, padding=2, dilation=2)
        self.norm2 = nn.GroupNorm(GROUPS, TRUNK)
        self.to_key = nn.Conv2d(TRUNK, KEY_CHANNELS, 1)
        self.to_context = nn.Conv2d(TRUNK, CONTEXT_CHANNELS, 1)

    def forward(self, stride4: Tensor, stride8: Tensor, stride16: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """[B, 64, 2H, 2W], [B, 128, H, W], [B, 256, H/2, W/2] -> key [B, 64, H, W] of length 1, context [B, 32, H, W],
        detail [B, 16, 2H, 2W]; context and detail >= 0."""
        detail = F.relu(self.to_detail((stride4 - self.mean4) * self.scale4))
        a = self.branch8((stride8 - self.mean8) * self.scale8)
        b = double(self.branch16((stride16 - self.mean16) * self.scale16))
        x = F.relu(self.norm0(torch.cat([a, b], 1)))
        x = F.relu(self.norm1(self.conv1(x)))
        x = x + F.relu(self.norm2(self.conv2(x)))
        key = self.to_key(x)
        key = key / key.square().sum(1, keepdim=True).sqrt().clamp_min(1e-6)
        return key, F.relu(self.to_context(x)), detail


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


@dataclass
class Memory:
    keys: Tensor  # [T, 64, M], frames oldest first
    values: Tensor  # [T, N, 16, M]
    valid: Tensor  # [N, T] 0 or 1: the frame knows the object
    given: Tensor  # [N, T] 0 or 1: and its mask there was given, not tracked


class MemoryReader(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.log_sharpness = nn.Parameter(torch.tensor(2.5))
        # How much nearer places are preferred: in the newest memory frame, the two before it, and all older ones.
        self.log_locality = nn.Parameter(torch.tensor([-4.0, -5.0, -6.0, -7.0]))
        self.from_shared = nn.Conv2d(CONTEXT_CHANNELS, HIDDEN, 3, padding=1)
        self.from_object = nn.Conv2d(2 * VALUE_CHANNELS + EVIDENCE_CHANNELS + 1, HIDDEN, 3, padding=1, bias=False)
        self.from_summary = nn.Linear(2 * HIDDEN, HIDDEN)
        self.conv1 = nn.Conv2d(HIDDEN, HIDDEN, 3, padding=2, dilation=2)
        self.conv2 = nn.Conv2d(HIDDEN, HIDDEN, 3, padding=4, dilation=4)
        self.to_fine = nn.Conv2d(HIDDEN, 4 * FINE, 1)
        self.from_detail = nn.Conv2d(DETAIL_CHANNELS, FINE, 3, padding=1)
        self.from_base = nn.Conv2d(1, FINE, 3, padding=1, bias=False)
        self.fine1 = nn.Conv2d(FINE, FINE, 3, padding=1)
        self.fine2 = nn.Conv2d(FINE, 1, 3, padding=1)
        self.presence1 = nn.Linear(2 * HIDDEN + 1, 32)
        self.presence2 = nn.Linear(32, 1)
        # Before training, the refinement leaves the carried-over mask as it is.
        nn.init.zeros_(self.fine2.weight)
        nn.init.zeros_(self.fine2.bias)

    def sharpness(self) -> Tensor:
        return self.log_sharpness.exp().clamp_max(MAX_SHARPNESS)

    def forward(
        self, key: Tensor, context: Tensor, detail: Tensor, memory: Memory, previous: Tensor, gate: bool = True
    ) -> ReadOut:
        """The query frame's [1,64,H,W], [1,32,H,W], [1,16,2H,2W]; masks of the frame before, [N,1,H,W] in 0..1."""
        height, width = key.shape[-2:]
        read = self.read(key, memory).unflatten(2, (height, width))
        mask = read[:, :1]
        hidden = F.relu(self.from_shared(context) + self.from_object(torch.cat([read, previous], 1)))
        summary = self.from_summary(torch.cat([mean_under(hidden, mask), mean_under(hidden, 1 - mask)], 1))
        hidden = F.relu(hidden + summary[:, :, None, None])
        hidden = hidden + F.relu(self.conv1(hidden))
        hidden = hidden + F.relu(self.conv2(hidden))
        base = double(torch.logit(mask.clamp(BASE_CLAMP, 1 - BASE_CLAMP)))
        fine = F.pixel_shuffle(self.to_fine(hidden), 2) + self.from_detail(detail) + self.from_base(base)
        fine = F.relu(fine)
        fine = fine + F.relu(self.fine1(fine))
        logits = base + self.fine2(fine)
        if gate:
            logits = logits - double(out_of_reach(previous, memory))
        return ReadOut(logits, self.presence(hidden, mask), mask)

    def read(self, key: Tensor, memory: Memory) -> Tensor:
        """Values at the best-matching places of all memory frames and of the given ones, and how well they match:
        [N, 16 + 16 + 4, M]."""
        frames, objects, channels, _ = memory.values.shape
        query = key.flatten(2)[0].T.contiguous()
        sums, totals = [], []
        for t in range(frames):
            with torch.no_grad():
                index = torch.mm(query, memory.keys[t]).topk(TOP_K, dim=1, sorted=False).indices  # [Mq, k]
            # Taken again at the chosen places only, so that the gradient is as small as they are few.
            chosen = (query.unsqueeze(1) * memory.keys[t].T[index]).sum(2)
            # Against the largest similarity possible, 1, so that frames can be added up one after the other.
            closeness = self.sharpness() * (chosen - 1)
            weights = torch.exp(closeness - self.distance_penalty(index, key.shape[-1], frames - 1 - t))
            rows = memory.values[t].flatten(0, 1).T[index]  # [Mq, k, N * 16]
            sums.append(torch.matmul(weights.unsqueeze(1), rows).view(-1, objects, channels))
            totals.append(weights.sum(1).view(-1, 1, 1))
        parts, evidence = [], []
        for known in (memory.valid, memory.given):
            part = sum(total * share[:, None] for total, share in zip(sums, known.T, strict=True))
            total = sum(total * share[:, None] for total, share in zip(totals, known.T, strict=True))
            parts.append(part / total.clamp_min(SMALL))  # [Mq, N, 16], [Mq, N, 1]
            evidence += [part[..., :1], total - part[..., :1]]
        levels = torch.log(torch.cat(evidence, 2).clamp_min(EVIDENCE_FLOOR)) * EVIDENCE_SCALE
        return torch.cat([*parts, levels], 2).permute(1, 2, 0)

    def likeness(self, key: Tensor, memory: Memory) -> Tensor:
        """How well each place matches, wherever it is, the object on the elder frames, and all else there:
        logarithms [N, 2, H, W]. Not trained, but made of trained keys."""
        query = key.flatten(2)[0].T.contiguous()
        own = any_ = torch.zeros(len(query), memory.values.shape[1])
        elder = memory.valid.T[: max(0, len(memory.keys) - ELDER)]
        for keys, values, known in zip(memory.keys, memory.values, elder, strict=False):
            similarity, index = torch.mm(query, keys).topk(TOP_K, dim=1, sorted=False)
            weights = torch.exp(self.sharpness() * (similarity - 1))
            own = own + torch.matmul(weights.unsqueeze(1), values[:, 0].T[index])[:, 0] * known
            any_ = any_ + weights.sum(1, keepdim=True) * known
        both = torch.log(torch.stack([own, any_ - own]).clamp_min(EVIDENCE_FLOOR))
        return both.permute(2, 0, 1).unflatten(2, key.shape[-2:])

    def distance_penalty(self, index: Tensor, width: int, age: int) -> Tensor:
        """Positions [Mq, k] -> squared distance to the query position times the locality of a frame of that age."""
        query = torch.arange(len(index), device=index.device).view(-1, 1)
        rows, columns = index // width - query // width, index % width - query % width
        locality = self.log_locality.exp()[min(age, len(self.log_locality) - 1)]
        return (locality * (rows.square() + columns.square()).float()).clamp_max(MAX_PENALTY)

    def presence(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Is the object visible? From the strongest responses and those under the carried-over mask: [N]."""
        pooled = torch.cat([hidden.amax((2, 3)), mean_under(hidden, mask), mask.amax((2, 3))], 1)
        return self.presence2(F.relu(self.presence1(pooled)))[:, 0]


def mean_under(features: Tensor, mask: Tensor) -> Tensor:
    """[N, C, H, W], [N, 1, H, W] -> [N, C]; one cell counts as nothing seen."""
    return (features * mask).sum((2, 3)) / (mask.sum((2, 3)) + 1)


def out_of_reach(previous: Tensor, memory: Memory) -> Tensor:
    """[N, 1, H, W]: 0 near where the object was on the previous frame, up to 16 elsewhere; 0 if it was not seen, or so
    little of it that the rest may come out on the far side of what hides it."""
    near = F.max_pool2d(previous, 2 * REACH + 1, 1, REACH)
    seen = (2 * previous.amax((2, 3), keepdim=True)).clamp_max(1)
    largest = (memory.values[:, :, 0].sum(2) * memory.valid.T).amax(0).view(-1, 1, 1, 1)
    share = previous.sum((2, 3), keepdim=True) / largest.clamp_min(1)
    whole = ((share - HIDDEN_SHARE) / (WHOLE_SHARE - HIDDEN_SHARE)).clamp(0, 1)
    return OUT_OF_REACH * seen * whole * (1 - (2 * near).clamp_max(1))


class MemoryNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.key = KeyEncoder()
        self.value = ValueEncoder()
        self.reader = MemoryReader()
