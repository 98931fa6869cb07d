import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rleArea, rleEquals } from '../../../core/mask/rle';
import { maskOf, openResult } from '../../../lib/results';
import { trickyResult, writeResultFolder } from '../../support/result-folder';

describe('reading a result', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vamg-read-'));
  const made = trickyResult();
  const summaryFile = path.join(folder, 'result.json');
  const masksFile = path.join(folder, 'masks.jsonl');
  beforeEach(() => writeResultFolder(folder, made));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const change = (edit: (summary: Record<string, unknown>) => void): void => {
    const summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as Record<string, unknown>;
    edit(summary);
    writeFileSync(summaryFile, JSON.stringify(summary));
  };

  it('gives every mask as it was written, as often as it is asked', async () => {
    const result = await openResult(folder);
    for (let pass = 0; pass < 2; pass++) {
      let position = 0;
      for await (const frame of result.frames()) {
        const masks = made.frames[position]!;
        expect(frame.frame).toBe(6 + 3 * position);
        expect(frame.objects.map(({ id }) => id).sort((a, b) => a - b)).toEqual([...masks.keys()].sort((a, b) => a - b));
        for (const object of frame.objects) {
          expect(rleEquals(maskOf(object), masks.get(object.id)!)).toBe(true);
          expect(object.area).toBe(rleArea(masks.get(object.id)!));
        }
        position++;
      }
      expect(position).toBe(made.frames.length);
    }
    expect(result.summary.objects.find(({ id }) => id === 12)).toMatchObject({ firstFrame: 30, lastFrame: 30, frames: 1 });
    expect(result.summary.objects.find(({ id }) => id === 3)?.label).toBe('car "A" & <B>, é');
  });

  it('gives what it knows of a result that does not say where its chunks meet, and of one that does', async () => {
    expect((await openResult(folder)).summary.stitch).toBeNull();
    change((summary) => (summary['stitch'] = { seams: [{ frame: 60, sharedFrom: 44 }], joined: 2 }));
    expect((await openResult(folder)).summary.stitch).toEqual({ seams: [{ frame: 60, sharedFrom: 44 }] });
  });

  it('stops at the first damaged line and says which', async () => {
    writeFileSync(masksFile, `${readFileSync(masksFile, 'utf8').split('\n').slice(0, 2).join('\n')}\n{"frame": -1}\n`);
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { frame } of (await openResult(folder)).frames()) seen.push(frame);
    };
    await expect(read()).rejects.toMatchObject({ failure: 'CorruptArtifact', message: expect.stringContaining('Line 3 of') as unknown });
    expect(seen).toEqual([6, 9]);
  });

  it('refuses a folder that is no result, a summary that is not JSON, and one of another form', async () => {
    await expect(openResult(path.join(folder, 'none'))).rejects.toMatchObject({ failure: 'NotFound' });
    await expect((await openResult(folder)).stitchReport()).rejects.toMatchObject({ failure: 'NotFound' });
    writeFileSync(summaryFile, '{');
    await expect(openResult(folder)).rejects.toMatchObject({ failure: 'CorruptArtifact', message: expect.stringContaining('not valid JSON') as unknown });
    writeResultFolder(folder, made);
    change((summary) => (summary['objects'] = [{ id: 0 }]));
    await expect(openResult(folder)).rejects.toMatchObject({ failure: 'CorruptArtifact' });
  });
});
