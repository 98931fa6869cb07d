"""The networks of XMem (Cheng and Schwing, "XMem: Long-Term Video Object Segmentation with an Atkinson-Shiffrin Memory
Model", 2022, section 3 and appendix F), written from the paper. Parameters are called as in the public checkpoint, so
that it loads as it is; their widths are free, so that a tiny network can be made.

Shapes: H, W the padded picture, h = H / 16, w = W / 16, B objects, each with a plane or a map of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Sizes:
    """Widths and depths; the defaults are those of the public checkpoints."""

    key_dim: int = 64
    value_dim: int = 512
    hidden_dim: int = 64
    # Channels at stride 2; four times as many at stride 4, and twice as many at each stride after it.
    key_width: int = 64
    key_depth: tuple[int, int, int] = (3, 4, 6)
    # Channels at strides 2 and 4, doubled at each stride after it.
    value_width: int = 64
    value_depth: tuple[int, int, int] = (2, 2, 2)
    # Channels of the mask decoder at strides 16, 8 and 4, and those its features are brought to for the hidden state.
    up_dims: tuple[int, int, int] = (512, 256, 256)
    update_dim: int = 256


def convolution(inputs: int, outputs: int, size: int = 3, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=bias)


class ResidualUnit(nn.Module):
    """A block of a ResNet (He et al. 2016): convolutions with batch normalisation, and the input added."""

    grows = 1

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = width * self.grows
        for number, layer in enumerate(self.layers(inputs, width, stride), 1):
            setattr(self, f'conv{number}', layer)
            setattr(self, f'bn{number}', nn.BatchNorm2d(layer.out_channels))
        self.depth = number
        self.downsample = (
            nn.Sequential(convolution(inputs, outputs, 1, stride, False), nn.BatchNorm2d(outputs))
            if stride > 1 or inputs != outputs
            else None
        )

    def layers(self, inputs: int, width: int, stride: int) -> list[nn.Conv2d]:
        return [convolution(inputs, width, 3, stride, False), convolution(width, width, bias=False)]

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for number in range(1, self.depth + 1):
            y = getattr(self, f'bn{number}')(getattr(self, f'conv{number}')(y))
            if number < self.depth:
                y = F.relu(y)
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(ResidualUnit):
    grows = 4

    def layers(self, inputs: int, width: int, stride: int) -> list[nn.Conv2d]:
        return [
            convolution(inputs, width, 1, bias=False),
            convolution(width, width, 3, stride, False),
            convolution(width, self.grows * width, 1, bias=False),
        ]


class ResidualEncoder(nn.Module):
    """A ResNet up to stride 16. `names` are those of its stages at strides 4, 8 and 16."""

    def __init__(
        self, inputs: int, width: int, unit: type[ResidualUnit], depth: tuple[int, int, int], names: tuple[str, ...]
    ) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, width, 7, 2, False)
        self.bn1 = nn.BatchNorm2d(width)
        self.names = names
        channels = width
        for stage, (name, count) in enumerate(zip(names, depth, strict=True)):
            units = []
            for number in range(count):
                units.append(unit(channels, width << stage, 2 if stage > 0 and number == 0 else 1))
                channels = (width << stage) * unit.grows
            setattr(self, name, nn.Sequential(*units))

    def stages(self, x: Tensor) -> list[Tensor]:
        """Maps at strides 4, 8 and 16."""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        found = []
        for name in self.names:
            x = getattr(self, name)(x)
            found.append(x)
        return found


class ResidualBlock(nn.Module):
    """Two convolutions, each after a rectifier, and the input added."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, outputs)
        self.conv2 = convolution(outputs, outputs)
        self.downsample = convolution(inputs, outputs) if inputs != outputs else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(F.relu(self.conv1(F.relu(x))))
        return y + (x if self.downsample is None else self.downsample(x))


class ChannelGate(nn.Module):
    """How much of each channel goes on, by its mean and its largest value (Woo et al., "CBAM", 2018)."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        narrow = channels // reduction
        self.mlp = nn.Sequential(nn.Identity(), nn.Linear(channels, narrow), nn.ReLU(), nn.Linear(narrow, channels))

    def forward(self, x: Tensor) -> Tensor:
        gate = self.mlp(x.mean((2, 3))) + self.mlp(x.amax((2, 3)))
        return x * gate.sigmoid()[:, :, None, None]


class SpatialGate(nn.Module):
    """How much of each place goes on, by the largest value there and the mean."""

    def __init__(self) -> None:
        super().__init__()
        self.spatial = nn.ModuleDict({'conv': convolution(2, 1, 7)})

    def forward(self, x: Tensor) -> Tensor:
        both = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1)
        return x * self.spatial['conv'](both).sigmoid()


class Attention(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.ChannelGate = ChannelGate(channels, reduction)
        self.SpatialGate = SpatialGate()

    def forward(self, x: Tensor) -> Tensor:
        return self.SpatialGate(self.ChannelGate(x))


class FeatureFusion(nn.Module):
    """Features of the picture [1, C, h, w] with those of each object [B, D, h, w] -> [B, outputs, h, w]."""

    def __init__(self, picture: int, own: int, middle: int, outputs: int) -> None:
        super().__init__()
        self.block1 = ResidualBlock(picture + own, middle)
        self.attention = Attention(middle)
        self.block2 = ResidualBlock(middle, outputs)

    def forward(self, picture: Tensor, own: Tensor) -> Tensor:
        g = self.block1(torch.cat([picture.expand(own.shape[0], -1, -1, -1), own], 1))
        return self.block2(g + self.attention(g))


def gated_update(values: Tensor, hidden: Tensor) -> Tensor:
    """A gated recurrent unit whose new value does not pass the forget gate (appendix F). `values` has three times as
    many channels as `hidden`."""
    forget, update, new = values.chunk(3, 1)
    update = update.sigmoid()
    return forget.sigmoid() * hidden * (1 - update) + update * new.tanh()


class HiddenReinforcer(nn.Module):
    """The deep update of the hidden state, from what is remembered of an object."""

    def __init__(self, own: int, hidden: int) -> None:
        super().__init__()
        self.transform = convolution(own + hidden, 3 * hidden)

    def forward(self, g: Tensor, hidden: Tensor) -> Tensor:
        return gated_update(self.transform(torch.cat([g, hidden], 1)), hidden)


class HiddenUpdater(nn.Module):
    """The update of the hidden state on every frame, from the decoder's maps at strides 16, 8 and 4."""

    def __init__(self, channels: tuple[int, int, int], middle: int, hidden: int) -> None:
        super().__init__()
        self.g16_conv = convolution(channels[0], middle, 1)
        self.g8_conv = convolution(channels[1], middle, 1)
        self.g4_conv = convolution(channels[2], middle, 1)
        self.transform = convolution(middle + hidden, 3 * hidden)

    def forward(self, g16: Tensor, g8: Tensor, g4: Tensor, hidden: Tensor) -> Tensor:
        g = self.g16_conv(g16) + self.g8_conv(F.avg_pool2d(g8, 2)) + self.g4_conv(F.avg_pool2d(g4, 4))
        return gated_update(self.transform(torch.cat([g, hidden], 1)), hidden)


