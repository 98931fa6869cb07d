import { ByteReader, ByteWriter } from '../../../../core/tracking/byte-codec';
import { IdentityWatch } from '../../../../core/tracking/memory/identity-watch';

const COLUMNS = 12;
const CELLS = COLUMNS * 8;

/** 1 in columns [from, to) of rows 2 to 5. */
function block(from: number, to: number): Float32Array {
  return Float32Array.from({ length: CELLS }, (_, i) => {
    const [x, y] = [i % COLUMNS, Math.floor(i / COLUMNS)];
    return x >= from && x < to && y >= 2 && y < 6 ? 1 : 0;
  });
}

/** `own` where the object is, `elsewhere` in all other cells; everything matches the rest of the given frames by `others`. */
function looks(object: Float32Array, own = 0, elsewhere = -6, others = -3): Float32Array {
  const out = new Float32Array(2 * CELLS).fill(others);
  for (let i = 0; i < CELLS; i++) out[i] = object[i]! > 0 ? own : elsewhere;
  return out;
}

/** A watch that has seen object 1 in columns 1 to 4 for some frames. */
function watchingOne(): IdentityWatch {
  const watch = new IdentityWatch();
  for (let frame = 0; frame < 5; frame++) expect(watch.judge(1, block(1, 5), looks(block(1, 5)), COLUMNS)).toEqual({ kind: 'whole' });
  return watch;
}

describe('IdentityWatch', () => {
  it('loses an object whose mask is on another thing, and finds it again where it looks like itself', () => {
    const watch = watchingOne();
    const nowhere = looks(new Float32Array(CELLS));
    expect(watch.judge(1, block(4, 10), nowhere, COLUMNS)).toEqual({ kind: 'lost' });
    expect(watch.isLost(1)).toBe(true);
    expect(watch.judge(1, block(4, 10), nowhere, COLUMNS)).toEqual({ kind: 'lost' });
    // It comes out at the right side of what hid it, and the mask is on both.
    const verdict = watch.judge(1, block(4, 12), looks(block(8, 12)), COLUMNS);
    expect(verdict.kind).toBe('part');
    const cells = verdict.kind === 'part' ? verdict.cells : new Uint8Array();
    // The part and one cell around it.
    expect([...cells].map((cell, i) => (cell ? i : -1)).filter((i) => i >= 0).every((i) => i % COLUMNS >= 7)).toBe(true);
    expect(cells[3 * COLUMNS + 9]).toBe(1);
    expect(watch.isLost(1)).toBe(false);
    expect(watch.judge(1, block(8, 12), looks(block(8, 12)), COLUMNS)).toEqual({ kind: 'whole' });
  });

  it('keeps an object that only looks less like itself, or as unlike all else as ever', () => {
    const turning = watchingOne();
    for (let own = 0; own > -4; own -= 0.1) expect(turning.judge(1, block(1, 5), looks(block(1, 5), own, -6, own - 3), COLUMNS).kind).toBe('whole');
    const slow = watchingOne();
    for (let own = 0; own > -3; own -= 0.02) expect(slow.judge(1, block(1, 5), looks(block(1, 5), own), COLUMNS).kind).toBe('whole');
  });

  it('does not take a speck, or a part of the mask that looks like anything else, for a lost object', () => {
    const watch = watchingOne();
    watch.judge(1, block(4, 10), looks(new Float32Array(CELLS)), COLUMNS);
    const speck = new Float32Array(CELLS);
    speck[3 * COLUMNS + 9] = 1;
    expect(watch.judge(1, block(4, 11), looks(speck), COLUMNS)).toEqual({ kind: 'lost' });
    expect(watch.judge(1, block(4, 12), looks(block(8, 12), -1, -6, -1.5), COLUMNS)).toEqual({ kind: 'lost' });
    expect(watch.judge(1, new Float32Array(CELLS), looks(block(9, 11)), COLUMNS)).toEqual({ kind: 'lost' });
  });

  it('takes the crumbs of a mask that look like anything else for nothing of the object, and learns nothing from crumbs', () => {
    const crumb = new Float32Array(CELLS);
    crumb[3 * COLUMNS + 4] = 1;
    const seam = watchingOne();
    expect(seam.judge(1, crumb, looks(crumb, -1, -6, -1.5), COLUMNS)).toEqual({ kind: 'absent' });
    expect(seam.isLost(1)).toBe(false);
    const leaving = watchingOne();
    for (let frame = 0; frame < 9; frame++) expect(leaving.judge(1, crumb, looks(crumb, -1.2, -6, -3), COLUMNS)).toEqual({ kind: 'whole' });
    // Had it learned what a crumb looks like, this were no drop.
    expect(leaving.judge(1, block(4, 10), looks(block(4, 10), -3, -6, -3), COLUMNS)).toEqual({ kind: 'lost' });
  });

  it('says nothing against an absent object, and learns nothing from it', () => {
    const watch = watchingOne();
    expect(watch.judge(1, new Float32Array(CELLS), looks(new Float32Array(CELLS)), COLUMNS)).toEqual({ kind: 'whole' });
    expect(watch.judge(1, block(6, 10), looks(block(6, 10)), COLUMNS)).toEqual({ kind: 'whole' });
  });

  it('knows an object that goes on as another by what is usual of that', () => {
    const watch = watchingOne();
    watch.judge(2, block(6, 10), looks(block(6, 10)), COLUMNS);
    watch.judge(1, block(4, 10), looks(new Float32Array(CELLS)), COLUMNS);
    expect(watch.isLost(1)).toBe(true);
    watch.succeed(2, 1);
    expect([watch.isLost(1), watch.isLost(2)]).toEqual([false, false]);
    expect(watch.judge(1, block(2, 8), looks(new Float32Array(CELLS)), COLUMNS)).toEqual({ kind: 'lost' });
  });

  it('knows two objects that were taken for each other by what is usual of the other', () => {
    const watch = watchingOne();
    watch.judge(2, block(6, 10), looks(block(6, 10)), COLUMNS);
    watch.judge(1, block(4, 10), looks(new Float32Array(CELLS)), COLUMNS);
    watch.exchange(1, 2);
    expect([watch.isLost(1), watch.isLost(2)]).toEqual([false, true]);
    watch.exchange(2, 3); // nothing is known of 3
    expect([watch.isLost(2), watch.isLost(3)]).toEqual([false, true]);
  });

  it('is the same after writing and reading, and forgets what it is told to', () => {
    const watch = watchingOne();
    watch.judge(2, block(6, 10), looks(block(6, 10), -0.3), COLUMNS);
    watch.judge(1, block(4, 10), looks(new Float32Array(CELLS)), COLUMNS);
    const bytes = (of: IdentityWatch): Uint8Array => {
      const out = new ByteWriter();
      of.write(out);
      return out.finish();
    };
    const again = IdentityWatch.read(new ByteReader(bytes(watch)));
    expect(bytes(again)).toEqual(bytes(watch));
    expect([again.isLost(1), again.isLost(2)]).toEqual([true, false]);
    again.forget([1]);
    expect(again.isLost(1)).toBe(false);
    expect(again.judge(1, block(4, 10), looks(new Float32Array(CELLS)), COLUMNS)).toEqual({ kind: 'whole' });
  });
});
