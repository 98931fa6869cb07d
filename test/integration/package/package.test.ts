import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PackedProject } from '../../support/packed-project';
import { maskOf, writeResultFolder } from '../../support/result-folder';

const ROOT = path.join(__dirname, '../../..');
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { exports: Record<string, unknown> };
const ENTRIES = Object.keys(manifest.exports).filter((name) => !name.endsWith('.json')).map((name) => name.replace(/^\./, 'video-amg'));
const EXAMPLES = readdirSync(path.join(ROOT, 'examples')).map((name) => path.parse(name).name);

const PROGRAM = `
import { maskOf, openResult, rleIou, VamgError, type Rle } from 'video-amg';
import { cocoStringToRle } from 'video-amg/masks';
import { HotaAlignment, HotaScorer, compareMasks } from 'video-amg/metrics';
import { planChunks } from 'video-amg/stitch';
import { amgOptions, generateMasks, type MaskRecord, type PromptableSegmenter } from 'video-amg/amg';
import { followObjects, type Tracker } from 'video-amg/tracking';
import type { ResultFrame } from 'video-amg/results';
import { connectJobs, type JobProgress } from 'video-amg/jobs';

export async function everything(segmenter: PromptableSegmenter, tracker: Tracker): Promise<number> {
  const result = await openResult('film-vamg');
  let before: Rle | undefined;
  let total = 0;
  for await (const frame of result.frames()) {
    const line: ResultFrame = frame;
    const object = line.objects[0];
    if (object === undefined) continue;
    const mask = maskOf(object);
    if (before !== undefined) total += rleIou(before, mask);
    before = mask;
  }
  const records: MaskRecord[] = await generateMasks(segmenter, { width: 1, height: 1, data: new Uint8Array(3) }, amgOptions({ pointsPerSide: 2 }));
  for await (const { masks } of followObjects(tracker, [], [])) total += masks.length;
  const jobs = await connectJobs({ store: 's3://masks/prod' });
  const { id } = await jobs.start({ video: 'film.mp4', options: { preset: 'draft', tracking: { detectEvery: 4 } } });
  for await (const progress of jobs.follow(id)) total += (progress satisfies JobProgress).fraction;
  const alignment = new HotaAlignment();
  alignment.addFrame(compareMasks({ truth: new Map(), predictions: new Map(), ignored: null }));
  total += new HotaScorer(alignment).result().hota + cocoStringToRle('04', 2, 2).counts.length;
  return total + records.length + planChunks({ frameCount: 9, chunkFrames: 9, overlapFrames: 2, sceneCuts: [], chainChunks: 1, detectEvery: 4 }).length;
}
export const isOurs = (error: unknown): boolean => error instanceof VamgError && error.failure === 'NotFound';
`;

// Lines 4 to 7 must be refused: were the types lost, as `any`, they would not be.
const WRONG = `
import { openResult, rleIou } from 'video-amg';
import { connectJobs } from 'video-amg/jobs';
import { deepest } from 'video-amg/dist/core/mask/rle';
export const a: number = openResult('x');
export const b = rleIou('mask', 'mask');
export const c = connectJobs({ store: 's3://a/b' }).then((jobs) => jobs.start({ video: 'film.mp4', options: { preset: 'fastest' } }));
export { deepest };
`;

/** The TypeScript of a page, one program per block. */
const blocksOf = (page: string): string[] => [...readFileSync(path.join(ROOT, 'docs', page), 'utf8').matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => match[1]!);

