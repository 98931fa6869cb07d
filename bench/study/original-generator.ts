import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fromCocoRle } from '../../core/mask/rle-string';
import type { CocoRle, Rle } from '../../core/mask/types';

/** One picture segmented. */
export interface GeneratorRun {
  readonly seconds: number;
  /** Processor time of the process. */
  readonly cpuSeconds: number;
  readonly masks: readonly Rle[];
}

export interface OriginalSetup {
  /** A Python with the packages of infra/export/mobilesam/requirements.txt. */
  readonly python: string;
  /** Folder with encoder.onnx and sam.onnx. */
  readonly weights: string;
  readonly inputSize: number;
  /** What runs the decoder: PyTorch, or onnxruntime with the original's own file. */
  readonly decoder: 'torch' | 'onnx';
  readonly threads: number;
}

/** The mask generator of PyPI mobilesam-mirror in a process of its own (infra/export/mobilesam/bench_generator.py). */
export class OriginalGenerator {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: AsyncIterator<string>,
  ) {}

  /** @throws Error when it ends before it is ready */
  static async start({ python, weights, inputSize, decoder, threads }: OriginalSetup): Promise<OriginalGenerator> {
    const folder = join(__dirname, '../../../infra/export/mobilesam');
    const args = ['bench_generator.py', '--package-dir', weights, '--size', String(inputSize), '--decoder', decoder, '--threads', String(threads)];
    const child = spawn(python, args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    const original = new OriginalGenerator(child, createInterface({ input: child.stdout })[Symbol.asyncIterator]());
    await original.next();
    return original;
  }

  /** @param options by their names in Python @throws Error when the process ends without an answer */
  async generate(image: string, options: Readonly<Record<string, number>>): Promise<GeneratorRun> {
    this.child.stdin!.write(`${JSON.stringify({ image, options })}\n`);
    const { seconds, cpuSeconds, records } = (await this.next()) as { seconds: number; cpuSeconds: number; records: { segmentation: CocoRle }[] };
    return { seconds, cpuSeconds, masks: records.map(({ segmentation }) => fromCocoRle(segmentation)) };
  }

  dispose(): void {
    this.child.kill();
  }

  private async next(): Promise<unknown> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the Python original ended without an answer');
    return JSON.parse(value as string);
  }
}
