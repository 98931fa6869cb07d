"""A folder that `vamg models add` takes: graphs that share one file of weights, sam2.json and bundle.json."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from graphs import Decoder, Encoder, MemoryAttention, MemoryEncoder
from sam2.modeling.sam2_base import SAM2Base
from sam2.sam2_video_predictor import SAM2VideoPredictor
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[1] / 'common'))
from bundle_files import WEIGHTS, WeightFile, write_graph, write_manifest  # noqa: E402

SETTINGS = 'sam2.json'

# What the tracker reads, under upstream's names (sam2_base.py, sam2_video_predictor.py).
OPTIONS = (
    'num_maskmem max_cond_frames_in_attn max_obj_ptrs_in_encoder memory_temporal_stride_for_eval '
    'only_obj_ptrs_in_the_past_for_eval use_signed_tpos_enc_to_obj_ptrs multimask_output_in_sam '
    'multimask_output_for_tracking multimask_min_pt_num multimask_max_pt_num use_multimask_token_for_obj_ptr '
    'fixed_no_obj_ptr soft_no_obj_ptr binarize_mask_from_pts_for_mem_enc fill_hole_area non_overlap_masks '
    'clear_non_cond_mem_around_input add_all_frames_to_correct_as_cond'
).split()
DECODER_OPTIONS = (
    'dynamic_multimask_via_stability dynamic_multimask_stability_delta dynamic_multimask_stability_thresh'.split()
)
# Without and with a perceiver.
WORKS = (
    'SAM 2 (Ravi et al. 2024), github.com/facebookresearch/sam2',
    'EdgeTAM (Zhou et al. 2025), github.com/facebookresearch/EdgeTAM',
)
LATENTS = ('num_latents', 'num_latents_2d')


def settings_of(model: SAM2VideoPredictor, source: dict) -> dict:
    mask = model.mask_downsample
    perceiver = getattr(model, 'spatial_perceiver', None)
    latents = {} if perceiver is None else {name: max(0, getattr(perceiver, name)) for name in LATENTS}
    return {
        'source': source,
        'hidden_dim': model.hidden_dim,
        'mem_dim': model.mem_dim,
        **latents,
        **{name: getattr(model, name) for name in OPTIONS},
        **{name: getattr(model.sam_mask_decoder, name) for name in DECODER_OPTIONS},
        'no_obj_ptr': model.no_obj_ptr.flatten().tolist(),
        'mask_downsample': {'weight': mask.weight.flatten().tolist(), 'bias': mask.bias.item()},
    }


def graph_cases(model: SAM2Base) -> dict[str, tuple[nn.Module, dict[str, tuple[torch.Tensor, dict]], list[str]]]:
    """Role -> module, inputs (an example and its free dimensions), outputs."""
    size, cells, channels, memory = model.image_size, model.sam_image_embedding_size, model.hidden_dim, model.mem_dim
    side, objects = 4 * cells, {0: 'B'}
    attention = MemoryAttention(model)
    places = attention.memory_positions.shape[1]
    zeros = torch.zeros
    image = (zeros(1, channels, cells, cells), {})
    features = {
        'image_embeddings': (zeros(2, channels, cells, cells), {0: 'E'}),
        'stride8_features': (zeros(1, channels // 4, 2 * cells, 2 * cells), {}),
        'stride4_features': (zeros(1, channels // 8, side, side), {}),
    }
    prompts = {
        'no_memory': (zeros(1), {}),
        'point_coords': (zeros(2, 3, 2), {0: 'B', 1: 'N'}),
        'point_labels': (zeros(2, 3), {0: 'B', 1: 'N'}),
        'mask_input': (zeros(2, 1, side, side), objects),
        'has_mask_input': (zeros(1), {}),
    }
    remembered = {
        'image_embeddings': image,
        'memory': (zeros(2, 3, memory, places), {0: 'B', 1: 'F'}),
        'times': (zeros(2, 3), {0: 'B', 1: 'F'}),
        'pointers': (zeros(2, 5, channels), {0: 'B', 1: 'P'}),
        'distances': (zeros(2, 5), {0: 'B', 1: 'P'}),
    }
    new = {
        'image_embeddings': image,
        'mask_logits': (zeros(2, 1, side, side), objects),
        'binarize': (zeros(1), {}),
        'absent': (zeros(2), objects),
    }
    return {
        'decoder': (Decoder(model), {**features, **prompts}, ['masks', 'iou_predictions', 'object_scores', 'pointers']),
        'memory-attention': (attention, remembered, ['features']),
        'memory-encoder': (MemoryEncoder(model), new, ['memory']),
        'encoder': (
            Encoder(model),
            {'image': (zeros(1, 3, size, size), {})},
            ['image_embeddings', 'stride8_features', 'stride4_features'],
        ),
    }


@dataclass(frozen=True)
class Edition:
    """What becomes one bundle: a model at ascending input sizes, and what is said of it."""

    name: str
    models: list[SAM2VideoPredictor]
    source: dict
    description: str
    # For a second edition in a folder: what its file names begin with, and roles whose graphs are those of the first.
    variant: str = ''
    shared: tuple[str, ...] = ()


def write_graphs(folder: Path, model: SAM2Base, weights: WeightFile, edition: Edition) -> list[tuple[str, str]]:
    """Write the four graphs of one input size. Gives roles and file names."""
    written = []
    for role, (module, inputs, outputs) in graph_cases(model).items():
        name = f'{role}-{model.image_size}.onnx'
        if role in edition.shared:
            written.append((f'{role}-{model.image_size}', name))
            continue
        path = folder / (edition.variant + name)
        batched = {name: {0: 'B'} for name in outputs} if role != 'encoder' else {}
        free = {**{name: free for name, (_, free) in inputs.items() if free}, **batched}
        write_graph(path, module, {name: value for name, (value, _) in inputs.items()}, outputs, free, weights)
        written.append((f'{role}-{model.image_size}', path.name))
    return written


def write_bundle(folder: Path, *editions: Edition) -> None:
    """Editions share a folder and a file of weights; usually there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = WeightFile(folder)
    files = []
    for edition in editions:
        settings = edition.variant + SETTINGS
        (folder / settings).write_text(json.dumps(settings_of(edition.models[0], edition.source), indent=1) + '\n')
        own = [('sam2-settings', settings), ('weights', WEIGHTS)]
        for model in edition.models:
            own += write_graphs(folder, model, weights, edition)
        files.append(own)
    weights.close()
    for edition, own in zip(editions, files, strict=True):
        work = WORKS[getattr(edition.models[0], 'spatial_perceiver', None) is not None]
        head = {
            'name': edition.name,
            'family': 'sam2',
            'description': edition.description,
            'inputSizes': [model.image_size for model in edition.models],
        }
        write_manifest(folder / f'{edition.variant}bundle.json', head, own, edition.source, work)
