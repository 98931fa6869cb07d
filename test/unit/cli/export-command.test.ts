import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXPORT_FORMATS } from '../../../adapters/export/registry';
import { decodeIndexedPng } from '../../../adapters/png/indexed-png';
import { main } from '../../../cli/main';
import { decodeRle, encodeRle } from '../../../core/mask/rle';
import { rleToCocoString } from '../../../core/mask/rle-string';
import { labelMapToRles } from '../../../core/metrics/label-map';
import { expectFlat, expectWhole, type Read } from '../../support/expected-exports';
import { crowdedResult, frameOf, trickyResult, writeResultFolder } from '../../support/result-folder';

const tricky = trickyResult();
const NAME = 'Tricky_film_1_more';

let out = '';
let err = '';
let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'vamg-export-test-'));
  writeResultFolder(at('film'), tricky);
  out = err = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<number> => main(['export', ...args]);
const json = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;

interface Annotation {
  readonly id: number;
  readonly image_id: number;
  readonly track_id: number;
  readonly segmentation: { readonly counts: string };
  readonly segmentations: readonly ({ readonly counts: string } | null)[];
}

describe('vamg export', () => {
  it('writes every mask as COCO, with the frame numbers of the video', async () => {
    expect(await run(at('film'), '--format', 'coco')).toBe(0);
    const data = json<{ images: { id: number; frame_index: number; file_name: string }[]; annotations: Annotation[]; categories: { name: string }[] }>(at('film/exports/coco/annotations/instances_default.json'));
    const read: Read = {};
    for (const { image_id, track_id, segmentation } of data.annotations) (read[String(data.images[image_id - 1]!.frame_index)] ??= {})[String(track_id)] = segmentation.counts;
    expect(read).toEqual(expectWhole(tricky));
    expect(data.images.map(({ frame_index }) => frame_index)).toEqual(tricky.frames.map((_, position) => frameOf(tricky, position)));
    expect(data.images[1]).toMatchObject({ id: 2, file_name: `${NAME}/00009.jpg` });
    expect(data.categories.map(({ name }) => name)).toEqual(['object', 'car "A" & <B>, é']);
  });

  it('writes every object as one YouTube-VIS annotation with an entry per frame', async () => {
    expect(await run(at('film'), '--format', 'youtube-vis')).toBe(0);
    const { annotations } = json<{ annotations: Annotation[] }>(at('film/exports/youtube-vis/annotations/instances.json'));
    const read: Read = {};
    for (const { id, segmentations } of annotations) segmentations.forEach((rle, t) => (rle === null ? null : ((read[String(t)] ??= {})[String(id)] = rle.counts)));
    expect(annotations.map(({ segmentations }) => segmentations.length)).toEqual(annotations.map(() => 9));
    expect(read).toEqual(expectWhole(tricky, { frame: (position) => position }));
    expect(readdirSync(at('film/exports/youtube-vis')).sort()).toEqual(['annotations', 'frames.csv', 'results']);
  });

  it('shows smaller masks on top where a pixel has one owner, and says what is covered', async () => {
    expect(await run(at('film'), '--format', 'davis', '--format', 'label-map')).toBe(0);
    for (const pictures of [at('film/exports/davis/Annotations', NAME), at('film/exports/label-map')]) {
      const read: Read = {};
      for (const name of readdirSync(pictures).filter((one) => one.endsWith('.png'))) {
        const masks = labelMapToRles(decodeIndexedPng(readFileSync(path.join(pictures, name))));
        read[String(parseInt(name, 10))] = Object.fromEntries([...masks].map(([id, rle]) => [String(id), rleToCocoString(encodeRle(decodeRle(rle)))]));
      }
      expect(read).toEqual(expectFlat(tricky, { emptyFrames: true }));
    }
    expect(err.match(/the smallest mask on top: \d+\.\d % of the mask pixels are covered; 8 of 46 masks are covered wholly, those of object 10 in every frame\./g)).toHaveLength(2);
  });

  it('divides what a format cannot hold, and says so in the JSON answer', async () => {
    writeResultFolder(at('crowd'), crowdedResult());
    expect(await run(at('crowd'), '--format', 'davis,mots', '--json')).toBe(0);
    const answer = JSON.parse(out) as { exports: { format: string; notes: string[] }[] };
    expect(answer).toMatchObject({ frames: 2, objects: 1002, masks: 2004, refused: [], exports: [{ format: 'davis' }, { format: 'mots' }] });
    expect(answer.exports.map(({ notes }) => notes[0])).toEqual([expect.stringContaining('254 objects per sequence: they are divided among 4'), expect.stringContaining('divided among 2 sequences')]);
    expect(readdirSync(at('crowd/exports/davis/Annotations'))).toEqual(['crowd-1', 'crowd-2', 'crowd-3', 'crowd-4']);
    const places = readFileSync(at('crowd/exports/davis/objects.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(','));
    expect(places.map((cells) => cells[0])).toEqual([...Array.from({ length: 1001 }, (_, i) => String(i + 1)), '70000']);
    expect(places[1001]!.slice(-2)).toEqual(['crowd-4', '240']);
    expect(err).toBe('');
  });

  it('writes all formats, each complete with its table of frames, and nothing beside them', async () => {
    expect(await run(at('film'), '--format', 'all', '--out', at('elsewhere'))).toBe(0);
    expect(readdirSync(at('elsewhere')).sort()).toEqual(EXPORT_FORMATS.map(({ name }) => name).sort());
    const table = `position,frame,time\n${tricky.frames.map((_, t) => `${t},${frameOf(tricky, t)},${frameOf(tricky, t) / 25}`).join('\n')}\n`;
    for (const { name } of EXPORT_FORMATS) {
      expect(readFileSync(at('elsewhere', name, 'frames.csv'), 'utf8')).toBe(table);
      expect(existsSync(at('elsewhere', name, '.objects'))).toBe(false);
      expect(out).toContain(`${name}: 7 objects in 9 frames`);
    }
  });

  it('keeps a former export unless told otherwise, and folders of other people always', async () => {
    expect(await run(at('film'), '--format', 'mot')).toBe(0);
    writeFileSync(at('film/exports/mot/mine'), '');
    expect(await run(at('film'), '--format', 'coco', '--format', 'mot')).toBe(2);
    expect(err).toMatch(/holds an export already; --force replaces it/);
    expect(existsSync(at('film/exports/coco'))).toBe(false);
    expect(await run(at('film'), '--format', 'mot', '--force')).toBe(0);
    expect(readdirSync(at('film/exports/mot')).sort()).toEqual([NAME, `${NAME}.txt`, 'frames.csv']);
    mkdirSync(at('out/mot'), { recursive: true });
    writeFileSync(at('out/mot/thesis.txt'), 'precious');
    expect(await run(at('film'), '--format', 'mot', '--force', '--out', at('out'))).toBe(2);
    expect(err).toMatch(/not an export of vamg, so it is not overwritten/);
    expect(readFileSync(at('out/mot/thesis.txt'), 'utf8')).toBe('precious');
    expect(await run(at('film'), '--format', 'mot', '--out', at('out/mot/thesis.txt'))).toBe(2);
    expect(err).toMatch(/thesis\.txt is a file; give a folder with --out/);
  });

  it('leaves nothing when a result turns out to be damaged', async () => {
    writeFileSync(at('film/masks.jsonl'), readFileSync(at('film/masks.jsonl'), 'utf8').replace('"frame":9,', '"frame":6,'));
    expect(await run(at('film'), '--format', 'all')).toBe(1);
    expect(err).toMatch(/masks\.jsonl is damaged: frame 6 comes after frame 6/);
    expect(existsSync(at('film/exports'))).toBe(false);
  });

  it('takes a result without objects', async () => {
    writeResultFolder(at('empty'), { ...tricky, frames: [new Map(), new Map()] });
    expect(await run(at('empty'), '--format', 'all')).toBe(0);
    expect(json(at('empty/exports/sa-v', `${NAME}_auto.json`))).toMatchObject({ masklet: [[], []], masklet_id: [], masklet_num: 0 });
    expect(json(at('empty/exports/youtube-vis/results/results.json'))).toEqual([]);
    expect(readFileSync(at('empty/exports/mots', `${NAME}.txt`), 'utf8')).toBe('');
  });

  it.each([
    [['film'], /Say which format with --format: youtube-vis, coco,/],
    [['film', '--format', 'kitti'], /There is no format "kitti"/],
    [['nowhere', '--format', 'coco'], /nowhere is not a result folder/],
  ])('answers wrong usage %j with one sentence', async ([name, ...args], message) => {
    expect(await run(at(name!), ...args)).toBe(2);
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('lists every format in its help', async () => {
    expect(await run('--help')).toBe(0);
    for (const { name, title } of EXPORT_FORMATS) expect(out).toMatch(new RegExp(`^  ${name} +${title.replace(/[()]/g, '\\$&')}$`, 'm'));
  });
});
