/**
 * Parts that take most of a second to load (Temporal's packages, the networks), loaded when a command needs them: `--help` and
 * wrong usage answer at once. `require`, because TypeScript wants file names in `import()`, which then are not those of the sources.
 */
/* eslint-disable @typescript-eslint/no-require-imports */
import type * as ArtefactStore from '../adapters/store/artefact-store';
import type * as CheckStore from '../adapters/store/check-store';
import type * as CleanStore from '../adapters/store/clean-store';
import type * as OpenStore from '../adapters/store/open-store';
import type * as Inventory from '../adapters/store/store-inventory';
import type * as ArchiveClient from '../workers/archive-client';
import type * as ArchiveSchedules from '../workers/archive-schedules';
import type * as Connect from '../workers/connect';
import type * as JobClient from '../workers/job-client';
import type * as Workers from '../workers/main';
import type * as MediaTools from '../workers/media-tools';
import type * as Checks from './doctor/checks';
import type * as FetchVideo from './job/fetch-video';
import type * as Engine from './embedded/engine';

export const loadArtefactStore = () => require('../adapters/store/artefact-store') as typeof ArtefactStore;
export const loadStoreCare = () => ({
  ...(require('../adapters/store/check-store') as typeof CheckStore),
  ...(require('../adapters/store/clean-store') as typeof CleanStore),
  ...(require('../adapters/store/store-inventory') as typeof Inventory),
});
export const loadOpenStore = () => require('../adapters/store/open-store') as typeof OpenStore;
export const loadArchiveClient = () => require('../workers/archive-client') as typeof ArchiveClient;
export const loadArchiveSchedules = () => require('../workers/archive-schedules') as typeof ArchiveSchedules;
export const loadConnect = () => require('../workers/connect') as typeof Connect;
export const loadJobClient = () => require('../workers/job-client') as typeof JobClient;
export const loadWorkers = () => require('../workers/main') as typeof Workers;
export const loadMediaTools = () => require('../workers/media-tools') as typeof MediaTools;
export const loadChecks = () => require('./doctor/checks') as typeof Checks;
export const loadEngine = () => require('./embedded/engine') as typeof Engine;
export const loadFetchVideo = () => require('./job/fetch-video') as typeof FetchVideo;