class KeyProjection(nn.Module):
    """A frame's key, and how sharply it is compared: by shrinkage (1 or more) when it is a memory, by selection (0..1)
    when it is a query."""

    def __init__(self, inputs: int, key: int) -> None:
        super().__init__()
        self.key_proj = convolution(inputs, key)
        self.d_proj = convolution(inputs, 1)
        self.e_proj = convolution(inputs, key)

    def forward(self, f16: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.key_proj(f16), self.d_proj(f16) ** 2 + 1, self.e_proj(f16).sigmoid()


class ValueEncoder(ResidualEncoder):
    """What is remembered of each object on a frame, from its mask there and those of the others."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(5, sizes.value_width, ResidualUnit, sizes.value_depth, ('layer1', 'layer2', 'layer3'))
        self.fuser = FeatureFusion(16 * sizes.key_width, 4 * sizes.value_width, sizes.value_dim, sizes.value_dim)
        self.hidden_reinforce = HiddenReinforcer(sizes.value_dim, sizes.hidden_dim)

    def forward(self, image: Tensor, f16: Tensor, masks: Tensor, others: Tensor) -> Tensor:
        """image [1, 3, H, W], masks and others [B, H, W] -> [B, value_dim, h, w]."""
        picture = image.expand(masks.shape[0], -1, -1, -1)
        g = self.stages(torch.cat([picture, masks[:, None], others[:, None]], 1))[-1]
        return self.fuser(f16, g)


class UpsampleBlock(nn.Module):
    """A map of each object at twice its size, with the picture's features there."""

    def __init__(self, skip: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.skip_conv = convolution(skip, inputs)
        self.out_conv = ResidualBlock(inputs, outputs)

    def forward(self, skip: Tensor, g: Tensor) -> Tensor:
        """`skip` is the picture's map after `skip_conv`."""
        return self.out_conv(skip + F.interpolate(g, scale_factor=2.0, mode='bilinear', align_corners=False))


class Decoder(nn.Module):
    """Masks from what was read of memory and the hidden state."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        up16, up8, up4 = sizes.up_dims
        picture = 4 * sizes.key_width
        self.fuser = FeatureFusion(4 * picture, sizes.value_dim + sizes.hidden_dim, up16, up16)
        self.hidden_update = HiddenUpdater((up16, up8, up4 + 1), sizes.update_dim, sizes.hidden_dim)
        self.up_16_8 = UpsampleBlock(2 * picture, up16, up8)
        self.up_8_4 = UpsampleBlock(picture, up8, up4)
        self.pred = convolution(up4, 1)

    def skips(self, f8: Tensor, f4: Tensor) -> tuple[Tensor, Tensor]:
        """The picture's part of the decoder, the same for all objects."""
        return self.up_16_8.skip_conv(f8), self.up_8_4.skip_conv(f4)

    def forward(
        self, f16: Tensor, skip8: Tensor, skip4: Tensor, readout: Tensor, hidden: Tensor
    ) -> tuple[Tensor, Tensor]:
        """readout [B, value_dim, h, w], hidden [B, hidden_dim, h, w] -> logits [B, 4h, 4w], the new hidden state."""
        g16 = self.fuser(f16, torch.cat([readout, hidden], 1))
        g8 = self.up_16_8(skip8, g16)
        g4 = self.up_8_4(skip4, g8)
        logits = self.pred(F.relu(g4))
        return logits[:, 0], self.hidden_update(g16, g8, torch.cat([g4, logits], 1), hidden)


class XMem(nn.Module):
    """All of them. Pictures are RGB 0..1; the mean of ImageNet is nothing to them, so that is what they are padded
    with."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        depth = sizes.key_depth
        self.key_encoder = ResidualEncoder(3, sizes.key_width, Bottleneck, depth, ('res2', 'layer2', 'layer3'))
        self.value_encoder = ValueEncoder(sizes)
        self.key_proj = KeyProjection(16 * sizes.key_width, sizes.key_dim)
        self.decoder = Decoder(sizes)
        for name, values in (('pixel_mean', (0.485, 0.456, 0.406)), ('pixel_std', (0.229, 0.224, 0.225))):
            self.register_buffer(name, torch.tensor(values)[:, None, None], persistent=False)

    def normalise(self, image: Tensor) -> Tensor:
        return (image - self.pixel_mean) / self.pixel_std
