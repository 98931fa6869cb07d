import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { readImageRgb } from '../../../adapters/png/png';
import { registerImageCommand } from '../../../cli/commands/image';
import { cocoStringToRle } from '../../../core/mask/rle-string';
import { rleArea } from '../../../core/mask/rle';

const PICTURE = join(__dirname, '../../fixtures/frames/cars.png');
const QUICK = ['--preset', 'draft', '--points-per-side', '3', '--device', 'cpu'];

let folder: string;
let printed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vamg-image-'));
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function runImage(...args: string[]): Promise<unknown> {
  const program = new Command('vamg').exitOverride();
  registerImageCommand(program);
  return program.parseAsync(['image', ...args], { from: 'user' });
}

describe('vamg image', () => {
  it("writes SAM's records, an overlay, and one JSON document on stdout", async () => {
    const out = join(folder, 'result');
    await runImage(PICTURE, ...QUICK, '--out', out, '--json');
    const document = JSON.parse(printed) as { masks: number; width: number; options: { amg: { pointsPerSide: number } } };
    expect(document).toMatchObject({ width: 640, options: { inputSize: 512, amg: { pointsPerSide: 3, predIouThresh: 0.82 } } });
    const records = JSON.parse(readFileSync(join(out, 'masks.json'), 'utf8')) as { area: number; segmentation: { size: [number, number]; counts: string } }[];
    expect(records).toHaveLength(document.masks);
    expect(records.length).toBeGreaterThan(0);
    expect(Object.keys(records[0]!)).toEqual(['segmentation', 'area', 'bbox', 'predicted_iou', 'point_coords', 'stability_score', 'crop_box']);
    const { size, counts } = records[0]!.segmentation;
    expect(rleArea(cocoStringToRle(counts, size[1], size[0]))).toBe(records[0]!.area);
    expect(await readImageRgb(join(out, 'overlay.png'))).toMatchObject({ width: 640, height: 360 });
  });

  it('writes one PNG per mask and the table of SAM in binary_mask mode, over an earlier result', async () => {
    await runImage(PICTURE, ...QUICK, '--out', folder + '/result');
    await runImage(PICTURE, ...QUICK, '--output-mode', 'binary_mask', '--out', join(folder, 'result'));
    const lines = readFileSync(join(folder, 'result/metadata.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toMatch(/^id,area,bbox_x0,.*,crop_box_h$/);
    const masks = readdirSync(join(folder, 'result/masks'));
    expect(masks).toHaveLength(lines.length - 1);
    const mask = await readImageRgb(join(folder, 'result/masks/0.png'));
    expect(mask.data.reduce((sum, value) => sum + value, 0) / 765).toBe(Number(lines[1]!.split(',')[1]));
    expect(readdirSync(folder)).toEqual(['result']);
  });

  it('leaves folders with other files alone, and says what is wrong with flags', async () => {
    writeFileSync(join(folder, 'letter.txt'), 'dear');
    await expect(runImage(PICTURE, ...QUICK, '--out', folder)).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('other files') });
    await expect(runImage(PICTURE, '--pred-iou-thresh', '2')).rejects.toThrow();
    await expect(runImage(join(folder, 'letter.txt'), ...QUICK)).rejects.toMatchObject({ failure: 'PoisonImage' });
    await expect(runImage(PICTURE, '--input-size', '600', '--out', join(folder, 'x'))).rejects.toThrow('it offers 512, 768, 1024');
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });
});
