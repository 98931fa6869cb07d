import fc from 'fast-check';
import { sha256Hex } from '../../../adapters/store/hash-file';
import type { JobSpec, Plan } from '../../../contracts/artefacts';
import { resolveSegmentOptions, STITCH_OPTION_KEYS, type SegmentOptionsInput } from '../../../contracts/segment-options';
import { canonicalJson } from '../../../core/pipeline/canonical-json';
import { planVideo } from '../../../core/pipeline/plan-video';
import { planKey, probeKey, StageKeys, type GivenObjects } from '../../../core/pipeline/stage-keys';
import { detectionPositions } from '../../../core/planning/detection-positions';
import { INFO } from '../activities/activity-world';
import { promptOn } from '../tracking/run-chunk';

function job(options: SegmentOptionsInput = {}, overrides: Partial<JobSpec> = {}): JobSpec {
  return { schemaVersion: 1, videoId: 'a'.repeat(64), videoName: 'a.mp4', options: resolveSegmentOptions(options), model: { name: 'm', sha256: 's' }, firstFrameMask: null, prompts: null, codeVersion: '1', ...overrides };
}
const plan: Plan = planVideo(INFO, [], resolveSegmentOptions({ planning: { chunkFrames: 30, overlapFrames: 8, chainChunks: 1 } }));
const keysOf = (spec: JobSpec, value = plan, given?: GivenObjects) => {
  const keys = new StageKeys(spec, value, sha256Hex, given);
  return { probe: probeKey(spec, sha256Hex), detect: keys.detect(1), track: keys.track(1), match: keys.match(0), resolve: keys.resolve(), relabel: keys.relabel(1), render: keys.render(1), publish: keys.publish() };
};
const changed = (a: Record<string, string>, b: Record<string, string>): string[] => Object.keys(a).filter((name) => a[name] !== b[name]);

describe('detectionPositions', () => {
  test.each([
    [{ startFrame: 0, endFrame: 10, detectEvery: 4, sceneCuts: [] }, [0, 4, 8]],
    [{ startFrame: 5, endFrame: 14, detectEvery: 4, sceneCuts: [] }, [5, 8, 12]],
    [{ startFrame: 5, endFrame: 14, detectEvery: 4, sceneCuts: [2, 5, 9, 14] }, [5, 8, 9, 12]],
    [{ startFrame: 3, endFrame: 6, detectEvery: 100, sceneCuts: [], everyPosition: true }, [3, 4, 5]],
    [{ startFrame: 7, endFrame: 8, detectEvery: 3, sceneCuts: [] }, [7]],
    [{ startFrame: 5, endFrame: 14, detectEvery: 4, sceneCuts: [], continuesPrevious: true }, [8, 12]],
    [{ startFrame: 5, endFrame: 14, detectEvery: 4, sceneCuts: [5], continuesPrevious: true }, [5, 8, 12]],
  ])('%j gives %j', (request, expected) => expect(detectionPositions(request)).toEqual(expected));

  test.each([{ startFrame: 4, endFrame: 4 }, { startFrame: -1, endFrame: 4 }, { startFrame: 0, endFrame: 4, detectEvery: 0 }])('%j is refused', (request) => {
    expect(() => detectionPositions({ detectEvery: 4, sceneCuts: [], ...request })).toThrow(RangeError);
  });

  test('neighbouring chunks agree in their overlap, but for the first position of the right one', () => {
    const left = detectionPositions({ startFrame: 0, endFrame: 40, detectEvery: 7, sceneCuts: [30] });
    const right = detectionPositions({ startFrame: 24, endFrame: 60, detectEvery: 7, sceneCuts: [30] });
    expect(right.filter((p) => p > 24 && p < 40)).toEqual(left.filter((p) => p > 24));
  });
});

describe('canonicalJson', () => {
  test('the order of keys does not matter, and JSON.parse reads it back', () => {
    expect(canonicalJson({ b: 1, a: [true, null, 'ä'] })).toBe(canonicalJson({ a: [true, null, 'ä'], b: 1 }));
    fc.assert(fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))));
  });
  test('what JSON cannot hold is refused', () => expect(() => canonicalJson({ a: NaN })).toThrow(TypeError));
});

