import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { artefactManifestSchema, type ArtefactManifest, type Stage, type Summary } from '../../contracts/artefact-manifest';
import { CODE_VERSION } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import type { ObjectRef } from '../../contracts/object-ref';
import { hashFile, sha256Hex } from './hash-file';
import { orNull, type ObjectStore } from './object-store';
import { dataOf } from './referenced-data';
import { withScratchDir } from './scratch-dir';
import { sealJson, unsealJson } from './sealed-json';
import { ValueCache } from './value-cache';

/** Values up to this size are sent from memory; larger ones in parts, from a file. */
const IN_ONE_CALL_BYTES = 8e6;
const USED_AGAIN_MS = 24 * 3600_000;
/** Values that are kept in memory, and bytes of their JSON: those of some dozen short films, or of one that lasts for days. */
const KEPT = { values: 128, bytes: 256e6 } as const;

/**
 * Artefacts over an object store: data addressed by its content (`v1/data/<sha256>`), found through a manifest
 * (`v1/<stage>/<key>.json`) that is written last. Everything that is read is compared with its sha256.
 */
export class ArtefactStore {
  private readonly kept = new ValueCache(KEPT.values, KEPT.bytes);

  constructor(
    readonly objects: ObjectStore,
    /** Folder for temporary files. */
    readonly scratchRoot: string,
  ) {}

  /**
   * The manifest of a finished artefact; null when there is none, or when it is damaged, also when read once more (it is removed then). One that was last
   * used on another day is written again, so that its time says when it was used (clean-store.ts).
   */
  async find(stage: Stage, key: string): Promise<ArtefactManifest | null> {
    const name = manifestKey(stage, key);
    const stat = await this.objects.stat(name);
    if (stat === null) return null;
    const manifest = await this.peek(stage, key);
    if (manifest === null) await this.objects.remove(name);
    else if (Date.now() - stat.modifiedAtMs > USED_AGAIN_MS) await this.objects.put(name, sealJson(manifest));
    return manifest;
  }

  /** As `find`, changing nothing. */
  async peek(stage: Stage, key: string): Promise<ArtefactManifest | null> {
    for (let attempt = 1; attempt <= 2; attempt++) {
      const bytes = await orNull(this.objects.get(manifestKey(stage, key)));
      if (bytes === null) return null;
      const parsed = artefactManifestSchema.safeParse(unsealJson(bytes));
      if (parsed.success && parsed.data.stage === stage && parsed.data.key === key) return parsed.data;
    }
    return null;
  }

  /** As `find`, and everything was read and has the right bytes; a damaged artefact is discarded, so that it is made again. */
  async findVerified(stage: Stage, key: string): Promise<ArtefactManifest | null> {
    const manifest = await this.find(stage, key);
    if (manifest === null) return null;
    try {
      await this.verify(manifest);
      return manifest;
    } catch (error) {
      if (!(error instanceof VamgError) || error.failure !== 'CorruptArtifact') throw error;
      await this.discard(manifest);
      return null;
    }
  }

  /** The manifest of an input. @throws VamgError CorruptArtifact when it is not there: its producer must run again */
  async need(stage: Stage, key: string): Promise<ArtefactManifest> {
    const manifest = await this.find(stage, key);
    if (manifest === null) throw new VamgError('CorruptArtifact', `The ${stage} artefact that this step reads is not in the store; it is computed again.`, { details: { stage } });
    return manifest;
  }

  /** Store a file and its manifest. When another attempt was faster, its manifest wins and is returned. */
  async publishFile(stage: Stage, key: string, localPath: string, summary: Summary): Promise<ArtefactManifest> {
    return await this.publish(stage, key, await this.putDataFile(localPath), summary);
  }

  /** As publishFile, for a value. */
  async publishJson(stage: Stage, key: string, value: unknown, summary: Summary): Promise<ArtefactManifest> {
    const bytes = Buffer.from(JSON.stringify(value));
    if (bytes.length <= IN_ONE_CALL_BYTES) return await this.publish(stage, key, await this.putData(bytes), summary);
    return await withScratchDir(this.scratchRoot, async (folder) => {
      const file = path.join(folder, 'value.json');
      await writeFile(file, bytes);
      return await this.publishFile(stage, key, file, summary);
    });
  }

  private async publish(stage: Stage, key: string, ref: ObjectRef, summary: Summary): Promise<ArtefactManifest> {
    const manifest: ArtefactManifest = artefactManifestSchema.parse({ schemaVersion: 1, stage, key, ref, summary, createdBy: CODE_VERSION });
    if (await this.objects.putIfAbsent(manifestKey(stage, key), sealJson(manifest))) return manifest;
    const winner = await this.find(stage, key);
    if (winner !== null) return winner;
    await this.objects.put(manifestKey(stage, key), sealJson(manifest));
    return manifest;
  }

