import { readFile, writeFile } from 'node:fs/promises';
import { checkKey, checkPrefix, objectNotFound, type ObjectStat, type ObjectStore } from './object-store';

/** A store in this process's memory, for tests: the model that the other stores are compared with. */
export class MemoryStore implements ObjectStore {
  readonly description = 'memory store';
  /** Open to tests that damage or count objects. */
  readonly objects = new Map<string, { bytes: Uint8Array; modifiedAtMs: number }>();

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.objects.set(checkKey(key), { bytes: Uint8Array.from(bytes), modifiedAtMs: Date.now() });
  }

  async putFile(key: string, localPath: string): Promise<void> {
    await this.put(key, await readFile(localPath));
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    if (this.objects.has(checkKey(key))) return false;
    await this.put(key, bytes);
    return true;
  }

  async get(key: string): Promise<Uint8Array> {
    const object = this.objects.get(checkKey(key));
    if (object === undefined) throw objectNotFound(key);
    return Uint8Array.from(object.bytes);
  }

  async getToFile(key: string, localPath: string): Promise<void> {
    await writeFile(localPath, await this.get(key));
  }

  async stat(key: string): Promise<ObjectStat | null> {
    const object = this.objects.get(checkKey(key));
    return object === undefined ? null : { key, bytes: object.bytes.length, modifiedAtMs: object.modifiedAtMs };
  }

  async exists(key: string): Promise<boolean> {
    return this.objects.has(checkKey(key));
  }

  async *list(prefix: string): AsyncGenerator<ObjectStat> {
    checkPrefix(prefix);
    for (const key of [...this.objects.keys()].filter((name) => name.startsWith(prefix)).sort()) {
      const stat = await this.stat(key);
      if (stat !== null) yield stat;
    }
  }

  async remove(key: string): Promise<void> {
    this.objects.delete(checkKey(key));
  }

  async removeAbandoned(): Promise<number> {
    return 0;
  }
}
