import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { encodeRle } from '../../../core/mask/rle';
import { toCocoRle } from '../../../core/mask/rle-string';
import type { StitchReport } from '../../../contracts/stitch-report';
import { doubtfulJoins, MAX_DOUBTS } from '../../../viewer/doubtful-joins';
import { positionOf } from '../../../viewer/frame-positions';
import { objectEvents } from '../../../viewer/object-events';
import { seenNear } from '../../../viewer/seen-near';
import { thumbnailOf, THUMBNAIL_GRID } from '../../../viewer/thumbnail';
import { writeViewer } from '../../../viewer/write-viewer';
import { viewerStitchReport, writeResultFiles } from '../../support/viewer-result';

const EVERY = { firstFrame: 0, frameStep: 1 };

/** A part of the page's script, evaluated on its own. */
function pageScript<T>(names: readonly string[], expression: string, more: object = {}): T {
  const source = names.map((name) => readFileSync(path.join(__dirname, `../../../viewer/page/${name}.js`), 'utf8')).join('\n');
  return vm.runInNewContext(`${source};${expression}`, { document: { getElementById: () => null }, ...more }) as T;
}

function withJoins(joins: (Partial<Omit<StitchReport['joins'][number], 'evidence'>> & { jointIou?: number })[], options: Partial<StitchReport['options']> = {}): StitchReport {
  const report = viewerStitchReport();
  const [base] = report.joins;
  return { ...report, options: { ...report.options, ...options }, reidentifications: [], joins: joins.map(({ jointIou = 0.9, ...join }) => ({ ...base!, ...join, evidence: { ...base!.evidence, jointIou } })) };
}

describe('doubtfulJoins', () => {
  const decisions = (report: StitchReport): string[] => doubtfulJoins(report, EVERY).list.map(({ decision, left, right }) => `${decision} ${left.id}-${right.id}`);

  it('lists what is ambiguous, refused or suggested, and not what is plain', () => {
    expect(decisions(viewerStitchReport())).toEqual(['ambiguous 2-3', 'suggested 2-3']);
    expect(decisions(withJoins([{ decision: 'joined' }, { left: 7, right: 7, decision: 'refused-cannot-link', leftGlobalId: 7, rightGlobalId: 8 }]))).toEqual(['refused-cannot-link 7-8']);
  });

  it('lists joins that came near the threshold or were made for another reason', () => {
    const report = withJoins([
      { left: 1, right: 1, jointIou: 0.59 },
      { left: 2, right: 2, leftGlobalId: 2, rightGlobalId: 2, jointIou: 0.61 },
      { left: 3, right: 3, leftGlobalId: 3, rightGlobalId: 3, jointIou: 0.9, reason: 'largest piece of a split or merge' },
    ]);
    expect(decisions(report)).toEqual(['joined 1-1', 'joined 3-3']);
    expect(decisions(withJoins([{ left: 1, right: 1, jointIou: 0.59 }], { stitchMargin: 0.05 }))).toEqual([]);
  });

  it('lists a near miss only when both sides were left without a partner', () => {
    const miss = { decision: 'rejected' as const, reason: 'too little overlap', cutFrame: null, jointIou: 0.45 };
    expect(decisions(withJoins([{ ...miss, left: 5, right: 6, leftGlobalId: 5, rightGlobalId: 6 }]))).toEqual(['rejected 5-6']);
    expect(decisions(withJoins([{ ...miss, left: 1, right: 6, leftGlobalId: 1, rightGlobalId: 6 }, {}]))).toEqual([]);
    expect(decisions(withJoins([{ ...miss, left: 5, right: 6, leftGlobalId: 5, rightGlobalId: null }]))).toEqual([]);
    expect(decisions(withJoins([{ ...miss, jointIou: 0.3, left: 5, right: 6, leftGlobalId: 5, rightGlobalId: 6 }]))).toEqual([]);
  });

  it('looks on both sides of the cut, or of the border where there is none, in positions', () => {
    const [ambiguous] = doubtfulJoins(withJoins([{ decision: 'ambiguous', cutFrame: null }]), { firstFrame: 0, frameStep: 3 }).list;
    expect([ambiguous!.left.position, ambiguous!.right.position]).toEqual([49, 50]);
    const [cut] = doubtfulJoins(withJoins([{ jointIou: 0.5, cutFrame: 144 }]), { firstFrame: 12, frameStep: 3 }).list;
    expect([cut!.left.position, cut!.right.position]).toEqual([43, 44]);
  });

  it('keeps the most doubtful of very many, in order of time, and says how many there were', () => {
    const many = Array.from({ length: MAX_DOUBTS }, (_, i) => ({ left: i + 1, right: i + 1, jointIou: 0.59, cutFrame: 100 }));
    const { list, total } = doubtfulJoins(withJoins([...many, { left: 5000, right: 5000, decision: 'ambiguous', cutFrame: 50 }]), EVERY);
    expect([list.length, total, list[0]!.decision, list[1]!.decision]).toEqual([MAX_DOUBTS, MAX_DOUBTS + 1, 'ambiguous', 'joined']);
  });

  it('goes by the side after, whose time the page tells: an object that is back late comes late, however early it was lost', () => {
    const [back] = viewerStitchReport().reidentifications;
    const report = { ...withJoins([{ decision: 'ambiguous', cutFrame: 145 }]), reidentifications: [{ ...back!, lastFrame: 100, firstFrame: 200 }] };
    expect(doubtfulJoins(report, EVERY).list.map(({ left, right }) => [left.position, right.position])).toEqual([[144, 145], [100, 200]]);
  });
});

