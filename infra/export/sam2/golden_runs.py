"""Runs of the Python original, noted for the parity tests: what golden.py of this folder and of ../edgetam share.

Upstream's video predictor runs as it is but for three things: frames are read from PNG instead of JPEG; holes are
found by OpenCV, since upstream's search for them is a CUDA kernel; and what its memory encoder gives is noted before
it is rounded to bfloat16.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import sam2.sam2_video_predictor as predictor_module
import sam2.utils.misc as misc
import torch
from bundle import settings_of
from clip import FRAMES, HEIGHT, LATE, WIDTH, draw
from golden_files import Recorder, counts_of
from PIL import Image

COMMON = {'num_maskmem': 4, 'max_obj_ptrs_in_encoder': 6}
# Options that change the rules and not the graphs.
OTHER_RULES = {
    'memory_temporal_stride_for_eval': 2,
    'max_cond_frames_in_attn': 2,
    'add_all_frames_to_correct_as_cond': 'true',
    'multimask_output_for_tracking': 'false',
    'soft_no_obj_ptr': 'true',
    'non_overlap_masks': 'true',
    'fill_hole_area': 3,
}
# Frame -> (objects given on it, objects removed after it).
PLAIN = {0: ([1, 2], []), LATE: ([3], []), 7: ([2], []), 8: ([], [1])}
CORRECTED = {0: ([1, 2], []), 3: ([1], []), LATE: ([3, 2], []), 7: ([1], []), 9: ([], [2])}
REVERSE = {8: ([1, 2], []), 4: ([1], [])}
# A score nearer than this to a decision would let rounding decide.
MARGIN = 2e-3


def read_png_frames(video_path: str, image_size: int, **_: object) -> tuple[torch.Tensor, int, int]:
    """As upstream's load_video_frames for a folder of JPEG files."""
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    pictures, height, width = [], 0, 0
    for path in sorted(Path(video_path).glob('frame-*.png')):
        picture, height, width = misc._load_img_as_tensor(path, image_size)
        pictures.append((picture.float() - mean[:, None, None]) / std[:, None, None])
    return torch.stack(pictures), height, width


