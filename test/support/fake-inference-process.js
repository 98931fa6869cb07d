// Stands in for the inference process in tests of its host: what it does is said in `job.options`.
let cancelled = false;
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => undefined);
process.on('message', (message) => {
  if (message.type === 'cancel') {
    cancelled = true;
    if (message.ignore !== true && current?.behaviour !== 'ignores-cancel') process.send({ type: 'aborted', id: message.id });
  }
  if (message.type === 'stored') current?.onStored(message.seq);
  if (message.type === 'run') start(message.id, message.job.options);
});
let current = null;

function start(id, options) {
  const { behaviour } = options;
  current = { behaviour, onStored: () => undefined };
  if (behaviour === 'dies') return process.exit(7);
  if (behaviour === 'speaks') {
    process.stdout.write('a library on stdout\n\n');
    process.stderr.write(`last words\n${'x'.repeat(9000)}\n`, () => process.exit(7));
    return process.send({ type: 'log', level: 'info', message: 'by message' });
  }
  if (behaviour === 'fails') return process.send({ type: 'failed', id, failure: 'PoisonChunk', message: 'Frame 3 cannot be decoded.' });
  if (behaviour === 'grows') return setInterval(() => process.send({ type: 'progress', id, progress: { done: 1, total: 2, objects: 0, inferenceMs: 1 }, rssBytes: 5e9 }), 20);
  if (behaviour === 'hangs' || behaviour === 'ignores-cancel') return undefined;
  // Two messages of lines; the second is sent only when the first is stored.
  process.send({ type: 'lines', id, seq: 0, lines: ['"a"', '"b"'], checkpoint: new Uint8Array([1, 2]), done: 2 });
  current.onStored = (seq) => {
    if (seq === 0) process.send({ type: 'lines', id, seq: 1, lines: ['"c"'], checkpoint: null, done: 3 });
    else process.send({ type: 'done', id, trailer: { pid: process.pid, cancelled }, inferenceMs: 12 });
  };
}
process.send({ type: 'ready' });
