"""AOT and DeAOT as four networks over pictures of any size and memories of any length.

The modules use the parameters and sub-modules of a loaded model of the package `deaotpy`; what they compute, and how
that is cut into graphs, is described in README.md.
"""

from __future__ import annotations

import torch
from layers import AssociatingLayer, GatedLayer, Memory, Read, Window, map_of, tokens_of
from torch import Tensor, nn
from torch.nn import functional as F


def is_deaot(model: nn.Module) -> bool:
    return model.cfg.MODEL_VOS == 'deaot'


def check_supported(model: nn.Module) -> None:
    """Refuse what no model of the family has and the graphs do not do."""
    cfg, layers = model.cfg, list(model.LSTT.layers)
    wanted = {
        'an encoder of convolutions (windows of Swin have fixed sizes)': 'swin' not in cfg.MODEL_ENCODER,
        'one head, if it is DeAOT': not is_deaot(model) or cfg.MODEL_SELF_HEADS == cfg.MODEL_ATT_HEADS == 1,
        'a decoder that reads the last layer alone, if it is DeAOT': not is_deaot(model)
        or not cfg.MODEL_DECODER_INTERMEDIATE_LSTT,
        'a decoder that reads all layers, if it is AOT': is_deaot(model) or cfg.MODEL_DECODER_INTERMEDIATE_LSTT,
        'no dilation in the short-term window': all(layer.short_term_attn.dilation == 1 for layer in layers),
        'masks as memory, no probabilities': not cfg.MODEL_USE_PREV_PROB,
        'a memory that is read whole': all(layer.long_term_attn.top_k == -1 for layer in layers),
    }
    missing = [name for name, there in wanted.items() if not there]
    if missing:
        raise SystemExit(f'this configuration cannot be exported; it lacks: {", ".join(missing)}')


class Transformer(nn.Module):
    """All layers of a model, over what `read` gives as memories."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        cfg = model.cfg
        self.deaot = is_deaot(model)
        self.channels = cfg.MODEL_ENCODER_EMBEDDING_DIM
        self.reach = model.LSTT.layers[0].short_term_attn.max_dis
        self.layers = nn.ModuleList(
            GatedLayer(layer)
            if self.deaot
            else AssociatingLayer(layer, self.channels, cfg.MODEL_SELF_HEADS, cfg.MODEL_ATT_HEADS)
            for layer in model.LSTT.layers
        )

    @property
    def kept_channels(self) -> int:
        return sum(sum(layer.kept) for layer in self.layers)

    @property
    def identified_channels(self) -> int:
        return sum(layer.identified for layer in self.layers)

    @property
    def pending_channels(self) -> int:
        return sum(layer.pending for layer in self.layers)

    def split(self, memory: Memory) -> list[Memory]:
        kept = memory[0].split([sum(layer.kept) for layer in self.layers], 1)
        return list(zip(kept, memory[1].split([layer.identified for layer in self.layers], 1), strict=True))

    def identity_of(self, labels: Tensor) -> Tensor:
        """Labels [1, H, W] -> [tokens, channels] of the bank of identities."""
        model = self.model
        slots = torch.arange(model.max_obj_num + 1).float().reshape(1, -1, 1, 1)
        identity = tokens_of(model.patch_wise_id_bank((labels[:, None] == slots).float()))
        return model.id_norm(identity) if self.deaot else identity

    def identify(self, pending: Tensor | None, labels: Tensor) -> Tensor:
        identity = self.identity_of(labels)
        widths = [layer.pending for layer in self.layers if layer.pending]
        parts = iter(pending.split(widths, 1) if pending is not None else ())
        return torch.cat([layer.identify(next(parts) if layer.pending else None, identity) for layer in self.layers], 1)

    def forward(self, embedding: Tensor, read: Read) -> tuple[list[Tensor], Tensor, Tensor | None]:
        """States for the decoder as maps; kept and pending tokens of all layers."""
        size = (embedding.shape[2], embedding.shape[3])
        window = Window(size, self.reach)
        x = tokens_of(embedding)
        state = (x, None) if self.deaot else x
        states, kept, pending = [], [], []
        for index, layer in enumerate(self.layers):
            state, own, waiting = layer(index, state, size, window, read)
            states.append(torch.cat(state, 1) if self.deaot else state)
            kept.append(own)
            if waiting is not None:
                pending.append(waiting)
        norms = self.model.LSTT.decoder_norms
        if self.deaot:
            found = [norms[-1].gn(states[-1].transpose(0, 1)[None]).reshape(1, -1, *size)]
        else:
            found = [map_of(norm(one), size) for norm, one in zip(norms, states, strict=True)]
        return found, torch.cat(kept, 1), torch.cat(pending, 1) if pending else None


class Encoder(nn.Module):
    """image [1, 3, H, W] -> embedding at stride 16; shortcuts at strides 16, 8 and 4 as the decoder adds them."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        decoder = self.model.decoder
        stride4, stride8, stride16, embedding = self.model.encode_image(image)
        return embedding, decoder.adapter_16x(stride16), decoder.adapter_8x(stride8), decoder.adapter_4x(stride4)


class Propagate(nn.Module):
    """Logits of all identities on a frame, and what may be remembered of it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.transformer = Transformer(model)
        self.decoder = model.decoder

    def forward(
        self,
        embedding: Tensor,
        stride16: Tensor,
        stride8: Tensor,
        stride4: Tensor,
        long_kept: Tensor,
        long_identified: Tensor,
        short_kept: Tensor,
        short_identified: Tensor,
    ) -> tuple[Tensor, ...]:
        long = self.transformer.split((long_kept, long_identified))
        short = self.transformer.split((short_kept, short_identified))
        states, kept, pending = self.transformer(embedding, lambda index, _kept, _pending: (long[index], short[index]))
        logits = self.decode(states if self.transformer.deaot else [embedding, *states], stride16, stride8, stride4)
        return (logits, kept) if pending is None else (logits, kept, pending)

    def decode(self, states: list[Tensor], stride16: Tensor, stride8: Tensor, stride4: Tensor) -> Tensor:
        head = self.decoder
        x = F.relu(head.conv_in(torch.cat(states, 1)))
        x = F.relu(head.conv_16x(stride16 + x))
        x = F.relu(head.conv_8x(stride8 + self.resize(x, stride8)))
        x = F.relu(head.conv_4x(stride4 + self.resize(x, stride4)))
        return head.conv_out(x)

    def resize(self, x: Tensor, like: Tensor) -> Tensor:
        size = (like.shape[2], like.shape[3])
        return F.interpolate(x, size=size, mode='bilinear', align_corners=self.decoder.align_corners)


class Reference(nn.Module):
    """What is to be remembered of a frame whose masks are given; the frame looks at itself alone."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.transformer = Transformer(model)

    def forward(self, embedding: Tensor, labels: Tensor) -> tuple[Tensor, ...]:
        identity = self.transformer.identity_of(labels)
        identified = []

        def read(index: int, kept: Tensor, pending: Tensor | None) -> tuple[Memory, Memory]:
            identified.append(self.transformer.layers[index].identify(pending, identity))
            return (kept, identified[-1]), (kept, identified[-1])

        _, kept, pending = self.transformer(embedding, read)
        found = (kept, torch.cat(identified, 1))
        return found if pending is None else (*found, pending)


class Identify(nn.Module):
    """What is to be remembered of a frame besides what is kept, once its masks are known."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.transformer = Transformer(model)

    def forward(self, labels: Tensor, pending: Tensor | None = None) -> Tensor:
        return self.transformer.identify(pending, labels)
