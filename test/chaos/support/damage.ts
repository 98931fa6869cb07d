import { readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Stage } from '../../../contracts/artefact-manifest';
import type { ObjectRef } from '../../../contracts/object-ref';

export type Damage = 'flipped' | 'truncated' | 'deleted';

/** The folder with the bytes of a store, in which they can be damaged at rest. */
export class StoreFolder {
  constructor(private readonly folder: string) {}

  path(key: string): string {
    return path.join(this.folder, key);
  }

  /** Keys of the manifests of a stage, in an order that is the same for the same film. */
  manifests(stage: Stage): string[] {
    return readdirSync(this.path(`v1/${stage}`)).filter((name) => name.endsWith('.json')).sort().map((name) => `v1/${stage}/${name}`);
  }

  refOf(manifest: string): ObjectRef {
    return (this.json(manifest) as { ref: ObjectRef }).ref;
  }

  json(key: string): unknown {
    return JSON.parse(readFileSync(this.path(key), 'utf8'));
  }

  /** Damage an object. flipped: one bit in its middle. */
  damage(key: string, how: Damage): void {
    const file = this.path(key);
    const bytes = readFileSync(file);
    if (how === 'deleted') rmSync(file);
    if (how === 'truncated') truncateSync(file, bytes.length >> 1);
    if (how !== 'flipped') return;
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
  }

  /** Damage the data of a stage's manifests. */
  damageData(stage: Stage, how: Damage, which = 0): void {
    this.damage(this.refOf(this.manifests(stage)[which]!).key, how);
  }
}
