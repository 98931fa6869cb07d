import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** An agent whose connections are cut when nothing moves on them for `idleMs`; the S3 client sets no time limit of its own. */
export function createIdleTimeoutAgent(isTls: boolean, idleMs: number): http.Agent {
  const agent = isTls ? new https.Agent({ keepAlive: true, maxSockets: 16 }) : new http.Agent({ keepAlive: true, maxSockets: 16 });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback): Duplex | null | undefined => {
    const socket = connect(options, callback);
    if (socket && 'setTimeout' in socket) cutWhenIdle(socket as Socket, idleMs);
    return socket;
  };
  return agent;
}

function cutWhenIdle(socket: Socket, idleMs: number): void {
  socket.setTimeout(idleMs, () => socket.destroy(Object.assign(new Error(`nothing moved for ${idleMs} ms`), { code: 'ETIMEDOUT' })));
}
