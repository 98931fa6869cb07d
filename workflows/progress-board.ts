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

  /** All chunks before `next` are through this phase (carried over continue-as-new). */
  markDone(phase: Phase, next: number): void {
    const state: ChunkState = PHASES.indexOf(phase) > PHASES.indexOf('chunks') ? 'tracked' : 'waiting';
    this.chunks.fill(state);
    if (phase === 'chunks' || phase === 'render') this.chunks.fill(phase === 'render' ? 'done' : 'tracked', 0, next);
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
