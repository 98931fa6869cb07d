import { stat } from 'node:fs/promises';

/**
 * Calls `onWrite` when a file has grown or was rewritten in place (as an mp4 is when its index moves to the front) since the last
 * look, every `everyMs` milliseconds at most. The file need not exist yet.
 * @returns stops watching
 */
export function watchWrites(file: string, onWrite: () => void, everyMs = 1000): () => void {
  let last = '';
  const timer = setInterval(() => {
    void stat(file).then(
      ({ size, mtimeMs }) => {
        const now = `${size} ${mtimeMs}`;
        if (now !== last) onWrite();
        last = now;
      },
      () => undefined,
    );
  }, everyMs);
  return () => clearInterval(timer);
}
