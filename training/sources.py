"""The training material: listed in sources.json, fetched by URL or taken from a folder, checked by sha256."""

from __future__ import annotations

import hashlib
import json
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

LIST = Path(__file__).parent / 'sources.json'
LONGEST_SIDE = 512
PICTURES = ('.png', '.jpg')


@dataclass(frozen=True)
class Source:
    file: str
    path: Path

    @property
    def is_picture(self) -> bool:
        return self.path.suffix in PICTURES


def open_sources(folder: Path) -> list[Source]:
    """Every listed file, in the list's order; what `folder` lacks is downloaded into it."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for entry in json.loads(LIST.read_text())['files']:
        path = folder / entry['file']
        if not path.exists():
            urllib.request.urlretrieve(entry['url'], path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != entry['sha256']:
            raise ValueError(f'{path.name}: sha256 is {digest}, expected {entry["sha256"]}')
        found.append(Source(entry['file'], path))
    return found


def read_picture(source: Source) -> np.ndarray:
    """RGB uint8 with the longest side at 512."""
    picture = Image.open(source.path).convert('RGB')
    scale = LONGEST_SIDE / max(picture.size)
    size = tuple(max(1, round(side * scale)) for side in picture.size)
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS))


def clip_size(source: Source) -> tuple[int, int]:
    """Height and width with the longest side at 512, both even."""
    probe = ['ffprobe', '-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=width,height', '-of', 'csv=p=0']
    output = subprocess.run([*probe, str(source.path)], capture_output=True, check=True, text=True).stdout
    width, height = (int(value) for value in output.strip().split(',')[:2])
    scale = LONGEST_SIDE / max(width, height)
    return round(height * scale / 2) * 2, round(width * scale / 2) * 2


def read_clip(source: Source, max_frames: int = 400) -> np.ndarray:
    """RGB uint8 [frames, h, w, 3], the longest side at 512; long clips from their first `max_frames` frames."""
    height, width = clip_size(source)
    command = [
        'ffmpeg',
        '-v',
        'error',
        '-nostdin',
        '-threads',
        '1',
        '-i',
        str(source.path),
        '-frames:v',
        str(max_frames),
    ]
    command += ['-vf', f'scale={width}:{height}:flags=bicubic', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-']
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)
