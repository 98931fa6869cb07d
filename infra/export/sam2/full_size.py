"""Few frames of a full-size network with random weights, run by the Python original: what golden.py --full-size writes
for `node dist/bench/sam2-parity.js` to compare ours with."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import torch
from bundle import Edition, write_bundle
from checkpoints import CHECKPOINTS, LICENCE, build, randomise, resized
from golden_files import Recorder
from golden_runs import Session, prompts, read_png_frames, run, write_golden

# Frame -> (objects given on it, objects removed after it).
SCRIPT = {0: ([1, 2], []), 2: ([1], [])}
FRAMES = 4


def golden_parser(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--full-size', choices=sorted(CHECKPOINTS), metavar='MODEL', help='that one, not the tiny one')
    parser.add_argument('--size', type=int, default=1024, help='its input size')
    parser.add_argument('--random', type=int, default=3, metavar='SEED', help='its weights')
    return parser


def settle(model: torch.nn.Module, pictures: torch.Tensor) -> None:
    """Numbers of the size that trained weights give, or what follows would amplify every rounding: batch normalisation
    has the statistics of the pictures (EdgeTAM's trunk made numbers of 20,000 without), and features vary by 1."""
    for norm in model.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.train().momentum = 1
    with torch.no_grad():
        features = model.forward_image(pictures.clone())['backbone_fpn'][-1]
        for side in model.image_encoder.neck.convs:
            side.conv.weight.div_(features.std())
            side.conv.bias.div_(features.std())
    model.eval()


def write_full_size(
    arguments: argparse.Namespace, open_session: Callable[[torch.nn.Module, Path], Session], clip: Path
) -> None:
    """Golden files and bundle of the network that the options of golden_parser name."""
    config = CHECKPOINTS[arguments.full_size].config
    pictures, _, _ = read_png_frames(str(clip), arguments.size)

    def create(**_: object) -> torch.nn.Module:
        with torch.inference_mode(False):
            model = build(config, None, resized(config, [], arguments.size))
            randomise(model, arguments.random)
            settle(model, pictures[:1])
            return model

    recorder = Recorder()
    followed = run(create, open_session, clip, recorder, SCRIPT, False, {}, FRAMES)
    prompted = prompts(create(), clip, recorder)
    family = 'edgetam' if arguments.full_size == 'edgetam' else 'sam2'
    write_golden(arguments.out, recorder, family, {'full size': followed}, prompted)
    source = {'url': f'none: random numbers, seed {arguments.random}', 'licence': LICENCE}
    with torch.inference_mode(False):
        write_bundle(arguments.out / 'bundle', Edition(arguments.full_size, [create()], source, 'For a comparison.'))
