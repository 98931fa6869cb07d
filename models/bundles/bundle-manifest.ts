import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DEAOT_GRAPHS, DEAOT_SETTINGS_ROLE } from '../../contracts/deaot-network';
import { VamgError } from '../../contracts/errors';
import { MEMORY_ROLES } from '../../contracts/memory-network';
import { CUTIE_GRAPHS, CUTIE_SETTINGS_ROLE } from '../../contracts/cutie-network';
import { SAM2_GRAPHS, SAM2_SETTINGS_ROLE } from '../../contracts/sam2-network';
import { XMEM_GRAPHS, XMEM_SETTINGS_ROLE } from '../../contracts/xmem-network';
import { TRACKER_FAMILIES } from './image-model';

/** A bare file name: no folder, no dot file, nothing that a shell or another platform could read as a path. */
export const bundleFileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'must be a plain file name without a folder');
const relativePath = z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[A-Za-z0-9._/-]{1,300}$/, 'must be a relative path without . or ..');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bundleName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const role = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);

/** Where the bytes of a download may come from; tried in the given order, whatever answers must have the pinned sha256. */
const downloadSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('npm'),
    package: z.string().regex(/^(@[a-z0-9-]+\/)?[a-z0-9][a-z0-9._-]{0,100}$/),
    version: z.string().regex(/^\d+\.\d+\.\d+[0-9A-Za-z.-]*$/),
    /** Subresource integrity of the package's tarball: sha512-base64. */
    integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/),
    /** Path inside the tarball, for example package/dist/encoder.onnx. */
    path: relativePath,
  }),
  z.strictObject({ kind: z.literal('https'), url: z.url({ protocol: /^https$/ }) }),
  /** A file on this machine whose path is in the environment variable `env`: for machines without a network. */
  z.strictObject({ kind: z.literal('file'), env: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/) }),
]);
export type DownloadSource = z.output<typeof downloadSourceSchema>;

/** A file that comes with the bundle. */
const bundleFileSchema = z.strictObject({
  /** What it is, with its input size: encoder-512, decoder-512, points-decoder-512; one of MEMORY_ROLES, which are for all sizes; of a sam2 bundle one of SAM2_GRAPHS, of a bundle that is a tracker one of its family's graphs, without size. */
  role,
  path: bundleFileName,
  sha256,
  bytes: z.int().min(1),
  /** SPDX identifier. */
  licence: z.string().min(1),
  attribution: z.string().min(1),
  /** Files of this bundle in which the graph keeps its weights (ONNX external data); anything else is refused. */
  external: z.array(bundleFileName).default([]),
});
export type BundleFile = z.output<typeof bundleFileSchema>;

/** A file that is fetched once and kept in the cache. */
const bundleDownloadSchema = z.strictObject({
  name: bundleFileName,
  sha256,
  bytes: z.int().min(1).max(8 * 1024 ** 3),
  licence: z.string().min(1),
  attribution: z.string().min(1),
  sources: z.array(downloadSourceSchema).min(1),
});
export type BundleDownload = z.output<typeof bundleDownloadSchema>;

/** bundle.json: everything about one set of weights. A bundle's identity is the sha256 over this document. */
export const bundleManifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: bundleName,
  /** Which code runs it: the folder of models/ with that name. */
  family: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  description: z.string().min(1).max(500),
  /** Of a bundle that is a tracker only: name of the bundle that segments pictures; by default mobilesam. */
  imageModel: bundleName.optional(),
  /** Longest sides that its graphs were exported for, ascending. A tracker has none: it takes those of its image model. */
  inputSizes: z.array(z.int().min(64).max(4096)).default([]),
  files: z.array(bundleFileSchema).min(1).max(64),
  downloads: z.array(bundleDownloadSchema).max(64).default([]),
});
export type BundleManifest = z.output<typeof bundleManifestSchema>;

export interface ParsedManifest {
  readonly manifest: BundleManifest;
  /** sha256 over the JSON document, independent of white space and line ends. */
  readonly sha256: string;
}

/**
 * Parse and check the text of a bundle.json: names are unique, every external reference names a file of the bundle, a memory
 * network or a bundle of a family with its own graphs is complete, and only trackers name an image model and have no input sizes.
 * @throws VamgError BadConfig with the place of the first fault.
 */
export function parseBundleManifest(text: string, origin: string): ParsedManifest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new VamgError('BadConfig', `${origin}: bundle.json is not valid JSON.`, { cause });
  }
  const parsed = bundleManifestSchema.safeParse(document);
  if (!parsed.success) throw new VamgError('BadConfig', `${origin}: bundle.json is not usable: ${z.prettifyError(parsed.error)}`);
  checkReferences(parsed.data, origin);
  return { manifest: parsed.data, sha256: createHash('sha256').update(JSON.stringify(document)).digest('hex') };
}

function checkReferences(manifest: BundleManifest, origin: string): void {
  const names = [...manifest.files.map((file) => file.path), ...manifest.downloads.map((download) => download.name)];
  const twice = findRepeated([...names.map((name) => name.toLowerCase()), ...manifest.files.map((file) => `role ${file.role}`)]);
  if (twice !== undefined) throw new VamgError('BadConfig', `${origin}: bundle.json names ${twice} twice.`);
  checkSizes(manifest, origin);
  const missing = MEMORY_ROLES.filter((name) => !manifest.files.some((file) => file.role === name));
  if (missing.length > 0 && missing.length < MEMORY_ROLES.length) throw new VamgError('BadConfig', `${origin}: bundle.json has a memory network without ${missing.join(', ')}.`);
  const absent = wantedRoles(manifest).filter((name) => !manifest.files.some((file) => file.role === name));
  if (absent.length > 0) throw new VamgError('BadConfig', `${origin}: bundle.json is of family ${manifest.family} without ${absent.join(', ')}.`);
  for (const file of manifest.files) {
    const unknown = file.external.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new VamgError('BadConfig', `${origin}: ${file.path} refers to ${unknown}, which is not a file of the bundle.`);
  }
}

function wantedRoles({ family, inputSizes }: BundleManifest): string[] {
  if (family === 'sam2') return [SAM2_SETTINGS_ROLE, ...inputSizes.flatMap((size) => SAM2_GRAPHS.map((graph) => `${graph}-${size}`))];
  if (family === 'cutie') return [CUTIE_SETTINGS_ROLE, ...CUTIE_GRAPHS];
  if (family === 'xmem') return [XMEM_SETTINGS_ROLE, ...XMEM_GRAPHS];
  return family === 'deaot' ? [DEAOT_SETTINGS_ROLE, ...DEAOT_GRAPHS] : [];
}

function checkSizes({ family, inputSizes, imageModel }: BundleManifest, origin: string): void {
  const isTracker = TRACKER_FAMILIES.includes(family);
  if (!isTracker && imageModel !== undefined) throw new VamgError('BadConfig', `${origin}: bundle.json names an image model, but family ${family} segments pictures itself.`);
  if (isTracker !== (inputSizes.length === 0))
    throw new VamgError('BadConfig', `${origin}: bundle.json is of family ${family}, which ${isTracker ? 'takes the inputSizes of its image model' : 'needs inputSizes'}.`);
}

function findRepeated(values: readonly string[]): string | undefined {
  return values.find((value, i) => values.indexOf(value) !== i);
}
