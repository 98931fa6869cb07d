import type { Place, LifeEnd, GapEvidence } from './gap-evidence';
import type { GlobalObject, IdentityMap } from './identity-map';
import { finish, type Steps } from './steps';
import { reidentifyInSteps, type GapPair, type Life, type ReidentifyOptions } from './reidentify-lives';
import { resolveIdentities, type ChunkTracklets, type ExtraLink, type IdentityConstraints } from './resolve-identities';
import type { OverlapMatch, Tracklet, TrackletKey } from './types';

/** What is known of a tracklet besides its span: its looks, and where it was on its first and last visible frame. */
export interface TrackletLook {
  /** Unit-length appearance vector; empty where the tracker makes none, and then nothing is re-identified. */
  readonly appearance: Float32Array;
  readonly first: Place;
  readonly last: Place;
}

export interface ReidentificationRequest extends ReidentifyOptions {
  /** False: the pairs are only listed, as suggestions. */
  readonly reidentify: boolean;
  /** The look of a tracklet; undefined where it is not known. */
  readonly lookOf: (key: TrackletKey) => TrackletLook | undefined;
  /** Frames at which a new scene starts. */
  readonly sceneCuts: readonly number[];
  /** Longer side of the picture, in pixels. */
  readonly span: number;
}

/** One line of the stitch report about an object that ended and one that began later. */
export interface Reidentification {
  /** Last tracklet of the one, first tracklet of the other. */
  readonly before: TrackletKey;
  readonly after: TrackletKey;
  /** IDs the two ended up with. */
  readonly beforeGlobalId: number;
  readonly afterGlobalId: number;
  /** Last frame of the one and first frame of the other. */
  readonly lastFrame: number;
  readonly firstFrame: number;
  readonly evidence: GapEvidence;
  /** suggested: would be joined if re-identification were on. */
  readonly decision: GapPair['decision'] | 'suggested' | 'refused-cannot-link';
  readonly reason: string;
}

/** The answer of stitching with what was made of gaps and scene cuts; plain JSON. */
export interface StitchedIdentities extends IdentityMap {
  readonly reidentifications: readonly Reidentification[];
}

const NO_CONSTRAINTS: IdentityConstraints = { links: [], cannotLinks: [] };

/**
 * `resolveIdentities`, and then a look for objects that come back after a gap or a scene cut (`reidentifyLives`): the objects
 * that the overlaps give are compared where one ends and another begins later, and with `reidentify` those that fit become one.
 * These joins come after all joins from overlaps and can undo none of them; they obey the same rules (nothing that lives on one
 * frame twice, no two given IDs, nothing forbidden by hand). The result does not depend on the order of the inputs.
 */
export function resolveWithReidentification(
  chunks: readonly ChunkTracklets[],
  matches: readonly OverlapMatch[],
  request: ReidentificationRequest,
  constraints: IdentityConstraints = NO_CONSTRAINTS,
): StitchedIdentities {
  return finish(resolveInSteps(chunks, matches, request, constraints));
}

/** As resolveWithReidentification. */
export function* resolveInSteps(
  chunks: readonly ChunkTracklets[],
  matches: readonly OverlapMatch[],
  request: ReidentificationRequest,
  constraints: IdentityConstraints = NO_CONSTRAINTS,
): Steps<StitchedIdentities> {
  const plain = resolveIdentities(chunks, matches, constraints);
  yield;
  const tracklets = new Map(chunks.flatMap((chunk) => chunk.tracklets.map((tracklet) => [nameOf(tracklet), tracklet] as const)));
  yield;
  const found = plain.objects.flatMap((object) => lifeOf(object, tracklets, request) ?? []);
  yield;
  const isForbidden = forbiddenPairs(found, constraints);
  const pairs = yield* reidentifyInSteps({ lives: found.map(({ life }) => life), isForbidden, sceneCuts: request.sceneCuts, span: request.span }, request);
  const links = request.reidentify ? pairs.filter(({ decision }) => decision === 'joined').map((pair) => linkOf(pair, found)) : [];
  const identities = links.length === 0 ? plain : resolveIdentities(chunks, matches, { ...constraints, links: [...constraints.links, ...links] });
  yield;
  const idOf = new Map(identities.objects.flatMap(({ globalId, tracklets: members }) => members.map((key) => [nameOf(key), globalId] as const)));
  return {
    ...identities,
    reidentifications: pairs.map((pair): Reidentification => {
      const [before, after] = [found[pair.before]!, found[pair.after]!];
      const ids = { beforeGlobalId: idOf.get(nameOf(before.tail))!, afterGlobalId: idOf.get(nameOf(after.head))! };
      const frames = { lastFrame: before.life.end.frame, firstFrame: after.life.begin.frame };
      return { before: before.tail, after: after.head, ...ids, ...frames, evidence: pair.evidence, ...verdict(pair, request.reidentify, ids) };
    }),
  };
}

