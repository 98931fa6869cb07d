import { VamgError } from '../../contracts/errors';
import { S3Bucket } from '../store/s3-bucket';
import { s3LimitsFromEnv, s3SettingsFromEnv } from '../store/s3-settings';
import { parseArchiveAddress } from './archive-address';
import type { ArchiveDestination } from './archive-destination';
import type { ArchiveSource } from './archive-source';
import { FolderDestination } from './folder-destination';
import { FolderSource } from './folder-source';
import { S3Destination } from './s3-destination';
import { S3Source } from './s3-source';

export interface OpenArchiveOptions {
  /** Where videos fetched from S3 are kept while they are worked on. */
  readonly fetchFolder: string;
  readonly scratchRoot: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Opens sources and destinations by their addresses. S3 connections come from the environment, as for the store. */
export interface OpenArchive {
  /**
   * @param archive key of the archive: what one fetches is not released by another
   * @throws VamgError BadConfig
   */
  source(address: string, archive: string): ArchiveSource;
  /** @throws VamgError BadConfig */
  destination(address: string): ArchiveDestination;
}

export function createOpenArchive(options: OpenArchiveOptions): OpenArchive {
  const env = options.env ?? process.env;
  const bucket = (name: string, prefix: string): S3Bucket => new S3Bucket(s3SettingsFromEnv(env), name, prefix, s3LimitsFromEnv(env));
  const absolute = (): never => {
    throw new VamgError('BadConfig', 'The address of an archive must be file:///folder or s3://bucket/prefix.');
  };
  return {
    source(address, archive) {
      const parsed = parseArchiveAddress(address, 'The source of the archive', absolute);
      return parsed.kind === 'folder' ? new FolderSource(parsed.folder) : new S3Source(bucket(parsed.bucket, parsed.prefix), `${archive} ${address}`, options.fetchFolder);
    },
    destination(address) {
      const parsed = parseArchiveAddress(address, 'The destination of the archive', absolute);
      return parsed.kind === 'folder' ? new FolderDestination(parsed.folder) : new S3Destination(bucket(parsed.bucket, parsed.prefix), options.scratchRoot);
    },
  };
}
