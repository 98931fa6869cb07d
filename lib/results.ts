/** `video-amg/results`: read a result folder, one frame at a time, checked. */
export { maskOf, openResult, type Result, type ResultFrame, type ResultObject } from './parts/open-result';
export type { ResultObjectSummary, ResultSummary } from '../contracts/result-summary';
export type { StitchReport } from '../contracts/stitch-report';
export { VamgError, type FailureName } from '../contracts/errors';
