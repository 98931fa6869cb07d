import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { probeVideo } from '../../../adapters/ffmpeg/probe';
import { runningFfmpegCount } from '../../../adapters/ffmpeg/process-registry';
import { readFrames } from '../../../adapters/ffmpeg/frame-reader';
import { frameTimeSeconds } from '../../../contracts/video-info';
import { main } from '../../../cli/main';
import { flattenRles } from '../../../core/mask/flatten';
import { decodeRle, rleToBoxXywh } from '../../../core/mask/rle';
import type { Rle } from '../../../core/mask/types';
import { objectColour } from '../../../core/render/object-colour';
import { FILM_HEIGHT, FILM_WIDTH, makeFilmResult, readRgba, writeResultOf, type FilmResult } from '../../support/film-result';
import { frameOf, trickyResult } from '../../support/result-folder';

const folder = mkdtempSync(path.join(tmpdir(), 'vamg-film-export-'));
const at = (...names: string[]): string => path.join(folder, ...names);
const export_ = (...args: string[]): Promise<number> => main(['export', ...args]);
let film: FilmResult;
let sources: Uint8Array[];
let out = '';
let err = '';

beforeAll(async () => {
  film = await makeFilmResult(at('film'));
  sources = [];
  for await (const { rgb } of readFrames({ path: film.video, info: film.info, startFrame: 0, endFrame: film.info.pts.length })) sources.push(rgb);
});
beforeEach(() => {
  out = err = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => {
  expect(runningFfmpegCount()).toBe(0);
  jest.restoreAllMocks();
  process.exitCode = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All pixels next to one of the other kind: lossy codecs smear them. */
function edgesOf(mask: Uint8Array): Uint8Array {
  return mask.map((value, i) => {
    const x = i % FILM_WIDTH;
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) if (x + dx >= 0 && x + dx < FILM_WIDTH && (mask[i + dy * FILM_WIDTH + dx] ?? value) !== value) return 1;
    return 0;
  });
}

/** Alpha is that of the mask; `colourOf` gives the colour of the opaque pixels. `slack` is what the codec may change, next to edges only for alpha. */
function expectPicture(rgba: Uint8Array, mask: Uint8Array, colourOf: (pixel: number) => readonly number[], slack: { alpha: number; edge: number; colour: number }): void {
  const edges = edgesOf(mask);
  let [worstAlpha, worstEdge, sum, count] = [0, 0, 0, 0];
  for (let p = 0; p < mask.length; p++) {
    const difference = Math.abs(rgba[p * 4 + 3]! - mask[p]! * 255);
    if (edges[p]) worstEdge = Math.max(worstEdge, difference);
    else worstAlpha = Math.max(worstAlpha, difference);
    if (!mask[p]) continue;
    const colour = colourOf(p);
    for (let i = 0; i < 3; i++) sum += Math.abs(rgba[p * 4 + i]! - colour[i]!);
    count += 3;
  }
  expect(worstAlpha).toBeLessThanOrEqual(slack.alpha);
  expect(worstEdge).toBeLessThanOrEqual(slack.edge);
  if (count > 0) expect(sum / count).toBeLessThanOrEqual(slack.colour);
}

const emptyMask = new Uint8Array(FILM_WIDTH * FILM_HEIGHT);
const pixelsOf = (rle: Rle | undefined): Uint8Array => (rle === undefined ? emptyMask : decodeRle(rle).data);
const sourceColour = (position: number, { result }: FilmResult) => (pixel: number): readonly number[] => [...sources[frameOf(result, position)]!.subarray(pixel * 3, pixel * 3 + 3)];

/** Every frame is at the time that it has in the video, counted from the first; WebM counts milliseconds. */
async function expectTimes(file: string, { info, result }: FilmResult): Promise<void> {
  const made = await probeVideo(file);
  const wanted = result.frames.map((_, position) => frameTimeSeconds(info, frameOf(result, position)) - frameTimeSeconds(info, result.firstFrame));
  expect(made.pts).toHaveLength(wanted.length);
  expect(made.startPts).toBe(0);
  made.pts.forEach((_, i) => expect(Math.abs(frameTimeSeconds(made, i) - wanted[i]!)).toBeLessThan(file.endsWith('.webm') ? 0.00051 : 1e-9));
  expect([made.width, made.height]).toEqual([FILM_WIDTH, FILM_HEIGHT]);
}

const VP9 = { alpha: 12, edge: 110, colour: 16 };
const PRORES = { alpha: 0, edge: 0, colour: 6 };

describe.each([['webm', '.webm', VP9], ['prores', '.mov', PRORES]] as const)('transparent films as %s', (kind, ending, slack) => {
  it('show every object in its colour, the smaller on top, and nothing else, each frame at its time', async () => {
    expect(await export_(at('film'), '--format', `masks-${kind}`, '--video', film.video)).toBe(0);
    const file = at('film/exports', `masks-${kind}`, `a_film-masks${ending}`);
    await expectTimes(file, film);
    const frames = await readRgba(file);
    expect(frames).toHaveLength(film.result.frames.length);
    film.result.frames.forEach((masks, position) => {
      const flat = flattenRles(masks);
      const owner = new Uint8Array(FILM_WIDTH * FILM_HEIGHT);
      for (const [id, rle] of flat) pixelsOf(rle).forEach((value, p) => value && (owner[p] = id));
      expectPicture(frames[position]!, owner.map((id) => (id > 0 ? 1 : 0)), (p) => objectColour(owner[p]!), slack);
    });
  });

  it('hold one object each as cut-outs: the whole of its mask, as in the video', async () => {
    expect(await export_(at('film'), '--format', `cut-outs-${kind}`, '--video', film.video, '--objects', '1,3')).toBe(0);
    expect(readdirSync(at('film/exports', `cut-outs-${kind}`)).sort()).toEqual([`001${ending}`, `003${ending}`, 'frames.csv', 'objects.csv']);
    for (const id of [1, 3]) {
      const file = at('film/exports', `cut-outs-${kind}`, `00${id}${ending}`);
      await expectTimes(file, film);
      (await readRgba(file)).forEach((rgba, position) => expectPicture(rgba, pixelsOf(film.result.frames[position]!.get(id)), sourceColour(position, film), { ...slack, colour: slack.colour * 2 }));
    }
  });
});

describe('cut-outs', () => {
  it('are written in several passes when there are many', async () => {
    const many = await makeFilmResult(at('many'), { objects: 9 });
    expect(await export_(at('many'), '--format', 'cut-outs-webm', '--video', many.video, '--objects', 'all', '--json')).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ objects: 9, exports: [{ format: 'cut-outs-webm', notes: [] }] });
    for (let id = 1; id <= 9; id++) {
      const frames = await readRgba(at('many/exports/cut-outs-webm', `00${id}.webm`));
      expectPicture(frames[8]!, pixelsOf(many.result.frames[8]!.get(id)), sourceColour(8, many), { ...VP9, colour: 255 });
    }
  });

  it('are exact as PNG, named after the frames of the video, with empty pictures where the object is away', async () => {
    const stepped = await makeFilmResult(at('stepped'), { firstFrame: 3, frameStep: 2 });
    expect(await export_(at('stepped'), '--format', 'cut-outs-png', '--video', stepped.video, '--objects', '2-3')).toBe(0);
    expect(readFileSync(at('stepped/exports/cut-outs-png/objects.csv'), 'utf8').split('\n').slice(0, 3)).toEqual(['id,label,name,first_frame,last_frame,frames', `2,,002,3,${frameOf(stepped.result, stepped.result.frames.length - 1)},${stepped.result.frames.length}`, expect.stringMatching(/^3,"red, car",003,3,/)]);
    for (const id of [2, 3]) {
      const names = stepped.result.frames.map((_, position) => `${String(frameOf(stepped.result, position)).padStart(5, '0')}.png`);
      expect(readdirSync(at('stepped/exports/cut-outs-png', `00${id}`)).sort()).toEqual(names);
      for (const [position, name] of names.entries()) {
        const { data, info } = await sharp(at('stepped/exports/cut-outs-png', `00${id}`, name)).raw().toBuffer({ resolveWithObject: true });
        expect([info.width, info.height, info.channels]).toEqual([FILM_WIDTH, FILM_HEIGHT, 4]);
        const mask = pixelsOf(stepped.result.frames[position]!.get(id));
        const wanted = Buffer.alloc(mask.length * 4);
        mask.forEach((value, p) => value && wanted.set([...sourceColour(position, stepped)(p), 255], p * 4));
        expect(wanted.equals(data)).toBe(true);
      }
    }
    expect(await export_(at('stepped'), '--format', 'masks-webm', '--video', stepped.video)).toBe(0);
    expect(err).toMatch(/Films begin with frame 3 of the video: lay them over it from 0\.\d{3} s on\./);
    await expectTimes(at('stepped/exports/masks-webm/a_film-masks.webm'), stepped);
  });
});

