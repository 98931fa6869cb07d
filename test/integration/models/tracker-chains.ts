import type { TrackLine } from '../../../contracts/artefacts';
import type { GivenPrompt } from '../../../contracts/prompts';
import { trackingOptionsSchema } from '../../../contracts/segment-options';
import type { PromptableSegmenter } from '../../../contracts/segmenter';
import type { VideoNetwork } from '../../../contracts/video-network';
import { trackChunk, type ChunkFrame, type ChunkTrackerEvent, type ChunkTrackerInput } from '../../../core/tracking/chunk-tracker';
import { createTrackerSession } from '../../../core/tracking/create-session';
import { goldenImage } from './sam2-golden';

/** What is followed through the twelve golden frames, and with which networks. */
export interface Chain {
  readonly segmenter: PromptableSegmenter;
  readonly memory: VideoNetwork;
  /** Objects of a first-frame mask; IDs below 9, as those of the prompts. */
  readonly given: ChunkTrackerInput['initialObjects'];
  readonly prompts?: readonly GivenPrompt[];
}

/** One is prompted on frame 3 and followed backward, and one is corrected on frame 6. */
export const CHAIN_PROMPTS: readonly GivenPrompt[] = [
  { position: 3, objectId: 8, points: [[40, 50]], labels: [1], box: null, mask: null },
  { position: 6, objectId: 2, points: [], labels: [], box: [100, 50, 140, 100], mask: null },
];

function chunk({ segmenter, memory, given, prompts = [] }: Chain, from: number, to: number, more: Partial<ChunkTrackerInput>): ChunkTrackerInput {
  const frames = async function* (): AsyncGenerator<ChunkFrame> {
    for (let t = from; t < to; t++) yield { position: t, image: await goldenImage(t), hash: `h${t}` };
  };
  return {
    frames: frames(),
    detections: () => undefined,
    segmenter,
    options: trackingOptionsSchema.parse({ tracker: 'memory', minArea: 1 }),
    createSession: createTrackerSession('memory', { segmenter, memory }),
    sceneCuts: new Set(),
    initialObjects: from === 0 ? given : [],
    prompts: prompts.filter(({ position }) => position >= from && position < to),
    firstFreeId: 9,
    ...more,
  };
}

async function run(input: ChunkTrackerInput): Promise<{ lines: TrackLine[]; checkpoints: Extract<ChunkTrackerEvent, { kind: 'lines' }>[] }> {
  const checkpoints: Extract<ChunkTrackerEvent, { kind: 'lines' }>[] = [];
  for await (const event of trackChunk(input)) if (event.kind === 'lines') checkpoints.push(event);
  return { lines: checkpoints.flatMap(({ lines }) => lines), checkpoints };
}

/** Two chunks of a chain give the lines of one run, and a resumed run the same bytes. Gives the IDs there are. */
export async function expectSameLinesInChains(chain: Chain): Promise<Set<number>> {
  const whole = await run(chunk(chain, 0, 12, {}));
  expect(whole.lines).toHaveLength(12);
  const first = await run(chunk(chain, 0, 7, { isContinued: true }));
  const last = first.checkpoints.at(-1)!;
  const second = await run(chunk(chain, 6, 12, { continues: last.checkpoint, prompts: [] }));
  expect([...first.lines, ...second.lines]).toEqual(whole.lines);
  const again = await run(chunk(chain, 0, 12, { resume: last.checkpoint }));
  expect(again.lines).toEqual(second.lines);
  return new Set(whole.lines.flatMap(({ objects }) => objects.map(({ localId }) => localId)));
}
