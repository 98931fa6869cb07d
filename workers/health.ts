import { createServer, type Server } from 'node:http';
import { VamgError } from '../contracts/errors';

export type WorkerPhase = 'starting' | 'running' | 'draining';

export interface HealthOptions {
  readonly port: number;
  readonly phase: () => WorkerPhase;
  /** Rejects when the Temporal server does not answer. */
  readonly ping: () => Promise<void>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers probes on all interfaces: `/livez` is 200 while this process reacts at all; `/readyz` and `/healthz` are 200 while its
 * workers poll and the Temporal server answers, else 503. The answer is one word, without names or addresses.
 * @throws VamgError BadConfig when the port cannot be used
 */
export async function startHealthServer({ port, phase, ping }: HealthOptions): Promise<HealthServer> {
  const readiness = async (): Promise<string> => {
    if (phase() !== 'running') return phase();
    return await ping().then(
      () => phase(),
      () => 'disconnected',
    );
  };
  const server = createServer((request, response) => {
    const answer = (status: number, text: string): void => void response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(`${text}\n`);
    request.resume();
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'method not allowed');
    if (request.url === '/livez') return answer(200, phase());
    if (request.url !== '/readyz' && request.url !== '/healthz') return answer(404, 'not found');
    void readiness().then((state) => answer(state === 'running' ? 200 : 503, state));
  });
  server.requestTimeout = 5_000;
  server.maxConnections = 50;
  await listen(server, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new VamgError('BadConfig', `Port ${port} cannot be used for --health-port; something else may have it.`, { cause })));
    server.listen(port, () => resolve());
  });
}
