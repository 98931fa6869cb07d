import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeDemoFilm } from '../../cli/demo/demo-film';
import { kill, VamgHome, waitFor } from '../support/vamg';

const FRAMES = 30;
const OPTIONS = ['--preset', 'draft', '--points-per-side', '6', '--max-objects', '6', '--chunk-frames', '16', '--overlap-frames', '6', '--detect-every', '4', '--no-overlay', '--no-viewer'];

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Number of checkpoint parts in the home's store, by looking at the files. */
function checkpointsIn(home: VamgHome): number {
  const { execFileSync } = jest.requireActual<typeof import('node:child_process')>('node:child_process');
  const found = execFileSync('find', [home.path('.vamg'), '-path', '*checkpoints*', '-name', '*.part'], { encoding: 'utf8' });
  return found.split('\n').filter((line) => line !== '').length;
}

describe('a job that is interrupted', () => {
  const calm = new VamgHome();
  const rough = new VamgHome();
  let undisturbed = '';

  beforeAll(async () => {
    await writeDemoFilm(calm.path('film.mp4'), FRAMES);
    await writeDemoFilm(rough.path('film.mp4'), FRAMES);
    const run = await calm.run(['segment', 'film.mp4', '--out', 'out', ...OPTIONS]);
    expect(`${run.code} ${run.code === 0 ? '' : run.stderr}`).toBe('0 ');
    undisturbed = sha256(calm.path('out/masks.jsonl'));
    await calm.quiet();
  });

  afterAll(() => {
    calm.dispose();
    rough.dispose();
  });

  it('gives byte-identical masks after SIGKILL of the inference process, its worker, the server and the command', async () => {
    const first = rough.start(['segment', 'film.mp4', '--out', 'out', ...OPTIONS]);
    // The inference process alone: the worker starts another one and goes on by itself.
    const inference = await rough.processNamed('inference-process');
    await waitFor('a checkpoint', () => (checkpointsIn(rough) >= 2 ? true : undefined), 240_000);
    kill(inference.pid);
    const next = await waitFor('another inference process', () => rough.processes().find((one) => one.command.includes('inference-process') && one.pid !== inference.pid), 90_000);
    const before = checkpointsIn(rough);
    await waitFor('work to go on', () => (checkpointsIn(rough) > before ? true : undefined), 240_000).catch(() => undefined);
    // Now everything at once: server, workers, inference process, and last the command.
    const victims = rough.processes().filter((one) => one.pid !== first.child.pid);
    expect(victims.some((one) => one.command.includes('start-dev'))).toBe(true);
    for (const one of victims) kill(one.pid);
    kill(next.pid);
    first.child.kill('SIGKILL');
    await first.finished;
    await rough.quiet();
    expect(existsSync(rough.path('out'))).toBe(false);

    const second = await rough.run(['resume']);
    expect(`${second.code} ${second.code === 0 ? '' : second.stderr}`).toBe('0 ');
    expect(sha256(rough.path('out/masks.jsonl'))).toBe(undisturbed);
    await rough.quiet();
  });

  it('does no inference when the same command is given again', async () => {
    const again = await calm.run(['segment', 'film.mp4', '--out', 'again', ...OPTIONS, '--json']);
    expect(again.code).toBe(0);
    expect(sha256(calm.path('again/masks.jsonl'))).toBe(undisturbed);
    await calm.quiet();
  });

  it('stays resumable after Ctrl-C, which ends with 130 and says how to go on', async () => {
    const command = rough.start(['segment', 'film.mp4', '--out', 'other', ...OPTIONS, '--pred-iou-thresh', '0.8']);
    await rough.processNamed('inference-process');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    command.child.kill('SIGINT');
    const { code, stderr } = await command.finished;
    expect(code).toBe(130);
    expect(stderr).toMatch(/vamg resume/);
    await rough.quiet();
    expect(existsSync(rough.path('other'))).toBe(false);
  });
});
