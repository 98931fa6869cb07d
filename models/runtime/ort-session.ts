import { channel } from 'node:diagnostics_channel';
import { env, InferenceSession, type Tensor } from 'onnxruntime-node';
import { VamgError } from '../../contracts/errors';
import { candidateProviders, missingProvider, unusableReason } from './execution-providers';
import { NETWORK_RUNS, type NetworkRun } from './network-runs';
import { asFloats, asHalfs, fromOrtTensor, toOrtTensor, type FloatTensor, type GraphTensor, type GraphTensors, type HalfTensor } from './graph-tensor';

// Failures arrive as exceptions; the runtime's own lines on stderr name paths of this machine.
env.logLevel = 'fatal';
// NVIDIA's libraries may round to TF32 (10 bits of mantissa); onnxruntime-node cannot forbid it, this variable can, if it is set before the first
// session loads them. Measured on an H200: no faster with TF32, and the memory network's answers differ by 98 % instead of 0.005 %.
process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';

export type { FloatTensor, GraphTensor, GraphTensors } from './graph-tensor';

export interface OrtOptions {
  /** cpu, cuda, … or auto. Default cpu. */
  readonly device?: string;
  /** Threads inside one operator; 0 lets the runtime decide (all cores). */
  readonly intraOpThreads?: number;
  readonly graphOptimizationLevel?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Keep freed memory for the next run; faster, but holds the peak for good. */
  readonly memoryArena?: boolean;
  /** Told when `auto` passes over a provider, and which one runs. */
  readonly onLog?: (message: string) => void;
  /** Told of every run that gave an answer. */
  readonly onRun?: (run: GraphRun) => void;
}

/** One run of a graph. */
export interface GraphRun {
  /** The bundle's name and the graph's role. */
  readonly label: string;
  /** Sizes of the inputs by name. */
  readonly inputSizes: Readonly<Record<string, readonly number[]>>;
  readonly milliseconds: number;
}

const runs = channel(NETWORK_RUNS);

/** One loaded graph. Single-threaded by contract: do not call run() again before it settles. */
export class OrtSession {
  private milliseconds = 0;

  private constructor(
    private session: InferenceSession | null,
    /** For messages: the graph's file name without its folder. */
    private readonly label: string,
    readonly provider: string,
    private readonly onRun: ((run: GraphRun) => void) | undefined,
  ) {}

  /**
   * Load a graph from a verified local file.
   * @throws VamgError SetupMissing when the device cannot be used, InferenceFailed when the graph cannot be loaded, BadConfig for a file
   * that is not named .onnx: only those were searched for weights in other files (models/bundles).
   */
  static async open(path: string, label: string, options: OrtOptions = {}): Promise<OrtSession> {
    if (!path.endsWith('.onnx')) throw new VamgError('BadConfig', `The graph ${label} must be in a file whose name ends in .onnx.`);
    const device = options.device ?? 'cpu';
    let lastError: unknown;
    for (const provider of candidateProviders(device)) {
      try {
        const session = await InferenceSession.create(path, sessionOptions(provider, options));
        if (device === 'auto') options.onLog?.(`${label} runs on ${provider}`);
        return new OrtSession(session, label, provider, options.onRun);
      } catch (error) {
        lastError = error;
        if (device === 'auto' && provider !== 'cpu') {
          const reason = unusableReason(provider, error);
          options.onLog?.(`${provider} is not usable here${reason === undefined ? '' : ` (${reason})`}, trying the next device`);
        } else if (provider !== 'cpu') throw missingProvider(provider, error);
      }
    }
    throw new VamgError('InferenceFailed', `The graph ${label} cannot be loaded; run \`vamg models verify\`.`, { cause: lastError });
  }

  get inputNames(): readonly string[] {
    return this.live().inputNames;
  }

