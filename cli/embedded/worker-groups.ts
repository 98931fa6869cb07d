import type { WorkerRole } from '../../contracts/messages';

/** Control and media in one process, inference in its own, so that a slow picture does not hold up the rest. */
export const ALL_WORKERS: readonly (readonly WorkerRole[])[] = [['control', 'media'], ['inference']];

/** What a job needs that only stitches again: nothing that could start a network. */
export const STITCH_WORKERS: readonly (readonly WorkerRole[])[] = [['control', 'media']];
