import { Client } from 'minio';
import { createIdleTimeoutAgent } from './s3-agent';
import type { S3CallLimits } from './s3-retry';
import type { S3Settings } from './s3-settings';

/** A minio client whose connections are cut when they stall; retries are the caller's, who knows what may be repeated. */
export function createS3Client(settings: S3Settings, limits: S3CallLimits): Client {
  const { sessionToken, ...rest } = settings;
  return new Client({
    ...rest,
    ...(sessionToken !== undefined && { sessionToken }),
    transportAgent: createIdleTimeoutAgent(settings.useSSL, limits.callMs),
    retryOptions: { disableRetry: true },
  });
}
