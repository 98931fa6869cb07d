import type { ArchiveClient } from '../../workers/archive-client';
import type { JobClient } from '../../workers/job-client';
import { openArtefacts, type CliContext } from '../context';
import type { Engine } from '../embedded/engine';
import { loadArchiveClient, loadEngine, loadJobClient } from '../lazy';

/** A connection to the Temporal server, and to the one of this machine when it is ours to run. */
export interface Session {
  readonly client: JobClient;
  readonly archives: ArchiveClient;
  /** null when the server is somebody else's. */
  readonly engine: Engine | null;
  close(): Promise<void>;
}

/** Connect; in embedded mode the server of this home is started when it does not run. @throws VamgError SetupMissing */
export async function openSession(context: CliContext): Promise<Session> {
  const { config, isEmbedded } = context;
  const { artefacts } = await openArtefacts(context);
  const engine = isEmbedded ? await loadEngine().openEngine(config) : null;
  try {
    const client = await loadJobClient().createJobClient({ config, artefacts, ...(engine !== null && { address: engine.address }) });
    if (engine !== null) await client.ensureNamespace();
    // The client's connection is left to the end of the process: a question that is still being repeated would throw from a timer.
    const archives = new (loadArchiveClient().ArchiveClient)(client, config.queuePrefix);
    return { client, archives, engine, close: async () => await engine?.close() };
  } catch (error) {
    await engine?.close();
    throw error;
  }
}

/** Do something with a session and close it. */
export async function withSession<T>(context: CliContext, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(context);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
