"""The configuration that EdgeTAM's parity is proved with: few channels, 8 latents of no place and 4 x 4 of windows,
random weights."""

from __future__ import annotations

import torch
from checkpoints import EDGETAM, build, randomise, resized
from sam2.modeling.sam.transformer import TwoWayTransformer
from sam2.modeling.sam2_utils import MLP
from sam2.sam2_video_predictor import SAM2VideoPredictor
from tiny import CHANNELS, MEMORY, SIZE, liven

SEED = 7
SCORE_BIAS = 3.137
IOU_BIAS = (0, 0.2, -4.8, -5.8)
TRUNK = (8, 16, 24, 32)

OVERRIDES = {
    'image_encoder.neck.position_encoding.num_pos_feats': CHANNELS,
    'image_encoder.neck.d_model': CHANNELS,
    'image_encoder.neck.backbone_channel_list': str(list(reversed(TRUNK))),
    'memory_attention.d_model': CHANNELS,
    'memory_attention.layer.dim_feedforward': 64,
    'memory_attention.layer.d_model': CHANNELS,
    'memory_attention.layer.self_attention.embedding_dim': CHANNELS,
    'memory_attention.layer.cross_attention.embedding_dim': CHANNELS,
    'memory_attention.layer.cross_attention.k_sizes': '[4,4]',
    'memory_attention.layer.cross_attention.kv_in_dim': MEMORY,
    'memory_encoder.out_dim': MEMORY,
    '+memory_encoder.in_dim': CHANNELS,
    'memory_encoder.position_encoding.num_pos_feats': MEMORY,
    '+memory_encoder.mask_downsampler.embed_dim': CHANNELS,
    'memory_encoder.fuser.layer.dim': CHANNELS,
    'spatial_perceiver.dim': MEMORY,
    'spatial_perceiver.dim_head': MEMORY,
    'spatial_perceiver.num_latents': 8,
    'spatial_perceiver.num_latents_2d': 16,
    'spatial_perceiver.position_encoding.num_pos_feats': MEMORY,
}


def create_tiny(**options: object) -> SAM2VideoPredictor:
    """`options` are upstream's, as in a configuration."""
    overrides = [f'{"+" if key[0] == "+" else ""}model.{key.lstrip("+")}={value}' for key, value in OVERRIDES.items()]
    overrides += [f'++model.{name}={value}' for name, value in options.items()]
    trunk = {'embed_dim': TRUNK, 'depth': (1, 1, 2, 1)}
    model = build(EDGETAM.config, None, resized(EDGETAM.config, overrides, SIZE), trunk)
    model.sam_mask_decoder.transformer = TwoWayTransformer(
        depth=2, embedding_dim=CHANNELS, mlp_dim=64, num_heads=8
    ).eval()
    model.sam_mask_decoder.iou_prediction_head = MLP(CHANNELS, 32, 4, 3, sigmoid_output=True).eval()
    randomise(model, SEED)
    with torch.no_grad():
        liven(model, SCORE_BIAS, IOU_BIAS)
    return model
