import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkOutFolder } from '../../../cli/job/out-folder';
import { main } from '../../../cli/main';
import { FolderDestination } from '../../../adapters/archive/folder-destination';
import { stitchReportSchema } from '../../../contracts/stitch-report';
import { resultFolderName } from '../../../core/planning/archive-names';
import { trickyResult, writeResultFolder } from '../../support/result-folder';
import { writeResultFiles } from '../../support/viewer-result';
import { writeViewer } from '../../../viewer/write-viewer';

let out = '';
let err = '';
let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);
const text = (...names: string[]): string => readFileSync(at(...names), 'utf8');
const json = <T>(...names: string[]): T => JSON.parse(text(...names)) as T;
const run = async (...args: string[]): Promise<number> => {
  out = err = '';
  return await main(['edit', at('film'), ...args]);
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'vamg-edit-test-'));
  writeResultFolder(at('film'), trickyResult());
  jest.spyOn(process.stdout, 'write').mockImplementation((part) => ((out += String(part)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((part) => ((err += String(part)), true));
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true, force: true });
});

interface Line {
  readonly frame: number;
  readonly objects: readonly { readonly id: number }[];
}
const idsByFrame = (): Record<string, number[]> => Object.fromEntries(text('film', 'masks.jsonl').trim().split('\n').map((line) => JSON.parse(line) as Line).map(({ frame, objects }) => [frame, objects.map(({ id }) => id)]));

