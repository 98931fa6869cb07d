import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleDownload, BundleManifest } from './bundle-manifest';
import { hashFile } from './file-hash';
import { VerifiedStamp } from './verified-stamp';

/** A file that must lie in the bundle's cache folder. */
export interface WantedFile {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Absent for files that come with the bundle. */
  readonly download?: BundleDownload;
}

/** All files of a bundle: those that come with it, then those that are fetched. */
export function wantedFiles(manifest: BundleManifest): WantedFile[] {
  return [
    ...manifest.files.map(({ path, sha256, bytes }) => ({ name: path, sha256, bytes })),
    ...manifest.downloads.map((download) => ({ name: download.name, sha256: download.sha256, bytes: download.bytes, download })),
  ];
}

/** Files that are not there, or changed since they were last hashed. Reads no contents. */
export async function findUnverified(manifest: BundleManifest, directory: string): Promise<WantedFile[]> {
  const stamp = await VerifiedStamp.read(directory);
  const unverified: WantedFile[] = [];
  for (const file of wantedFiles(manifest)) if (!(await stamp.covers(file.name, file.bytes))) unverified.push(file);
  return unverified;
}

/** Compare one file with its pinned sha256. */
export async function checkFile(directory: string, file: WantedFile, signal?: AbortSignal): Promise<'right' | 'wrong' | 'missing'> {
  const path = join(directory, file.name);
  const found = await stat(path).catch(() => null);
  if (!found) return 'missing';
  return found.size === file.bytes && (await hashFile(path, signal)) === file.sha256 ? 'right' : 'wrong';
}
