import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { writeDemoFilm } from '../../cli/demo/demo-film';
import type { CorrectionAnswer } from '../../contracts/messages';
import { maskLineSchema } from '../../contracts/pipeline-artefacts';
import { startServerWithWorker, type ServerWithWorker } from '../support/server-with-worker';
import { VamgHome, type Finished } from '../support/vamg';

const SETTINGS = ['--preset', 'draft', '--points-per-side', '6', '--max-objects', '6', '--no-sharpen'];

function inHome(home: VamgHome, env: NodeJS.ProcessEnv = {}) {
  const file = (name: string): string => readFileSync(home.path(name), 'utf8');
  return {
    file,
    ids: (folder: string): number[] => [...new Set(file(`${folder}/masks.jsonl`).trim().split('\n').flatMap((line) => maskLineSchema.parse(JSON.parse(line)).objects.map(({ id }) => id)))].sort((a, b) => a - b),
    run: async (...args: string[]): Promise<Finished> => {
      const done = await home.run(args, env);
      expect(`${done.code} ${done.code === 0 ? '' : done.stderr}`).toBe('0 ');
      return done;
    },
  };
}

const FILES = ['masks.jsonl', 'result.json', 'stitch-report.json', 'index.html', 'overlay.mp4'];

describe('vamg edit --job', () => {
  describe('without a server of one\'s own', () => {
    const home = new VamgHome();
    afterAll(() => home.dispose());
    const { file, ids, run } = inHome(home);

    it('corrects what everybody fetches, with an export in the folder, down to the original and back', async () => {
      await writeDemoFilm(home.path('film.mp4'), 8);
      const { id } = JSON.parse((await run('segment', 'film.mp4', '--out', 'r', ...SETTINGS, '--json')).stdout) as { id: string };
      await run('export', 'r', '--format', 'mot');
      const before = ids('r');
      const [first, second] = before;
      const original = FILES.map((name) => readFileSync(home.path(`r/${name}`)));

      const merged = await run('edit', '--job', id, 'merge', String(first), String(second));
      expect(merged.stdout).toContain(`Edit 1: merged ${first}, ${second} into ${first}`);
      expect(merged.stdout).toContain(`\`vamg watch ${id}\` writes r again.`);
      expect(ids('r')).toEqual(before);
      await run('watch', id);
      expect(ids('r')).toEqual(before.filter((one) => one !== second));
      expect(file('r/edits.jsonl').trim().split('\n')).toHaveLength(1);
      expect(new Set(file('r/exports/mot/film/gt/gt.txt').trim().split('\n').map((line) => Number(line.split(',')[1])))).toEqual(new Set(ids('r')));

      const refused = await home.run(['edit', '--job', id, 'delete', String(second)]);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(new RegExp(`Object ${second} is no longer there`))]);

      // The same command again fetches it, too; the log is the trail of the folder.
      await run('edit', '--job', id, 'label', String(first), 'red car');
      expect(JSON.parse((await run('segment', 'film.mp4', '--out', 'r', ...SETTINGS, '--json')).stdout)).toMatchObject({ id, objects: before.length - 1 });
      expect(file('r/result.json')).toContain('red car');
      const log = JSON.parse((await run('edit', '--job', id, 'log', '--json')).stdout) as { edits: { undone: boolean }[]; editsInForce: number };
      expect(file('r/edits.jsonl').trim().split('\n').map((line) => ({ ...(JSON.parse(line) as object), undone: false }))).toEqual(log.edits);

      // Edits of one's own are not overwritten.
      await run('edit', 'r', 'label', String(first), 'mine');
      expect(await home.run(['watch', id])).toMatchObject({ code: 2, stderr: expect.stringContaining('corrected by hand (3 edits') });
      await run('edit', 'r', 'undo');
      expect(await home.run(['watch', id, '--out', 'other'])).toMatchObject({ code: 0 });

      await run('edit', '--job', id, 'undo');
      await run('edit', '--job', id, 'undo');
      await run('watch', id, '--out', 'bottom');
      expect(FILES.map((name) => readFileSync(home.path(`bottom/${name}`)).equals(original[FILES.indexOf(name)]!))).toEqual(FILES.map(() => true));
      await home.quiet();
    });
  });

  describe('on a server of one\'s own', () => {
    const home = new VamgHome();
    let server: ServerWithWorker;

    beforeAll(async () => {
      await writeDemoFilm(home.path('film.mp4'), 8);
      server = await startServerWithWorker(home);
    });
    afterAll(async () => {
      await server?.stop();
      home.dispose();
    });

    it('corrects a job while it runs, and afterwards from any Temporal client', async () => {
      const { file, ids, run } = inHome(home, server.env);
      const { id } = JSON.parse((await run('segment', 'film.mp4', '--out', 'r', ...SETTINGS, '--detach', '--json')).stdout) as { id: string };
      const corrected = JSON.parse((await run('edit', '--job', id, 'label', '1', 'red car', '--json')).stdout) as object;
      expect(corrected).toMatchObject({ job: id, edits: [{ number: 1, edit: { edit: 'label', id: 1, label: 'red car' } }], editsInForce: 1 });
      await run('watch', id);
      expect(file('r/result.json')).toContain('red car');
      const before = ids('r');

      const { job } = JSON.parse(file('r/result.json')) as { job: object };
      const { stdout } = await promisify(execFile)(process.env['TEMPORAL_CLI_PATH']!, [
        ...['workflow', 'execute-update-with-start', '--address', server.address, '--workflow-id', `correct-${id}`, '--type', 'correctVideo', '--task-queue', 'vamg-control', '--id-conflict-policy', 'UseExisting'],
        ...['--input', JSON.stringify({ schemaVersion: 1, job }), '--update-name', 'correct', '--update-input', JSON.stringify({ edits: [{ edit: 'delete', ids: [before[1]] }] }), '--output', 'json'],
      ]);
      expect((JSON.parse(stdout) as { updateResult: CorrectionAnswer }).updateResult).toMatchObject({ state: 'done', firstEdit: 2, lastEdit: 2, editsInForce: 2, objectsBefore: before.length, objects: before.length - 1 });
      await run('watch', id);
      expect(ids('r')).toEqual(before.filter((one) => one !== before[1]));
      const log = await run('edit', '--job', id, 'log');
      expect(log.stdout).toMatch(/named 1 "red car"[^]*deleted/);
    });
  });
});
