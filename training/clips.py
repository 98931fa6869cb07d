"""Clips with ground truth for measuring: frames/*.jpg or video.mp4, and masks/*.png with the object ids."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image


def read_frames(folder: Path) -> list[np.ndarray]:
    if (folder / 'frames').is_dir():
        return [read_rgb(path) for path in sorted((folder / 'frames').glob('*.jpg'))]
    with tempfile.TemporaryDirectory() as name:
        command = ['ffmpeg', '-v', 'error', '-nostdin', '-i', str(folder / 'video.mp4'), '-fps_mode', 'passthrough']
        subprocess.run([*command, f'{name}/%05d.png'], check=True)
        return [read_rgb(path) for path in sorted(Path(name).glob('*.png'))]


def read_rgb(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert('RGB'))


def read_labels(folder: Path) -> list[np.ndarray]:
    """Per frame, the id of the object at each pixel: uint8 [h, w], 0 is the background."""
    return [np.asarray(Image.open(path)) for path in sorted((folder / 'masks').glob('*.png'))]
