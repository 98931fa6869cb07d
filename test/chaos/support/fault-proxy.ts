import { createHash } from 'node:crypto';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What may happen to a request to an S3 server. unavailable and error: the server says so, and does nothing. reset: the connection breaks before
 * the server hears of it. lost: the server does what it was told, but its answer is lost. hang: no answer ever comes. truncated: half
 * of the body, then the connection breaks. flipped: one bit of the body is another. trickle: the body comes byte by byte.
 * forbidden: permission is refused.
 */
export type HttpFault = 'unavailable' | 'error' | 'reset' | 'lost' | 'hang' | 'truncated' | 'flipped' | 'trickle' | 'forbidden';

export interface FaultPlan {
  readonly fault: HttpFault;
  /** Of the requests, 0..1. */
  readonly share: number;
  /** Only these; default all to which the fault can happen. */
  readonly concerns?: (method: string, path: string) => boolean;
}

export interface Injection {
  readonly fault: HttpFault;
  readonly method: string;
  readonly path: string;
  readonly atMs: number;
  /** From the request to the end of its connection, for those that would never have ended by themselves; null while it lasts. */
  openMs: number | null;
}

const BODY_FAULTS: readonly HttpFault[] = ['truncated', 'flipped', 'trickle'];
const TRICKLE_MS = 200;
const ANSWERS: Partial<Record<HttpFault, readonly [status: number, code: string]>> = {
  unavailable: [503, 'SlowDown'],
  error: [500, 'InternalError'],
  forbidden: [403, 'AccessDenied'],
};

interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/**
 * A way to an S3 server on which things go wrong. Which requests are struck follows from a seed, their method, their path, and how often they were
 * sent before, not from the order in which several workers send them.
 */
export class FaultProxy {
  plan: FaultPlan | null = null;
  readonly injections: Injection[] = [];
  private readonly sent = new Map<string, number>();
  private requests = 0;
  private readonly server: Server;

  private constructor(
    private readonly upstream: number,
    private readonly seed: string,
  ) {
    this.server = createServer((incoming, outgoing) => void this.serve(incoming, outgoing).catch(() => outgoing.destroy()));
    this.server.keepAliveTimeout = 60_000;
  }

  static async start(upstream: number, seed: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstream, seed);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Requests so far. */
  get count(): number {
    return this.requests;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.requests++;
    const { method = 'GET', url = '/' } = incoming;
    const fault = this.choose(method, url);
    const injection: Injection | null = fault === null ? null : { fault, method, path: url, atMs: Date.now(), openMs: null };
    if (injection !== null) this.injections.push(injection);
    outgoing.once('close', () => injection !== null && (injection.openMs = Date.now() - injection.atMs));
    if (fault === 'reset') return void incoming.socket.destroy();
    const sentBody = await bodyOf(incoming);
    if (fault === 'hang') return;
    const said = fault === null ? undefined : ANSWERS[fault];
    if (said !== undefined) return refuse(outgoing, said, method);
    const answer = await this.forward(incoming, sentBody);
    if (fault === 'lost') return void outgoing.destroy();
    await reply(outgoing, answer, fault, () => this.random(`${method} ${url} bit`));
  }

  private choose(method: string, url: string): HttpFault | null {
    const name = `${method} ${url}`;
    const times = this.sent.get(name) ?? 0;
    this.sent.set(name, times + 1);
    const { plan } = this;
    if (plan === null || (BODY_FAULTS.includes(plan.fault) && method !== 'GET')) return null;
    if (plan.concerns !== undefined && !plan.concerns(method, url)) return null;
    return this.random(`${plan.fault} ${name} ${times}`) < plan.share ? plan.fault : null;
  }

  private random(what: string): number {
    return createHash('sha256').update(`${this.seed} ${what}`).digest().readUInt32BE() / 2 ** 32;
  }

  private async forward({ method, url, rawHeaders }: IncomingMessage, body: Buffer): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const onward = request({ host: '127.0.0.1', port: this.upstream, method, path: url, headers: headerPairs(rawHeaders) }, (answer) => {
        bodyOf(answer).then((bytes) => resolve({ status: answer.statusCode ?? 500, headers: answer.rawHeaders, body: bytes }), reject);
      });
      onward.once('error', reject);
      onward.end(body);
    });
  }
}

function headerPairs(raw: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (let i = 0; i < raw.length; i += 2) pairs[raw[i]!] = raw[i + 1]!;
  return pairs;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

function refuse(outgoing: ServerResponse, [status, code]: readonly [number, string], method: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>injected</Message></Error>`;
  outgoing.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) });
  outgoing.end(method === 'HEAD' ? undefined : body);
}

async function reply(outgoing: ServerResponse, { status, headers, body }: Answer, fault: HttpFault | null, random: () => number): Promise<void> {
  outgoing.writeHead(status, headerPairs(headers));
  if (fault === 'truncated') return void outgoing.write(body.subarray(0, body.length >> 1), () => outgoing.destroy());
  if (fault === 'trickle') return await trickle(outgoing, body);
  if (fault === 'flipped' && body.length > 0) {
    const bit = Math.floor(random() * body.length * 8);
    body[bit >> 3]! ^= 1 << (bit & 7);
  }
  outgoing.end(body);
}

/** As long as somebody listens. */
async function trickle(outgoing: ServerResponse, body: Buffer): Promise<void> {
  for (let at = 0; at < body.length && !outgoing.destroyed; at++) {
    outgoing.write(body.subarray(at, at + 1));
    await new Promise((resolve) => setTimeout(resolve, TRICKLE_MS));
  }
  outgoing.end();
}
