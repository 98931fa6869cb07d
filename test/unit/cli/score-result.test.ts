import type { MaskLine } from '../../../contracts/pipeline-artefacts';
import { encodeRle } from '../../../core/mask/rle';
import { toCocoRle } from '../../../core/mask/rle-string';
import { scoreResult } from '../../../cli/evaluate/score-result';
import { goldenScenes, truthLabels } from '../core/metrics/support/golden-scenes';

const WIDTH = 40;
const HEIGHT = 30;

function square(x0: number, size = 10): Uint8Array {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 5; y < 5 + size; y++) data.fill(1, y * WIDTH + x0, y * WIDTH + x0 + size);
  return data;
}

function line(frame: number, objects: readonly (readonly [number, Uint8Array])[]): MaskLine {
  return {
    frame,
    time: frame / 10,
    objects: objects.map(([id, data]) => {
      const { size, counts } = toCocoRle(encodeRle({ width: WIDTH, height: HEIGHT, data }));
      return { id, score: 1, bbox: [0, 0, 1, 1], area: 100, segmentation: { size: [size[0], size[1]], counts } };
    }),
  };
}

async function* list(lines: readonly MaskLine[]) {
  yield* lines;
}

function truthOf(frames: readonly Uint8Array[]) {
  return async (frame: number) => (frames[frame] === undefined ? null : { labels: { width: WIDTH, height: HEIGHT, data: frames[frame]! }, voidLabel: 255 });
}

describe('comparing a result with truth', () => {
  it('gives full marks to a result that is the truth, whatever else it found', async () => {
    const lines = [0, 1, 2].map((k) => line(k, [[7, square(3 + k)], [8, square(25, 4)]]));
    const scores = await scoreResult({ lines: () => list(lines), truth: truthOf([square(3), square(4), square(5)]) });
    expect(scores.objects).toEqual([expect.objectContaining({ id: 1, track: 7, bestTrackJ: 1, jAllFrames: 1, f: 1, coverage: 1, idSwitches: 0 })]);
    expect(scores).toMatchObject({ frames: 3, idf1: 1, idSwitches: 0, mean: { jAndF: 1 } });
  });

  it('counts a change of ID and scores only the one ID that follows best', async () => {
    const lines = [0, 1, 2, 3].map((k) => line(k, [[k < 3 ? 7 : 9, square(3)]]));
    const scores = await scoreResult({ lines: () => list(lines), truth: truthOf([square(3), square(3), square(3), square(3)]) });
    expect(scores.objects[0]).toMatchObject({ track: 7, bestTrackJ: 0.75, coverage: 1, idSwitches: 1 });
    expect(scores.objects[0]!.f).toBeCloseTo(0.75);
  });

  it('says whether an object that was out of sight comes back under its ID', async () => {
    const [seen, nothing] = [square(3), new Uint8Array(WIDTH * HEIGHT)];
    const truth = [seen, seen, nothing, nothing, nothing, seen, seen, nothing, nothing, nothing, seen];
    const lines = truth.map((_, k) => line(k, truth[k] === seen ? [[k < 10 ? 7 : 9, square(3)]] : []));
    const scores = await scoreResult({ lines: () => list(lines), truth: truthOf(truth) });
    expect(scores.objects[0]).toMatchObject({ idSwitches: 1, switchesOutsideReturns: 0, returns: [{ frame: 5, before: 7, after: 7, outcome: 'kept' }, { frame: 10, before: 7, after: 9, outcome: 'changed' }] });
    expect(scores.returns).toEqual({ returns: 2, kept: 1, changed: 1, notFound: 0, switchesOutsideReturns: 0 });
  });

  it('does not judge pixels that the truth marks as void', async () => {
    const truth = square(3);
    const shown = square(3, 14);
    shown.forEach((value, i) => value === 1 && truth[i] === 0 && (truth[i] = 255));
    const scores = await scoreResult({ lines: () => list([line(0, [[1, shown]])]), truth: truthOf([truth]) });
    expect(scores.objects).toHaveLength(1);
    expect(scores.mean.bestTrackJ).toBe(1);
  });

  it('compares frames by their number in the source, and leaves out those without truth', async () => {
    const lines = [line(0, [[1, square(3)]]), line(2, [[1, square(9)]]), line(4, [])];
    const scores = await scoreResult({ lines: () => list(lines), truth: truthOf([square(3), square(20), square(9)]) });
    expect(scores).toMatchObject({ frames: 2, mean: { bestTrackJ: 1 } });
  });

  it('says in a sentence when the two do not fit together', async () => {
    const other = async () => ({ labels: { width: 8, height: 8, data: new Uint8Array(64) }, voidLabel: null });
    await expect(scoreResult({ lines: () => list([line(0, [[1, square(3)]])]), truth: other })).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('8x8') });
    await expect(scoreResult({ lines: () => list([line(0, [])]), truth: async () => null })).rejects.toMatchObject({ failure: 'BadConfig' });
  });
});

describe('the scores of the golden scenes', () => {
  const readings = goldenScenes.filter(({ frames }) => frames.some(({ truth }) => truth.size > 0)).flatMap((scene) => [true, false].map((everyObject) => ({ ...scene, everyObject })));

  it.each(readings)('are those of the references: $name, every object $everyObject', async ({ name, frames, reference, everyObject }) => {
    const lines = frames.map(({ predictions }, frame): MaskLine => ({
      frame,
      time: frame,
      objects: [...predictions].map(([id, rle]) => ({ id, score: 1, bbox: [0, 0, 1, 1], area: 1, segmentation: { size: [rle.height, rle.width], counts: toCocoRle(rle).counts } })),
    }));
    const scores = await scoreResult({ lines: () => list(lines), truth: async (frame) => ({ labels: truthLabels(frames[frame]!), voidLabel: 255 }), everyObject });
    const { hota, clear, identity, stq, vpq, vc } = everyObject ? reference.complete : reference.partial;
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    // Where several masks match one object, we keep to one track and TrackEval to the best IoU of the frame.
    if (name === 'rivals' && !everyObject) {
      expect(scores.hota.assA).toBeGreaterThan(mean(hota.AssA));
      return;
    }
    const close = (value: number) => expect.closeTo(value, 6);
    expect(scores).toMatchObject({
      frames: frames.length,
      everyObject,
      idf1: close(identity.IDF1),
      hota: { hota: close(mean(hota.HOTA)), detA: close(mean(hota.DetA)), assA: close(mean(hota.AssA)), locA: close(mean(hota.LocA)) },
      clear: { mota: close(clear.MOTA), idSwitches: clear.IDSW, fragments: clear.Frag },
      stq: { aq: close(stq.aq), sq: close(stq.sq!) },
      vc: { vc8: vc['8'] === null ? null : close(vc['8']), vc16: vc['16'] === null ? null : close(vc['16']) },
    });
    expect(scores.vpq.windows.map((tube) => tube.vpq)).toEqual(Object.values(vpq).map((tube) => close(tube!.pq)));
  });
});