const base = keysOf(job());

describe('stage keys change with what decides the bytes, and with nothing else', () => {
  const from = (first: string): string[] => Object.keys(base).slice(Object.keys(base).indexOf(first));

  test.each<[string, JobSpec, string[]]>([
    ['nothing', job(), []],
    ['how many chunks run at one time, and the device', job({ device: 'cuda', planning: { parallel: 9 } }), ['publish']],
    ['another video', job({}, { videoId: 'b'.repeat(64) }), from('probe')],
    ['other code', job({}, { codeVersion: '2' }), from('probe')],
    ['other weights', job({}, { model: { name: 'm', sha256: 't' } }), from('detect')],
    ['another mask threshold', job({ amg: { predIouThresh: 0.5 } }), from('detect')],
    ['a tracking option', job({ tracking: { minArea: 3 } }), from('track')],
    ['a stitching threshold', job({ planning: { stitchMargin: 0.2 } }), from('match')],
    ['re-identification', job({ planning: { reidentify: true } }), from('resolve')],
    ['what re-identification allows', job({ planning: { reidentifyThresh: 0.5, reidentifyGap: 9 } }), from('resolve')],
    ['no overlay', job({ output: { overlay: false } }), ['render', 'publish']],
    ['how the overlay looks', job({ output: { overlayStyle: 'boxes,trails', overlayOpacity: 0.9, overlayTrail: 12 } }), ['render', 'publish']],
    ['a first-frame mask, which leaves the second chunk alone when it does not go on from the first', job({}, { firstFrameMask: { key: 'v1/data/x', sha256: 'f'.repeat(64), bytes: 1 } }), from('match')],
    ['nothing but given objects', job({ tracking: { onlyPrompted: true } }), from('detect')],
  ])('%s', (_what, spec, expected) => expect(changed(base, keysOf(spec))).toEqual(expected));

  test.each(STITCH_OPTION_KEYS)('%s, which restitch may change, leaves everything alone that a network makes', (key) => {
    const now = resolveSegmentOptions().planning[key];
    const other = keysOf(job({ planning: { [key]: typeof now === 'boolean' ? !now : now === 0 ? 1 : 0 } }));
    expect(changed(base, other)).toEqual(expect.arrayContaining(['resolve', 'relabel', 'render', 'publish']));
    for (const stage of ['probe', 'detect', 'track'] as const) expect(other[stage]).toBe(base[stage]);
  });
});

