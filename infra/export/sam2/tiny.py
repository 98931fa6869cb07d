"""The configurations that parity is proved with: SAM 2.1 with every rule, and 2.0, few channels, random weights."""

from __future__ import annotations

import torch
from checkpoints import CHECKPOINTS, build, randomise
from sam2.modeling.sam.transformer import TwoWayTransformer
from sam2.sam2_video_predictor import SAM2VideoPredictor

SIZE = 128
CHANNELS = 32
MEMORY = 16
SEED = 12
TRUNK = 8
SCORE_BIAS = -8.73
# Of what memories say, of how sharply they are chosen from, of what the picture says to tokens.
LIVELINESS = (3, 2, 4)
IOU_BIAS = (0, 0.2, -4.8, -5.8)

OVERRIDES = {
    'image_size': SIZE,
    'image_encoder.trunk.embed_dim': TRUNK,
    'image_encoder.trunk.stages': '[1,1,2,1]',
    'image_encoder.trunk.global_att_blocks': '[3]',
    'image_encoder.neck.position_encoding.num_pos_feats': CHANNELS,
    'image_encoder.neck.d_model': CHANNELS,
    'image_encoder.neck.backbone_channel_list': f'[{8 * TRUNK},{4 * TRUNK},{2 * TRUNK},{TRUNK}]',
    'memory_attention.d_model': CHANNELS,
    'memory_attention.num_layers': 2,
    'memory_attention.layer.dim_feedforward': 64,
    'memory_attention.layer.d_model': CHANNELS,
    'memory_attention.layer.self_attention.embedding_dim': CHANNELS,
    'memory_attention.layer.self_attention.feat_sizes': '[8,8]',
    'memory_attention.layer.cross_attention.embedding_dim': CHANNELS,
    'memory_attention.layer.cross_attention.feat_sizes': '[8,8]',
    'memory_attention.layer.cross_attention.kv_in_dim': MEMORY,
    'memory_encoder.out_dim': MEMORY,
    '+memory_encoder.in_dim': CHANNELS,
    'memory_encoder.position_encoding.num_pos_feats': MEMORY,
    '+memory_encoder.mask_downsampler.embed_dim': CHANNELS,
    'memory_encoder.fuser.layer.dim': CHANNELS,
}


def create_tiny(**options: object) -> SAM2VideoPredictor:
    """`options` are upstream's, as in a configuration."""
    model = assemble('sam2.1-hiera-tiny', options)
    randomise(model, SEED)
    with torch.no_grad():
        liven(model, SCORE_BIAS, IOU_BIAS)
    return model


def create_tiny_2_0(**options: object) -> SAM2VideoPredictor:
    """SAM 2.0 with the same weights: it has a few less, and other rules."""
    weights = create_tiny(**options).state_dict()
    model = assemble('sam2-hiera-tiny', options)
    model.load_state_dict({name: weights[name] for name in model.state_dict()})
    return model


def assemble(name: str, options: dict) -> SAM2VideoPredictor:
    overrides = [f'{"+" if key[0] == "+" else ""}model.{key.lstrip("+")}={value}' for key, value in OVERRIDES.items()]
    overrides += [f'++model.{key}={value}' for key, value in options.items()]
    model = build(CHECKPOINTS[name].config, None, overrides)
    model.sam_mask_decoder.transformer = TwoWayTransformer(
        depth=2, embedding_dim=CHANNELS, mlp_dim=64, num_heads=8
    ).eval()
    return model


def liven(model: SAM2VideoPredictor, score_bias: float, iou_bias: tuple[float, ...]) -> None:
    """Random networks hardly look at what they are given: let memories, objects and pictures decide, and objects
    be seen and hidden by turns."""
    for layer in model.memory_attention.layers:
        layer.cross_attn_image.out_proj.weight.mul_(LIVELINESS[0])
        layer.cross_attn_image.k_proj.weight.mul_(LIVELINESS[1])
    decoder = model.sam_mask_decoder
    for attention in (
        *[layer.cross_attn_token_to_image for layer in decoder.transformer.layers],
        decoder.transformer.final_attn_token_to_image,
    ):
        attention.out_proj.weight.mul_(LIVELINESS[2])
    decoder.iou_prediction_head.layers[-1].weight.mul_(8)
    decoder.iou_prediction_head.layers[-1].bias.add_(torch.tensor(iou_bias))
    decoder.pred_obj_score_head.layers[-1].weight.mul_(8)
    decoder.pred_obj_score_head.layers[-1].bias.fill_(score_bias)
