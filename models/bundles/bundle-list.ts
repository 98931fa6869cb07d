import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VamgError } from '../../contracts/errors';
import { parseBundleManifest, type ParsedManifest } from './bundle-manifest';
import { userBundlesDirectory } from './model-cache';
import { howToMake } from './public-models';

export const MANIFEST_FILE = 'bundle.json';

export interface RegisteredBundle extends ParsedManifest {
  readonly name: string;
  readonly origin: 'built-in' | 'user';
  /** Folder with bundle.json and the files that come with it. */
  readonly directory: string;
}

/** models/bundles of the installation; the same for sources and for dist/. */
export function builtInBundlesDirectory(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'models', 'bundles');
    if (dirname(folder) === folder) throw new VamgError('SetupMissing', 'The installation is not complete: its package.json is missing.');
  }
}

/** A bundle of the user's that this version cannot read: damaged, or made for a later one. */
export interface UnreadableBundle {
  readonly name: string;
  readonly error: VamgError;
}

export interface BundleList {
  /** Built-in ones first, by name. A built-in name cannot be taken by a user's bundle. */
  readonly bundles: readonly RegisteredBundle[];
  readonly unreadable: readonly UnreadableBundle[];
}

export async function listBundles(): Promise<BundleList> {
  const builtIn = await readBundles(builtInBundlesDirectory(), 'built-in');
  const broken = builtIn.unreadable[0];
  if (broken) throw broken.error;
  const user = await readBundles(userBundlesDirectory(), 'user');
  return { bundles: [...builtIn.bundles, ...user.bundles.filter((bundle) => !builtIn.bundles.some((other) => other.name === bundle.name))], unreadable: user.unreadable };
}

/**
 * The bundle of this name.
 * @throws VamgError NotFound, naming those there are; BadConfig when it is there and cannot be read.
 */
export async function findBundle(name: string): Promise<RegisteredBundle> {
  const { bundles, unreadable } = await listBundles();
  const found = bundles.find((bundle) => bundle.name === name);
  if (found) return found;
  const broken = unreadable.find((bundle) => bundle.name === name);
  if (broken) throw broken.error;
  const names = bundles.map((bundle) => bundle.name).join(', ') || 'none';
  const how = howToMake(name) ?? 'Add one with `vamg models add DIR`.';
  throw new VamgError('NotFound', `There is no model bundle ${JSON.stringify(name)}; installed: ${names}. ${how}`);
}

async function readBundles(folder: string, origin: RegisteredBundle['origin']): Promise<BundleList> {
  const bundles: RegisteredBundle[] = [];
  const unreadable: UnreadableBundle[] = [];
  const entries = existsSync(folder) ? await readdir(folder, { withFileTypes: true }) : [];
  for (const name of entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name).sort()) {
    const directory = join(folder, name);
    const manifestPath = join(directory, MANIFEST_FILE);
    if (!existsSync(manifestPath)) continue;
    try {
      const parsed = parseBundleManifest(await readFile(manifestPath, 'utf8'), `bundle ${name}`);
      if (parsed.manifest.name !== name) throw new VamgError('BadConfig', `The folder of bundle ${parsed.manifest.name} must have its name, not ${name}.`);
      bundles.push({ ...parsed, name, origin, directory });
    } catch (error) {
      if (!(error instanceof VamgError)) throw error;
      unreadable.push({ name, error });
    }
  }
  return { bundles, unreadable };
}