describe('objectEvents', () => {
  it('gives borders with their overlap, returns that were made, and kin', () => {
    const report = viewerStitchReport();
    const [pair] = report.reidentifications;
    const events = objectEvents({ ...report, reidentifications: [pair!, { ...pair!, decision: 'joined', beforeGlobalId: 4, afterGlobalId: 4 }], lineage: [{ kind: 'split_from', boundary: 0, pieceGlobalId: 3, wholeGlobalId: 1 }] }, EVERY);
    expect(events.get(1)).toEqual({ borders: [145, 90], returns: [], kin: [['has the piece', 3]] });
    expect(events.get(3)).toEqual({ borders: [], returns: [], kin: [['split from', 1]] });
    expect(events.get(4)!.returns).toEqual([149, 152]);
    expect(events.has(2)).toBe(false);
  });
});

describe('thumbnailOf', () => {
  it('cuts a square around the object and marks which cells are the object', () => {
    const [width, height] = [40, 30];
    const data = new Uint8Array(width * height);
    for (let y = 10; y < 20; y++) data.fill(1, y * width + 5, y * width + 25);
    const { square, mask, time } = thumbnailOf({ position: 3, time: 0.5, bbox: [5, 10, 20, 10], segmentation: toCocoRle(encodeRle({ width, height, data })) });
    expect(square).toEqual([2.6, 2.6, 24.8]);
    expect(time).toBe(0.5);
    const bytes = Buffer.from(mask, 'base64');
    for (let cell = 0; cell < THUMBNAIL_GRID ** 2; cell++) {
      const x = Math.floor(square[0] + (((cell % THUMBNAIL_GRID) + 0.5) * square[2]) / THUMBNAIL_GRID);
      const y = Math.floor(square[1] + ((Math.floor(cell / THUMBNAIL_GRID) + 0.5) * square[2]) / THUMBNAIL_GRID);
      expect((bytes[cell >> 3]! >> (7 - (cell & 7))) & 1).toBe(x >= 5 && x < 25 && y >= 10 && y < 20 ? 1 : 0);
    }
  });
});

describe('positions', () => {
  it('finds the nearest position that shows an object', () => {
    const spans = [10, 20, 30, 40];
    expect([0, 15, 20, 29, 35].map((at) => seenNear(spans, at, 'after'))).toEqual([10, 15, 30, 30, 35]);
    expect([50, 35, 29, 19, 12].map((at) => seenNear(spans, at, 'before'))).toEqual([39, 35, 19, 19, 12]);
    expect([seenNear(spans, 50, 'after'), seenNear(spans, 3, 'before'), seenNear([], 3, 'after')]).toEqual([50, 3, 3]);
  });

  it('counts processed frames', () => {
    expect([5, 6, 8, 9, 2].map((frame) => positionOf(frame, { firstFrame: 5, frameStep: 3 }))).toEqual([0, 1, 1, 2, 0]);
  });

  it('finds files by position and time on the page, exact where frames are evenly spaced', () => {
    const data = { fileStarts: [0, 120, 150], fileTimes: [1, 5.8, 10], frames: 200, lastTime: 11.96 };
    const [files, times, back] = pageScript<[number[], number[], number[]]>(['file-index'], 'const f = createFileIndex(data); [[0, 119, 120, 149, 150, 199].map(f.fileOfPosition), [0, 60, 120, 150, 175].map(f.roughTime), [0, 1, 3.41, 5.8, 11, 99].map(f.roughPosition)]', { data });
    expect([...files]).toEqual([0, 0, 1, 1, 2, 2]);
    [1, 3.4, 5.8, 10, 11].forEach((time, i) => expect(times[i]).toBeCloseTo(time, 1));
    expect([...back].slice(0, 4)).toEqual([0, 0, 60, 120]);
    expect(back[5]).toBe(199);
  });
});

