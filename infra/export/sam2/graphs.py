"""SAM 2 as four networks with real numbers only and a free number of objects, remembered frames and pointers.

The modules use the parameters and sub-modules of a loaded model of the package `sam2`; what they compute, and how
that is cut into graphs, is
described in README.md.
"""

from __future__ import annotations

import math

import torch
from latents import Latents, latents_of
from sam2.modeling.sam2_base import SAM2Base
from torch import Tensor, nn
from torch.nn import functional as F

# A tile of queries has at most this many similarities with a full memory: 64 MB of them.
SIMILARITIES_PER_TILE = 16 * 1024 * 1024


def check_supported(model: SAM2Base) -> None:
    """Refuse what no model of the family has and the graphs do not do."""
    attention = model.memory_attention
    layers = list(attention.layers)
    latents = latents_of(model)
    wanted = {
        'high-resolution features': model.use_high_res_features_in_sam,
        'object pointers': model.use_obj_ptrs_in_encoder,
        'object scores': model.pred_obj_scores,
        'masks taken as output': model.use_mask_input_as_output_without_sam,
        'the embedding for no memory added directly': model.directly_add_no_mem_embed,
        'memories of fewer channels that divide those of the picture': model.hidden_dim % model.mem_dim == 0,
        'positions at the input of the memory attention': attention.pos_enc_at_input and attention.batch_first,
        'no positions in self-attention': not any(layer.pos_enc_at_attn for layer in layers),
        'positions of keys only': all(
            layer.pos_enc_at_cross_attn_keys and not layer.pos_enc_at_cross_attn_queries for layer in layers
        ),
        'one head': all(a.num_heads == 1 for layer in layers for a in (layer.self_attn, layer.cross_attn_image)),
        'relu': all(layer.activation_str == 'relu' for layer in layers),
        'latents of windows where there is a perceiver': latents is None or latents.windows > 0,
        'windows that divide the grid': latents is None or latents.cells % latents.windows == 0,
        'rotary positions of latents': all(
            hasattr(layer.cross_attn_image, 'freqs_cis_k') == (latents is not None) for layer in layers
        ),
    }
    missing = [name for name, there in wanted.items() if not there]
    if missing:
        raise SystemExit(f'this configuration is not one of the SAM 2 family; it lacks: {", ".join(missing)}')


class Encoder(nn.Module):
    """image [1, 3, S, S] -> image_embeddings [1, C, S/16, S/16], stride8_features, stride4_features."""

    def __init__(self, model: SAM2Base) -> None:
        super().__init__()
        self.model = model
        trunk = model.image_encoder.trunk
        if not hasattr(trunk, '_get_pos_embed'):
            return
        cells = model.image_size // 4
        with torch.no_grad():
            positions = trunk._get_pos_embed((cells, cells)).clone()
        self.register_buffer('positions', positions)
        # The same for every picture: interpolated once.
        trunk._get_pos_embed = lambda _hw: self.positions

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        stride4, stride8, stride16 = self.model.forward_image(image)['backbone_fpn'][:3]
        return stride16, stride8, stride4


class Decoder(nn.Module):
    """Prompt encoder and mask decoder: four masks per prompt, their scores, whether the object is there, four
    pointers."""

    def __init__(self, model: SAM2Base) -> None:
        super().__init__()
        self.model = model
        encoder = model.sam_prompt_encoder
        with torch.no_grad():
            self.register_buffer('grid_positions', encoder.get_dense_pe())
            labels = torch.cat([embedding.weight for embedding in encoder.point_embeddings])
        self.register_buffer('labels', labels.clone())
        self.register_buffer('directions', encoder.pe_layer.positional_encoding_gaussian_matrix * 2 * math.pi)

    def embed_points(self, coords: Tensor, labels: Tensor) -> Tensor:
        places = ((coords + 0.5) * (2 / self.model.image_size) - 1) @ self.directions
        places = torch.cat([places.sin(), places.cos()], -1)
        kind = self.labels[labels.clamp(min=0).long()]
        return torch.where(
            (labels < 0)[..., None], self.model.sam_prompt_encoder.not_a_point_embed.weight, places + kind
        )

    def forward(
        self,
        image_embeddings: Tensor,
        stride8_features: Tensor,
        stride4_features: Tensor,
        no_memory: Tensor,
        point_coords: Tensor,
        point_labels: Tensor,
        mask_input: Tensor,
        has_mask_input: Tensor,
    ) -> tuple[Tensor, ...]:
        model, decoder, encoder = self.model, self.model.sam_mask_decoder, self.model.sam_prompt_encoder
        channels, cells = model.hidden_dim, model.sam_image_embedding_size
        no_mask = encoder.no_mask_embed.weight.reshape(1, -1, 1, 1)
        dense = has_mask_input * encoder.mask_downscaling(mask_input) + (1 - has_mask_input) * no_mask
        image = image_embeddings + no_memory * model.no_mem_embed.reshape(1, -1, 1, 1) + dense
        fixed = torch.cat([decoder.obj_score_token.weight, decoder.iou_token.weight, decoder.mask_tokens.weight])
        points = self.embed_points(point_coords, point_labels)
        tokens = torch.cat([fixed[None] + torch.zeros_like(points[:, :1, :1]), points], 1)
        found, image = decoder.transformer(image, self.grid_positions, tokens)
        image = image.transpose(1, 2).reshape(-1, channels, cells, cells)
        up1, norm, act1, up2, act2 = decoder.output_upscaling
        image = act1(norm(up1(image) + stride8_features))
        image = act2(up2(image) + stride4_features)
        mask_tokens = found[:, 2 : 2 + decoder.num_mask_tokens]
        weights = torch.stack([mlp(mask_tokens[:, i]) for i, mlp in enumerate(decoder.output_hypernetworks_mlps)], 1)
        masks = (weights @ image.flatten(2)).reshape(-1, decoder.num_mask_tokens, 4 * cells, 4 * cells)
        scores = decoder.iou_prediction_head(found[:, 1])
        return masks, scores, decoder.pred_obj_score_head(found[:, 0]), model.obj_ptr_proj(mask_tokens)


