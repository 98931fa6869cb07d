import { ByteReader, ByteWriter } from '../../../core/tracking/byte-codec';
import { Crossings, type Exchange, type Sighting } from '../../../core/tracking/crossings';

interface Way {
  /** Centre at a position, in pixels; null where the object is not seen. */
  readonly at: (position: number) => readonly [x: number, y: number] | null;
  readonly size?: number;
  readonly area?: (position: number) => number;
}

/** All exchanges, with the position at which each was noticed. `camera` is added to every centre. */
function run(ways: Readonly<Record<number, Way>>, frames = 80, camera: (position: number) => readonly [number, number] = () => [0, 0], restart = -1): (Exchange & { position: number })[] {
  let crossings = new Crossings();
  const found: (Exchange & { position: number })[] = [];
  for (let position = 0; position < frames; position++) {
    const seen = new Map<number, Sighting>();
    for (const [id, { at, size = 40, area }] of Object.entries(ways)) {
      const centre = at(position);
      if (!centre) continue;
      const [x, y] = [centre[0] + camera(position)[0], centre[1] + camera(position)[1]];
      seen.set(Number(id), { box: [x - size / 2, y - size / 2, x + size / 2, y + size / 2], area: area?.(position) ?? size * size, usualArea: size * size });
    }
    found.push(...crossings.note(position, seen).map((one) => ({ ...one, position })));
    if (position !== restart) continue;
    const out = new ByteWriter();
    crossings.write(out);
    const reader = new ByteReader(out.finish());
    crossings = Crossings.read(reader);
    reader.end();
  }
  return found;
}

const right = (position: number): [number, number] => [4 * position, 100];
const left = (position: number): [number, number] => [320 - 4 * position, 110];
/** A track that changes over to the other one's object in the middle, at 40. */
const rightThenLeft = (position: number): [number, number] => (position < 40 ? right(position) : left(position));
const leftThenRight = (position: number): [number, number] => (position < 40 ? left(position) : right(position));

describe('two tracks that go through each other', () => {
  it('are each other when they have turned round, from the moment at which they met', () => {
    const [found, ...others] = run({ 3: { at: rightThenLeft }, 5: { at: leftThenRight } });
    expect(others).toEqual([]);
    expect([found!.a, found!.b]).toEqual([3, 5]);
    expect(found!.crossedAt).toBeCloseTo(40, 0);
    expect(found!.position).toBeGreaterThan(44);
    expect(found!.position).toBeLessThan(50);
  });

  it('are themselves when they have gone on', () => {
    expect(run({ 3: { at: right }, 5: { at: left } })).toEqual([]);
  });

  it('are told apart whatever the camera does', () => {
    const camera = (position: number): [number, number] => [60 * Math.sin(position / 9), -2 * position];
    expect(run({ 3: { at: rightThenLeft }, 5: { at: leftThenRight } }, 80, camera)).toHaveLength(1);
    expect(run({ 3: { at: right }, 5: { at: left } }, 80, camera)).toEqual([]);
  });

  it('may be hidden in the meantime', () => {
    const hidden = (position: number): [number, number] | null => (position > 36 && position < 44 ? null : leftThenRight(position));
    expect(run({ 3: { at: rightThenLeft }, 5: { at: hidden } })).toHaveLength(1);
  });

  it('are looked at when both are to be seen by half at least', () => {
    const crumb = { at: leftThenRight, area: (position: number) => (position < 60 ? 300 : 1600) };
    expect(run({ 3: { at: rightThenLeft }, 5: crumb })[0]!.position).toBe(60);
  });

  it('are not taken for each other when they are of different sizes, or not like from the start', () => {
    expect(run({ 3: { at: rightThenLeft, size: 60 }, 5: { at: leftThenRight } })).toEqual([]);
  });

  it('that stop, come to each other and part again on the same side at a walk, have not gone through', () => {
    const slows = (position: number): [number, number] => [160 - 45 + 30 * Math.sin((position * Math.PI) / 80), 100];
    const waits = (): [number, number] => [160, 100];
    expect(run({ 3: { at: slows }, 5: { at: waits } })).toEqual([]);
  });

  it('are exchanged once, as wholes, when a part of one is followed too', () => {
    const part = (position: number): [number, number] => [rightThenLeft(position)[0] + 6, rightThenLeft(position)[1] - 4];
    const found = run({ 2: { at: part, size: 34 }, 3: { at: rightThenLeft }, 5: { at: leftThenRight } });
    expect(found.map(({ a, b }) => [a, b])).toEqual([[3, 5]]);
  });

  it('and stay together for long are taken as they come out: where they would be is not known any more', () => {
    const stays = (way: (position: number) => [number, number], frames: number) => (position: number): [number, number] => (position < 40 ? way(position) : position < 40 + frames ? way(40) : way(2 * 40 - position + frames));
    const turned = (frames: number): number => run({ 3: { at: stays(right, frames) }, 5: { at: stays(left, frames) } }, 200).length;
    expect([turned(0), turned(70)]).toEqual([1, 0]);
  });
});

