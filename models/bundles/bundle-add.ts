import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VamgError } from '../../contracts/errors';
import { wantedFiles, type WantedFile } from './bundle-files';
import { parseBundleManifest, type BundleManifest } from './bundle-manifest';
import { builtInBundlesDirectory, MANIFEST_FILE } from './bundle-list';
import { hashFile } from './file-hash';
import { userBundlesDirectory } from './model-cache';
import { checkGraph } from './onnx-external-data';

/**
 * Check a folder with a bundle.json and its files, and copy it to the user's bundles. Every file must have its pinned sha256;
 * an ONNX graph may keep weights only in files that its manifest entry lists. Nothing in the folder is run. A bundle of the
 * same name that was added before is replaced.
 * @throws VamgError NotFound without a bundle.json, BadConfig for anything that does not fit the manifest.
 */
export async function addBundle(directory: string): Promise<{ name: string; sha256: string }> {
  const text = await readFile(join(directory, MANIFEST_FILE), 'utf8').catch((cause: unknown) => {
    throw new VamgError('NotFound', `The folder has no ${MANIFEST_FILE}; docs/models.md says how to write one.`, { cause });
  });
  const { manifest, sha256 } = parseBundleManifest(text, 'the new bundle');
  const name = manifest.name;
  if (await stat(join(builtInBundlesDirectory(), name, MANIFEST_FILE)).catch(() => null))
    throw new VamgError('BadConfig', `${name} is the name of a built-in bundle; choose another one.`);
  const present = await checkFiles(directory, manifest);
  await install(directory, text, name, present);
  return { name, sha256 };
}

/** @returns the files that are in the folder; downloads may be missing. */
async function checkFiles(directory: string, manifest: BundleManifest): Promise<WantedFile[]> {
  const present: WantedFile[] = [];
  for (const file of wantedFiles(manifest)) {
    const path = join(directory, file.name);
    const found = await lstat(path).catch(() => null);
    if (!found && file.download) continue;
    if (!found) throw new VamgError('BadConfig', `${file.name} is in the manifest but not in the folder.`);
    if (!found.isFile()) throw new VamgError('BadConfig', `${file.name} must be a plain file; links are not followed.`);
    if (found.size !== file.bytes) throw new VamgError('BadConfig', `${file.name} has ${found.size} bytes; the manifest says ${file.bytes}.`);
    const actual = await hashFile(path);
    if (actual !== file.sha256) throw new VamgError('BadConfig', `${file.name} has sha256 ${actual}; the manifest says ${file.sha256}.`);
    present.push(file);
  }
  for (const { path } of manifest.files) await checkGraph(directory, manifest, path);
  return present;
}

async function install(directory: string, manifestText: string, name: string, files: readonly WantedFile[]): Promise<void> {
  const root = userBundlesDirectory();
  const target = join(root, name);
  const part = join(root, `.${name}.${process.pid}.part`);
  const old = join(root, `.${name}.${process.pid}.old`);
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  try {
    for (const file of files) {
      await copyFile(join(directory, file.name), join(part, file.name), constants.COPYFILE_FICLONE);
      if ((await hashFile(join(part, file.name))) !== file.sha256) throw new VamgError('BadConfig', `${file.name} changed while it was copied.`);
    }
    await writeFile(join(part, MANIFEST_FILE), manifestText);
    await rename(target, old).catch(ignoreMissing);
    await rename(part, target);
  } finally {
    await rm(part, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
