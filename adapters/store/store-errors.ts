import { VamgError } from '../../contracts/errors';

/** The `code` of an error of Node or of the S3 client, or 'unknown'. */
export function errorCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown';
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EMFILE', 'ENFILE', 'ENOMEM']);
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);

/** True when this machine has no more of something: space, memory, open files. */
export function isResourceError(error: unknown): boolean {
  return FULL.has(errorCode(error));
}

/** What went wrong in a file store, in catalogue terms. The message has no host path; the cause keeps it for the log. */
export function storeErrorFromNode(error: unknown): VamgError {
  if (error instanceof VamgError) return error;
  const code = errorCode(error);
  if (FULL.has(code)) return new VamgError('ResourceExhausted', `The store cannot take more data (${code}); free some space, the job goes on by itself.`, { cause: error });
  if (FORBIDDEN.has(code)) return new VamgError('BadConfig', `The store folder may not be written or read (${code}); check its owner and permissions.`, { cause: error });
  return new VamgError('StoreUnavailable', `The store did not do what was asked (${code}).`, { cause: error });
}

const S3_CONFIG = new Set(['AccessDenied', 'InvalidAccessKeyId', 'InvalidToken', 'SignatureDoesNotMatch', 'NoSuchBucket', 'InvalidBucketName', 'AuthorizationHeaderMalformed']);

/** What went wrong in an S3 store. */
export function storeErrorFromS3(error: unknown): VamgError {
  if (error instanceof VamgError) return error;
  const code = errorCode(error);
  if (S3_CONFIG.has(code)) return new VamgError('BadConfig', `The S3 store refused the request (${code}); check bucket, endpoint and credentials.`, { cause: error });
  if (FULL.has(code)) return new VamgError('ResourceExhausted', `This machine's disk cannot take the download (${code}).`, { cause: error });
  return new VamgError('StoreUnavailable', `The S3 store did not answer as it should (${code}).`, { cause: error });
}

/** True when the S3 store has no such object. */
export function isS3NotFound(error: unknown): boolean {
  return ['NotFound', 'NoSuchKey'].includes(errorCode(error));
}
