// Downloads over https into a file, with a deadline for the first byte and another for silence in between.
import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';

/**
 * Fetches `url` into `file`. Fails fast where there is no network.
 * @param {string} url
 * @param {string} file
 * @param {{connectMs?: number, idleMs?: number, maxBytes?: number}} [limits]
 */
export async function download(url, file, { connectMs = 8_000, idleMs = 30_000, maxBytes = 1 << 30 } = {}) {
  if (!url.startsWith('https://')) throw new Error(`only https is allowed, not ${url}`);
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error(`no answer within ${connectMs / 1000} s`)), connectMs);
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(new Error(`nothing received for ${idleMs / 1000} s`)), idleMs);
  };
  try {
    const response = await fetch(url, { signal: abort.signal, redirect: 'follow' });
    if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
    if (!response.url.startsWith('https://')) throw new Error('the server redirected to an address without https');
    let received = 0;
    const watch = async function* (source) {
      for await (const chunk of source) {
        restart();
        received += chunk.length;
        if (received > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
        yield chunk;
      }
    };
    await pipeline(Readable.fromWeb(response.body), watch, fs.createWriteStream(file), { signal: abort.signal });
    return received;
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw abort.signal.aborted ? abort.signal.reason : new Error(error.cause?.code ?? error.cause?.message ?? error.message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
