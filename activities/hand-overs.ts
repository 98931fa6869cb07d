import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { VamgError } from '../contracts/errors';
import type { StageKeys } from '../core/pipeline/stage-keys';
import type { ArtefactStore } from '../adapters/store/artefact-store';

/**
 * What a chunk leaves for the one that goes on where it stops: the tracker's last checkpoint, under the key of the chunk's tracks. Some
 * megabytes each, so it is removed as soon as the next chunk's tracks are stored.
 */
export class HandOvers {
  constructor(private readonly artefacts: ArtefactStore) {}

  /** Store it; done before the chunk's tracks are stored. */
  async publish(trackKey: string, checkpoint: Uint8Array | null, folder: string): Promise<void> {
    if (checkpoint === null) throw new VamgError('Internal', 'The tracker left nothing to go on from.');
    const file = path.join(folder, 'hand-over');
    await writeFile(file, checkpoint);
    await this.artefacts.publishFile('hand-over', trackKey, file, { bytes: checkpoint.length });
  }

  /**
   * Fetch what chunk `before` left into a local file.
   * @throws VamgError CorruptArtifact when it is not there any more, as when an earlier job with this start has used it up; the tracks of
   * the chain up to that chunk are discarded then, so that a new pass makes them again, and it with them;
   * StoreUnavailable when it is gone because somebody else has just made what it was for, which the next attempt finds
   */
  async fetch(keys: StageKeys, before: number, folder: string): Promise<string> {
    const file = path.join(folder, 'continues');
    const manifest = await this.artefacts.find('hand-over', keys.track(before));
    if (manifest === null && (await this.artefacts.find('track', keys.track(before + 1))) !== null)
      throw new VamgError('StoreUnavailable', `Another job was quicker with the tracks of chunk ${before + 2}; they are taken at the next attempt.`);
    try {
      if (manifest === null) throw new VamgError('CorruptArtifact', `What chunk ${before + 1} left to go on from is no longer in the store; its chain of chunks is tracked again.`);
      await this.artefacts.downloadInput(manifest, file);
      return file;
    } catch (error) {
      if (error instanceof VamgError && error.failure === 'CorruptArtifact') await this.discardChain(keys, before);
      throw error;
    }
  }

  async remove(trackKey: string): Promise<void> {
    const manifest = await this.artefacts.find('hand-over', trackKey);
    if (manifest !== null) await this.artefacts.discard(manifest);
  }

  private async discardChain(keys: StageKeys, last: number): Promise<void> {
    const { firstChunk } = keys.chainOf(last);
    for (let chunk = last; chunk >= firstChunk; chunk--) {
      const manifest = await this.artefacts.find('track', keys.track(chunk));
      if (manifest !== null) await this.artefacts.discard(manifest);
      if (chunk > firstChunk && (await this.artefacts.find('hand-over', keys.track(chunk - 1))) !== null) return;
    }
  }
}