def components(mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Labels and areas of 8-connected components, [N, 1, H, W]."""
    labels, areas = [], []
    for one in mask[:, 0].numpy().astype(np.uint8):
        _, label, stats, _ = cv2.connectedComponentsWithStats(one, connectivity=8)
        labels.append(label)
        areas.append(np.where(label > 0, stats[label, cv2.CC_STAT_AREA], 0))
    return torch.from_numpy(np.stack(labels))[:, None], torch.from_numpy(np.stack(areas))[:, None]


def patch() -> None:
    predictor_module.load_video_frames = read_png_frames
    misc.get_connected_components = components


def watch_memories(model: torch.nn.Module) -> dict[int, torch.Tensor]:
    """What the memory encoder gave, by the rounded tensor that is kept of it."""
    raw: dict[int, torch.Tensor] = {}
    kept: list[torch.Tensor] = []
    encode, single, again = model._encode_new_memory, model._run_single_frame_inference, model._run_memory_encoder
    newest: list[torch.Tensor] = []

    def encode_noted(*args: object, **kwargs: object) -> tuple:
        features, positions = encode(*args, **kwargs)
        newest[:] = [features.clone()]
        return features, positions

    def note(features: torch.Tensor | None) -> None:
        if features is not None:
            kept.append(features)
            raw[id(features)] = newest[0]

    def single_noted(*args: object, **kwargs: object) -> tuple:
        out, masks = single(*args, **kwargs)
        note(out['maskmem_features'])
        return out, masks

    def again_noted(*args: object, **kwargs: object) -> tuple:
        features, positions = again(*args, **kwargs)
        note(features)
        return features, positions

    model._encode_new_memory, model._run_single_frame_inference, model._run_memory_encoder = (
        encode_noted,
        single_noted,
        again_noted,
    )
    return raw


def check_margins(model: torch.nn.Module) -> None:
    """Refuse a run in which rounding could decide."""
    predict = model.sam_mask_decoder.predict_masks

    def checked(*args: object, **kwargs: object) -> tuple:
        masks, scores, tokens, seen = predict(*args, **kwargs)
        best = scores[:, 1:].sort(descending=True).values
        margin = min(seen.abs().min().item(), (best[:, 0] - best[:, 1]).min().item())
        if not margin >= MARGIN:
            raise SystemExit(
                f'a decision by {margin:.2g} only, which rounding may turn: choose other numbers in tiny.py'
            )
        return masks, scores, tokens, seen

    model.sam_mask_decoder.predict_masks = checked


class Session(Protocol):
    """Objects that upstream follows in one clip."""

    def known(self) -> list[int]:
        """Objects that are followed, in order."""

    def add(self, frame: int, number: int, mask: np.ndarray) -> None: ...

    def correct(self, frame: int, number: int, mask: np.ndarray) -> None:
        """A mask for one that was moved to this frame."""

    def propagate(self, frame: int, reverse: bool) -> torch.Tensor:
        """One frame; logits [objects, 1, height, width]."""

    def output(self, frame: int, number: int) -> tuple[bool, dict]:
        """Whether the frame is a conditioning one, and what upstream keeps of the object there."""

    def remove(self, number: int) -> None: ...


class OneState:
    """All objects in one state of the predictor, which follows each by itself (sam2 1.1.0)."""

    def __init__(self, model: torch.nn.Module, folder: Path) -> None:
        self.model = model
        self.state = model.init_state(str(folder))

    def known(self) -> list[int]:
        return list(self.state['obj_ids'])

    def add(self, frame: int, number: int, mask: np.ndarray) -> None:
        self.model.add_new_mask(self.state, frame, number, mask)

    def correct(self, frame: int, number: int, mask: np.ndarray) -> None:
        self.model.add_new_mask(self.state, frame, number, mask)
        self.model.propagate_in_video_preflight(self.state)

    def propagate(self, frame: int, reverse: bool) -> torch.Tensor:
        ((_, _, masks),) = list(self.model.propagate_in_video(self.state, frame, 0, reverse=reverse))
        return masks

    def output(self, frame: int, number: int) -> tuple[bool, dict]:
        kept = self.state['output_dict_per_obj'][self.state['obj_id_to_idx'][number]]
        return kept_on(kept, frame)

    def remove(self, number: int) -> None:
        self.model.remove_object(self.state, number)


def kept_on(kept: dict, frame: int) -> tuple[bool, dict]:
    is_conditioning = frame in kept['cond_frame_outputs']
    return is_conditioning, kept['cond_frame_outputs' if is_conditioning else 'non_cond_frame_outputs'][frame]


def run(
    create: Callable[..., torch.nn.Module],
    open_session: Callable[[torch.nn.Module, Path], Session],
    folder: Path,
    recorder: Recorder,
    script: dict,
    reverse: bool,
    options: dict,
    length: int = FRAMES,
) -> dict:
    model = create(**{**COMMON, **options})
    raw = watch_memories(model)
    check_margins(model)
    session = open_session(model, folder)
    # Upstream goes nowhere backward from frame 0, so a run of one frame at a time ends at frame 1.
    frames = list(range(max(script), 0, -1) if reverse else range(min(script), length))
    lines = []
    for frame in frames:
        given, removed = script.get(frame, ([], []))
        # Objects that are followed already are moved first, and then corrected; new ones are there before the
        # frame is gone through.
        known = set(session.known())
        for number in [n for n in given if n not in known]:
            session.add(frame, number, draw(frame)[1][number])
        masks = session.propagate(frame, reverse)
        tracked = [note(recorder, raw, session, frame, number, masks[i, 0]) for i, number in enumerate(session.known())]
        corrected = []
        for number in [n for n in given if n in known]:
            session.correct(frame, number, draw(frame)[1][number])
            corrected.append(note(recorder, raw, session, frame, number, None))
        masks_given = [{'object': n, 'counts': counts_of(draw(frame)[1][n])} for n in given]
        lines.append(
            {'frame': frame, 'given': masks_given, 'tracked': tracked, 'corrected': corrected, 'removed': removed}
        )
        for number in removed:
            session.remove(number)
    settings = settings_of(model, {'url': 'none', 'licence': 'Apache-2.0'})
    return {'reverse': reverse, 'settings': {name: settings[name] for name in options}, 'lines': lines}


def note(
    recorder: Recorder, raw: dict, session: Session, frame: int, number: int, video_mask: torch.Tensor | None
) -> dict:
    is_conditioning, out = session.output(frame, number)
    memory = raw[id(out['maskmem_features'])]
    return {
        'object': number,
        'isConditioning': is_conditioning,
        'logits': recorder.add(out['pred_masks']),
        # Latents are [1, latents, channels] upstream; here channels come first, as they do on a grid.
        'memory': recorder.add(memory if memory.dim() == 4 else memory.transpose(1, 2)),
        'pointer': recorder.add(out['obj_ptr']),
        'objectScore': out['object_score_logits'].item(),
        **({} if video_mask is None else {'counts': counts_of((video_mask > 0).numpy())}),
    }


def prompts(model: torch.nn.Module, folder: Path, recorder: Recorder) -> list[dict]:
    """The image model: what upstream's heads give for points, boxes and masks on the first frame."""
    size = model.image_size
    pictures, height, width = read_png_frames(str(folder), size)
    fpn = model.forward_image(pictures[:1])['backbone_fpn']
    features = fpn[2] + model.no_mem_embed.reshape(1, -1, 1, 1)
    scale = torch.tensor([size / width, size / height])
    mask = torch.linspace(-6, 6, size // 4).repeat(size // 4, 1)[None, None]
    asked = [
        ([[40.0, 50.0]], [1], None),
        ([[30.5, 40.0], [128.0, 74.0]], [1, 0], None),
        ([[12.0, 30.0], [60.0, 62.0]], [2, 3], None),
        ([[12.0, 30.0], [60.0, 62.0], [34.0, 44.0]], [2, 3, 1], None),
        ([[34.0, 44.0]], [1], mask),
    ]
    found = []
    for points, labels, mask_input in asked:
        inputs = {'point_coords': (torch.tensor([points]) * scale), 'point_labels': torch.tensor([labels])}
        sparse, dense = model.sam_prompt_encoder(points=tuple(inputs.values()), boxes=None, masks=mask_input)
        masks, scores, _, _ = model.sam_mask_decoder.predict_masks(
            features,
            model.sam_prompt_encoder.get_dense_pe(),
            sparse,
            dense,
            repeat_image=False,
            high_res_features=fpn[:2],
        )
        entry = {'points': points, 'labels': labels, 'masks': recorder.add(masks), 'scores': recorder.add(scores)}
        found.append(entry | ({} if mask_input is None else {'maskInput': recorder.add(mask_input)}))
    return found


def write_frames(folder: Path) -> None:
    for position in range(FRAMES):
        Image.fromarray(draw(position)[0]).save(folder / f'frame-{position:02d}.png', optimize=True)


def write_golden(folder: Path, recorder: Recorder, family: str, runs: dict, prompted: list[dict]) -> None:
    golden = {
        'note': f'written by infra/export/{family}/golden.py; numbers are [offset, length] in floats.bin (float32, '
        'little-endian)',
        'width': WIDTH,
        'height': HEIGHT,
        'runs': runs,
        'prompts': prompted,
    }
    recorder.write(folder)
    (folder / 'golden.json').write_text(json.dumps(golden, separators=(',', ':')) + '\n')
