import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { SegmentOptionsInput } from '../../contracts/segment-options';
import { kill } from '../support/vamg';
import { Cluster, eventually } from './support/cluster';
import { bounded, report } from './support/faults';
import { FILM_OPTIONS, smallFilm } from './support/film';
import { outcomeOf, undisturbed } from './support/oracle';
import { Place } from './support/place';

/** The same seed gives the same faults in the same order; when each one falls into the work hangs on the machine. */
const SEED = Number(process.env['VAMG_SOAK_SEED'] ?? randomInt(2 ** 31));
/** Longer soaks have more films. */
const FAULTS = Number(process.env['VAMG_SOAK_FAULTS'] ?? 8);
const FILMS = Math.max(3, Math.ceil(FAULTS / 3));
/** Those of a soak come one after the other, each with an absence and a recovery. */
const SECONDS_PER_FAULT = 15;
/** No fault before something new was done since the one before: a job that is given no chance ends, as a damaged film does. */
const LONGEST_WAIT_MS = 60_000;

const KINDS = ['kill a worker', 'end a worker', 'freeze a worker', 'cut off a worker', 'kill an inference process', 'kill the server', 'kill everything'] as const;
interface Fault {
  readonly kind: (typeof KINDS)[number];
  readonly place: number;
  /** Of absence, more or less. */
  readonly seconds: number;
  /** Before it. */
  readonly pauseMs: number;
}
const fault: fc.Arbitrary<Fault> = fc.record({ kind: fc.constantFrom(...KINDS), place: fc.nat(1), seconds: fc.integer({ min: 0, max: 9 }), pauseMs: fc.integer({ min: 0, max: 2000 }) });

const ids = Array.from({ length: FILMS }, (_, i) => `film-${i + 1}`);

/** Every third film is drawn over, so that ffmpeg too is disturbed while it writes. */
const optionsOf = (index: number): SegmentOptionsInput => (index % 3 === 2 ? { ...FILM_OPTIONS, output: { overlay: true, viewer: false } } : FILM_OPTIONS);

async function submitAll(cluster: Cluster): Promise<readonly string[]> {
  for (const [index, id] of ids.entries()) await cluster.submit(await smallFilm(index + 1), id, optionsOf(index));
  return ids;
}

async function strike(cluster: Cluster, places: readonly Place[], { kind, place, seconds }: Fault): Promise<void> {
  const one = places[place]!;
  switch (kind) {
    case 'kill a worker':
      return await one.kill(seconds / 4);
    case 'end a worker':
      return await one.replace();
    case 'freeze a worker':
      return await one.freeze(seconds);
    case 'cut off a worker':
      return await one.cutOff(seconds);
    case 'kill an inference process':
      return kill(cluster.trace.lines().at(-1)?.pid ?? 0);
    case 'kill the server':
      await cluster.server.kill();
      await sleep(seconds * 500);
      return await cluster.server.start();
    case 'kill everything': {
      const back = cluster.server.kill().then(() => cluster.server.start());
      await Promise.all([back, ...places.map((each) => each.kill(0))]);
    }
  }
}

it('15: whatever happens, in whatever order, every video ends with one result, the same as undisturbed', async () => {
  process.stderr.write(`soak: seed ${SEED}, ${FAULTS} faults; again with VAMG_SOAK_SEED=${SEED} VAMG_SOAK_FAULTS=${FAULTS} npm run test:chaos -- test/chaos/soak\n`);
  const calm = await undisturbed(submitAll);
  expect(calm).toMatchObject({ published: FILMS, leftovers: [], notReplayed: [] });
  const cluster = await Cluster.open({ standIn: { frameMs: 120, checkpointFrames: 4 } });
  const struck: string[] = [];
  const startedAt = Date.now();
  try {
    await submitAll(cluster);
    const places = [await Place.open(cluster), await Place.open(cluster)];
    const work = Promise.all(ids.map((id) => cluster.jobs.wait(id)));
    let isOver = false;
    void work.then(() => (isOver = true), () => (isOver = true));
    for (const next of fc.sample(fc.noBias(fault), { seed: SEED, numRuns: FAULTS })) {
      const before = cluster.trace.lines().length;
      await eventually('new work', () => isOver || cluster.trace.lines().length > before, LONGEST_WAIT_MS).catch(() => undefined);
      await sleep(next.pauseMs);
      if (isOver) break;
      struck.push(`${((Date.now() - startedAt) / 1000).toFixed(1)} s: ${next.kind} ${next.place}, ${next.seconds} s`);
      await strike(cluster, places, next);
    }
    await work;
    expect(await Promise.all(places.map((place) => place.close()))).toEqual([0, 0]);
    expect(await outcomeOf(cluster, ids)).toEqual(calm);
    expect(struck.length).toBeGreaterThan(2);
    report({ fault: 15, name: 'random soak', done: `${struck.length} random faults (of the worker, its network, its inference process, the server) while ${FILMS} videos are at work`, lost: 0, recoverySeconds: null, repeated: cluster.trace.repeated() });
  } catch (error) {
    process.stderr.write(`soak: seed ${SEED} failed after\n  ${struck.join('\n  ')}\n`);
    throw error;
  } finally {
    await cluster.close();
  }
}, bounded(30 + SECONDS_PER_FAULT * FAULTS));