describe('the raster of the page', () => {
  const fill = (canvas: string, window: string): number[] =>
    [...pageScript<number[]>(['mask-raster'], `const r = createMaskRaster(4, ${canvas}, ${window}); r.fill([5, 2, 2, 2, 5], 7); [...r.labels]`)];

  it('gives each canvas pixel the mask pixel under its centre, at any size', () => {
    // 4 x 4 mask with the middle 2 x 2 set: column-major runs 5 2 2 2 5.
    const at = (labels: number[], height: number, x: number, y: number): number => labels[x * height + y]!;
    const same = fill('4, 4', '[0, 0, 4, 4]');
    expect(same).toEqual([0, 0, 0, 0, 0, 7, 7, 0, 0, 7, 7, 0, 0, 0, 0, 0]);
    const twice = fill('8, 8', '[0, 0, 4, 4]');
    for (let x = 0; x < 8; x++) for (let y = 0; y < 8; y++) expect(at(twice, 8, x, y)).toBe(x >= 2 && x < 6 && y >= 2 && y < 6 ? 7 : 0);
    expect(fill('2, 2', '[0, 0, 4, 4]')).toEqual([7, 0, 0, 0]);
    expect(fill('2, 2', '[1, 1, 2, 2]')).toEqual([7, 7, 7, 7]);
    expect(fill('2, 2', '[0, 0, 2, 2]')).toEqual([0, 0, 0, 7]);
  });
});

describe('the filter of the page', () => {
  const objects = [
    { id: 1, label: '', frames: 100, meanArea: 5000, meanScore: 0.9, firstTime: 0 },
    { id: 2, label: 'Red Dog', frames: 10, meanArea: 100, meanScore: 0.5, firstTime: 3 },
    { id: 12, label: '', frames: 50, meanArea: 900, meanScore: 0.7, firstTime: 1 },
  ];
  const list = (wanted: object): number[] =>
    [...pageScript<number[]>(['object-filter'], `createObjectFilter({ width: 100, height: 100, objects }, 0.04).list({ search: '', minSize: 0, minTime: 0, minScore: 0, sort: 'id', here: new Set([12]), ...wanted }).map(({ id }) => id)`, { objects, wanted })];

  it('finds by ID, several IDs, a range, and part of a label', () => {
    expect(['', '1', '1,12', '2-12', 'dog', ' RED ', '3', '1 x'].map((search) => list({ search }))).toEqual([[1, 2, 12], [1], [1, 12], [2, 12], [2], [2], [], []]);
  });

  it('filters and sorts', () => {
    expect(list({ minScore: 60 })).toEqual([1, 12]);
    expect(list({ minSize: 70 })).toEqual([1, 12]);
    expect(list({ minTime: 100 })).toEqual([1]);
    expect(['first', 'time', 'size', 'score', 'here', 'nonsense'].map((sort) => list({ sort }))).toEqual([[1, 12, 2], [1, 12, 2], [1, 12, 2], [2, 12, 1], [12, 1, 2], [1, 2, 12]]);
  });
});

describe('writeViewer', () => {
  it('makes the page from the files of a result: labels, seams, cuts, doubts on frames that show the object', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'vamg-write-viewer-'));
    try {
      const names = await writeViewer(await writeResultFiles(folder));
      expect(names).toEqual(['viewer/masks-00000.js', 'viewer/masks-00001.js', 'viewer/masks-00002.js', 'index.html']);
      const html = await readFile(path.join(folder, 'index.html'), 'utf8');
      const data = JSON.parse(/<script type="application\/json" id="data">(.*)<\/script>/.exec(html)![1]!);
      expect(data).toMatchObject({ title: 'squares </script>.mp4', seams: [150], sceneCuts: [200], frames: 300, note: 'mobilesam, draft' });
      expect(data.doubts).toMatchObject({ total: 2, list: [{ left: { id: 2, position: 149 }, right: { id: 3, position: 160 } }, { decision: 'suggested', right: { position: 160 } }] });
      expect(data.objects[0]).toMatchObject({ spans: [0, 100, 140, 300], borders: [145, 90], meanScore: 0.95 });
      expect(data.objects[3].label).toContain('dog');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('keeps doubts in order of time where a side is moved to the frame that shows the object', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'vamg-write-viewer-'));
    try {
      const files = await writeResultFiles(folder);
      // Object 3 is seen from frame 160 only, so that the border at 150 is shown there: after the doubt of object 1.
      const report = withJoins([{ decision: 'ambiguous', left: 2, right: 3, leftGlobalId: 2, rightGlobalId: 3, cutFrame: null }, { decision: 'ambiguous', cutFrame: 155 }]);
      await writeFile(files.stitchReportPath, JSON.stringify(report));
      await writeViewer(files);
      const html = await readFile(path.join(folder, 'index.html'), 'utf8');
      const data = JSON.parse(/<script type="application\/json" id="data">(.*)<\/script>/.exec(html)![1]!);
      expect(data.doubts.list.map(({ right }: { right: { id: number; position: number } }) => [right.id, right.position])).toEqual([[1, 155], [3, 160]]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