class RotaryAttention(nn.Module):
    """One head of attention whose queries and keys are turned by their place in the grid; real numbers instead of
    complex ones.

    Projections are re-ordered so that the real parts of all pairs come first: a product of a query and a key does
    not depend on the order.
    """

    def __init__(self, attention: nn.Module, cells: int, tile: int, latents: Latents | None = None) -> None:
        """With `latents`, keys are those and not the places of a grid."""
        super().__init__()
        self.attention = attention
        self.tile = tile
        self.size = attention.internal_dim
        order = torch.cat([torch.arange(0, self.size, 2), torch.arange(1, self.size, 2)])
        for name in ('q_proj', 'k_proj'):
            linear = getattr(attention, name)
            self.register_buffer(f'{name}_weight', linear.weight.detach()[order].clone())
            self.register_buffer(f'{name}_bias', linear.bias.detach()[order].clone())
        theta = attention.compute_cis.keywords['theta']
        turns = self.turns(theta, cells)
        self.register_buffer('cos', turns.cos())
        self.register_buffer('sin', turns.sin())
        if latents is None:
            self.key_cos, self.key_sin = self.cos, self.sin
            return
        turns = torch.cat([torch.zeros(latents.plain, self.size // 2), self.turns(theta, latents.windows)])
        self.register_buffer('key_cos', turns.cos())
        self.register_buffer('key_sin', turns.sin())

    def turns(self, theta: float, cells: int) -> Tensor:
        """[cells * cells, size / 2] angles: columns for the first half of the pairs, rows for the second."""
        rates = theta ** (-torch.arange(0, self.size, 4)[: self.size // 4].float() / self.size)
        place = torch.arange(cells * cells)
        column, row = (place % cells).float(), (place // cells).float()
        return torch.cat([torch.outer(column, rates), torch.outer(row, rates)], -1)

    def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        real, imaginary = x[..., : self.size // 2], x[..., self.size // 2 :]
        return torch.cat([real * cos - imaginary * sin, real * sin + imaginary * cos], -1)

    def queries(self, x: Tensor) -> Tensor:
        return self.rotate(F.linear(x, self.q_proj_weight, self.q_proj_bias), self.cos, self.sin) * self.size**-0.5

    def turned_keys(self, x: Tensor) -> Tensor:
        return self.rotate(self.keys(x), self.key_cos, self.key_sin)

    def keys(self, x: Tensor) -> Tensor:
        return F.linear(x, self.k_proj_weight, self.k_proj_bias)

    def attend(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """In tiles of queries: their similarities with all keys of a long memory would take half a gigabyte per
        object."""
        keys = keys.transpose(1, 2)
        parts = [torch.softmax(part @ keys, -1) @ values for part in queries.split(self.tile, 1)]
        return self.attention.out_proj(torch.cat(parts, 1) if len(parts) > 1 else parts[0])


class MemoryAttention(nn.Module):
    """The picture's features for each object, as they are in the light of what is remembered of it."""

    def __init__(self, model: SAM2Base) -> None:
        super().__init__()
        self.model = model
        cells, channels = model.sam_image_embedding_size, model.mem_dim
        latents = latents_of(model)
        with torch.no_grad():
            shape = (1, model.hidden_dim, cells, cells)
            picture = model.image_encoder.neck.position_encoding(torch.zeros(shape)).flatten(2)
            if latents is None:
                memory = model.memory_encoder.position_encoding(torch.zeros(1, channels, cells, cells)).flatten(2)
            else:
                memory = latents.positions()
        keys = model.num_maskmem * memory.shape[2]
        tile = max(1, min(cells * cells, SIMILARITIES_PER_TILE // keys))
        own = max(1, min(cells * cells, SIMILARITIES_PER_TILE // (cells * cells)))
        layers = model.memory_attention.layers
        self.self_attention = nn.ModuleList(RotaryAttention(layer.self_attn, cells, own) for layer in layers)
        self.cross_attention = nn.ModuleList(
            RotaryAttention(layer.cross_attn_image, cells, tile, latents) for layer in layers
        )
        self.register_buffer('picture_positions', (0.1 * picture).transpose(1, 2).clone())
        self.register_buffer('memory_positions', memory.transpose(1, 2).clone())
        self.register_buffer('times', model.maskmem_tpos_enc.detach()[:, 0, 0].clone())

    def pointer_times(self, distances: Tensor) -> Tensor:
        """[B, P, memory channels] for distances in time as a share of the largest one."""
        model = self.model
        if not model.add_tpos_enc_to_obj_ptrs:
            # None; the graph takes the distances all the same.
            return 0 * distances[..., None] + torch.zeros(model.mem_dim)
        half = (model.hidden_dim if model.proj_tpos_enc_in_obj_ptrs else model.mem_dim) // 2
        rates = 10000.0 ** (2 * (torch.arange(half) // 2).float() / half)
        angles = distances[..., None] / rates
        return model.obj_ptr_tpos_proj(torch.cat([angles.sin(), angles.cos()], -1))

    def forward(
        self, image_embeddings: Tensor, memory: Tensor, times: Tensor, pointers: Tensor, distances: Tensor
    ) -> Tensor:
        model = self.model
        channels, size, cells = model.hidden_dim, model.mem_dim, model.sam_image_embedding_size
        places = self.memory_positions.shape[1]
        x = image_embeddings.flatten(2).transpose(1, 2) + self.picture_positions
        memory = memory.transpose(2, 3)
        placed = memory + self.memory_positions + self.times[times.long()][:, :, None]
        split = channels // size
        tokens = pointers.reshape(pointers.shape[0], -1, split, size)
        dated = (tokens + self.pointer_times(distances)[..., None, :]).flatten(1, 2)
        memory, tokens = memory.reshape(memory.shape[0], -1, size), tokens.flatten(1, 2)
        for layer, own, cross in zip(
            model.memory_attention.layers, self.self_attention, self.cross_attention, strict=True
        ):
            normed = layer.norm1(x)
            x = x + own.attend(own.queries(normed), own.turned_keys(normed), own.attention.v_proj(normed))
            turned = cross.turned_keys(placed).reshape(-1, placed.shape[1] * places, cross.size)
            keys = torch.cat([turned, cross.keys(dated)], 1)
            values = cross.attention.v_proj(torch.cat([memory, tokens], 1))
            x = x + cross.attend(cross.queries(layer.norm2(x)), keys, values)
            x = x + layer.linear2(F.relu(layer.linear1(layer.norm3(x))))
        x = model.memory_attention.norm(x)
        return x.transpose(1, 2).reshape(-1, channels, cells, cells)


class MemoryEncoder(nn.Module):
    """What is remembered of each object on a frame, from its mask there."""

    def __init__(self, model: SAM2Base) -> None:
        super().__init__()
        self.model = model
        self.latents = latents_of(model)

    def forward(self, image_embeddings: Tensor, mask_logits: Tensor, binarize: Tensor, absent: Tensor) -> Tensor:
        model = self.model
        side = model.image_size
        logits = F.interpolate(mask_logits, size=(side, side), mode='bilinear', align_corners=False)
        mask = binarize * (logits > 0).float() + (1 - binarize) * torch.sigmoid(logits)
        mask = mask * model.sigmoid_scale_for_mem_enc + model.sigmoid_bias_for_mem_enc
        memory = model.memory_encoder(image_embeddings, mask, skip_mask_sigmoid=True)['vision_features']
        if model.no_obj_embed_spatial is not None:
            memory = memory + absent[:, None, None, None] * model.no_obj_embed_spatial[..., None, None]
        else:
            memory = memory + 0 * absent[:, None, None, None]
        return memory.flatten(2) if self.latents is None else self.latents(memory)
