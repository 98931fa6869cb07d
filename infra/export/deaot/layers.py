"""The layers of DeAOT and AOT over memories of any length, and look-ups in them. Tokens are the cells of the stride-16
grid, row by row.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Queries are looked up in so many parts, since their similarities with a long memory are large.
TILES = 4
# What a query may not look at.
OUTSIDE = -1e8

# [tokens, channels] of a long- and a short-term memory: what is kept of the frames, and what was identified on them.
Memory = tuple[Tensor, Tensor]
Read = Callable[[int, Tensor, Tensor | None], tuple[Memory, Memory]]


def map_of(tokens: Tensor, size: tuple[int, int]) -> Tensor:
    """[tokens, C] -> [1, C, h, w]"""
    return tokens.transpose(0, 1).reshape(1, -1, size[0], size[1])


def tokens_of(features: Tensor) -> Tensor:
    """[1, C, h, w] -> [tokens, C]"""
    return features.flatten(2)[0].transpose(0, 1)


def in_tiles(count: int, part: Callable[[int, int], Tensor]) -> Tensor:
    bounds = [count * i // TILES for i in range(TILES)] + [count]
    return torch.cat([part(bounds[i], bounds[i + 1]) for i in range(TILES)], -2)


class Window:
    """For every query and key of one frame: whether the key lies in the query's window, and where there."""

    def __init__(self, size: tuple[int, int], reach: int) -> None:
        height, width = size
        place = torch.arange(height * width)
        row, column = place // width, place % width
        down = row[None] - row[:, None] + reach
        right = column[None] - column[:, None] + reach
        side = 2 * reach + 1
        inside = (down >= 0) & (down < side) & (right >= 0) & (right < side)
        self.index = down.clamp(0, side - 1) * side + right.clamp(0, side - 1)
        self.closed = torch.where(inside, 0.0, OUTSIDE)
        # The other way round: the key at each place of a query's window.
        step = torch.arange(side * side)
        key_row = row[:, None] + step[None] // side - reach
        key_column = column[:, None] + step[None] % side - reach
        there = (key_row >= 0) & (key_row < height) & (key_column >= 0) & (key_column < width)
        self.key = key_row.clamp(0).minimum(torch.as_tensor(height - 1)) * width + key_column.clamp(0).minimum(
            torch.as_tensor(width - 1)
        )
        self.there = there.float()


