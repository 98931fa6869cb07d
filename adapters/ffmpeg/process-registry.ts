/**
 * All ffmpeg and ffprobe processes that this process has running, so that shutting down leaves none behind.
 * `killAllFfmpeg` is for orderly shutdown; the exit hook covers every other way out except SIGKILL of ourselves (then the
 * children end by themselves when their pipes break).
 */
interface Killable {
  kill(): void;
}

const running = new Set<Killable>();
let isHooked = false;

/** Remember a running process; call the returned function when it has ended. */
export function registerProcess(process_: Killable): () => void {
  if (!isHooked) {
    isHooked = true;
    process.once('exit', killAllFfmpeg);
  }
  running.add(process_);
  return () => {
    running.delete(process_);
  };
}

/** Kill every process in the registry at once (SIGKILL). */
export function killAllFfmpeg(): void {
  for (const process_ of [...running]) process_.kill();
}

/** How many ffmpeg and ffprobe processes are running now. */
export function runningFfmpegCount(): number {
  return running.size;
}