  /** Store bytes under their hash. */
  async putData(bytes: Uint8Array): Promise<ObjectRef> {
    const sha256 = sha256Hex(bytes);
    const ref: ObjectRef = { key: dataKey(sha256), sha256, bytes: bytes.length };
    await this.objects.put(ref.key, bytes);
    return ref;
  }

  async putDataFile(localPath: string): Promise<ObjectRef> {
    const { sha256, bytes } = await hashFile(localPath);
    const ref: ObjectRef = { key: dataKey(sha256), sha256, bytes };
    await this.objects.putFile(ref.key, localPath);
    return ref;
  }

  /** Bytes of a small artefact. A mismatch is read once more. @throws VamgError CorruptArtifact */
  async readData(ref: ObjectRef): Promise<Uint8Array> {
    for (let attempt = 1; attempt <= 2; attempt++) {
      const bytes = await orCorrupt(ref, this.objects.get(ref.key));
      if (sha256Hex(bytes) === ref.sha256) return bytes;
    }
    throw corrupt(ref);
  }

  /** @throws VamgError CorruptArtifact when the bytes, or the value in them, are not what was written */
  async readJson<T>(ref: ObjectRef, schema: z.ZodType<T>): Promise<T> {
    const text = Buffer.from(await this.readData(ref)).toString('utf8');
    const parsed = schema.safeParse(JSON.parse(text));
    if (!parsed.success) throw new VamgError('CorruptArtifact', 'A stored value does not have the expected form; it was written by another version.', { cause: parsed.error });
    return parsed.data;
  }

  /**
   * As readJson, for values that many steps of a job read: read, checked and parsed once, then the same object for everybody, who must
   * not change it. What is named by its hash cannot become another value, so a copy in memory is as good as the stored one.
   * @throws VamgError CorruptArtifact
   */
  async readKept<T>(ref: ObjectRef, schema: z.ZodType<T>): Promise<T> {
    const known = this.kept.get(ref.sha256) as { readonly schema: unknown; readonly value: T } | undefined;
    if (known?.schema === schema) return known.value;
    const value = await this.readJson(ref, schema);
    this.kept.set(ref.sha256, { schema, value }, ref.bytes);
    return value;
  }

  /** Fetch into a local file and verify. @throws VamgError CorruptArtifact */
  async download(ref: ObjectRef, localPath: string): Promise<void> {
    for (let attempt = 1; attempt <= 2; attempt++) {
      await orCorrupt(ref, this.objects.getToFile(ref.key, localPath));
      if ((await hashFile(localPath)).sha256 === ref.sha256) return;
    }
    throw corrupt(ref);
  }

  /** Read the data of an artefact, and what that names, and compare all of it with its sha256. @throws VamgError CorruptArtifact */
  async verify(artefact: Pick<ArtefactManifest, 'stage' | 'ref'>): Promise<void> {
    await withScratchDir(this.scratchRoot, async (folder) => {
      for (const ref of await dataOf(this, artefact)) await this.download(ref, path.join(folder, 'data'));
    });
  }

  /** Fetch the data of an input; when it is damaged the artefact is discarded, so that its producer makes it again. */
  async downloadInput(manifest: ArtefactManifest, localPath: string): Promise<void> {
    await this.discardingDamage(manifest, () => this.download(manifest.ref, localPath));
  }

  /** As downloadInput, for a JSON value. */
  async readInput<T>(manifest: ArtefactManifest, schema: z.ZodType<T>): Promise<T> {
    return await this.discardingDamage(manifest, () => this.readJson(manifest.ref, schema));
  }

  /** As readInput, with readKept. */
  async readKeptInput<T>(manifest: ArtefactManifest, schema: z.ZodType<T>): Promise<T> {
    return await this.discardingDamage(manifest, () => this.readKept(manifest.ref, schema));
  }

  /** Remove manifest and data, in this order. */
  async discard(manifest: ArtefactManifest): Promise<void> {
    await this.objects.remove(manifestKey(manifest.stage, manifest.key));
    await this.objects.remove(manifest.ref.key);
  }

  private async discardingDamage<T>(manifest: ArtefactManifest, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof VamgError && error.failure === 'CorruptArtifact') await this.discard(manifest);
      throw error;
    }
  }
}

export function manifestKey(stage: Stage, key: string): string {
  return `v1/${stage}/${key}.json`;
}

export function dataKey(sha256: string): string {
  return `v1/data/${sha256}`;
}

function corrupt(ref: ObjectRef): VamgError {
  return new VamgError('CorruptArtifact', 'A stored file does not have the bytes that were written; it is computed again.', { details: { key: ref.key } });
}

/** Data that its manifest promises but that is not there counts as damaged. */
async function orCorrupt<T>(ref: ObjectRef, read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof VamgError && error.failure === 'NotFound') throw corrupt(ref);
    throw error;
  }
}