describe('stage keys and chains', () => {
  const ninety = { ...INFO, pts: Array.from({ length: 90 }, (_, i) => i) };
  const planWith = (planning: SegmentOptionsInput['planning'], cuts: number[] = [], hasGiven = false): Plan => planVideo(ninety, cuts, resolveSegmentOptions({ planning: { chunkFrames: 30, overlapFrames: 8, ...planning } }), hasGiven);
  const three = planWith({});
  const keysWith = (given?: Partial<GivenObjects>, value = three): StageKeys => new StageKeys(job(), value, sha256Hex, given && { prompts: [], labels: new Map(), ...given });
  const base = keysWith();
  const chunks = three.chunks.map(({ index }) => index);
  const changedTracks = (keys: StageKeys): number[] => chunks.filter((chunk) => keys.track(chunk) !== base.track(chunk));
  const box = { box: [0, 0, 5, 5] as [number, number, number, number] };

  test('a prompt changes the chunks that see its frame and those that go on from them, and no detection', () => {
    expect(three.chunks.map(({ startFrame, endFrame }) => [startFrame, endFrame])).toEqual([[0, 25], [25, 49], [49, 73], [73, 90]]);
    // Number 0 is no ID: the numbers of found objects do not change with it.
    const at = (position: number): StageKeys => keysWith({ prompts: [promptOn(position, 0, box)] });
    expect([0, 24, 25, 50, 73].map((position) => changedTracks(at(position)))).toEqual([[0, 1, 2, 3], [0, 1, 2, 3], [1, 2, 3], [2, 3], [3]]);
    expect(chunks.map((chunk) => at(0).detect(chunk))).toEqual(chunks.map((chunk) => base.detect(chunk)));
  });

  test('found objects are counted from above the highest number that the user gives anywhere, in all chunks', () => {
    const keys = keysWith({ prompts: [promptOn(80, 7, box), promptOn(80, 12, box)] });
    expect([base.firstFreeId(), keys.firstFreeId()]).toEqual([1, 13]);
    expect(changedTracks(keys)).toEqual(chunks);
  });

  test('a chunk that goes on has no detection frame for its start, and its tracks change with those before it', () => {
    expect(base.detectionPositions(1)).toEqual([32, 40, 48]);
    const other = keysWith(undefined, planWith({ chainChunks: 2 }));
    expect(other.chains.map(({ firstChunk, endChunk }) => [firstChunk, endChunk])).toEqual([[0, 2], [2, 4]]);
    expect(other.detectionPositions(2)[0]).toBe(other.chains[1]!.startFrame);
    expect([base.isContinued(1), base.isContinued(3), other.isContinued(0), other.isContinued(1)]).toEqual([true, false, true, false]);
  });

  test('with given objects a chain ends at scene cuts only', () => {
    const starts = (value: Plan): number[] => value.chunks.filter(({ continuesPrevious }) => !continuesPrevious).map(({ index }) => index);
    expect([starts(planWith({ chainChunks: 1 })), starts(planWith({ chainChunks: 1 }, [], true)), starts(planWith({ chainChunks: 1 }, [30], true))]).toEqual([[0, 1, 2, 3], [0], [0, 1]]);
    expect(starts(planWith({ chainChunks: 0 }))).toEqual([0]);
  });

  test('a name for an object changes the summary alone', () => {
    expect(changed(keysOf(job(), plan), keysOf(job(), plan, { prompts: [], labels: new Map([[3, 'dog']]) }))).toEqual(['publish']);
  });

  test('a chain of very many chunks has keys', () => {
    const long = planVideo({ ...INFO, pts: Array.from({ length: 40_000 }, (_, i) => i) }, [], resolveSegmentOptions({ planning: { chunkFrames: 8, overlapFrames: 3, chainChunks: 0 } }));
    const keys = keysWith(undefined, long);
    expect(keys.track(long.chunks.length - 1)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('planVideo', () => {
  const options = (planning: SegmentOptionsInput['planning']) => resolveSegmentOptions({ planning });

  test('start, end and step choose the frames, and scene cuts move to the positions', () => {
    expect(planVideo(INFO, [13, 40], options({ start: 1, end: 4, frameStep: 3 }))).toMatchObject({ firstFrame: 10, frameStep: 3, positions: 10, sceneCuts: [1] });
  });

  test('chunks own every position once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 40 }), fc.integer({ min: 1, max: 4 }), fc.array(fc.integer({ min: 1, max: 59 }), { maxLength: 4 }), (chunkFrames, frameStep, cuts) => {
        const value = planVideo(INFO, cuts, options({ chunkFrames, frameStep }));
        expect(value.chunks.flatMap(({ ownedStart, ownedEnd }) => Array.from({ length: ownedEnd - ownedStart }, (_, i) => ownedStart + i))).toEqual(Array.from({ length: value.positions }, (_, i) => i));
        expect(value.overlapFrames * 2).toBeLessThan(chunkFrames);
      }),
    );
  });

  test('a range without frames, and too large an overlap, are refused in words for the user', () => {
    expect(() => planVideo(INFO, [], options({ start: 90 }))).toThrow(/No frame of the video lies between/);
    expect(() => planVideo(INFO, [], options({ chunkFrames: 20, overlapFrames: 10 }))).toThrow(/--overlap-frames 10 must be less than half/);
  });
});

test('a plan key depends on chunking but not on thresholds', () => {
  expect(planKey(job({ planning: { chunkFrames: 50 } }), sha256Hex)).not.toBe(planKey(job(), sha256Hex));
  expect(planKey(job({ planning: { stitchMargin: 0.3 } }), sha256Hex)).toBe(planKey(job(), sha256Hex));
});
