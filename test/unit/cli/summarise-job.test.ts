import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SegmentVideoResult } from '../../../contracts/messages';
import type { JobRecord } from '../../../cli/job/job-record';
import { tellWhereToLook } from '../../../cli/job/summarise-job';
import type { Output } from '../../../cli/output/output';

let out: string;
let script: string | undefined;
beforeEach(() => {
  out = mkdtempSync(path.join(tmpdir(), 'vamg-look-'));
  script = process.env['npm_lifecycle_event'];
});
afterEach(() => {
  rmSync(out, { recursive: true, force: true });
  if (script === undefined) delete process.env['npm_lifecycle_event'];
  else process.env['npm_lifecycle_event'] = script;
});

async function told(lifecycle: string | undefined): Promise<string[]> {
  if (lifecycle === undefined) delete process.env['npm_lifecycle_event'];
  else process.env['npm_lifecycle_event'] = lifecycle;
  const lines: string[] = [];
  const output: Output = { isJson: false, line: (text = '') => void lines.push(text), note: () => undefined, json: () => undefined };
  await tellWhereToLook(output, { out, videoName: 'film.mp4' } as JobRecord, { objects: 3, frames: 9 } as SegmentVideoResult);
  return lines;
}

describe('where to look', () => {
  it('names the command that works where the user is: in a clone there is no vamg', async () => {
    writeFileSync(path.join(out, 'index.html'), '');
    expect((await told('start'))[1]).toMatch(/`npm start -- view .*`$/);
    expect((await told(undefined))[1]).toMatch(/`vamg view .*`$/);
  });

  it('names no page and no film where there are none', async () => {
    const lines = await told(undefined);
    expect(lines[0]).toBe('3 objects in 9 frames of film.mp4.');
    expect(lines.slice(1)).toEqual([expect.stringContaining('masks.jsonl')]);
  });
});
