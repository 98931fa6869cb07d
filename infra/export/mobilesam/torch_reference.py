"""The PyTorch original (PyPI mobilesam-mirror) with the weights of the pinned ONNX files, at any input size."""

from __future__ import annotations

import types
import warnings
from pathlib import Path

import numpy as np
import torch

from source_weights import SourceFile, StoredTensor

with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    from mobile_sam.build_sam import build_sam_vit_t
    from mobile_sam.modeling import MaskDecoder, PromptEncoder, Sam, TinyViT, TwoWayTransformer
    from mobile_sam.modeling.tiny_vit_sam import Attention, Conv2d_BN

CHANNELS = 256


class WeightReader:
    def __init__(self, path: Path, source: SourceFile) -> None:
        self.data, self.source = path.read_bytes(), source

    def read(self, tensor: StoredTensor) -> torch.Tensor:
        array = np.frombuffer(self.data, '<f4', tensor.length // 4, tensor.offset).reshape(tensor.dims)
        return torch.from_numpy(array.copy())

    def named(self, name: str) -> torch.Tensor:
        return self.read(self.source[name])

    def in_order(self, prefix: str) -> list[torch.Tensor]:
        return [self.read(tensor) for tensor in self.source.in_order(prefix)]


def create_sam(size: int, package_dir: Path, encoder: SourceFile, decoder: SourceFile) -> Sam:
    """A `Sam` as the original builds it, with every 1024 replaced by `size`."""
    original = build_sam_vit_t()
    side = size // 16
    image_encoder = TinyViT(
        img_size=size,
        in_chans=3,
        num_classes=1000,
        embed_dims=[64, 128, 160, 320],
        depths=[2, 2, 6, 2],
        num_heads=[2, 4, 5, 10],
        window_sizes=[7, 7, 14, 7],
        drop_path_rate=0.0,
    )
    prompt_encoder = PromptEncoder(CHANNELS, (side, side), (size, size), mask_in_chans=16)
    sam = Sam(
        image_encoder,
        prompt_encoder,
        original.mask_decoder,
        pixel_mean=original.pixel_mean.flatten().tolist(),
        pixel_std=original.pixel_std.flatten().tolist(),
    )
    load_encoder(sam.image_encoder, WeightReader(package_dir / encoder.name, encoder))
    decoder_reader = WeightReader(package_dir / decoder.name, decoder)
    load_prompt_encoder(sam.prompt_encoder, decoder_reader)
    load_mask_decoder(sam.mask_decoder, decoder_reader)
    # The original writes 64 for the side of the last feature map; this is the same for any size.
    sam.image_encoder.forward_features = types.MethodType(forward_features, sam.image_encoder)
    return sam.eval()


def forward_features(self: TinyViT, image: torch.Tensor) -> torch.Tensor:
    x = self.patch_embed(image)
    for layer in self.layers:
        x = layer(x)
    side = self.img_size // 16
    return self.neck(x.transpose(1, 2).reshape(len(x), -1, side, side))


@torch.no_grad()
def load_encoder(model: TinyViT, reader: WeightReader) -> None:
    convs, linears = iter(reader.in_order('onnx::Conv_')), iter(reader.in_order('onnx::MatMul_'))
    for module in model.modules():
        if isinstance(module, Conv2d_BN):  # batch norm is folded into the stored convolution
            module.c.weight.copy_(next(convs))
            module.bn.bias.copy_(next(convs))
            module.bn.weight.fill_(1)
            module.bn.running_var.fill_(1)
            module.bn.eps = 0.0
    parameters = dict(model.named_parameters())
    loaded = {name for name in parameters if 'head' in name or '.bn.' in name or name.endswith('.c.weight')}
    for name, parameter in parameters.items():
        if name in reader.source.tensors:
            parameter.copy_(reader.named(name))
            loaded.add(name)
    # Linear layers are stored transposed, in graph order, which is registration order here.
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and 'head' not in name:
            module.weight.copy_(next(linears).T)
            loaded.add(f'{name}.weight')
        if isinstance(module, Attention):
            graph_name = f'/{name.replace(".blocks", "/blocks").replace(".attn", "/attn")}/Constant_5_output_0'
            expanded = reader.named(graph_name)
            module.attention_biases[:, module.attention_bias_idxs.flatten()] = expanded.flatten(1)
            assert torch.equal(module.attention_biases[:, module.attention_bias_idxs], expanded)
            loaded.add(f'{name}.attention_biases')
    for index, prefix in ((1, 'onnx::Mul_27'), (3, 'onnx::Mul_27')):
        scale, shift = reader.in_order(prefix)[index // 2], reader.in_order('onnx::Add_27')[index // 2]
        model.neck[index].weight.copy_(scale.flatten())
        model.neck[index].bias.copy_(shift.flatten())
        loaded |= {f'neck.{index}.weight', f'neck.{index}.bias'}
    assert next(convs, None) is None and next(linears, None) is None
    assert loaded >= set(parameters), set(parameters) - loaded


@torch.no_grad()
def load_prompt_encoder(model: PromptEncoder, reader: WeightReader) -> None:
    scales, shifts = reader.in_order('onnx::Mul_'), reader.in_order('onnx::Add_')
    state = model.state_dict()
    for name in state:
        stored = f'model.prompt_encoder.{name}'
        if stored in reader.source.tensors:
            state[name] = reader.named(stored)
    for index, layer in enumerate((1, 4)):
        state[f'mask_downscaling.{layer}.weight'] = scales[index].flatten()
        state[f'mask_downscaling.{layer}.bias'] = shifts[index].flatten()
    state['no_mask_embed.weight'] = scales[2].reshape(1, CHANNELS)
    model.load_state_dict(state)


@torch.no_grad()
def load_mask_decoder(model: MaskDecoder, reader: WeightReader) -> None:
    linears = iter(reader.in_order('onnx::MatMul_'))
    state, loaded = model.state_dict(), set()

    def set_value(name: str, value: torch.Tensor) -> None:
        state[name] = value.reshape(state[name].shape)
        loaded.add(name)

    for name in state:
        stored = f'mask_decoder.{name}'
        if stored in reader.source.tensors:
            set_value(name, reader.named(stored))
    for attention in transformer_linears(model.transformer):
        set_value(f'transformer.{attention}.weight', next(linears).T)
    tokens = reader.named('onnx::Expand_1921')[0]
    set_value('iou_token.weight', tokens[:1])
    set_value('mask_tokens.weight', tokens[1:])
    set_value('output_upscaling.1.weight', reader.in_order('onnx::Mul_')[3].flatten())
    set_value('output_upscaling.1.bias', reader.in_order('onnx::Add_')[2].flatten())
    assert next(linears, None) is None and loaded == set(state), set(state) - loaded
    model.load_state_dict(state)


def transformer_linears(transformer: TwoWayTransformer) -> list[str]:
    """The transformer's linear layers in the order in which the graph uses them."""
    attention = ['q_proj', 'k_proj', 'v_proj', 'out_proj']
    names = []
    for layer in range(len(transformer.layers)):
        parts = [f'self_attn.{part}' for part in attention]
        parts += [f'cross_attn_token_to_image.{part}' for part in attention]
        parts += ['mlp.lin1', 'mlp.lin2']
        parts += [f'cross_attn_image_to_token.{part}' for part in attention]
        names += [f'layers.{layer}.{part}' for part in parts]
    return names + [f'final_attn_token_to_image.{part}' for part in attention]