def look_up(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Softmax attention of [heads, N, d], [heads, M, d] and [heads, M, v]."""
    turned = keys.transpose(1, 2)
    return in_tiles(queries.shape[1], lambda a, b: torch.softmax(queries[:, a:b] @ turned, -1) @ values)


def look_around(
    queries: Tensor, keys: Tensor, values: Tensor, relative: Tensor, window: Window, bias: Tensor | None = None
) -> Tensor:
    """The same inside a window: `relative` [heads, N, window] is added to similarities, `bias` [heads, v, window] to
    values."""
    turned = keys.transpose(1, 2)
    heads = queries.shape[0]

    def part(a: int, b: int) -> Tensor:
        index = window.index[a:b][None].expand(heads, -1, -1)
        similar = queries[:, a:b] @ turned + relative[:, a:b].gather(2, index) + window.closed[a:b]
        attention = torch.softmax(similar, -1)
        found = attention @ values
        if bias is None:
            return found
        local = attention.gather(2, window.key[a:b][None].expand(heads, -1, -1)) * window.there[a:b]
        return found + local @ bias.transpose(1, 2)

    return in_tiles(queries.shape[1], part)


def silu(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x)


class GatedLayer(nn.Module):
    """One gated propagation module of DeAOT: a visual branch and one of identities."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.kept = [layer.d_att, layer.expand_d_model]
        self.identified = layer.expand_d_model
        self.pending = 0 if layer.layer_idx == 0 else layer.d_model

    def identify(self, pending: Tensor | None, identity: Tensor) -> Tensor:
        value = identity if pending is None else torch.cat([pending, identity], 1)
        return silu(self.layer.linear_ID_V(value))

    def gate(self, attention: nn.Module, found: Tensor, gate: Tensor, size: tuple[int, int]) -> Tensor:
        return attention.projection(tokens_of(attention.dw_conv.conv(map_of(found * gate, size))))

    def forward(
        self, index: int, state: tuple[Tensor, Tensor | None], size: tuple[int, int], window: Window, read: Read
    ) -> tuple[tuple[Tensor, Tensor], Tensor, Tensor | None]:
        layer, (x, x_id) = self.layer, state
        normed = layer.norm1(x)
        query, value = layer.linear_QV(normed).split(self.kept, 1)
        kept = torch.cat([query, silu(value)], 1)
        gate = layer.linear_U(normed)
        if x_id is None:
            pending, gate = None, torch.cat([silu(gate), torch.ones_like(gate)], 1)
        else:
            pending = layer.id_norm1(x_id)
            gate = silu(torch.cat([gate, layer.linear_ID_U(pending)], 1))
        long, short = read(index, kept, pending)
        scaled = (query / layer.d_att**0.5)[None]
        key, value = long[0].split(self.kept, 1)
        found = look_up(scaled, key[None], torch.cat([value, long[1]], 1)[None])[0]
        moved = self.gate(layer.long_term_attn, found, gate, size)
        key, value = short[0].split(self.kept, 1)
        relative = tokens_of(layer.short_term_attn.relative_emb_k(map_of(query, size)))[None]
        found = look_around(scaled, key[None], torch.cat([value, short[1]], 1)[None], relative, window)[0]
        moved = moved + self.gate(layer.short_term_attn, found, gate, size)
        change, change_id = moved.chunk(2, 1)
        x, x_id = x + change, change_id if x_id is None else x_id + change_id
        change, change_id = self.attend_self(torch.cat([layer.norm2(x), layer.id_norm2(x_id)], 1), size).chunk(2, 1)
        return (x + change, x_id + change_id), kept, pending

    def attend_self(self, both: Tensor, size: tuple[int, int]) -> Tensor:
        own = self.layer.self_attn
        visual, identity = both.chunk(2, 1)
        query = own.linear_QK(both)
        value = silu(torch.cat([own.linear_V1(visual), own.linear_V2(identity)], 1))
        gate = silu(torch.cat([own.linear_U1(visual), own.linear_U2(identity)], 1))
        return self.gate(own, look_up((query / own.T)[None], query[None], value[None])[0], gate, size)


class AssociatingLayer(nn.Module):
    """One long short-term transformer block of AOT."""

    def __init__(self, layer: nn.Module, channels: int, self_heads: int, heads: int) -> None:
        super().__init__()
        self.layer = layer
        self.self_heads, self.heads = self_heads, heads
        self.kept, self.identified, self.pending = [channels], channels, channels

    def identify(self, pending: Tensor, identity: Tensor) -> Tensor:
        return self.layer.linear_V(pending + identity)

    @staticmethod
    def split(x: Tensor, heads: int) -> Tensor:
        return x.reshape(x.shape[0], heads, -1).transpose(0, 1)

    @staticmethod
    def join(x: Tensor) -> Tensor:
        return x.transpose(0, 1).flatten(1)

    def forward(
        self, index: int, x: Tensor, size: tuple[int, int], window: Window, read: Read
    ) -> tuple[Tensor, Tensor, Tensor]:
        layer, heads = self.layer, self.heads
        x = x + self.attend_self(layer.norm1(x), size)
        pending = layer.norm2(x)
        kept = layer.linear_Q(pending)
        long, short = read(index, kept, pending)
        query = self.split(kept, heads)
        scaled = query / query.shape[2] ** 0.5
        key, value = (self.split(part, heads) for part in long)
        moved = layer.long_term_attn.projection(self.join(look_up(scaled, key, value)))
        around = layer.short_term_attn
        key, value = (self.split(part, heads) for part in short)
        relative = around.relative_emb_k(map_of(kept, size)).flatten(2)[0]
        relative = relative.reshape(heads, -1, relative.shape[1]).transpose(1, 2)
        found = look_around(scaled, key, value, relative, window, around.relative_emb_v)
        x = x + moved + around.projection(self.join(found))
        spread = layer.activation
        hidden = F.gelu(spread.gn(map_of(layer.linear1(layer.norm3(x)), size)))
        return x + layer.linear2(tokens_of(spread.conv(hidden))), kept, pending

    def attend_self(self, normed: Tensor, size: tuple[int, int]) -> Tensor:
        own, placed = self.layer.self_attn, normed + sine_positions(size, normed.shape[1])
        query, key, value = (
            self.split(linear(x), self.self_heads)
            for linear, x in ((own.linear_Q, placed), (own.linear_K, placed), (own.linear_V, normed))
        )
        return own.projection(self.join(look_up(query / own.T, key, value)))


def sine_positions(size: tuple[int, int], channels: int) -> Tensor:
    """[tokens, channels]: sines and cosines of the row in the first half, of the column in the second."""
    half = channels // 2
    rates = 10000.0 ** (2 * (torch.arange(half) // 2).float() / half)

    def encode(length: int) -> Tensor:
        place = torch.arange(length).float()
        angles = (place / (place[-1:] + 1e-6) * (2 * math.pi))[:, None] / rates
        return torch.stack([angles[:, 0::2].sin(), angles[:, 1::2].cos()], 2).flatten(1)

    height, width = size
    rows = encode(height)[:, None].expand(-1, width, -1)
    columns = encode(width)[None].expand(height, -1, -1)
    return torch.cat([rows, columns], 2).flatten(0, 1)