  /**
   * Run the graph. Feeds must be exactly its inputs; those of the other precision than the graph's are converted. Time is added to `inferenceMs`.
   * @throws VamgError Internal for wrong feeds, ResourceExhausted when memory ran out, InferenceFailed otherwise.
   */
  async run(feeds: GraphTensors): Promise<GraphTensors> {
    const session = this.live();
    this.checkFeeds(session, feeds);
    const tensors: Record<string, Tensor> = {};
    session.inputNames.forEach((name, i) => (tensors[name] = toOrtTensor(feeds[name]!, session.inputMetadata[i])));
    const startedAt = performance.now();
    let milliseconds: number;
    let results: Awaited<ReturnType<InferenceSession['run']>>;
    try {
      results = await session.run(tensors);
    } catch (cause) {
      throw this.describeFailure(feeds, cause);
    } finally {
      milliseconds = performance.now() - startedAt;
      this.milliseconds += milliseconds;
      if (runs.hasSubscribers) runs.publish({ startedAt: performance.timeOrigin + startedAt, endedAt: performance.timeOrigin + startedAt + milliseconds } satisfies NetworkRun);
    }
    this.onRun?.({ label: this.label, inputSizes: Object.fromEntries(Object.entries(feeds).map(([name, { dims }]) => [name, dims])), milliseconds });
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrtTensor(value)]));
  }

  /** Wall time inside run() so far. */
  inferenceMs(): number {
    return this.milliseconds;
  }

  /** Free the graph. Idempotent; run() rejects afterwards. */
  async dispose(): Promise<void> {
    const session = this.session;
    this.session = null;
    await session?.release();
  }

  private live(): InferenceSession {
    if (!this.session) throw new VamgError('Internal', `${this.label} was used after dispose().`);
    return this.session;
  }

  private checkFeeds(session: InferenceSession, feeds: GraphTensors): void {
    const missing = session.inputNames.filter((name) => !(name in feeds));
    const extra = Object.keys(feeds).filter((name) => !session.inputNames.includes(name));
    if (missing.length || extra.length)
      throw new VamgError('Internal', `${this.label}: missing inputs [${missing.join(', ')}], unknown inputs [${extra.join(', ')}].`);
    for (const [name, { data, dims }] of Object.entries(feeds)) {
      const size = dims.reduce((product, dim) => product * dim, 1);
      if (size !== data.length) throw new VamgError('Internal', `${this.label}: ${name} has ${data.length} values for [${dims.join(',')}].`);
    }
  }

  private describeFailure(feeds: GraphTensors, cause: unknown): VamgError {
    const shapes = Object.entries(feeds).map(([name, feed]) => `${name} ${feed.data instanceof Uint16Array ? 'float16' : 'float32'}[${feed.dims.join(',')}]`);
    const outOfMemory = /alloc|out of memory|CUDA_ERROR_OUT_OF_MEMORY/i.test(String(cause));
    return outOfMemory
      ? new VamgError('ResourceExhausted', `Memory ran out in ${this.label} (${shapes.join(', ')}); lower --points-per-batch or the preset.`, { cause })
      : new VamgError('InferenceFailed', `${this.label} failed on ${this.provider} (${shapes.join(', ')}).`, { cause });
  }
}

/** The output of this name. @throws VamgError InferenceFailed when the graph has none. */
export function takeOutput(outputs: GraphTensors, name: string): FloatTensor {
  return asFloats(namedOutput(outputs, name));
}

/** The same as halfs, rounded where the graph gives floats. */
export function takeHalfs(outputs: GraphTensors, name: string): HalfTensor {
  return asHalfs(namedOutput(outputs, name));
}

function namedOutput(outputs: GraphTensors, name: string): GraphTensor {
  const output = outputs[name];
  if (!output) throw new VamgError('InferenceFailed', `The graph has no output ${name}; the bundle does not fit this program.`);
  return output;
}

function sessionOptions(provider: string, options: OrtOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    ...(options.intraOpThreads ? { intraOpNumThreads: options.intraOpThreads } : {}),
    graphOptimizationLevel: options.graphOptimizationLevel ?? 'all',
    enableCpuMemArena: options.memoryArena ?? true,
    enableMemPattern: options.memoryArena ?? true,
    executionMode: 'sequential',
    // Threads that wait sleep: by default they turn in circles for the next run, which doubles the processor time and takes the cores from everything else.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    logSeverityLevel: 3,
  };
}
