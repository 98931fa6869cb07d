import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXPORT_FORMATS } from '../../../adapters/export/registry';
import { main } from '../../../cli/main';
import { expectBoxes, expectFlat, expectOutlines, expectWhole, type Read } from '../../support/expected-exports';
import { crowdedResult, frameOf, maskOf, trickyResult, writeResultFolder, type MadeUpResult } from '../../support/result-folder';

const python = process.env['EXPORT_READERS_PYTHON'] ?? '';
const describeWithReaders = existsSync(python) ? describe : describe.skip;

interface Check {
  /** Reader and format. */
  readonly reader: string;
  readonly sequence: string;
  readonly expected: Read;
}

const byPosition = { frame: (position: number) => position };
const fromOne = { frame: (position: number) => position + 1 };

const tricky = trickyResult();
const TRICKY = 'Tricky_film_1_more';
/** MOTS has 2000 + ID. */
const motsIds = { ...fromOne, id: (id: number) => id + 2000 };

const TRICKY_CHECKS: readonly Check[] = [
  ['pycocotools coco', expectWhole(tricky)],
  ['datumaro coco', expectWhole(tricky)],
  ['datumaro datumaro', expectWhole(tricky)],
  ['pycocotools sa-v', expectWhole(tricky, byPosition)],
  ['pycocotools burst', expectWhole(tricky)],
  ['trackeval burst', expectWhole(tricky)],
  ['eta fiftyone', expectWhole(tricky, { frame: (position) => frameOf(tricky, position) + 1 })],
  ['trackeval youtube-vis', expectWhole(tricky, { ...byPosition, emptyFrames: true })],
  ['Pillow davis', expectFlat(tricky, { emptyFrames: true })],
  ['trackeval davis', expectFlat(tricky, { ...byPosition, emptyFrames: true })],
  ['Pillow label-map', expectFlat(tricky, { emptyFrames: true })],
  ['trackeval mots', expectFlat(tricky, { ...motsIds, emptyFrames: true })],
  ['Pillow mots-png', expectFlat(tricky, { ...motsIds, emptyFrames: true })],
  ['datumaro mots-png', expectFlat(tricky, fromOne)],
  ['trackeval mot', expectBoxes(tricky, { ...fromOne, emptyFrames: true })],
  ['importer cvat', expectWhole(tricky)],
  ['datumaro cvat-polygon', expectOutlines(tricky)],
  ['outside cvat-polygon', expectOutside(tricky)],
  ['Pillow sa-v-png', expectWhole(tricky, { emptyFrames: true })],
].map(([reader, expected]) => ({ reader: reader as string, expected: expected as Read, sequence: TRICKY }));

const crowded = crowdedResult();
/** Objects in the order of their IDs, `capacity` to a sequence. */
const inPart = (part: number, capacity: number, offset = 0) => (id: number): number | null => {
  const index = id === 70_000 ? 1001 : id - 1;
  return Math.floor(index / capacity) === part ? (index % capacity) + 1 + offset : null;
};

const CROWDED_CHECKS: readonly Check[] = [
  ...[0, 1, 2, 3].map((part) => ({ reader: 'Pillow davis', sequence: `crowd-${part + 1}`, expected: expectFlat(crowded, { id: inPart(part, 254), emptyFrames: true }) })),
  ...[0, 1].flatMap((part) => {
    const expected = expectFlat(crowded, { ...fromOne, id: inPart(part, 999, 2000), emptyFrames: true });
    return ['trackeval mots', 'Pillow mots-png'].map((reader) => ({ reader, sequence: `crowd-${part + 1}`, expected }));
  }),
  { reader: 'Pillow label-map', sequence: 'crowd', expected: expectFlat(crowded) },
];

/** An object is outside on the first processed frame without it. */
function expectOutside(result: MadeUpResult): Read {
  const read: Read = {};
  result.frames.forEach((masks, position) => {
    const gone = [...(result.frames[position - 1]?.keys() ?? [])].filter((id) => !masks.has(id));
    if (gone.length > 0) read[String(frameOf(result, position))] = Object.fromEntries(gone.map((id) => [String(id), 'outside']));
  });
  return read;
}

