import { VamgError } from '../../contracts/errors';
import { bundleFilePath, type ResolvedBundle } from '../bundles/resolved-bundle';
import { OrtSession, type GraphTensors, type OrtOptions } from './ort-session';

/** Graphs of a bundle by role: each is loaded when first used, on the device of the first one; counted and freed together. */
export class BundleGraphs<Role extends string> {
  private readonly loading = new Map<Role, Promise<OrtSession>>();
  private readonly opened: OrtSession[] = [];

  /** @param suffix what follows each role in the bundle: an input size, or nothing for graphs that take every size */
  constructor(
    private readonly bundle: ResolvedBundle,
    private readonly options: OrtOptions,
    private readonly suffix = '',
  ) {}

  /** One that could not be loaded is tried again at the next call. @throws VamgError SetupMissing, InferenceFailed */
  graph(role: Role): Promise<OrtSession> {
    let session = this.loading.get(role);
    if (!session) {
      session = this.open(`${role}${this.suffix}`);
      session.catch(() => this.loading.delete(role));
      this.loading.set(role, session);
    }
    return session;
  }

  /** @throws VamgError as `graph` and OrtSession.run do; the signal's reason before the run */
  async run(role: Role, feeds: GraphTensors, signal?: AbortSignal): Promise<GraphTensors> {
    signal?.throwIfAborted();
    return (await this.graph(role)).run(feeds);
  }

  /** Milliseconds inside all of them so far. */
  inferenceMs(): number {
    return this.opened.reduce((sum, session) => sum + session.inferenceMs(), 0);
  }

  async dispose(): Promise<void> {
    await Promise.allSettled(this.loading.values());
    await Promise.all(this.opened.map((session) => session.dispose()));
  }

  private async open(role: string): Promise<OrtSession> {
    const device = this.opened[0]?.provider;
    const session = await OrtSession.open(bundleFilePath(this.bundle, role), `${this.bundle.name} ${role}`, { ...this.options, ...(device !== undefined && { device }) });
    this.opened.push(session);
    return session;
  }
}

/** The graphs for one input size, of which the encoder is loaded at once. */
export interface SizedGraphs<Role extends string> {
  readonly graphs: BundleGraphs<Role | 'encoder'>;
  readonly encoder: OrtSession;
}

/** @throws VamgError BadConfig for an input size the bundle does not offer; SetupMissing, InferenceFailed */
export async function openSizedGraphs<Role extends string>(bundle: ResolvedBundle, inputSize: number, options: OrtOptions): Promise<SizedGraphs<Role>> {
  const graphs = sizedGraphs<Role | 'encoder'>(bundle, inputSize, options);
  return { graphs, encoder: await graphs.graph('encoder') };
}

/** The same, and none loaded yet. @throws VamgError BadConfig for an input size the bundle does not offer */
export function sizedGraphs<Role extends string>(bundle: ResolvedBundle, inputSize: number, options: OrtOptions): BundleGraphs<Role> {
  const { inputSizes } = bundle.manifest;
  if (!inputSizes.includes(inputSize))
    throw new VamgError('BadConfig', `Model bundle ${bundle.name} has no graphs for input size ${inputSize}; it offers ${inputSizes.join(', ')}.`);
  return new BundleGraphs<Role>(bundle, options, `-${inputSize}`);
}
