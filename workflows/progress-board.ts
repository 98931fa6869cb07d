import { CHUNK_LETTERS, PHASES, type ChunkState, type Phase, type SegmentProgress } from '../contracts/messages';

/** What the progress query shows. Plain state, no Temporal calls. */
export class ProgressBoard {
  phase: Phase = 'probe';
  paused = false;
  objects: number | null = null;
  private positions = 0;
  private chunks: ChunkState[] = [];

  constructor(readonly startedAtMs: number) {}

  /** Called when the plan is known; `trackedBefore` chunks were tracked by an earlier run of this workflow. */
  setPlan(positions: number, chunkCount: number): void {
    this.positions = positions;
    this.chunks = Array.from({ length: chunkCount }, () => 'waiting');
  }

  setChunk(index: number, state: ChunkState): void {
    this.chunks[index] = state;
  }

  /** These chunks are through this phase, and all through those before it (carried over continue-as-new). */
  markDone(phase: Phase, through: readonly number[]): void {
    const state: ChunkState = PHASES.indexOf(phase) > PHASES.indexOf('chunks') ? 'tracked' : 'waiting';
    this.chunks.fill(state);
    if (phase === 'chunks' || phase === 'render') for (const chunk of through) this.chunks[chunk] = phase === 'render' ? 'done' : 'tracked';
    if (phase === 'publish') this.chunks.fill('done');
  }

  snapshot(): SegmentProgress {
    const isFinal = this.phase === 'done';
    const tracked = this.chunks.filter((state) => state === 'tracked' || state === 'rendering' || state === 'done').length;
    const positionsDone = isFinal ? this.positions : Math.floor((this.positions * tracked) / Math.max(1, this.chunks.length));
    return {
      phase: this.phase,
      paused: this.paused,
      chunkCount: this.chunks.length,
      chunks: this.chunks.map((state) => CHUNK_LETTERS[state]).join(''),
      positions: this.positions,
      positionsDone,
      objects: this.objects,
      startedAtMs: this.startedAtMs,
    };
  }
}
