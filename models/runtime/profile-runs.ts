import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { toOrtTensor, type GraphTensors } from './graph-tensor';

/**
 * Runs a graph some times on the CPU under onnxruntime's profiler, which tells of every operator its time and sizes. Gives the profile: JSON in the trace event format.
 * @throws Error when the graph cannot be loaded or refuses its feeds
 */
export async function profileRuns(graphPath: string, feeds: GraphTensors, times: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vamg-profile-'));
  try {
    const session = await InferenceSession.create(graphPath, { enableProfiling: true, profileFilePrefix: join(folder, 'run'), logSeverityLevel: 3 });
    const tensors = Object.fromEntries(session.inputNames.map((name, i) => [name, toOrtTensor(feeds[name]!, session.inputMetadata[i])]));
    for (let i = 0; i < times; i++) await session.run(tensors);
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    return await readFile(join(folder, file!), 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
