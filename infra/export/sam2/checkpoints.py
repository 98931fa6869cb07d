"""Public checkpoints of the SAM 2 family, and models made of them or of random numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from sam2.build_sam import build_sam2_video_predictor
from sam2.sam2_video_predictor import SAM2VideoPredictor

ADDRESS = 'https://dl.fbaipublicfiles.com/segment_anything_2'
LICENCE = 'Apache-2.0'


@dataclass(frozen=True)
class Checkpoint:
    """A public checkpoint: the configuration that it fits, and where it is."""

    config: str
    url: str


SIZES = {'tiny': 't', 'small': 's', 'base_plus': 'b+', 'large': 'l'}
CHECKPOINTS = {
    f'{version}-hiera-{size.replace("_", "-")}': Checkpoint(
        f'configs/{version}/{version}_hiera_{letter}.yaml', f'{ADDRESS}/{date}/{version}_hiera_{size}.pt'
    )
    for version, date in (('sam2', '072824'), ('sam2.1', '092824'))
    for size, letter in SIZES.items()
}
EDGETAM = Checkpoint(
    'configs/edgetam.yaml', 'https://github.com/facebookresearch/EdgeTAM/raw/main/checkpoints/edgetam.pt'
)
CHECKPOINTS['edgetam'] = EDGETAM

# What upstream's build_sam2_video_predictor sets with apply_postprocessing; there it would go before options of
# one's own.
POSTPROCESSING = [
    '++model.sam_mask_decoder_extra_args.dynamic_multimask_via_stability=true',
    '++model.sam_mask_decoder_extra_args.dynamic_multimask_stability_delta=0.05',
    '++model.sam_mask_decoder_extra_args.dynamic_multimask_stability_thresh=0.98',
    '++model.binarize_mask_from_pts_for_mem_enc=true',
    '++model.fill_hole_area=8',
]


def build(config: str, checkpoint: Path | None, overrides: list[str], trunk: dict | None = None) -> SAM2VideoPredictor:
    """The video predictor as upstream builds it, post-processing included. `overrides` are hydra's
    (++model.NAME=VALUE); `trunk` are options of timm's network in EdgeTAM."""
    path = str(checkpoint) if checkpoint else None
    extra = [*POSTPROCESSING, *overrides]
    if config == EDGETAM.config:
        make_trunk(trunk or {})
    return build_sam2_video_predictor(
        config, path, device='cpu', hydra_overrides_extra=extra, apply_postprocessing=False
    ).eval()


def make_trunk(options: dict) -> None:
    """EdgeTAM's trunk without weights of its own, which upstream would download first: the checkpoint has them."""
    try:
        from sam2.modeling.backbones import timm as backbone
        from timm.models import create_model
    except ImportError as cause:
        raise SystemExit('EdgeTAM needs what infra/export/edgetam/README.md says to install') from cause
    backbone.create_model = lambda name, **given: create_model(name, **{**given, 'pretrained': False, **options})


def resized(config: str, overrides: list[str], size: int) -> list[str]:
    """Overrides for another input size than that of the configuration; rotary encodings follow the size by
    themselves, but for EdgeTAM's of queries."""
    more = [f'++model.image_size={size}']
    if config == EDGETAM.config:
        more.append(f'++model.memory_attention.layer.cross_attention.q_sizes=[{size // 16},{size // 16}]')
    return [*overrides, *more]


def randomise(model: torch.nn.Module, seed: int) -> None:
    """Fill all parameters and buffers with random numbers that keep the size of activations. The same seed gives
    the same model."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in sorted([*model.named_parameters(), *model.named_buffers()]):
            noise = torch.randn(value.shape, generator=generator)
            if 'gaussian_matrix' in name:
                value.copy_(noise)
            elif 'running_var' in name:
                value.copy_((1 + 0.1 * noise).abs())
            elif 'num_batches' in name:
                continue
            elif value.dim() >= 2 and name.endswith('weight') and 'embed' not in name and 'token' not in name:
                value.copy_(noise / value[0].numel() ** 0.5)
            elif (
                re.search(r'(norm|\.bn|encoder\.\d+|fuser.*gamma|output_upscaling\.1).*(weight|gamma)$', name)
                and value.dim() == 1
            ):
                value.copy_(1 + 0.1 * noise)
            else:
                value.copy_(0.3 * noise)