/** What the lines of docs/formats.md make of a result of 3 frames with an object of 12 and one of 6 pixels. */
const LOADED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'youtube-vis': { mask: 12, tracks: 2 },
  coco: { mask: 12 },
  davis: { labels: 3 },
  mots: { mask: 12, frame: 1 },
  'mots-png': { dataset: 3 },
  mot: { frame: 6 },
  cvat: { tracks: 6 },
  'cvat-polygon': { dataset: 3 },
  datumaro: { dataset: 3 },
  'sa-v': { mask: 12 },
  'sa-v-png': { mask: 6 },
  burst: { mask: 12 },
  'label-map': { labels: 3 },
};

const formatOf = ({ reader }: Check): string => reader.split(' ')[1]!;

describeWithReaders('exports read by the readers of other people (skipped without EXPORT_READERS_PYTHON)', () => {
  let folder: string;
  let answers: Map<Check, Read>;
  let supervised: Read;
  let loaded: unknown[];

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'vamg-exports-'));
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    await exportResult('tricky', tricky, ['all']);
    await exportResult('crowded', crowded, ['davis', 'mots', 'mots-png', 'label-map']);
    const masks = new Map([[1, maskOf(20, 10, (x, y) => x < 4 && y < 3)], [3, maskOf(20, 10, (x, y) => x > 10 && x < 14 && y < 2)]]);
    await exportResult('plain', { width: 20, height: 10, firstFrame: 12, frameStep: 1, videoName: 'video.mp4', labels: new Map(), frames: [masks, masks, masks] }, ['all']);
    jest.restoreAllMocks();
    const supervision: Check = { reader: 'supervision coco', sequence: TRICKY, expected: {} };
    answers = readBack([...TRICKY_CHECKS.map((check) => ['tricky', check] as const), ...CROWDED_CHECKS.map((check) => ['crowded', check] as const), ['tricky', supervision]]);
    supervised = answers.get(supervision)!;
    loaded = ask(Object.keys(LOADED).map((name) => ({ line: EXPORT_FORMATS.find((format) => format.name === name)!.load, root: path.join(folder, 'plain/exports', name) })));
  });

  afterAll(() => {
    process.exitCode = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  async function exportResult(name: string, result: MadeUpResult, formats: readonly string[]): Promise<void> {
    const target = path.join(folder, name);
    writeResultFolder(target, result);
    expect(await main(['export', target, ...formats.flatMap((format) => ['--format', format]), '--json'])).toBe(0);
  }

  function readBack(checks: readonly (readonly [string, Check])[]): Map<Check, Read> {
    // A FiftyOne box is relative: the size comes with the video there.
    writeFileSync(path.join(folder, 'tricky/exports/fiftyone/size.json'), JSON.stringify([tricky.height, tricky.width]));
    const read = ask(checks.map(([result, check]) => ({ reader: check.reader, root: path.join(folder, result, 'exports', formatOf(check)), sequence: check.sequence }))) as Read[];
    return new Map(checks.map(([, check], i) => [check, read[i]!]));
  }

  function ask(requests: readonly unknown[]): unknown[] {
    const request = path.join(folder, 'request.json');
    writeFileSync(request, JSON.stringify(requests));
    const script = path.join(__dirname, 'readers/read_exports.py');
    const stdout = execFileSync(python, [script, request], { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', MPLBACKEND: 'agg' }, stdio: ['ignore', 'pipe', 'pipe'] });
    return JSON.parse(stdout) as unknown[];
  }

  it.each(TRICKY_CHECKS)('$reader: every mask of a tricky result comes back', (check) => {
    expect(Object.keys(check.expected).length).toBeGreaterThan(2);
    expect(answers.get(check)).toEqual(check.expected);
  });

  it.each(CROWDED_CHECKS)('$reader, $sequence: more objects than the format holds are divided', (check) => {
    expect(Object.values(check.expected)[0]).not.toEqual({});
    expect(answers.get(check)).toEqual(check.expected);
  });

  it.each(Object.keys(LOADED).map((name, i) => ({ name, i })))('$name: the line in docs/formats.md loads it', ({ name, i }) => {
    expect(loaded[i]).toEqual(LOADED[name]);
  });

  it('supervision coco: the masks of every frame come back, in the order of the IDs', () => {
    const inOrder = expectWhole(tricky);
    const numbered = Object.fromEntries(Object.entries(inOrder).map(([frame, objects]) => [frame, Object.fromEntries(Object.keys(objects).map(Number).sort((a, b) => a - b).map((id, i) => [String(i), objects[id]]))]));
    expect(supervised).toEqual(numbered);
  });
});
