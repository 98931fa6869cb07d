/** Loaded before a program of ours (node --require): notes when networks run, a file per thread in the folder VAMG_BENCH_RUNS, a line per run. */
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { NETWORK_RUNS } from '../../models/runtime/network-runs';

const folder = process.env['VAMG_BENCH_RUNS'];

if (folder !== undefined)
  subscribe(NETWORK_RUNS, (run) => appendFileSync(join(folder, `${process.pid}-${threadId}.jsonl`), `${JSON.stringify(run)}\n`));
