import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { main } from '../../../cli/main';

let out = '';
let err = '';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'vamg-cli-'));
  process.env['VAMG_HOME'] = path.join(folder, 'home');
  process.env['VAMG_STORE'] = '';
  delete process.env['VAMG_STORE'];
  out = err = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = undefined;
});

describe('the command line', () => {
  it('says with --help what there is, and ends with 0', async () => {
    expect(await main(['--help'])).toBe(0);
    for (const name of ['segment', 'demo', 'archive', 'schedule', 'image', 'status', 'list', 'watch', 'cancel', 'pause', 'resume', 'restitch', 'edit', 'evaluate', 'export', 'models', 'worker', 'doctor', 'config', 'completion']) expect(out).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
  });

  it('groups the options of segment and ends its help with examples', async () => {
    expect(await main(['segment', '--help'])).toBe(0);
    for (const group of ['Video:', 'Model:', 'Mask generator:', 'Tracking:', 'Chunks and stitching:', 'Output:']) expect(out).toContain(`\n${group}\n`);
    expect(out.indexOf('Examples:')).toBeGreaterThan(out.indexOf('Output:'));
  });

  it.each([
    [['segment'], 'video'],
    [['segment', 'x.mp4', '--no-such-thing'], "Unknown option '--no-such-thing'"],
    [['segmnt'], 'Did you mean segment?'],
    [['worker', '--role', 'chief'], 'control, media, inference, all'],
    [['evaluate', 'dir'], '--ground-truth'],
    [['segment', 'x.mp4', '--points-per-side', '999'], 'from 1 to 128'],
    [['segment', 'x.mp4', '--detach'], 'TEMPORAL_ADDRESS'],
    [['segment', 's3x://a/b.mp4'], 's3x:// is not supported'],
    [['segment', 'x.mp4', '--id', 'Not OK'], 'A job ID is'],
    [['status', 'nope'], 'There is no job nope here'],
    [['resume'], 'no unfinished job'],
    [['archive'], 'source'],
    [['archive', '/no/such/folder'], 'does not exist'],
    [['archive', '.', '--max-bytes', 'much'], 'a size such as 500GB'],
    [['archive', '.', '--max-hours', '0'], 'from 0.001'],
    [['archive', '.', '--parallel', '0'], 'from 1 to 200'],
    [['archive', '.', '--only-prompted'], 'an archive has none'],
    [['archive', 'http://x/y'], 'http:// is not supported'],
    [['archive', '.', '--detach'], 'TEMPORAL_ADDRESS'],
    [['schedule', 'list'], 'TEMPORAL_ADDRESS'],
    [['schedule', 'create', 'nightly', '.', '--at', '25:00'], 'a time of day'],
    [['schedule', 'create', 'nightly', '.', '--on', 'someday'], 'days such as mon,thu'],
    [['schedule', 'create', 'nightly', '.', '--timezone', 'Mars/Olympus'], 'the name of a time zone'],
    [['schedule', 'backfill', 'nightly', '--from', 'yesterday', '--to', '2026-11-18'], 'a day or time'],
  ])('ends %p with 2 and one sentence', async (args, words) => {
    expect(await main(args)).toBe(2);
    expect(err).toContain(words);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(out).toBe('');
  });

  it('ends with 1 for a video that is not there', async () => {
    expect(await main(['segment', path.join(folder, 'no.mp4')])).toBe(1);
    expect(err).toMatch(/^vamg: The video .*no\.mp4 does not exist; check the path\.\n$/);
  });

  it('gives errors as one JSON document on stdout with --json, and nothing on stderr', async () => {
    expect(await main(['segment', path.join(folder, 'no.mp4'), '--json'])).toBe(1);
    expect(JSON.parse(out)).toEqual({ error: { failure: 'PoisonVideo', message: expect.stringContaining('does not exist') } });
    expect(err).toBe('');
  });

  it('gives wrong usage as JSON too', async () => {
    expect(await main(['list', '--json', '--what'])).toBe(2);
    expect(JSON.parse(out).error.failure).toBe('BadConfig');
  });

  it('lists no jobs without starting anything', async () => {
    expect(await main(['list', '--json'])).toBe(0);
    expect(JSON.parse(out)).toEqual({ jobs: [] });
  });

  it('shows every option with its source', async () => {
    expect(await main(['config', 'show', '--preset', 'draft', '--json'])).toBe(0);
    const { options } = JSON.parse(out);
    expect(options['points-per-side']).toEqual({ value: 12, source: 'preset' });
    expect(options['preset']).toEqual({ value: 'draft', source: 'flag' });
  });

  it('refuses to evaluate a folder that is no result', async () => {
    writeFileSync(path.join(folder, 'a.txt'), '');
    expect(await main(['evaluate', folder, '--ground-truth', folder])).toBe(2);
    expect(err).toContain('is not a result folder');
  });
});
