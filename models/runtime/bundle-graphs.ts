import { VamgError } from '../../contracts/errors';
import { bundleFilePath, type ResolvedBundle } from '../bundles/resolved-bundle';
import { OrtSession, type OrtOptions } from './ort-session';

/** The graphs of a bundle for one input size: the encoder is loaded at once, the others when first used, on the encoder's device. */
export class BundleGraphs<Role extends string> {
  private readonly loading = new Map<Role, Promise<OrtSession>>();
  private readonly opened: OrtSession[];

  private constructor(
    private readonly bundle: ResolvedBundle,
    private readonly inputSize: number,
    private readonly options: OrtOptions,
    readonly encoder: OrtSession,
  ) {
    this.opened = [encoder];
  }

  /** @throws VamgError BadConfig for an input size the bundle does not offer; SetupMissing, InferenceFailed */
  static async open<Role extends string>(bundle: ResolvedBundle, inputSize: number, options: OrtOptions): Promise<BundleGraphs<Role>> {
    const { inputSizes } = bundle.manifest;
    if (!inputSizes.includes(inputSize))
      throw new VamgError('BadConfig', `Model bundle ${bundle.name} has no graphs for input size ${inputSize}; it offers ${inputSizes.join(', ')}.`);
    return new BundleGraphs<Role>(bundle, inputSize, options, await openGraph(bundle, `encoder-${inputSize}`, options));
  }

  /** One that could not be loaded is tried again at the next call. */
  graph(role: Role): Promise<OrtSession> {
    let session = this.loading.get(role);
    if (!session) {
      session = openGraph(this.bundle, `${role}-${this.inputSize}`, { ...this.options, device: this.encoder.provider }).then((opened) => {
        this.opened.push(opened);
        return opened;
      });
      session.catch(() => this.loading.delete(role));
      this.loading.set(role, session);
    }
    return session;
  }

  /** Milliseconds inside all of them so far. */
  inferenceMs(): number {
    return this.opened.reduce((sum, session) => sum + session.inferenceMs(), 0);
  }

  async dispose(): Promise<void> {
    await Promise.allSettled(this.loading.values());
    await Promise.all(this.opened.map((session) => session.dispose()));
  }
}

function openGraph(bundle: ResolvedBundle, role: string, options: OrtOptions): Promise<OrtSession> {
  return OrtSession.open(bundleFilePath(bundle, role), `${bundle.name} ${role}`, options);
}
