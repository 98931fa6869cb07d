import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readFrames } from '../../../adapters/ffmpeg/frame-reader';
import { runningFfmpegCount } from '../../../adapters/ffmpeg/process-registry';
import { probeVideo } from '../../../adapters/ffmpeg/probe';
import { main } from '../../../cli/main';
import { outputOptionsSchema } from '../../../contracts/segment-options';
import { frameTimeSeconds } from '../../../contracts/video-info';
import { decodeRle } from '../../../core/mask/rle';
import { renderChunk } from '../../../workers/render-chunk';
import { FILM_HEIGHT, FILM_WIDTH, makeFilmResult, type FilmResult } from '../../support/film-result';
import { frameOf } from '../../support/result-folder';

const folder = mkdtempSync(path.join(tmpdir(), 'vamg-overlay-command-'));
const at = (...names: string[]): string => path.join(folder, ...names);
const overlay = (...args: string[]): Promise<number> => main(['overlay', ...args]);
let film: FilmResult;
let sources: Uint8Array[];
let out = '';
let err = '';

async function picturesOf(file: string): Promise<Uint8Array[]> {
  const info = await probeVideo(file);
  const pictures: Uint8Array[] = [];
  for await (const { rgb } of readFrames({ path: file, info, startFrame: 0, endFrame: info.pts.length })) pictures.push(rgb);
  return pictures;
}

beforeAll(async () => {
  film = await makeFilmResult(at('film'));
  sources = await picturesOf(film.video);
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

/** Mean difference from the video within the mask of an object, of the films's frames, which are one pixel wider and higher. */
function changeWithin(pictures: readonly Uint8Array[], { result }: FilmResult, id: number): number {
  let [sum, count] = [0, 0];
  result.frames.forEach((masks, position) => {
    const rle = masks.get(id);
    if (rle === undefined) return;
    decodeRle(rle).data.forEach((value, p) => {
      if (!value) return;
      const [x, y] = [p % FILM_WIDTH, Math.floor(p / FILM_WIDTH)];
      for (let i = 0; i < 3; i++) sum += Math.abs(pictures[position]![(y * (FILM_WIDTH + 1) + x) * 3 + i]! - sources[frameOf(result, position)]![p * 3 + i]!);
      count += 3;
    });
  });
  return sum / count;
}

describe('vamg overlay', () => {
  it('draws the chosen objects of a finished result in another style, with the times and the sound of the video', async () => {
    expect(await overlay(at('film'), '--video', film.video, '--style', 'fill', '--opacity', '1', '--objects', '3', '--out', at('three.mp4'), '--json')).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ frames: film.result.frames.length, objects: 1, style: 'fill', opacity: 1 });
    const made = await probeVideo(at('three.mp4'));
    expect(made).toMatchObject({ width: FILM_WIDTH + 1, height: FILM_HEIGHT + 1, audioStreams: 1, startPts: 0 });
    expect(made.pts).toHaveLength(film.info.pts.length);
    made.pts.forEach((_, i) => expect(Math.abs(frameTimeSeconds(made, i) - frameTimeSeconds(film.info, i))).toBeLessThan(0.001));
    const pictures = await picturesOf(at('three.mp4'));
    expect(changeWithin(pictures, film, 3)).toBeGreaterThan(50);
    expect(changeWithin(pictures, film, 2)).toBeLessThan(25);
  });

  it('looks as the result was made where nothing else is said, and leaves the sound out when told', async () => {
    const file = at('film', 'result.json');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(before) as object), options: { output: { overlay: true, overlayStyle: 'boxes,trails', overlayOpacity: 0.2, overlayTrail: 9, viewer: true } } }));
    expect(await overlay(at('film'), '--video', film.video, '--trail', '5', '--no-sound', '--out', at('boxes.mp4'), '--json')).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ objects: 4, style: 'boxes,trails', opacity: 0.2, trail: 5 });
    expect((await probeVideo(at('boxes.mp4'))).audioStreams).toBe(0);
    writeFileSync(file, before);
  });

  it.each([
    [[], /--video/],
    [['--video', 'OTHER'], /is not the video that this result was made from/],
    [['--video', 'VIDEO', '--style', 'fill, ids'], /--style must be a comma list of fill, contour, ids, boxes, trails, got 'fill, ids'/],
    [['--video', 'VIDEO', '--opacity', '2'], /--opacity must be a number from 0 to 1, got '2'/],
    [['--video', 'VIDEO', '--objects', '9'], /no object 9/],
    [['--video', 'VIDEO', '--out', 'OTHER'], /give --out a name that ends in \.mp4/],
    [['--video', 'VIDEO', '--out', 'THERE'], /exists; --force replaces it/],
  ])('refuses %j in one sentence', async (args, message) => {
    writeFileSync(at('other.mkv'), 'another film');
    writeFileSync(at('there.mp4'), 'precious');
    const names: Record<string, string> = { VIDEO: film.video, OTHER: at('other.mkv'), THERE: at('there.mp4') };
    expect(await overlay(at('film'), ...args.map((arg) => names[arg] ?? arg))).toBe(2);
    expect(err).toMatch(message);
    expect(readFileSync(at('there.mp4'), 'utf8')).toBe('precious');
  });
});

it('a chunk of a film draws the trails that one pass draws', async () => {
  const { info, result, video } = film;
  const positions = result.frames.length;
  const chunk = { index: 0, startFrame: 0, endFrame: positions, ownedStart: 0, ownedEnd: positions, continuesPrevious: false };
  const plan = { schemaVersion: 1 as const, positions, firstFrame: 0, frameStep: 1, overlapFrames: 0, sceneCuts: [], chunks: [chunk] };
  const look = { ...outputOptionsSchema.parse({}), overlayStyle: 'trails', overlayTrail: 12 };
  const lines = readFileSync(at('film', 'masks.jsonl'), 'utf8').split(/(?<=\n)/);
  const draw = async (startPosition: number, leadPosition: number): Promise<Uint8Array[]> => {
    const masksPath = at(`masks-${startPosition}-${leadPosition}.jsonl`);
    writeFileSync(masksPath, lines.slice(leadPosition).join(''));
    const overlayPath = at(`${startPosition}-${leadPosition}.mp4`);
    await renderChunk({ videoPath: video, info, plan, startPosition, endPosition: positions, masksPath, leadPosition, look, overlayPath, previewPath: null, signal: new AbortController().signal, onProgress: () => undefined });
    return await picturesOf(overlayPath);
  };
  const [whole, second, forgetful] = [await draw(0, 0), await draw(14, 3), await draw(14, 14)];
  // Where the frames before matter: the older part of the trails. Films are lossy, so only what differs much is looked at.
  const differs = (a: Uint8Array, b: Uint8Array, by: number): number[] => [...a.keys()].filter((i) => Math.abs(a[i]! - b[i]!) > by);
  const older = differs(whole[14]!, forgetful[0]!, 50);
  expect(older.length).toBeGreaterThan(40);
  const wrong = differs(whole[14]!, second[0]!, 50);
  expect(older.filter((i) => wrong.includes(i)).length).toBeLessThan(older.length / 4);
});
