import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VamgError } from '../../contracts/errors';
import { checkFile, findUnverified, wantedFiles, type WantedFile } from './bundle-files';
import { findBundle, type RegisteredBundle } from './bundle-list';
import { forgetResolved, resolveBundle } from './bundle-registry';
import { describeSource, fetchFromSource, isSourceConfigured } from './download-sources';
import { hashFile } from './file-hash';
import { imageModelOf } from './image-model';
import { bundleCacheDirectory } from './model-cache';
import { NpmSourceReader } from './npm-source';
import { checkGraph } from './onnx-external-data';
import { withPullLock } from './pull-lock';
import type { ResolvedBundle } from './resolved-bundle';
import { VerifiedStamp } from './verified-stamp';

export interface PullProgress {
  readonly bundle: string;
  readonly file: string;
  readonly step: 'fetching' | 'done' | 'failed';
  /** Where the file comes from, for people. */
  readonly source: string;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface PullOptions {
  readonly onProgress?: (progress: PullProgress) => void;
  /** One line for people per file that is fetched over the network. */
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * The bundle, and its image model if it has one, with all files verified in the local cache; what is missing is copied or fetched, one
 * file at a time, so an interrupted pull goes on where it stopped. Any number of processes may call this at once.
 * @throws VamgError NotFound for an unknown name, SetupMissing when a file cannot be had, ResourceExhausted on a full disk.
 */
export async function ensureBundle(name: string, options: PullOptions = {}): Promise<ResolvedBundle> {
  const image = imageModelOf((await ensureFiles(name, options)).manifest);
  if (image !== undefined) await ensureFiles(image, options);
  return resolveBundle(name);
}

async function ensureFiles(name: string, options: PullOptions): Promise<RegisteredBundle> {
  const bundle = await findBundle(name);
  const directory = bundleCacheDirectory(bundle);
  if ((await findUnverified(bundle.manifest, directory)).length > 0) {
    try {
      await pull(bundle, directory, options);
    } catch (error) {
      throw explain(error, bundle);
    } finally {
      forgetResolved(directory);
    }
  }
  return bundle;
}

async function pull(bundle: RegisteredBundle, directory: string, options: PullOptions): Promise<void> {
  await mkdir(directory, { recursive: true });
  await withPullLock(`${directory}.lock`, options.signal, async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'vamg-pull-'));
    try {
      const npm = new NpmSourceReader(scratch);
      const stamp = await VerifiedStamp.read(directory);
      // Looked up again: whoever held the lock before may have fetched them.
      for (const file of await findUnverified(bundle.manifest, directory)) {
        if ((await checkFile(directory, file, options.signal)) !== 'right') await new FilePull(bundle, directory, file, options).run(npm);
        // Also for a bundle that was put into the user's folder by hand.
        await checkGraph(directory, bundle.manifest, file.name);
        await stamp.add(file.name);
        await stamp.save();
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}

/** Fetches one file: from the bundle's own folder if it is there, else from its sources in order. */
class FilePull {
  private readonly part: string;
  private readonly failures: string[] = [];

  constructor(
    private readonly bundle: RegisteredBundle,
    private readonly directory: string,
    private readonly file: WantedFile,
    private readonly options: PullOptions,
  ) {
    this.part = join(directory, `.${file.name}.${process.pid}.part`);
  }

  async run(npm: NpmSourceReader): Promise<void> {
    const { file, bundle, part, options } = this;
    const own = join(bundle.directory, file.name);
    const isShipped = !file.download || (await stat(own).catch(() => null)) !== null;
    if (isShipped && (await this.attempt('bundle', () => copyFile(own, part, constants.COPYFILE_FICLONE)))) return;
    for (const source of (file.download?.sources ?? []).filter(isSourceConfigured)) {
      const origin = describeSource(source);
      options.log?.(`fetching ${file.name} (${(file.bytes / 1e6).toFixed(1)} MB) from ${origin}`);
      const onBytes = (bytes: number): void => this.report('fetching', origin, bytes);
      if (await this.attempt(origin, () => fetchFromSource(file.download!, source, part, npm, onBytes, options.signal))) return;
    }
    const escape = file.download?.sources.find((source) => source.kind === 'file');
    const hint = escape?.kind === 'file' ? ` Without a network, set ${escape.env} to a copy of the file.` : '';
    throw new VamgError('SetupMissing', `Model file ${file.name} of bundle ${bundle.name} could not be had (${this.failures.join('; ')}).${hint}`);
  }

  /** True when the right bytes are in place afterwards; a wrong or partial file is removed. */
  private async attempt(origin: string, fetch: () => Promise<void>): Promise<boolean> {
    const { file, part, options } = this;
    options.signal?.throwIfAborted();
    this.report('fetching', origin, 0);
    try {
      await fetch();
      const actual = await hashFile(part, options.signal);
      if (actual !== file.sha256) throw new Error(`the bytes are not the pinned ones (sha256 ${actual.slice(0, 12)}…)`);
      await rename(part, join(this.directory, file.name));
      this.report('done', origin, file.bytes);
      return true;
    } catch (error) {
      await rm(part, { force: true });
      options.signal?.throwIfAborted();
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
      this.failures.push(`${origin}: ${reasonOf(error)}`);
      this.report('failed', origin, 0);
      return false;
    }
  }

  private report(step: PullProgress['step'], source: string, bytes: number): void {
    const { file, bundle } = this;
    this.options.onProgress?.({ bundle: bundle.name, file: file.name, step, source, bytes, totalBytes: file.bytes });
  }
}

/** Short reason without a path of this machine. */
function reasonOf(error: unknown): string {
  const { code, message, cause } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'not there';
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? code ?? message;
}

function explain(error: unknown, bundle: RegisteredBundle): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const megabytes = Math.ceil(wantedFiles(bundle.manifest).reduce((sum, file) => sum + file.bytes, 0) / 1e6);
  if (code === 'ENOSPC') return new VamgError('ResourceExhausted', `The disk is full: model bundle ${bundle.name} needs ${megabytes} MB in the cache (VAMG_CACHE).`, { cause: error });
  if (code === 'EACCES' || code === 'EROFS') return new VamgError('SetupMissing', 'The model cache cannot be written; set VAMG_CACHE to a folder of your own.', { cause: error });
  return error;
}