describe('the package in an empty project', () => {
  const project = new PackedProject();
  beforeAll(() => project.install());
  afterAll(() => project.dispose());

  it('holds the program and its types, and neither sources nor what is for maintainers', () => {
    const inside = (name: string): boolean => project.has(`node_modules/video-amg/${name}`);
    expect(['dist/cli/main.js', 'dist/workflow-bundle.js', 'models/bundles/mobilesam/bundle.json', 'dist/types/lib/index.d.ts', 'temporal.yaml', 'LICENSE', 'README.md'].filter((name) => !inside(name))).toEqual([]);
    expect(['core', 'test', 'bench', 'training', 'dist/bench', 'dist/examples', 'dist/test', 'dist/.build.json', '.vamg'].filter(inside)).toEqual([]);
  });

  it('compiles against its types, strictly; so do the programs of docs/library.md; what is wrong is refused', async () => {
    const blocks = blocksOf('library.md');
    const pages = blocks.map((_, i) => `library-${i}.mts`);
    blocks.forEach((text, i) => project.write(pages[i]!, `${text}\nexport {};\n`));
    project.write('program.ts', PROGRAM);
    project.write('module.mts', PROGRAM);
    project.write('wrong.ts', WRONG);
    // In one run of the compiler: it takes most of the time to read the libraries.
    const said = (await project.typecheck(['program.ts', 'module.mts', 'wrong.ts', ...pages])).split('\n').filter((line) => /^\S/.test(line));
    expect(said.filter((line) => !line.startsWith('wrong.ts'))).toEqual([]);
    expect([...new Set(said.map((line) => /^wrong\.ts\((\d+),/.exec(line)?.[1]))]).toEqual(['4', '5', '6', '7']);
    for (const entry of ENTRIES) expect(blocks.some((text) => text.includes(`from '${entry}'`)) ? entry : `no program of docs/library.md uses ${entry}`).toBe(entry);
  });

  it.each(ENTRIES)('%s can be required and imported, gives the same, and loads nothing heavy', async (entry) => {
    project.write('required.cjs', `const names = Object.keys(require('${entry}')).sort(); const heavy = Object.keys(require.cache).filter((file) => /onnxruntime|@temporalio|\\/sharp\\/|minio|fluent-ffmpeg/.test(file)); console.log(JSON.stringify({ names, heavy }));`);
    project.write('imported.mjs', `import * as all from '${entry}'; console.log(JSON.stringify(Object.keys(all).filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort()));`);
    const { names, heavy } = JSON.parse(await project.node('required.cjs')) as { names: string[]; heavy: string[] };
    expect(heavy).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
    expect(JSON.parse(await project.node('imported.mjs'))).toEqual(names);
  });

  it('offers nothing but its entry points', async () => {
    project.write('deep.cjs', "require('video-amg/dist/core/mask/rle.js');");
    await expect(project.node('deep.cjs')).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('follows a mask with the network that the command uses', async () => {
    project.write(
      'follow.mjs',
      `import { followObjects, openTracker } from 'video-amg/tracking';
       import { encodeRle, rleIou } from 'video-amg/masks';
       const [width, height] = [160, 120];
       const isSet = (i, t) => Math.hypot((i % width) - 50 - 4 * t, Math.floor(i / width) - 60) < 24;
       const truth = (t) => encodeRle({ width, height, data: Uint8Array.from({ length: width * height }, (_, i) => Number(isSet(i, t))) });
       const draw = (t) => ({ width, height, data: Uint8Array.from({ length: 3 * width * height }, (_, i) => (isSet(Math.floor(i / 3), t) ? [230, 60, 20][i % 3] : 70 + ((i * 7) % 11))) });
       const tracker = await openTracker({ preset: 'draft' });
       const ious = [];
       for await (const { position, masks } of followObjects(tracker.session, [0, 1, 2].map((t) => tracker.frame(t, draw(t))), [{ objectId: 5, rle: truth(0), score: 1 }])) ious.push([masks[0].objectId, masks[0].present, rleIou(masks[0].rle, truth(position))]);
       await tracker.dispose();
       console.log(JSON.stringify({ name: tracker.session.name, ious }));`,
    );
    const { name, ious } = JSON.parse(await project.node('follow.mjs')) as { name: string; ious: [number, boolean, number][] };
    expect([name, ious.length, ious.every(([id, present, iou]) => id === 5 && present && iou > 0.8)]).toEqual(['memory', 3, true]);
  });

  it('its command runs', async () => {
    expect(await project.node('node_modules/video-amg/dist/cli/main.js', '--help')).toContain('vamg segment film.mp4');
  });

  describe('the examples', () => {
    const example = (name: string, ...args: string[]): Promise<string> => project.node(`examples/${name}.js`, ...args);
    beforeAll(() => {
      project.copy(path.join(ROOT, 'dist/examples'), 'examples');
      const [width, height] = [40, 30];
      const square = (x: number) => maskOf(width, height, (px, py) => px >= x && px < x + 10 && py >= 5 && py < 15);
      const made = { width, height, firstFrame: 0, frameStep: 1, videoName: 'film.mp4', labels: new Map<number, string>() };
      const frames = (shift: number) => Array.from({ length: 6 }, (_, t) => new Map([[1, square(t)], ...(t > 2 ? [[2, square(25 + shift)] as const] : [])]));
      writeResultFolder(project.path('a-vamg'), { ...made, frames: frames(0) });
      writeResultFolder(project.path('b-vamg'), { ...made, frames: frames(5) });
    });

    it('are all known here; follow-job is run in test/e2e', () => {
      expect([...EXAMPLES].sort()).toEqual(['compare-results', 'follow-job', 'masks-of-picture', 'objects-per-frame', 'own-tracker', 'stitch-two-chunks']);
    });

    it('objects-per-frame', async () => {
      const lines = (await example('objects-per-frame', 'a-vamg')).trim().split('\n');
      expect(lines).toHaveLength(7);
      expect([lines[0], lines[1], lines[4]]).toEqual(['film.mp4: 2 objects', 'frame 0 at 0.00 s: 1 (100 px)', 'frame 3 at 0.12 s: 1 (100 px), 2 (100 px)']);
    });

    it('compare-results', async () => {
      expect(await example('compare-results', 'a-vamg', 'a-vamg')).toMatch(/^object 1: track 1, J 1\.000, 0 ID switches\nobject 2: track 2, J 1\.000, 0 ID switches\nHOTA 1\.000 /);
      // Half of 10 pixels to the side: IoU 50 / 150.
      expect(await example('compare-results', 'a-vamg', 'b-vamg')).toMatch(/object 2: track 2, J 0\.333, 0 ID switches\nHOTA 0\.[5-9]/);
    });

    it('masks-of-picture', async () => {
      const lines = (await example('masks-of-picture', path.join(ROOT, 'test/fixtures/frames/cars.png'))).trim().split('\n');
      const count = Number(/^(\d+) masks$/.exec(lines.at(-2)!)![1]);
      expect([count > 0, lines.length]).toEqual([true, count + 2]);
      expect(JSON.parse(lines.at(-1)!)).toMatchObject({ segmentation: { size: [360, 640] }, crop_box: [0, 0, 640, 360] });
    });

    it('stitch-two-chunks', async () => {
      const text = await example('stitch-two-chunks');
      expect(text).toContain('left 1, right 7: joined, volume IoU 1.00');
      expect(text).toContain('object 1: chunk 0 number 1 = chunk 1 number 7\nobject 2: chunk 0 number 2 = chunk 1 number 3\nframe 20 has objects 1, 2');
    });

    it('own-tracker', async () => {
      const lines = (await example('own-tracker')).trim().split('\n');
      expect([lines.length, lines[0], lines[9]]).toEqual([10, 'frame 0: object 1 at 8.5', 'frame 9: object 1 at 26.5']);
    });
  });
});
