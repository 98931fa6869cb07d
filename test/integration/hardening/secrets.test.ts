import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { S3Bucket } from '../../../adapters/store/s3-bucket';
import { s3SettingsFromEnv } from '../../../adapters/store/s3-settings';
import { writeDemoFilm } from '../../../cli/demo/demo-film';
import { startDevServer, type DevServer } from '../../../infra/dev-server/start-dev-server';
import { loadConfig } from '../../../workers/config';
import { historyTexts } from '../../support/history-texts';
import { VamgHome, waitFor, type Finished, type RunningCommand } from '../../support/vamg';
import { describeWithS3, startS3Server, type S3Server } from '../../support/versitygw';

const SECRETS = { key: 'tHe-SeCrEt-kEy-Zq81Jv', 'session token': 'tHe-SeSsIoN-tOkEn-Xw44Lm', 'old key': 'aN-oLd-SeCrEt-kEy-Bn27Tr' };
const OPTIONS = ['--preset', 'draft', '--points-per-side', '3', '--max-objects', '2', '--no-overlay', '--no-viewer', '--json'];
const ROOT = path.join(__dirname, '../../..');

/** Everything that a job with an S3 store and videos in S3 leaves anywhere, at the most talkative log level. */
describeWithS3('secrets and host paths (skipped without VERSITYGW_PATH)', () => {
  const home = new VamgHome();
  let s3: S3Server;
  let server: DevServer;
  let env: NodeJS.ProcessEnv;
  const said: Record<string, Finished> = {};
  let histories: string;

  beforeAll(async () => {
    s3 = await startS3Server(['vamg-films', 'vamg-masks', 'vamg-work'], SECRETS.key);
    await writeDemoFilm(home.path('film.mp4'), 3);
    const films = new S3Bucket(s3SettingsFromEnv(s3.env), 'vamg-films', '');
    await films.putFile('talks/film.mp4', home.path('film.mp4'));
    await films.put('rubbish.mp4', Buffer.from('no video'));
    server = await startDevServer({ binary: process.env['TEMPORAL_CLI_PATH']!, home: home.path('server'), config: loadConfig({}).temporal, supervisorEntry: path.join(ROOT, 'dist/infra/dev-server/supervisor.js') });
    env = { ...s3.env, TEMPORAL_ADDRESS: server.address, VAMG_STORE: 's3://vamg-work/store', VAMG_LOG_LEVEL: 'trace', VAMG_DEBUG: '1' };
    const worker = await startWorker(env);
    said['archive'] = await home.run(['archive', 's3://vamg-films', '--dest', 's3://vamg-masks/out', ...OPTIONS], env);
    said['segment'] = await home.run(['segment', 's3://vamg-films/talks/film.mp4', '--out', 'result', ...OPTIONS], env);
    said['no bucket'] = await home.run(['archive', 's3://vamg-no-such-bucket', '--dest', 's3://vamg-masks/out', ...OPTIONS], env);
    said['wrong key'] = await home.run(['segment', 'film.mp4', '--out', 'other', ...OPTIONS], { ...env, AWS_SECRET_ACCESS_KEY: SECRETS['old key'] });
    said['worker'] = await endWorker(worker);
    // versitygw knows no session tokens, so a worker that has one is turned away: its failures are in the histories too.
    const turnedAway = await startWorker({ ...env, AWS_SESSION_TOKEN: SECRETS['session token'] });
    said['token'] = await home.run(['archive', 's3://vamg-films', '--dest', 's3://vamg-masks/other', ...OPTIONS], env);
    said['worker with token'] = await endWorker(turnedAway);
    histories = await readHistories();
  }, 400_000);

  afterAll(async () => {
    await server?.stop();
    await s3?.stop();
    home.dispose();
  });

  async function startWorker(workerEnv: NodeJS.ProcessEnv): Promise<RunningCommand> {
    const worker = home.start(['worker', '--role', 'all'], workerEnv);
    await waitFor('the worker to poll', () => (worker.stderr().includes('working as') || worker.child.exitCode !== null ? true : undefined), 60_000);
    expect(worker.child.exitCode === null ? '' : worker.stderr()).toBe('');
    return worker;
  }

  async function endWorker(worker: RunningCommand): Promise<Finished> {
    worker.child.kill('SIGTERM');
    return await worker.finished;
  }

  async function readHistories(): Promise<string> {
    const connection = await Connection.connect({ address: server.address });
    try {
      const { workflow } = new Client({ connection });
      const texts: string[] = [];
      for await (const { workflowId, runId } of workflow.list()) {
        const handle = workflow.getHandle(workflowId, runId);
        texts.push(workflowId, ...historyTexts((await handle.describe()).raw), ...historyTexts(await handle.fetchHistory()));
      }
      return texts.join('\n');
    } finally {
      await connection.close();
    }
  }

  /** Files below a folder that hold this text, in whatever form they are. */
  function filesWith(folder: string, text: string): string[] {
    const files = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => statSync(path.join(folder, name)).isFile());
    return files.filter((name) => readFileSync(path.join(folder, name)).includes(text));
  }
  const encodings = (secret: string): string[] => [secret, Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('hex'), encodeURIComponent(secret)];

  test('the jobs went as they should: one video done, one in quarantine, the rest failed', () => {
    expect(Object.fromEntries(Object.entries(said).map(([name, { code }]) => [name, code]))).toEqual({ archive: 1, segment: 0, 'no bucket': 2, 'wrong key': 2, worker: 0, token: 2, 'worker with token': 0 });
    expect(JSON.parse(said['archive']!.stdout)).toMatchObject({ report: { counts: { done: 1, quarantined: 1 } } });
    expect(statSync(home.path('result/result.json')).size).toBeGreaterThan(100);
  });

  test.each(Object.entries(SECRETS))('the %s is nowhere: not in histories, the server\'s database, output, logs, results, stored objects', (_name, secret) => {
    for (const text of encodings(secret)) {
      expect(histories).not.toContain(text);
      for (const [name, { stdout, stderr }] of Object.entries(said)) expect([name, `${stdout}${stderr}`.includes(text)]).toEqual([name, false]);
      expect(filesWith(home.folder, text)).toEqual([]);
      expect(filesWith(s3.folder, text)).toEqual([]);
    }
  });

  test('histories name no folder of this machine and no address of the S3 server', () => {
    for (const text of [home.folder, ROOT, homedir(), process.execPath, s3.env['VAMG_S3_ENDPOINT']!, `127.0.0.1:${s3.port}`]) expect(histories).not.toContain(text);
    expect(histories).not.toMatch(/(?:^|[\s"'(:=])\/(?:home|root|tmp|var|usr|opt|Users)\/|file:\/\/\//m);
    expect(histories).not.toMatch(/\n\s+at .+:\d+:\d+/);
  });

  test('the search itself: what may be known is found in the histories, the database, the log and the results', () => {
    for (const text of ['archive-vamg-films', 'segmentVideo', 'refused the request (InvalidToken)', 'refused the request (NoSuchBucket)']) expect(histories).toContain(text);
    expect(filesWith(home.path('server'), 'refused the request (InvalidToken)').length).toBeGreaterThan(0);
    expect(said['worker']!.stderr).toMatch(/activity failed/);
    expect(filesWith(home.path('result'), 'film.mp4')).toContain('result.json');
    expect(filesWith(s3.folder, 'film.mp4').length).toBeGreaterThan(0);
  });
});
