"""Cutie as five networks with a free picture size and a free number of objects and remembered tokens.

The modules use the parameters and sub-modules of a loaded model of the package `rf-cutie`; how that is cut into graphs
is described in README.md. Shapes: H, W the padded picture, h = H / 16, w = W / 16, B objects.
"""

from __future__ import annotations

import math

import torch
from cutie.model.cutie import CUTIE
from torch import Tensor, nn
from torch.nn import functional as F


def check_supported(model: CUTIE) -> None:
    """Refuse what no public model has and the graphs do not do."""
    config = model.cfg.model
    transformer = config.object_transformer
    wanted = {
        'several objects': not model.single_object,
        'an object transformer': model.object_transformer_enabled,
        'as many summaries as queries': config.object_summarizer.num_summaries == transformer.num_queries,
        'positions on queries and keys only': all(
            list(transformer[name].add_pe_to_qkv) == [True, True, False]
            for name in ('read_from_pixel', 'read_from_query', 'query_self_attention')
        ),
    }
    missing = [name for name, there in wanted.items() if not there]
    if missing:
        raise SystemExit(f'this configuration is not one of Cutie; it lacks: {", ".join(missing)}')


def tokens(x: Tensor) -> Tensor:
    """[B, C, h, w] -> [B, h * w, C]."""
    return x.flatten(2).transpose(1, 2)


def planes(x: Tensor, like: Tensor) -> Tensor:
    """[B, h * w, C] -> [B, C, h, w], with the size of `like`."""
    return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], like.shape[2], like.shape[3])


def positions(like: Tensor, channels: int, scale: float, temperature: float) -> Tensor:
    """[h * w, channels] sines and cosines by turns: the first half of the column, the second of the row."""
    half = -(-channels // 4) * 2
    rates = temperature ** (-torch.arange(0, half, 2).float() / half)

    def axis(length: int) -> Tensor:
        place = torch.arange(length, dtype=torch.float32)
        angles = (place / (place[-1] + 1e-6) * scale)[:, None] * rates
        return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)

    height, width = like.shape[2], like.shape[3]
    row, column = axis(height), axis(width)
    nothing = torch.zeros(1, 1, 1)
    both = torch.cat([column[None] + nothing * row[:, None, :1], row[:, None] + nothing * column[None, :, :1]], -1)
    return both.flatten(0, 1)


