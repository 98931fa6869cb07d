import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { realpath } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import sirv from 'sirv';
import { VamgError } from '../../contracts/errors';

const HOST = '127.0.0.1';
/** Names that a result folder may hold; no hidden files, no way up, nothing that needs decoding. */
const SAFE_PATH = /^(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/;
/** The page brings everything it needs: nothing from elsewhere, and no other page may frame it. */
const HEADERS = {
  'Content-Security-Policy': "default-src 'none'; script-src 'unsafe-inline' 'self'; style-src 'unsafe-inline'; media-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

export interface ResultServer {
  /** Address of the page. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves a result folder to this machine only: reading, whole files or byte ranges, names inside the folder (links that lead out of it are
 * refused), and only when asked by this machine's own name, so that no web page can read it through a name of its own.
 * @param port 0 for any free one.
 * @throws VamgError BadConfig when the port cannot be used
 */
export async function serveResult(folder: string, port = 0): Promise<ResultServer> {
  const root = await realpath(folder);
  // `dev`: files are looked up when asked for, so that a result that is written again is shown as it is now.
  const files = sirv(root, { dev: true, etag: true, extensions: [] });
  const server = createServer((request, response) => void answer(request, response).catch(() => refuse(response, 500)));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const { port: own } = server.address() as AddressInfo;
    if (request.headers.host !== `${HOST}:${own}` && request.headers.host !== `localhost:${own}`) return refuse(response, 403);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, { Allow: 'GET, HEAD' });
    const name = (request.url ?? '/').replace(/[?#].*$/s, '');
    const wanted = name === '/' ? '/index.html' : name;
    if (!SAFE_PATH.test(wanted) || !(await isInside(root, path.join(root, wanted)))) return refuse(response, 404);
    request.url = wanted;
    files(request, response, () => refuse(response, 404));
  };
  await listen(server, port);
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${own}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function isInside(root: string, file: string): Promise<boolean> {
  const real = await realpath(file).catch(() => null);
  return real !== null && real.startsWith(root + path.sep);
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  if (!response.headersSent) response.writeHead(status, { ...headers, 'Content-Type': 'text/plain' });
  response.end();
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: HOST, port }, () => resolve());
  }).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EADDRINUSE' ? 'is taken' : cause.code === 'EACCES' ? 'is not open to you' : 'cannot be used';
    throw new VamgError('BadConfig', `Port ${port} ${why}; give another one with --port, or leave it out.`, { cause });
  });
}
