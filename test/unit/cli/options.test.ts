import { Command } from 'commander';
import { VamgError } from '../../../contracts/errors';
import { segmentOptionsSchema } from '../../../contracts/segment-options';
import { flagSpecs, kebabCase } from '../../../cli/options/flag-spec';
import { addSegmentFlags, readSegmentFlags } from '../../../cli/options/segment-flags';
import { resolveOptions } from '../../../cli/options/resolve-options';

function parse(...args: string[]): Record<string, unknown> {
  const command = addSegmentFlags(new Command('segment')).exitOverride().configureOutput({ writeErr: () => undefined });
  command.parse(args, { from: 'user' });
  return readSegmentFlags(command.opts());
}

function resolve(args: string[], env: NodeJS.ProcessEnv = {}) {
  return resolveOptions({ flags: parse(...args), env });
}

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(VamgError);
    expect((error as VamgError).failure).toBe('BadConfig');
    return (error as VamgError).message;
  }
  throw new Error('nothing was thrown');
}

describe('flags made from the schemas', () => {
  it('have a flag for every parameter of the mask generator by its SAM name', () => {
    const help = addSegmentFlags(new Command('segment')).helpInformation();
    for (const flag of ['--points-per-side', '--points-per-batch', '--pred-iou-thresh', '--stability-score-thresh', '--stability-score-offset', '--mask-threshold', '--box-nms-thresh', '--crop-n-layers', '--crop-nms-thresh', '--crop-overlap-ratio', '--crop-n-points-downscale-factor', '--point-grids', '--min-mask-region-area', '--use-m2m', '--multimask-output'])
      expect(help).toContain(`${flag} `);
  });

  it('turn camel case into dashes, letter by letter', () => {
    expect(kebabCase('cropNLayers')).toBe('crop-n-layers');
    expect(kebabCase('useM2m')).toBe('use-m2m');
  });

  it('give only what the user gave', () => {
    expect(parse()).toEqual({ amg: {}, tracking: {}, planning: {}, output: {} });
    expect(parse('--min-area', '50', '--no-overlay', '--preset', 'draft')).toEqual({ preset: 'draft', amg: {}, tracking: { minArea: 50 }, planning: {}, output: { overlay: false } });
  });

  it.each([
    [['--points-per-side', 'abc'], "--points-per-side must be a whole number from 1 to 128, got 'abc'."],
    [['--points-per-side', '0'], "--points-per-side must be a whole number from 1 to 128, got '0'."],
    [['--points-per-side', '3.5'], "--points-per-side must be a whole number from 1 to 128, got '3.5'."],
    [['--pred-iou-thresh', '1.5'], "--pred-iou-thresh must be a number from 0 to 1, got '1.5'."],
    [['--end', '0'], "--end must be a number above 0, got '0'."],
    [['--start', '-1'], "--start must be a number, 0 or more, got '-1'."],
    [['--preset', 'best'], "--preset must be one of draft, balanced, quality, got 'best'."],
    [['--model', '../x'], "--model must be a plain name (lower-case letters, digits, dots, dashes), got '../x'."],
    [['--max-objects', '1e999'], "--max-objects must be a whole number from 1 to 100000, got '1e999'."],
    [['--max-objects', ''], "--max-objects must be a whole number from 1 to 100000, got ''."],
  ])('answer %p with the allowed values in a sentence', (args, sentence) => {
    expect(failure(() => parse(...args))).toBe(sentence);
  });

  it('cover every field of the schemas', () => {
    expect(flagSpecs(segmentOptionsSchema).map((spec) => spec.key)).toEqual(['preset', 'model', 'device', 'inputSize']);
  });
});

describe('resolving options', () => {
  const source = (resolved: ReturnType<typeof resolve>, flag: string) => resolved.sourced.find((option) => option.flag === flag)!;

  it('takes the flag before the environment before the preset before the default', () => {
    const flag = resolve(['--points-per-side', '5', '--preset', 'draft'], { VAMG_POINTS_PER_SIDE: '6' });
    expect(source(flag, '--points-per-side')).toMatchObject({ value: 5, source: 'flag' });
    const env = resolve(['--preset', 'draft'], { VAMG_POINTS_PER_SIDE: '6' });
    expect(source(env, '--points-per-side')).toMatchObject({ value: 6, source: 'env' });
    const preset = resolve(['--preset', 'draft']);
    expect(source(preset, '--points-per-side')).toMatchObject({ value: 12, source: 'preset' });
    expect(source(preset, '--input-size')).toMatchObject({ value: 512, source: 'preset' });
    expect(source(preset, '--min-area')).toMatchObject({ value: 200, source: 'default' });
  });

  it('takes the preset itself from the environment', () => {
    expect(resolve([], { VAMG_PRESET: 'quality' }).options.inputSize).toBe(1024);
  });

  it('names the environment variable whose value cannot be used', () => {
    expect(failure(() => resolve([], { VAMG_DETECT_EVERY: 'often' }))).toBe("VAMG_DETECT_EVERY must be a whole number from 1 to 1000, got 'often'.");
  });

  it('refuses options that do not fit together', () => {
    expect(failure(() => resolve(['--start', '5', '--end', '4']))).toBe('--end (4) must be later than --start (5).');
    expect(failure(() => resolve(['--chunk-frames', '20', '--overlap-frames', '10']))).toContain('less than half of --chunk-frames');
    expect(failure(() => resolve(['--points-per-side', 'none']))).toContain('--point-grids');
    expect(failure(() => resolve(['--only-prompted', '--tracker', 'iou']))).toContain('use --tracker memory or prompt');
  });
});