interface FoundLife {
  readonly life: Life;
  readonly head: TrackletKey;
  readonly tail: TrackletKey;
  readonly members: ReadonlySet<string>;
  readonly givenId: number | undefined;
}

function nameOf({ chunkIndex, localId }: TrackletKey): string {
  return `${chunkIndex}/${localId}`;
}

/** The life of an object over all its tracklets, lead-ins included; null where its looks are not known. */
function lifeOf(object: GlobalObject, tracklets: ReadonlyMap<string, Tracklet>, { lookOf }: ReidentificationRequest): FoundLife | null {
  const members = object.tracklets.map((key) => tracklets.get(nameOf(key))!);
  // Of equals the earlier chunk begins and the later one ends.
  const head = members.reduce((best, one) => (one.firstFrame < best.firstFrame ? one : best));
  const tail = members.reduce((best, one) => (one.lastFrame >= best.lastFrame ? one : best));
  const [headLook, tailLook] = [lookOf(head), lookOf(tail)];
  if (headLook === undefined || tailLook === undefined) return null;
  const begin: LifeEnd = { name: describe(head), frame: head.firstFrame, place: headLook.first, appearance: headLook.appearance, meanArea: head.area };
  const end: LifeEnd = { name: describe(tail), frame: tail.lastFrame, place: tailLook.last, appearance: tailLook.appearance, meanArea: tail.area };
  return {
    life: { begin, end },
    head: keyOf(head),
    tail: keyOf(tail),
    members: new Set(members.map(nameOf)),
    givenId: members.find(({ givenId }) => givenId !== undefined)?.givenId,
  };
}

function describe({ chunkIndex, localId }: TrackletKey): string {
  return `tracklet ${localId} of chunk ${chunkIndex}`;
}

function keyOf({ chunkIndex, localId }: TrackletKey): TrackletKey {
  return { chunkIndex, localId };
}

function forbiddenPairs(found: readonly FoundLife[], { cannotLinks }: IdentityConstraints): (before: number, after: number) => boolean {
  return (before, after) => {
    const [a, b] = [found[before]!, found[after]!];
    if (a.givenId !== undefined && b.givenId !== undefined && a.givenId !== b.givenId) return true;
    return cannotLinks.some(([p, q]) => (a.members.has(nameOf(p)) && b.members.has(nameOf(q))) || (a.members.has(nameOf(q)) && b.members.has(nameOf(p))));
  };
}

/** Scores of overlap joins are 0 or more: taken off by 1, these links are tried after all of them. */
function linkOf({ before, after, evidence }: GapPair, found: readonly FoundLife[]): ExtraLink {
  return { a: found[before]!.tail, b: found[after]!.head, score: evidence.score - 1 };
}

function verdict({ decision, reason }: GapPair, isOn: boolean, ids: { beforeGlobalId: number; afterGlobalId: number }): Pick<Reidentification, 'decision' | 'reason'> {
  if (decision !== 'joined') return { decision, reason };
  if (!isOn) return { decision: 'suggested', reason: `${reason}; re-identification is off` };
  if (ids.beforeGlobalId === ids.afterGlobalId) return { decision, reason };
  return { decision: 'refused-cannot-link', reason: 'the two are forbidden to share an ID' };
}
