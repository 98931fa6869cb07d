import { callBootstrap } from '../../support/bootstrap';

const needs = (...commandLines: string[]): unknown[] => callBootstrap('needs.mjs', 'needsOf', commandLines.map((line) => [line.split(' ').filter(Boolean)]));
const nothing = { ffmpeg: false, models: false, temporal: false };
const all = { ffmpeg: true, models: true, temporal: true };

describe('what a command needs', () => {
  test('help, versions and local commands need nothing', () => {
    const lines = ['', '--help', 'segment --help', 'help segment', 'segment film.mp4 -h', '--version', 'doctor', 'config show', 'export d --format coco', 'models list', 'bogus'];
    expect(needs(...lines)).toEqual(lines.map(() => nothing));
  });

  test('segmenting needs everything, except weights of another model', () => {
    expect(needs('segment a.mp4', 'demo', 'archive s3://b', 'resume x', '--json segment a.mp4')).toEqual([all, all, all, all, all]);
    expect(needs('segment a.mp4 --model own', 'segment a.mp4 --model=mobilesam')).toEqual([{ ...all, models: false }, all]);
  });

  test('looking at jobs needs the server, one picture the weights', () => {
    expect(needs('status', 'list --json', 'image a.png')).toEqual([{ ...nothing, temporal: true }, { ...nothing, temporal: true }, { ...nothing, models: true }]);
  });

  test('a worker needs what its role needs', () => {
    expect(needs('worker --role control', 'worker --role=media', 'worker --role inference', 'worker')).toEqual([
      { ...nothing, temporal: true },
      { ...nothing, temporal: true, ffmpeg: true },
      all,
      all,
    ]);
  });
});
