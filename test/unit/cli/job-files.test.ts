import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cleanName } from '../../../cli/job/job-id';
import { JobRecords, isOwned, type JobRecord } from '../../../cli/job/job-record';
import { checkOutFolder, defaultOutName, writeOutFolder } from '../../../cli/job/out-folder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'vamg-out-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fillResult(text: string) {
  return async (target: string) => {
    writeFileSync(path.join(target, 'result.json'), '{"schemaVersion":1}');
    writeFileSync(path.join(target, 'masks.jsonl'), text);
  };
}

describe('the result folder', () => {
  it('is written beside its place and then put there', async () => {
    const out = path.join(folder, 'deep', 'film-vamg');
    await writeOutFolder(out, async (partial) => {
      expect(path.dirname(partial)).toBe(path.dirname(out));
      expect(existsSync(out)).toBe(false);
      await fillResult('a')(partial);
    });
    expect(readdirSync(path.dirname(out))).toEqual(['film-vamg']);
  });

  it('replaces a former result as a whole', async () => {
    const out = path.join(folder, 'r');
    await writeOutFolder(out, fillResult('old'));
    writeFileSync(path.join(out, 'extra.txt'), '');
    await writeOutFolder(out, fillResult('new'));
    expect(readFileSync(path.join(out, 'masks.jsonl'), 'utf8')).toBe('new');
    expect(existsSync(path.join(out, 'extra.txt'))).toBe(false);
    expect(readdirSync(folder)).toEqual(['r']);
  });

  it('never overwrites a folder with other things in it, nor a file', async () => {
    const out = path.join(folder, 'photos');
    mkdirSync(out);
    await expect(checkOutFolder(out)).resolves.toBeUndefined();
    writeFileSync(path.join(out, 'a.jpg'), 'x');
    await expect(writeOutFolder(out, fillResult('x'))).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('is not overwritten') });
    expect(readdirSync(out)).toEqual(['a.jpg']);
    await expect(checkOutFolder(path.join(out, 'a.jpg'))).rejects.toMatchObject({ failure: 'BadConfig' });
  });

  it('leaves nothing behind, and the former result in place, when writing fails', async () => {
    const out = path.join(folder, 'r');
    await writeOutFolder(out, fillResult('old'));
    const failing = writeOutFolder(out, async () => {
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(readdirSync(folder)).toEqual(['r']);
    expect(readFileSync(path.join(out, 'masks.jsonl'), 'utf8')).toBe('old');
  });

  it('is named after the video', () => {
    expect(defaultOutName('my.film.mp4')).toBe('my.film-vamg');
    expect(defaultOutName('.mp4')).toBe('video-vamg');
  });
});

describe('job records', () => {
  const record: JobRecord = { schemaVersion: 1, id: 'a-1', input: '/v.mp4', videoName: 'v.mp4', videoId: 'f'.repeat(64), out: '/o', job: { key: 'v1/data/x', sha256: 'a'.repeat(64), bytes: 1 }, store: 's', createdAtMs: 5, state: 'unfinished', ownerPid: null };

  it('come back newest first, and damaged ones are passed over', async () => {
    const records = new JobRecords(folder);
    await records.save(record);
    await records.save({ ...record, id: 'b-2', createdAtMs: 9 });
    writeFileSync(path.join(folder, 'jobs', 'c.json'), '{');
    expect((await records.all()).map((one) => one.id)).toEqual(['b-2', 'a-1']);
    await expect(records.need('zzz')).rejects.toMatchObject({ failure: 'NotFound' });
  });

  it('know whether the process that runs the workers lives', () => {
    expect(isOwned({ ownerPid: null })).toBe(false);
    expect(isOwned({ ownerPid: process.ppid })).toBe(true);
    expect(isOwned({ ownerPid: 2 ** 22 + 1 })).toBe(false);
  });
});

describe('job names', () => {
  it.each([
    ['My Film (1).mp4', 'my-film-1'],
    ['Ärger über Öl.mov', 'a-rger-u-ber-o-l'],
    ['日本.mp4', 'video'],
    ['--.mkv', 'video'],
    [`${'x'.repeat(90)}.mp4`, 'x'.repeat(40)],
  ])('make %p into %p', (name, cleaned) => expect(cleanName(name)).toBe(cleaned));
});
