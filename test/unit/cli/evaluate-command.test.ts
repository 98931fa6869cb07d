import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeIndexedPng } from '../../../adapters/png/indexed-png';
import { main } from '../../../cli/main';
import { encodeRle } from '../../../core/mask/rle';
import { toCocoRle } from '../../../core/mask/rle-string';

const WIDTH = 40;
const HEIGHT = 30;
const FRAMES = 12;

let out = '';
let err = '';
let folder: string;

function square(x0: number, value = 1): Uint8Array {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 5; y < 15; y++) data.fill(value, y * WIDTH + x0, y * WIDTH + x0 + 10);
  return data;
}

/** A result folder: on frame t, `ids(t)` are on the true square, and object 9 on nothing that is labelled. */
function writeResult(name: string, idOf: (frame: number) => number, result: unknown): string {
  const target = path.join(folder, name);
  mkdirSync(target);
  const objectOf = (id: number, data: Uint8Array) => ({ id, score: 1, bbox: [0, 0, 1, 1], area: 100, segmentation: toCocoRle(encodeRle({ width: WIDTH, height: HEIGHT, data })) });
  const lines = Array.from({ length: FRAMES }, (_, frame) => JSON.stringify({ frame, time: frame, objects: [objectOf(idOf(frame), square(3)), objectOf(9, square(25))] }));
  writeFileSync(path.join(target, 'masks.jsonl'), `${lines.join('\n')}\n`);
  writeFileSync(path.join(target, 'result.json'), JSON.stringify(result));
  return target;
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'vamg-evaluate-'));
  writeResult('cut', (t) => (t < 6 ? 1 : 2), { schemaVersion: 1, stitch: { borders: 1, seams: [{ frame: 6, sharedFrom: 4 }] } });
  writeResult('whole', () => 4, { schemaVersion: 1, stitch: { borders: 0, seams: [] } });
  writeResult('old', () => 4, { schemaVersion: 1, stitch: { borders: 3 } });
  mkdirSync(path.join(folder, 'truth'));
  for (let frame = 0; frame < FRAMES; frame++) writeFileSync(path.join(folder, 'truth', `${frame}.png`), await encodeIndexedPng({ width: WIDTH, height: HEIGHT, data: square(3, 7) }));
});

beforeEach(() => {
  out = err = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);

interface Answer {
  readonly hota: { readonly perAlpha: readonly unknown[] };
  readonly vpq: { readonly windows: readonly unknown[] };
  readonly against: { readonly agreement: unknown };
}

async function evaluate(...args: string[]): Promise<Answer> {
  expect(`${await main(['evaluate', ...args, '--json'])} ${err}`).toBe('0 ');
  return JSON.parse(out) as Answer;
}

describe('vamg evaluate', () => {
  it('gives every measure as JSON, and finds the seams in result.json', async () => {
    const scores = await evaluate(at('cut'), '--ground-truth', at('truth'));
    expect(scores).toMatchObject({
      frames: FRAMES,
      everyObject: false,
      leftOut: FRAMES,
      objects: [{ id: 7, coverage: 1, idSwitches: 1, switchFrames: [6], returns: [], switchesOutsideReturns: 1 }],
      mean: { jAndF: 0.5 },
      idf1: 0.5,
      idSwitches: 1,
      fragments: 0,
      hota: { detA: 1, assA: 0.5, hota: expect.closeTo(Math.SQRT1_2, 5), locA: 1 },
      clear: { idSwitches: 1, fragments: 0, falsePositives: 0, mostlyTracked: 1 },
      identity: { idPrecision: 0.5, idRecall: 0.5 },
      stq: { aq: 0.5, sq: 1 },
      vc: { vc16: null },
      returns: { returns: 0, kept: 0, changed: 0, notFound: 0, switchesOutsideReturns: 1 },
      seams: { seams: 1, crossings: 1, switches: 1, switchRate: 1 },
      flicker: { shapeChange: 0, areaJitter: 0 },
    });
    expect(scores.hota.perAlpha).toHaveLength(19);
    expect(scores.vpq.windows).toHaveLength(7);
  });

  it('counts what lies on 0 with --every-object', async () => {
    expect(await evaluate(at('whole'), '--ground-truth', at('truth'), '--every-object')).toMatchObject({ everyObject: true, leftOut: 0, hota: { detPr: 0.5, assA: 1 }, clear: { falsePositives: FRAMES }, seams: { crossings: 0, switchRate: null } });
  });

  it('compares two results, with truth and without', async () => {
    const both = await evaluate(at('cut'), '--against', at('whole'), '--ground-truth', at('truth'));
    const agreement = { frames: FRAMES, detA: 1, locA: 1, assA: 0.75 };
    expect(both).toMatchObject({ hota: { assA: 0.5 }, against: { agreement, scores: { hota: { hota: 1 } }, regret: { hota: expect.closeTo(1 - Math.SQRT1_2, 5), assA: 0.5, idf1: 0.5, idSwitches: 1 } } });
    out = '';
    const alone = await evaluate(at('cut'), '--against', at('whole'));
    expect(alone).toEqual({ against: { agreement: both.against.agreement, scores: null, regret: null } });
    out = '';
    const turned = await evaluate(at('whole'), '--against', at('cut'));
    expect(turned).toEqual(alone);
  });

  it('prints a line for each measure, and says when it does not know the seams', async () => {
    expect(await main(['evaluate', at('old'), '--ground-truth', at('truth'), '--against', at('cut')])).toBe(0);
    for (const name of ['HOTA', 'CLEAR', 'IDF1', 'STQ', 'VPQ', 'VC', 'returns', 'seams', 'flicker']) expect(out).toMatch(new RegExp(`^${name} `, 'm'));
    expect(out).toContain('not known: result.json');
    expect(out).toMatch(/^Agreement .*\nRegret .*HOTA -0\.293/m);
  });

  it('explains every measure in its help', async () => {
    expect(await main(['evaluate', '--help'])).toBe(0);
    for (const name of ['J, F, J&F', 'HOTA', 'CLEAR', 'IDF1', 'STQ', 'VPQ', 'VC8, VC16', 'returns', 'seams', 'flicker', '--against']) expect(out).toMatch(new RegExp(`^ {2}${name} {2,}\\S`, 'm'));
  });

  it('needs something to compare with', async () => {
    expect(await main(['evaluate', at('cut')])).toBe(2);
    expect(err).toContain('--ground-truth PNG_DIR, --against DIR');
    expect(await main(['evaluate', at('cut'), '--against', at('truth')])).toBe(2);
    expect(err).toContain('is not a result folder');
  });
});