def attend(attention: nn.MultiheadAttention, q: Tensor, k: Tensor, v: Tensor, blocked: Tensor | None) -> Tensor:
    """Multi-head attention; `blocked` [B, queries, keys] is above 0 where a query may not look."""
    heads, size = attention.num_heads, attention.embed_dim
    weights, biases = attention.in_proj_weight.chunk(3), attention.in_proj_bias.chunk(3)
    q, k, v = (
        F.linear(x, weight, bias).unflatten(-1, (heads, size // heads)).transpose(1, 2)
        for x, weight, bias in zip((q, k, v), weights, biases, strict=True)
    )
    similarity = q @ k.transpose(2, 3) / math.sqrt(size // heads)
    if blocked is not None:
        similarity = similarity.masked_fill(blocked[:, None] > 0, float('-inf'))
    return attention.out_proj((similarity.softmax(-1) @ v).transpose(1, 2).flatten(2))


class Encoder(nn.Module):
    """image [1, 3, H, W] in 0..1 -> what the other graphs need of it."""

    def __init__(self, model: CUTIE) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        model = self.model
        features, pix_feat = model.encode_image(image)
        key, shrinkage, selection = model.transform_key(features[0])
        stride8, stride4 = model.mask_decoder.decoder_feat_proc(features[1:])
        return pix_feat, stride8, stride4, tokens(key)[0], shrinkage.flatten(), tokens(selection)[0]


class Segment(nn.Module):
    """Masks of some objects from what was read for them. The objects of a run compete in the object transformer."""

    def __init__(self, model: CUTIE) -> None:
        super().__init__()
        self.model = model

    def blocked(self, logits: Tensor) -> Tensor:
        """[B, queries, h * w]: the first half of the queries look at the object, the other half at the rest; one
        that could look nowhere looks everywhere."""
        prob = logits.sigmoid().flatten(2).transpose(0, 1)
        every = torch.cat([torch.prod(1 - prob, dim=1, keepdim=True), prob], 1).clamp(1e-7, 1 - 1e-7)
        every = torch.log(every / (1 - every))
        foreground = (every[:, 1:] >= every.max(1, keepdim=True)[0]).float().transpose(0, 1)
        half = torch.ones(1, self.model.object_transformer.num_queries // 2, 1)
        blocked = torch.cat([(1 - foreground) * half, foreground * half], 1)
        return blocked * (blocked.min(2, keepdim=True)[0] < 1).float()

    def object_transformer(self, pixel: Tensor, summaries: Tensor) -> Tensor:
        """pixel [B, C, h, w], summaries [B, queries, C + 1], the last number their weight."""
        transformer = self.model.object_transformer
        values = summaries[:, :, :-1] / (summaries[:, :, -1:] + 1e-4)
        query = transformer.query_init.weight + transformer.summary_to_query_init(values)
        query_place = transformer.query_emb.weight + transformer.summary_to_query_emb(values)
        place = positions(
            pixel, transformer.embed_dim, transformer.pixel_pe_scale, transformer.pixel_pe_temperature
        ) + tokens(self.plain(transformer.pixel_emb_proj, pixel))
        pixel = self.plain(transformer.pixel_init_proj, pixel)
        for block, predict in zip(transformer.blocks, transformer.mask_pred, strict=False):
            blocked = self.blocked(self.plain(predict[1], F.relu(pixel)))
            flat = tokens(pixel)
            read = block.read_from_pixel
            query = read.norm(query)
            query = query + attend(read.cross_attn, query + query_place, flat + place, flat, blocked)
            own = block.self_attn
            query = own.norm(query)
            query = query + attend(own.self_attn, query + query_place, query + query_place, query, None)
            query = block.ffn(query)
            write = block.read_from_query
            flat = write.norm(flat)
            flat = flat + attend(write.cross_attn, flat + place, query + query_place, query, None)
            pixel = block.pixel_ffn.conv(planes(flat, pixel))
        return pixel

    @staticmethod
    def plain(convolution: nn.Conv2d, x: Tensor) -> Tensor:
        """A convolution that upstream applies to groups, without the dimension of groups."""
        return F.conv2d(x, convolution.weight, convolution.bias, padding=convolution.padding)

    def forward(
        self,
        pix_feat: Tensor,
        stride8: Tensor,
        stride4: Tensor,
        readout: Tensor,
        sensory: Tensor,
        last_masks: Tensor,
        summaries: Tensor,
    ) -> tuple[Tensor, Tensor]:
        model = self.model
        others = (last_masks.sum(0, keepdim=True) - last_masks).clamp(0, 1)
        fuser = model.pixel_fuser
        context = torch.cat([sensory, last_masks[:, None], others[:, None]], 1)
        pixel = planes(readout, sensory) + self.plain(fuser.sensory_compress, context)
        pixel = fuser.fuser(pix_feat, pixel[None])[0]
        p16 = self.object_transformer(pixel, summaries)
        decoder = model.mask_decoder
        p8 = decoder.up_16_8(p16[None], stride8)
        p4 = decoder.up_8_4(p8, stride4)[0]
        p8 = p8[0]
        logits = decoder.pred(F.relu(p4))
        update = decoder.sensory_update
        gathered = (
            self.plain(update.g16_conv, p16)
            + self.plain(update.g8_conv, F.avg_pool2d(p8, 2))
            + self.plain(update.g4_conv, F.avg_pool2d(torch.cat([p4, logits], 1), 4))
        )
        return logits[:, 0], gathered


class SensoryUpdate(nn.Module):
    """The sensory memory after a frame: a gated recurrent unit."""

    def __init__(self, model: CUTIE) -> None:
        super().__init__()
        self.transform = model.mask_decoder.sensory_update.transform

    def forward(self, update: Tensor, sensory: Tensor) -> Tensor:
        forget, gate, new = Segment.plain(self.transform, torch.cat([update, sensory], 1)).chunk(3, 1)
        gate = gate.sigmoid()
        return forget.sigmoid() * sensory * (1 - gate) + gate * new.tanh()


class MaskEncoder(nn.Module):
    """What is remembered of each object on a frame, from its mask there: values, sensory memory, summaries."""

    def __init__(self, model: CUTIE) -> None:
        super().__init__()
        self.model = model

    def summaries(self, masks: Tensor, values: Tensor) -> Tensor:
        """[B, queries, C + 1]: weighted sums, and the sums of the weights."""
        summarizer = self.model.object_summarizer
        inside = F.avg_pool2d(masks[:, None], 16).flatten(2).transpose(1, 2)
        half = torch.ones(1, 1, summarizer.num_summaries // 2)
        allowed = torch.cat([inside * half, (1 - inside) * half], -1)
        value = summarizer.input_proj(tokens(values))
        if summarizer.add_pe:
            value = value + positions(
                values, summarizer.embed_dim, summarizer.pixel_pe_scale, summarizer.pixel_pe_temperature
            )
        weights = summarizer.weights_pred(value).sigmoid() * allowed
        sums = weights.transpose(1, 2) @ summarizer.feature_pred(value)
        return torch.cat([sums, weights.sum(1)[..., None]], -1)

    def forward(
        self, image: Tensor, pix_feat: Tensor, sensory: Tensor, masks: Tensor, others: Tensor
    ) -> tuple[Tensor, ...]:
        model = self.model
        normal = (image - model.pixel_mean) / model.pixel_std
        values, sensory = model.mask_encoder(normal, pix_feat, sensory[None], masks[None], others[None])
        values = values[0]
        return tokens(values), sensory[0], self.summaries(masks, values)
