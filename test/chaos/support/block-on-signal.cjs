/* global process */
// Loaded into a worker with NODE_OPTIONS=--require: on SIGUSR2 its event loop is busy for CHAOS_BLOCK_MS milliseconds, as with a step
// that computes on the main thread, or a machine that swaps.
process.on('SIGUSR2', () => {
  const end = Date.now() + Number(process.env.CHAOS_BLOCK_MS);
  while (Date.now() < end);
});
