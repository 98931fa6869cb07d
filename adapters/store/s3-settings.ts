import { z } from 'zod';
import { VamgError } from '../../contracts/errors';
import { DEFAULT_S3_LIMITS, type S3CallLimits } from './s3-retry';

export interface S3Settings {
  readonly endPoint: string;
  readonly port: number;
  readonly useSSL: boolean;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken: string | undefined;
  readonly pathStyle: boolean;
}

const environmentSchema = z.object({
  VAMG_S3_ENDPOINT: z.string().optional(),
  VAMG_S3_PATH_STYLE: z.enum(['true', 'false']).optional(),
  AWS_REGION: z.string().min(1).optional(),
  AWS_DEFAULT_REGION: z.string().min(1).optional(),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().min(1).optional(),
});

const limitsSchema = z.object({ VAMG_S3_TIMEOUT: z.coerce.number().min(1).max(3600).optional() });

/** Time limits from the environment: VAMG_S3_TIMEOUT, in seconds, of one call. @throws VamgError BadConfig */
export function s3LimitsFromEnv(env: NodeJS.ProcessEnv): S3CallLimits {
  const parsed = limitsSchema.safeParse(env);
  if (!parsed.success) throw new VamgError('BadConfig', 'VAMG_S3_TIMEOUT must be a number of seconds, 1 to 3600.');
  const seconds = parsed.data.VAMG_S3_TIMEOUT;
  return { ...DEFAULT_S3_LIMITS, ...(seconds !== undefined && { callMs: seconds * 1000 }) };
}

/**
 * S3 connection from the environment: VAMG_S3_ENDPOINT (a URL such as http://127.0.0.1:7070; AWS when absent) and the usual
 * AWS variables. @throws VamgError BadConfig naming the variables, never their values
 */
export function s3SettingsFromEnv(env: NodeJS.ProcessEnv): S3Settings {
  const parsed = environmentSchema.safeParse(env);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].join(', ');
    throw new VamgError('BadConfig', `An S3 store needs these environment variables with usable values: ${names}.`);
  }
  const value = parsed.data;
  const region = value.AWS_REGION ?? value.AWS_DEFAULT_REGION ?? 'us-east-1';
  const url = parseEndpoint(value.VAMG_S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`);
  const useSSL = url.protocol === 'https:';
  return {
    endPoint: url.hostname,
    port: url.port === '' ? (useSSL ? 443 : 80) : Number(url.port),
    useSSL,
    region,
    accessKey: value.AWS_ACCESS_KEY_ID,
    secretKey: value.AWS_SECRET_ACCESS_KEY,
    sessionToken: value.AWS_SESSION_TOKEN,
    pathStyle: value.VAMG_S3_PATH_STYLE === undefined ? value.VAMG_S3_ENDPOINT !== undefined : value.VAMG_S3_PATH_STYLE === 'true',
  };
}

function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isUsable = url !== null && ['http:', 'https:'].includes(url.protocol) && url.pathname === '/' && url.username === '' && url.password === '';
  if (!isUsable) throw new VamgError('BadConfig', 'VAMG_S3_ENDPOINT must be a URL such as https://s3.example.org, without path, user or password.');
  return url;
}
