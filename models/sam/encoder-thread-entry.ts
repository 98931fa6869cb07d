/** The thread of EncoderThread: one encoder graph, one picture at a time, in the order in which they were asked for. */
import { parentPort, workerData, type TransferListItem } from 'node:worker_threads';
import { VamgError } from '../../contracts/errors';
import { OrtSession } from '../runtime/ort-session';
import { forgetFirst, type EncoderThreadMessage, type EncoderThreadSetup, type EncodeRequest } from './encoder-thread';
import { runEncoder } from './run-encoder';
import { preprocessImage, type InputFrame } from './sam-preprocess';

const { graphPath, label, inputSize, intraOpThreads } = workerData as EncoderThreadSetup;
const port = parentPort!;
const prepared = new Map<number, InputFrame>();

function tell(message: EncoderThreadMessage, transfer: readonly TransferListItem[] = []): void {
  port.postMessage(message, transfer);
}

function tellFailure(id: number | null, error: unknown): void {
  tell({ kind: 'failed', id, failure: error instanceof VamgError ? error.failure : 'Internal', message: error instanceof Error ? error.message : String(error) });
}

async function answer(session: OrtSession, { kind, id, image }: EncodeRequest): Promise<void> {
  try {
    const frame = prepared.get(id) ?? preprocessImage(image!, inputSize);
    if (kind === 'prepare') return forgetFirst(prepared.set(id, frame));
    prepared.delete(id);
    const embedding = await runEncoder(session, inputSize, frame);
    const buffers = [embedding.data, embedding.stride4?.data, embedding.stride8?.data].flatMap((data) => (data && isWhole(data) ? [data.buffer as ArrayBuffer] : []));
    tell({ kind: 'embedding', id, embedding, milliseconds: session.inferenceMs() }, buffers);
  } catch (error) {
    tellFailure(id, error);
  }
}

/** Whether nothing else lies in its buffer, which is then handed over without a copy. */
function isWhole({ byteOffset, byteLength, buffer }: Float32Array): boolean {
  return byteOffset === 0 && byteLength === buffer.byteLength;
}

async function serve(): Promise<void> {
  const session = await OrtSession.open(graphPath, label, { device: 'cpu', intraOpThreads });
  let work = Promise.resolve();
  port.on('message', (request: EncodeRequest | null) => {
    work = work.then(async () => {
      if (request !== null) return answer(session, request);
      await session.dispose();
      port.close();
    });
  });
  tell({ kind: 'ready' });
}

void serve().catch((error: unknown) => tellFailure(null, error));