describe('vamg edit', () => {
  it('changes masks, figures and labels, and says what it did', async () => {
    expect(await run('merge', '1', '2', '--json')).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ objectsBefore: 7, objects: 6, editsInForce: 1, overlay: 'none', page: false, edits: [{ number: 1, edit: { edit: 'merge', ids: [1, 2], into: 1 }, changed: { masks: 8, unitedFrames: 8 }, objects: 6 }] });
    expect(await run('split', '3', '--at', '18')).toBe(0);
    expect(out).toContain('Edit 2: split 3: from frame 18 on it is 13');
    expect(await run('label', '13', 'lorry')).toBe(0);
    expect(await run('delete', '9', '10')).toBe(0);
    expect(idsByFrame()).toEqual({ 6: [1, 3, 7], 9: [1, 3, 7], 12: [1, 7], 15: [1, 3, 7], 18: [1, 7], 21: [1, 7], 24: [], 27: [1, 7, 13], 30: [1, 7, 12, 13] });
    const { objects, counts, edits } = json<{ objects: { id: number; label?: string; firstFrame: number }[]; counts: object; edits: number }>('film', 'result.json');
    expect(objects.map(({ id, label, firstFrame }) => [id, label, firstFrame])).toEqual([[1, undefined, 6], [3, 'car "A" & <B>, é', 6], [7, 'object', 6], [12, undefined, 30], [13, 'lorry', 27]]);
    expect([counts, edits]).toEqual([{ objects: 5, masks: 22 }, 4]);
    expect(text('film', 'edits.jsonl').trim().split('\n')).toHaveLength(4);
  });

  it('goes back to the very bytes of the original, and keeps the log of it', async () => {
    const before = ['masks.jsonl', 'result.json'].map((name) => text('film', name));
    expect(await run('split', '1', '--at', '0.5s')).toBe(0);
    expect(await run('rename', '13', '40')).toBe(0);
    expect(await run('undo')).toBe(0);
    expect(out).toContain('took back edit 2');
    expect(await run('rename', '7', '40')).toBe(2);
    expect(err).toMatch(/Number 40 is or was another object's/);
    expect(await run('undo')).toBe(0);
    expect(['masks.jsonl', 'result.json'].map((name) => text('film', name))).toEqual(before);
    expect(await run('undo')).toBe(2);
    expect(err).toMatch(/nothing to undo/);
    expect(await run('split', '1', '--at', '15')).toBe(0);
    expect(out).toContain('from frame 15 on it is 41');
    expect(await run('log', '--json')).toBe(0);
    expect((JSON.parse(out) as { edits: object[] }).edits).toMatchObject([{ number: 1, undone: true }, { number: 2, undone: true }, { edit: { edit: 'undo', number: 2 } }, { edit: { edit: 'undo', number: 1 } }, { number: 5, undone: false }]);
    expect(await run('log')).toBe(0);
    expect(out).toMatch(/renamed 13 to 40 \(taken back\)/);
  });

  it('writes exports again, keeps files it does not know, and leaves nothing beside', async () => {
    expect(await main(['export', at('film'), '--format', 'coco,mot'])).toBe(0);
    mkdirSync(at('film', 'exports', 'mine'));
    writeFileSync(at('film', 'exports', 'mine', 'a.txt'), 'precious');
    writeFileSync(at('film', 'overlay.mp4'), 'a film');
    cpSync(at('film', 'exports', 'mot', 'frames.csv'), at('film', 'exports', 'cut-outs-png', 'frames.csv'));
    expect(await run('delete', '1')).toBe(0);
    expect(out).toContain('Exports written again: coco, mot.');
    // Made from the video, which an edit does not have.
    expect(err).toMatch(/Of the objects as they were before: cut-outs-png; `vamg export .* --force` makes them again\./);
    expect(existsSync(at('film', 'exports', 'cut-outs-png', 'frames.csv'))).toBe(true);
    expect(err).toMatch(/overlay\.mp4 shows the IDs as they were before; `vamg edit .* --video <the video>`/);
    const { annotations } = json<{ annotations: { track_id: number }[] }>('film', 'exports', 'coco', 'annotations', 'instances_default.json');
    expect(new Set(annotations.map(({ track_id }) => track_id))).toEqual(new Set([2, 3, 7, 9, 10, 12]));
    expect(text('film', 'exports', 'mine', 'a.txt')).toBe('precious');
    expect(readdirSync(folder)).toEqual(['film']);
    expect(readdirSync(at('film')).sort()).toEqual(['edits.jsonl', 'exports', 'masks.jsonl', 'original', 'overlay.mp4', 'result.json']);
  });

  it('does several edits of a file, all or none', async () => {
    const before = text('film', 'masks.jsonl');
    writeFileSync(at('e.json'), JSON.stringify({ edits: [{ edit: 'delete', ids: [9] }, { edit: 'rename', id: 9, to: 50 }] }));
    expect(await run('--file', at('e.json'))).toBe(2);
    expect(err).toMatch(/Edit 2 \(rename\) of 2: object 9 is no longer there/);
    expect([text('film', 'masks.jsonl'), existsSync(at('film', 'original'))]).toEqual([before, false]);
    writeFileSync(at('e.json'), JSON.stringify({ edits: [{ edit: 'split', id: 1, at: 12 }, { edit: 'split', id: 13, at: '21' }, { edit: 'merge', ids: [1, 14] }, { edit: 'label', id: 13, label: 'x' }] }));
    expect(await run('--file', at('e.json'))).toBe(0);
    expect(Object.entries(idsByFrame()).map(([, ids]) => ids.filter((id) => [1, 13, 14].includes(id)))).toEqual([[1], [1], [13], [13], [13], [1], [], [1], [1]]);
    writeFileSync(at('e.json'), JSON.stringify({ edits: [{ edit: 'split', id: 1, at: 'noon' }] }));
    expect(await run('--file', at('e.json'))).toBe(2);
    expect(err).toMatch(/--file .*e\.json cannot be used at edits\[0\]\.at: /);
  });

  it('makes the page and the stitch report fit', async () => {
    mkdirSync(at('paged'));
    const paths = await writeResultFiles(at('paged'));
    await writeViewer(paths);
    const page = text('paged', 'index.html');
    expect(await main(['edit', at('paged'), 'merge', '2', '3'])).toBe(0);
    const report = stitchReportSchema.parse(json('paged', 'stitch-report.json'));
    expect(report.joins[1]).toMatchObject({ leftGlobalId: 2, rightGlobalId: 2, decision: 'joined' });
    expect(text('paged', 'index.html')).not.toBe(page);
    expect(await main(['edit', at('paged'), 'undo'])).toBe(0);
    expect(text('paged', 'index.html')).toBe(page);
  });

  it('puts back a folder that a killed edit had taken away', async () => {
    expect(await run('delete', '1')).toBe(0);
    const former = at('film.former-0123abcd');
    renameSync(at('film'), former);
    utimesSync(former, 1, 1);
    expect(await run('log')).toBe(0);
    expect(out).toContain('deleted 1');
    renameSync(at('film'), former);
    expect(await run('undo')).toBe(0);
    expect(readdirSync(folder)).toEqual(['film']);
  });

  it('leaves the folder as it was when something fails on the way', async () => {
    writeFileSync(at('film', 'stitch-report.json'), '{}');
    const before = statSync(at('film')).ino;
    expect(await run('delete', '1')).toBe(1);
    expect(err).toMatch(/stitch-report\.json in .* is damaged/);
    expect([statSync(at('film')).ino, readdirSync(folder)]).toEqual([before, ['film']]);
  });

  it('refuses a trail without its original, and a damaged one', async () => {
    expect(await run('delete', '1')).toBe(0);
    rmSync(at('film', 'original'), { recursive: true });
    expect(await run('delete', '2')).toBe(1);
    expect(err).toMatch(/holds edits\.jsonl but not original\//);
    writeFileSync(at('film', 'edits.jsonl'), '{"number":1}\n');
    expect(await run('undo')).toBe(1);
    expect(err).toMatch(/edits\.jsonl of this result is damaged \(line 1\)/);
  });

  it('keeps a result with edits from being replaced', async () => {
    await expect(checkOutFolder(at('film'))).resolves.toBeUndefined();
    expect(await run('delete', '1')).toBe(0);
    await expect(checkOutFolder(at('film'))).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('corrected by hand (1 edit,') });
    await expect(checkOutFolder(at('film'), true)).resolves.toBeUndefined();
    // What comes has the same edits, and perhaps more: nothing would be lost.
    const trail = text('film', 'edits.jsonl');
    for (const coming of [trail, `${trail}${trail}`]) await expect(checkOutFolder(at('film'), false, coming)).resolves.toBeUndefined();
    for (const coming of [trail.slice(0, -1), trail.replace('[1]', '[2]')]) await expect(checkOutFolder(at('film'), false, coming)).rejects.toMatchObject({ failure: 'BadConfig' });
    out = err = '';
    expect(await main(['restitch', at('film')])).toBe(2);
    expect(err).toMatch(/corrected by hand/);
    renameSync(at('film'), at(resultFolderName('film.mp4')));
    await expect(new FolderDestination(folder).publish('film.mp4', new Map())).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('corrected by hand') });
    renameSync(at(resultFolderName('film.mp4')), at('film'));
    expect(await run('undo')).toBe(0);
    await expect(checkOutFolder(at('film'))).resolves.toBeUndefined();
  });

  it.each([
    [[], /Say what to do: merge, split/],
    [['join', '1', '2'], /There is no edit "join"; it is one of merge/],
    [['merge', '1'], /Write `merge A B \[C…\] \[--into ID\]`/],
    [['split', '1'], /Write `split ID --at FRAME\|TIME`/],
    [['split', '1', '--at', 'noon'], /--at must be a frame \(40\), seconds \(3\.5s\) or a time/],
    [['split', '1', '--at', '6'], /Object 1 is seen from frame 6 to 30, so frame 6 does not split it/],
    [['split', '1', '--at', '400'], /so frame 400 does not split it/],
    [['merge', '1', 'x'], /"x" is not the ID of an object/],
    [['merge', '3', '3'], /Object 3 is named twice/],
    [['delete', '99'], /There is no object 99/],
    [['delete', '1', '--into', '2'], /--into belongs to merge/],
    [['rename', '1', '9999999'], /NEW /],
    [['label', '1', 'two\nlines'], /name must be one line of text/],
    [['undo', '3'], /undo takes back the last edit/],
    [['undo', '--file', 'x.json'], /either --file or undo/],
    [['--file', 'no-such.json'], /cannot be read; check the path/],
    [['delete', '1', '--video', 'no-such.mp4'], /does not exist/],
  ])('answers %j with one sentence and changes nothing', async (args, sentence) => {
    const code = await run(...args);
    expect(err).toMatch(sentence);
    expect(code).toBe(args.includes('--video') ? 1 : 2);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(existsSync(at('film', 'edits.jsonl'))).toBe(false);
  });

  it.each([
    [['edit'], 2, /Name a result folder, or a job with --job/],
    [['edit', '--job', 'no-such-job', 'delete', '1'], 2, /There is no job no-such-job here/],
    [['edit', '--job', 'no-such-job', 'log'], 2, /There is no job no-such-job here/],
    [['edit', '--job', 'Not an ID', 'undo'], 2, /A job ID is 1 to 64/],
    [['edit', '--job', 'a', 'merge', '1'], 2, /Write `merge A B/],
    [['edit', 'merge', '1', '2', '--job', 'a', '--video', 'x.mp4'], 2, /--video draws overlay\.mp4 in a folder/],
    [['edit', 'film', 'merge', '1', '2', '--job', 'a'], 2, /There is no edit "film"/],
    [['edit', '--job', 'a'], 2, /Say what to do/],
  ])('answers %j with one sentence', async (args, exitCode, sentence) => {
    out = err = '';
    const home = process.env['VAMG_HOME'];
    process.env['VAMG_HOME'] = at('home');
    try {
      expect([await main(args), err]).toEqual([exitCode, expect.stringMatching(sentence)]);
    } finally {
      if (home === undefined) delete process.env['VAMG_HOME'];
      else process.env['VAMG_HOME'] = home;
    }
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('says with --help what every edit does', async () => {
    expect(await main(['edit', '--help'])).toBe(0);
    for (const word of ['merge A B', 'split ID --at', 'delete ID…', 'rename OLD NEW', 'label ID', 'undo', 'log', '--job', 'Examples:']) expect(out).toContain(word);
  });
});