it('the same is noticed after a restart on any frame', () => {
  const ways = { 3: { at: rightThenLeft }, 5: { at: leftThenRight } };
  const whole = run(ways);
  for (const restart of [10, 33, 36, 41, 45]) expect(run(ways, 80, undefined, restart)).toEqual(whole);
});

it('what is forgotten is not exchanged', () => {
  const crossings = new Crossings();
  const found: Exchange[] = [];
  for (let position = 0; position < 80; position++) {
    const seen = new Map([3, 5].map((id): [number, Sighting] => {
      const [x, y] = (id === 3 ? rightThenLeft : leftThenRight)(position);
      return [id, { box: [x - 20, y - 20, x + 20, y + 20], area: 1600, usualArea: 1600 }];
    }));
    found.push(...crossings.note(position, seen));
    if (position === 41) crossings.forget([5]);
  }
  expect(found).toEqual([]);
});

describe('one mask on two objects that went through each other', () => {
  const boxAt = ([x, y]: readonly [number, number]): readonly [number, number, number, number] => [x - 20, y - 20, x + 20, y + 20];

  /** Crossings after frames 0 to `until - 1`: 3 goes to the right; 5 goes to the left and is not seen from 38 on, when both are in one place. */
  function met(until: number): Crossings {
    const crossings = new Crossings();
    for (let position = 0; position < until; position++) {
      const seen = new Map<number, Sighting>([[3, { box: boxAt(right(position)), area: 1600, usualArea: 1600 }]]);
      if (position < 38) seen.set(5, { box: boxAt(left(position)), area: 1600, usualArea: 1600 });
      crossings.note(position, seen);
    }
    return crossings;
  }
  const isLost = (id: number): boolean => id === 5;

  it('is parted by where they came from, whichever piece comes first', () => {
    const crossings = met(50);
    expect([crossings.isMeeting(3), crossings.isMeeting(5), crossings.isMeeting(4)]).toEqual([true, true, false]);
    const parted = crossings.part(3, 50, [boxAt(right(50)), boxAt(left(50))], isLost);
    expect(parted).toMatchObject({ other: 5, ownIsFirst: true });
    expect(parted!.since).toBeGreaterThan(30);
    expect(parted!.since).toBeLessThan(38);
    expect(crossings.part(3, 50, [boxAt(left(50)), boxAt(right(50))], isLost)).toMatchObject({ other: 5, ownIsFirst: false });
  });

  it('is parted for the one of the two that was lost as well', () => {
    expect(met(50).part(5, 50, [boxAt(right(50)), boxAt(left(50))], (id) => id === 3)).toMatchObject({ other: 3, ownIsFirst: false });
  });

  it('is left alone while its pieces touch, the other one is seen, or either piece may be either', () => {
    expect(met(42).part(3, 42, [boxAt(right(42)), boxAt(left(42))], isLost)).toBeNull();
    expect(met(50).part(3, 50, [boxAt(right(50)), boxAt(left(50))], () => false)).toBeNull();
    expect(met(50).part(3, 50, [boxAt([200, 60]), boxAt([200, 180])], isLost)).toBeNull();
  });

  it('is left alone when they never met, or too long ago', () => {
    expect(met(20).part(3, 20, [boxAt([80, 100]), boxAt([240, 110])], isLost)).toBeNull();
    expect(met(50).part(3, 110, [boxAt(right(110)), boxAt(left(110))], isLost)).toBeNull();
  });
});
