/**
 * What is heavy (networks, pictures, Temporal) is loaded when a function needs it, so that importing an entry point costs nothing.
 * `require`, because TypeScript wants file names in `import()`, which then are not those of the sources.
 */
/* eslint-disable @typescript-eslint/no-require-imports */
import type * as CorrectedResult from '../../adapters/results/corrected-result';
import type * as ArtefactStore from '../../adapters/store/artefact-store';
import type * as OpenStore from '../../adapters/store/open-store';
import type * as Pictures from '../../adapters/png/png';
import type * as Materialise from '../../cli/job/materialise';
import type * as PrepareJob from '../../cli/job/prepare-job';
import type * as Bundles from '../../models/bundles';
import type * as OpenNetworks from '../../models/open-networks';
import type * as Config from '../../workers/config';
import type * as JobClient from '../../workers/job-client';

export const loadCorrectedResult = () => require('../../adapters/results/corrected-result') as typeof CorrectedResult;
export const loadArtefactStore = () => require('../../adapters/store/artefact-store') as typeof ArtefactStore;
export const loadOpenStore = () => require('../../adapters/store/open-store') as typeof OpenStore;
export const loadPictures = () => require('../../adapters/png/png') as typeof Pictures;
export const loadMaterialise = () => require('../../cli/job/materialise') as typeof Materialise;
export const loadPrepareJob = () => require('../../cli/job/prepare-job') as typeof PrepareJob;
export const loadBundles = () => require('../../models/bundles') as typeof Bundles;
export const loadNetworks = () => require('../../models/open-networks') as typeof OpenNetworks;
export const loadConfig = () => require('../../workers/config') as typeof Config;
export const loadJobClient = () => require('../../workers/job-client') as typeof JobClient;
