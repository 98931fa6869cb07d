import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { encodeRle } from '../../../core/mask/rle';
import { amgOptions } from '../../../lib/amg';
import { segmentOptions } from '../../../lib/jobs';
import { followObjects, type ObjectMask, type TrackedMask, type Tracker, type TrackFrame } from '../../../lib/tracking';

const ROOT = path.join(__dirname, '../../..');

describe('the entry points', () => {
  it('are exactly the files of lib/, each with its types, and each named in docs/library.md', () => {
    const { exports } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { exports: Record<string, string | { types: string; default: string }> };
    const names = readdirSync(path.join(ROOT, 'lib')).filter((file) => file.endsWith('.ts')).map((file) => path.parse(file).name);
    const expected = names.map((name) => [name === 'index' ? '.' : `./${name}`, { types: `./dist/types/lib/${name}.d.ts`, default: `./dist/lib/${name}.js` }]);
    expect({ ...exports }).toEqual({ ...Object.fromEntries(expected), './package.json': './package.json' });
    const page = readFileSync(path.join(ROOT, 'docs/library.md'), 'utf8');
    for (const name of names) expect(page).toContain(`\`video-amg${name === 'index' ? '' : `/${name}`}\``);
  });

  it('re-export by name only', () => {
    for (const file of readdirSync(path.join(ROOT, 'lib')).filter((name) => name.endsWith('.ts'))) {
      const code = readFileSync(path.join(ROOT, 'lib', file), 'utf8').replace(/\/\*\*[^]*?\*\//g, '').trim().split('\n');
      expect(code.filter((line) => !/^export (type )?\{ .* \} from '\.{1,2}\/[^']+';$/.test(line))).toEqual([]);
    }
  });
});

describe('options', () => {
  it('come from the caller, else the preset, else SAM or the schema', () => {
    expect(amgOptions()).toMatchObject({ pointsPerSide: 32, predIouThresh: 0.88, stabilityScoreThresh: 0.95 });
    expect(amgOptions({ pointsPerSide: 5 }, 'draft')).toMatchObject({ pointsPerSide: 5, predIouThresh: 0.82 });
    expect(segmentOptions({ preset: 'quality', planning: { parallel: 3 } })).toMatchObject({ inputSize: 1024, planning: { parallel: 3, chunkFrames: 240 } });
  });

  it('that cannot be used are named in one sentence', () => {
    const failure = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return error;
      }
    };
    expect(failure(() => amgOptions({ pointsPerSide: 0 }))).toMatchObject({ failure: 'BadConfig', message: expect.stringMatching(/^The options cannot be used: [^\n]*pointsPerSide[^\n]*$/) as unknown });
    expect(failure(() => segmentOptions({ preset: 'fastest' as never }))).toMatchObject({ failure: 'BadConfig' });
    expect(failure(() => segmentOptions({ planning: { chunkframes: 9 } as never }))).toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('chunkframes') as unknown });
  });
});

describe('following objects', () => {
  const frame = (position: number): TrackFrame => ({ position, image: { width: 2, height: 1, data: new Uint8Array(6) }, embedding: () => Promise.reject(new Error('not asked for')) });
  const rle = encodeRle({ width: 2, height: 1, data: Uint8Array.of(1, 0) });
  const object = (objectId: number): ObjectMask => ({ objectId, rle, score: 1 });

  it('starts on the first frame with the given masks, then takes one frame at a time', async () => {
    const calls: string[] = [];
    const tracker: Tracker = {
      start: async ({ position }) => void calls.push(`start ${position}`),
      addObjects: async (objects) => void calls.push(`add ${objects.map(({ objectId }) => objectId).join()}`),
      step: async ({ position }): Promise<TrackedMask[]> => (calls.push(`step ${position}`), [{ objectId: 2, rle, score: 0.5, present: true }]),
      removeObjects: () => undefined,
      snapshot: () => new Uint8Array(),
      restore: async () => undefined,
      dispose: async () => undefined,
    };
    function* frames(): Generator<TrackFrame> {
      for (const position of [4, 5, 6]) {
        calls.push(`frame ${position}`);
        yield frame(position);
      }
    }
    const seen: [number, number[]][] = [];
    for await (const { position, masks } of followObjects(tracker, frames(), [object(7), object(2)])) {
      calls.push(`got ${position}`);
      seen.push([position, masks.map(({ objectId }) => objectId)]);
    }
    expect(seen).toEqual([[4, [2, 7]], [5, [2]], [6, [2]]]);
    expect(calls).toEqual(['frame 4', 'start 4', 'add 7,2', 'got 4', 'frame 5', 'step 5', 'got 5', 'frame 6', 'step 6', 'got 6']);
  });
});
