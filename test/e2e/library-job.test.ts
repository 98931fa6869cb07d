import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { writeDemoFilm } from '../../cli/demo/demo-film';
import { startServerWithWorker, type ServerWithWorker } from '../support/server-with-worker';
import { VamgHome } from '../support/vamg';

const run = promisify(execFile);
const EXAMPLE = path.join(__dirname, '../../dist/examples/follow-job.js');

describe('a job started from one\'s own code', () => {
  const home = new VamgHome();
  let server: ServerWithWorker;

  beforeAll(async () => {
    await writeDemoFilm(home.path('film.mp4'), 4);
    server = await startServerWithWorker(home);
  });
  afterAll(async () => {
    await server?.stop();
    home.dispose();
  });

  const example = async (...args: string[]): Promise<string[]> => (await run(process.execPath, [EXAMPLE, ...args], { cwd: home.folder, env: server.env })).stdout.trim().split('\n');

  it('is followed to its end and leaves a result folder; started again it is the same job', async () => {
    const lines = await example('film.mp4', home.path('store'), 'out');
    const id = /^job (\S+): started$/.exec(lines[0]!)![1]!;
    expect(lines.slice(1, -1).every((line) => /^(running|done), \S.*, \d+ %$/.test(line))).toBe(true);
    expect(lines.at(-2)).toBe('done, done, 100 %');
    const { counts } = JSON.parse(readFileSync(home.path('out/result.json'), 'utf8')) as { counts: { objects: number } };
    expect(lines.at(-1)).toBe(`${counts.objects} objects on 4 frames, in out`);
    expect(await example('film.mp4', home.path('store'), 'again')).toEqual([`job ${id}: finished`, 'done, done, 100 %', `${counts.objects} objects on 4 frames, in again`]);
    expect(readFileSync(home.path('again/masks.jsonl'))).toEqual(readFileSync(home.path('out/masks.jsonl')));
  });

  it('says in one sentence what is wrong with the video, before anything is started', async () => {
    await expect(example('none.mp4', home.path('store'), 'none')).rejects.toMatchObject({ code: 1, stderr: 'The video none.mp4 does not exist; check the path.\n' });
  });

  it('says in one sentence that no server answers', async () => {
    await expect(run(process.execPath, [EXAMPLE, 'film.mp4', home.path('store'), 'none'], { cwd: home.folder, env: { ...server.env, TEMPORAL_ADDRESS: '127.0.0.1:1' } })).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^The Temporal server does not answer; .*\n$/) as unknown });
  });
});
