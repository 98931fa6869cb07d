import { bundleFilePath, type ResolvedBundle } from '../bundles/resolved-bundle';
import { OrtSession, type FloatTensor, type OrtOptions } from './ort-session';

/** Graphs of a tracker's bundle, which take pictures of any size: each is loaded when first used, all on one device. */
export class TrackerGraphs<Role extends string> {
  private readonly loading = new Map<Role, Promise<OrtSession>>();
  private readonly opened: OrtSession[] = [];

  constructor(
    private readonly bundle: ResolvedBundle,
    private readonly options: OrtOptions,
  ) {}

  /** @throws VamgError as OrtSession.open and run do; the signal's reason before the run */
  async run(role: Role, feeds: Readonly<Record<string, FloatTensor>>, signal?: AbortSignal): Promise<Record<string, FloatTensor>> {
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

  /** One that could not be loaded is tried again at the next call. */
  private graph(role: Role): Promise<OrtSession> {
    let session = this.loading.get(role);
    if (!session) {
      const device = this.opened[0]?.provider;
      session = OrtSession.open(bundleFilePath(this.bundle, role), `${this.bundle.name} ${role}`, { ...this.options, ...(device !== undefined && { device }) }).then((opened) => {
        this.opened.push(opened);
        return opened;
      });
      session.catch(() => this.loading.delete(role));
      this.loading.set(role, session);
    }
    return session;
  }
}
