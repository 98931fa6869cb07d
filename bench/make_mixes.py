"""Clips with exact truth that nothing was chosen by: cut-outs of the shared clips, on other plates (docs/adr/0020).

    python bench/make_mixes.py --data DIR --out OUT      (numpy, Pillow; ffmpeg on the path)
    npm run bench:automatic -- --data OUT --clips mix-steppe,mix-twins,mix-road --preset balanced

OUT/NAME gets what a clip of the shared data has: video.mp4, masks/00000.png (indexed, 0 is unlabelled), meta.json.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT, FPS, FRAMES = 854, 480, 24, 160
# Shots of long-cuts-dev: first frame, end, label.
SHOTS = {
    'dog': (38, 98, 2),
    'car': (98, 178, 3),
    'stroller': (178, 269, 4),
    'tennis': (306, 376, 5),
    'cows': (376, 480, 6),
    'rhino': (480, 570, 7),
}
PALETTE = [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0] + [0] * 753

Source = list[tuple[Path, Path, int | None]]
Place = Callable[[int], tuple[float, float] | None]


def along(*pieces: tuple[int, int, float, float, float]) -> Place:
    """Centre and foot of a cut-out by frame: from a to b, x goes from u to v, with the foot at y; None in between."""

    def place(t: int) -> tuple[float, float] | None:
        for a, b, u, v, y in pieces:
            if a <= t <= b:
                return u + (v - u) * (t - a) / (b - a), y
        return None

    return place


@dataclass(frozen=True)
class CutOut:
    label: int
    source: str
    scale: float
    is_mirrored: bool
    place: Place


@dataclass(frozen=True)
class Mix:
    plate: str
    names: list[str]
    # Later ones are in front.
    cut_outs: list[CutOut]


MIXES = {
    'mix-steppe': Mix(
        'rhino',
        ['rhino (plate)', 'cow', 'dog', 'tennis player'],
        [
            CutOut(3, 'dog', 0.8, False, along((0, 80, 250, -250, 470), (110, 159, -250, 330, 470))),
            CutOut(4, 'tennis', 0.75, True, along((50, 159, 950, 150, 420))),
            CutOut(
                2,
                'cows',
                0.85,
                True,
                along((0, 60, 650, 700, 475), (61, 100, 700, 1100, 475), (125, 159, 1100, 650, 475)),
            ),
        ],
    ),
    'mix-twins': Mix(
        'flamingo',
        ['flamingo (plate)', 'cow A', 'cow B (mirror twin of A)', 'dog'],
        [
            CutOut(3, 'cows', 0.6, False, along((0, 159, 120, 760, 470))),
            CutOut(2, 'cows', 0.6, True, along((0, 110, 720, -220, 465), (128, 159, 1050, 760, 465))),
            CutOut(4, 'dog', 0.7, False, along((30, 159, -60, 620, 478))),
        ],
    ),
    'mix-road': Mix(
        'bus',
        ['bus (plate)', 'woman with pram', 'car', 'surfer'],
        [
            CutOut(3, 'car', 0.5, True, along((0, 159, -50, 700, 470))),
            CutOut(2, 'stroller', 0.9, False, along((0, 159, 600, 300, 400))),
            CutOut(4, 'surf', 1.0, False, along((60, 159, 900, 200, 300))),
        ],
    ),
}


def source_of(data: Path, shots: Path, name: str) -> Source:
    """Pictures and masks of a shot or of a davis16 clip; the number is its label, None for all that is not 0."""
    if name in SHOTS:
        first, end, label = SHOTS[name]
        return [
            (shots / f'{t:05d}.png', data / 'long-cuts-dev' / 'masks' / f'{t:05d}.png', label)
            for t in range(first, end)
        ]
    clip = data / f'davis16-{name}'
    return [
        (picture, mask, None)
        for picture, mask in zip(sorted((clip / 'frames').iterdir()), sorted((clip / 'masks').iterdir()), strict=True)
    ]


def frame_of(source: Source, t: int) -> tuple[np.ndarray, np.ndarray]:
    """[HEIGHT, WIDTH, 3] and its mask [HEIGHT, WIDTH]; a source that ends is played back and forth."""
    t %= 2 * len(source) - 2
    picture, mask, label = source[min(t, 2 * len(source) - 2 - t)]
    labels = np.array(Image.open(mask).resize((WIDTH, HEIGHT), Image.Resampling.NEAREST))
    inside = labels > 0 if label is None else labels == label
    return np.array(Image.open(picture).convert('RGB').resize((WIDTH, HEIGHT))), inside if inside.ndim == 2 else inside[
        ..., 0
    ]


def cut(
    picture: np.ndarray, inside: np.ndarray, scale: float, is_mirrored: bool
) -> tuple[np.ndarray, np.ndarray] | None:
    """The object alone and how much of each pixel is it, 0..1."""
    ys, xs = np.nonzero(inside)
    if len(xs) == 0:
        return None
    box = (slice(ys.min(), ys.max() + 1), slice(xs.min(), xs.max() + 1))
    size = (max(1, int(inside[box].shape[1] * scale)), max(1, int(inside[box].shape[0] * scale)))
    pixels = Image.fromarray(picture[box]).resize(size, Image.Resampling.LANCZOS)
    share = Image.fromarray(inside[box].astype(np.uint8) * 255).resize(size, Image.Resampling.BILINEAR)
    if is_mirrored:
        pixels, share = (one.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for one in (pixels, share))
    return np.array(pixels), np.array(share) / 255


def draw(mix: Mix, sources: dict[str, Source], t: int) -> tuple[np.ndarray, np.ndarray]:
    picture, inside = frame_of(sources[mix.plate], t)
    picture, labels = picture.astype(float), inside.astype(np.uint8)
    for one in mix.cut_outs:
        at = one.place(t)
        # Each starts elsewhere in its source, so that twins do not step alike.
        sprite = at and cut(*frame_of(sources[one.source], t + 7 * one.label), one.scale, one.is_mirrored)
        if not at or not sprite:
            continue
        pixels, share = sprite
        rows, columns = share.shape
        left, top = int(at[0] - columns / 2), int(at[1] - rows)
        x = slice(max(0, left), min(WIDTH, left + columns))
        y = slice(max(0, top), min(HEIGHT, top + rows))
        if x.start >= x.stop or y.start >= y.stop:
            continue
        own = (slice(y.start - top, y.stop - top), slice(x.start - left, x.stop - left))
        picture[y, x] += (pixels[own] - picture[y, x]) * share[own][..., None]
        labels[y, x][share[own] >= 0.5] = one.label
    return picture.clip(0, 255).astype(np.uint8), labels


def intervals(frames: list[int]) -> list[list[int]]:
    out: list[list[int]] = []
    for t in frames:
        if out and out[-1][1] == t - 1:
            out[-1][1] = t
        else:
            out.append([t, t])
    return out


def make(name: str, mix: Mix, data: Path, shots: Path, out: Path) -> None:
    (out / name / 'masks').mkdir(parents=True, exist_ok=True)
    sources = {one: source_of(data, shots, one) for one in [mix.plate, *(cut_out.source for cut_out in mix.cut_outs)]}
    visible: dict[str, list[int]] = {str(label + 1): [] for label in range(len(mix.names))}
    encode = [
        'ffmpeg',
        '-y',
        '-v',
        'error',
        '-f',
        'rawvideo',
        '-pix_fmt',
        'rgb24',
        '-s',
        f'{WIDTH}x{HEIGHT}',
        '-r',
        str(FPS),
        '-i',
        '-',
    ]
    encoder = subprocess.Popen(
        [*encode, '-c:v', 'libx264', '-crf', '16', '-pix_fmt', 'yuv420p', str(out / name / 'video.mp4')],
        stdin=subprocess.PIPE,
    )
    assert encoder.stdin
    for t in range(FRAMES):
        picture, labels = draw(mix, sources, t)
        encoder.stdin.write(picture.tobytes())
        indexed = Image.fromarray(labels, 'P')
        indexed.putpalette(PALETTE)
        indexed.save(out / name / 'masks' / f'{t:05d}.png')
        for label in np.unique(labels[labels > 0]):
            visible[str(label)].append(t)
    encoder.stdin.close()
    if encoder.wait() != 0:
        raise SystemExit(f'ffmpeg could not write {name}')
    meta = {
        'name': name,
        'kind': 'real frames, cut-outs composited (semi-synthetic), exact ground truth',
        'fps': FPS,
        'width': WIDTH,
        'height': HEIGHT,
        'frames': FRAMES,
        'objects': len(mix.names),
        'object_names': {str(i + 1): one for i, one in enumerate(mix.names)},
        'visible_intervals': {label: intervals(frames) for label, frames in visible.items()},
        'fully_occluded_frames': {label: [] for label in visible},
        'cuts': [],
        'licence': 'derived from DAVIS 2016, CC BY-NC 4.0',
        'gt_complete': False,
        'gt_note': 'labelled objects only; the rest of the plate is unlabelled (0), not background.',
    }
    (out / name / 'meta.json').write_text(json.dumps(meta, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True, help='folder with davis16-* and long-cuts-dev')
    parser.add_argument('--out', type=Path, required=True, help='gets a folder for each clip')
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shots = Path(folder)
        subprocess.run(
            [
                'ffmpeg',
                '-v',
                'error',
                '-i',
                str(args.data / 'long-cuts-dev' / 'video.mp4'),
                '-start_number',
                '0',
                str(shots / '%05d.png'),
            ],
            check=True,
        )
        for name, mix in MIXES.items():
            make(name, mix, args.data, shots, args.out)
            print(args.out / name)


if __name__ == '__main__':
    main()
