import type { SegmentProgress } from '../../../contracts/messages';
import { RateMeter } from '../../../core/pipeline/rate-meter';
import { chunkMap, durationWords, paceWords, phaseWords } from '../../../cli/progress/describe-progress';
import { createProgressView, plainLine } from '../../../cli/progress/progress-view';
import { Interrupted, sayError } from '../../../cli/output/exit-error';
import { VamgError } from '../../../contracts/errors';

const progress: SegmentProgress = { phase: 'chunks', paused: false, chunkCount: 3, chunks: 'Ttw', positions: 240, positionsDone: 0, objects: null, startedAtMs: 0 };

describe('progress in words', () => {
  it('names the phase, and says when it is paused', () => {
    expect(phaseWords(progress)).toBe('finding and following objects');
    expect(phaseWords({ ...progress, paused: true })).toContain('paused');
  });

  it('squeezes many chunks to a few letters that show the least advanced', () => {
    expect(chunkMap('Ttw')).toBe('Tt.');
    expect(chunkMap('DDDDDDDw', 4)).toBe('DDD.');
    expect(chunkMap('D'.repeat(1000), 32)).toBe('D'.repeat(32));
  });

  it('counts the rate over the last while, and says nothing before it knows', () => {
    const rate = new RateMeter();
    rate.add(0, 0);
    expect(rate.framesPerSecond()).toBe(0);
    rate.add(10_000, 20);
    expect(rate.framesPerSecond()).toBe(2);
    expect(paceWords(progress, 120, 2)).toBe('2.0 frames/s, about 1 min 00 s left');
    expect(paceWords(progress, 120, 0)).toBe('');
  });

  it.each([[12, '12 s'], [200, '3 min 20 s'], [3900, '1 h 05 min']])('says %d seconds as %p', (seconds, words) => expect(durationWords(seconds)).toBe(words));

  it('writes plain lines at changes of phase and about every ten seconds, not more', () => {
    const lines: string[] = [];
    let now = 0;
    const view = createProgressView({ isJson: false, line: () => undefined, json: () => undefined, note: (text) => lines.push(text) }, false, () => now);
    for (; now <= 25_000; now += 1000) view.show(progress, now / 50_000);
    view.show({ ...progress, phase: 'match' }, 1);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe(plainLine(progress, 0, 0));
  });
});

describe('errors in words', () => {
  it('takes the exit code from the catalogue, also through causes', () => {
    expect(sayError(new VamgError('SetupMissing', 'No ffmpeg.'))).toEqual({ failure: 'SetupMissing', message: 'No ffmpeg.', exitCode: 3 });
    expect(sayError(new Error('outer', { cause: new VamgError('PoisonVideo', 'Bad.') }))).toMatchObject({ failure: 'PoisonVideo', exitCode: 1 });
    expect(sayError(Object.assign(new Error('from the server'), { type: 'PoisonChunk' }))).toMatchObject({ failure: 'PoisonChunk', exitCode: 1 });
  });

  it('ends an interrupted command with 130', () => {
    expect(sayError(new Interrupted('How to go on.'))).toMatchObject({ failure: 'Interrupted', exitCode: 130 });
  });

  it('says one line about a bug, without a stack trace', () => {
    const said = sayError(new TypeError('x is not a function\n    at foo'));
    expect(said).toMatchObject({ failure: 'Internal', exitCode: 1 });
    expect(said.message).not.toContain('\n');
  });
});
