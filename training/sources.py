"""The training material: listed in sources.json, fetched by URL or taken from a folder, checked by sha256."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

LIST = Path(__file__).parent / 'sources.json'
LONGEST_SIDE = {'picture': 1024, 'clip': 720}
PICTURES = ('.png', '.jpg', '.jpeg')
MAX_FRAMES = 240  # kept of a clip


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
    """RGB uint8 with the longest side at 1024."""
    picture = Image.open(source.path).convert('RGB')
    scale = LONGEST_SIDE['picture'] / max(picture.size)
    size = tuple(max(1, round(side * scale)) for side in picture.size)
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS))


def clip_size(source: Source) -> tuple[int, int]:
    """Height and width with the longest side at 720, both even."""
    probe = ['ffprobe', '-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=width,height', '-of', 'csv=p=0']
    output = subprocess.run([*probe, str(source.path)], capture_output=True, check=True, text=True).stdout
    width, height = (int(value) for value in output.split()[0].split(',')[:2])
    scale = LONGEST_SIDE['clip'] / max(width, height)
    return round(height * scale / 2) * 2, round(width * scale / 2) * 2


def read_clip(source: Source, cache: Path) -> np.ndarray:
    """RGB uint8 [frames, h, w, 3], the longest side at 720: its first 240 frames, kept in `cache`."""
    path = cache / f'{source.path.name}.npy'
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f'{path.stem}.{os.getpid()}.part.npy')
        np.save(part, decode_clip(source))
        part.rename(path)
    return np.load(path, mmap_mode='r')


def decode_clip(source: Source) -> np.ndarray:
    height, width = clip_size(source)
    filters = f'scale={width}:{height}:flags=bicubic'
    command = ['ffmpeg', '-v', 'error', '-nostdin', '-threads', '1', '-i', str(source.path)]
    command += ['-frames:v', str(MAX_FRAMES), '-vf', filters, '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-']
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)