describe('crops', () => {
  it('show each object once, where most of it is seen, cut to its box', async () => {
    expect(await export_(at('film'), '--format', 'crops-png', '--video', film.video)).toBe(0);
    const rows = readFileSync(at('film/exports/crops-png/crops.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(/,(?! )/));
    expect(rows.map(([id]) => Number(id))).toEqual([1, 2, 3, 4]);
    // 3 grows from frame to frame until it touches the edge of the picture.
    const position = Number(rows[2]![3]);
    const box = rleToBoxXywh(film.result.frames[position]!.get(3)!);
    expect(box[0] + box[2]).toBe(FILM_WIDTH - 1);
    expect(rows[2]!.slice(5, 9).map(Number)).toEqual([...box]);
    const { data, info } = await sharp(at('film/exports/crops-png/003.png')).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([box[2], box[3], 4]);
    const colour = sourceColour(position, film);
    for (const [x, y] of [[0, 0], [box[2] - 1, box[3] - 1], [5, 7]] as const) expect([...data.subarray((y * box[2] + x) * 4, (y * box[2] + x) * 4 + 4)]).toEqual([...colour((box[1] + y) * FILM_WIDTH + box[0] + x), 255]);
  });
});

it('a result whose masks cannot be those of the video is refused', async () => {
  await writeResultOf(film.video, at('damaged'), trickyResult());
  expect(await export_(at('damaged'), '--format', 'crops-png', '--video', film.video)).toBe(1);
  expect(err).toMatch(/its masks are 50x37, the video is 101x75/);
});

describe('films and pictures are refused', () => {
  it.each([
    [['--format', 'masks-webm'], /masks-webm is made from the video: add --video FILE/],
    [['--format', 'cut-outs-png', '--video', 'VIDEO'], /cut-outs-png writes much for every object: say which with --objects/],
    [['--format', 'cut-outs-webm', '--video', 'VIDEO', '--objects', '1,99'], /--objects: this result has no object 99;/],
    [['--format', 'coco', '--objects', '1'], /--video and --objects are for films and pictures/],
    [['--format', 'masks-webm', '--video', 'OTHER'], /is not the video that this result was made from \(a film\.mkv\)/],
  ])('with %j', async (args, message) => {
    writeFileSync(at('other.mkv'), 'another film');
    expect(await export_(at('film'), '--out', at('refused'), ...args.map((arg) => ({ VIDEO: film.video, OTHER: at('other.mkv') })[arg] ?? arg))).toBe(2);
    expect(err).toMatch(message);
    expect(readdirSync(folder)).not.toContain('refused');
  });
});
