import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXPORT_FORMATS } from '../../../adapters/export/registry';
import { FILM_FORMATS } from '../../../adapters/film-export/registry';
import { main } from '../../../cli/main';
import { createProgram } from '../../../cli/program';

async function scriptFor(shell: string): Promise<string> {
  let text = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((part) => ((text += String(part)), true));
  try {
    expect(await main(['completion', shell])).toBe(0);
  } finally {
    write.mockRestore();
  }
  return text;
}

describe('shell completion', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vamg-completion-'));
  const file = (shell: string): string => path.join(folder, `vamg.${shell}`);
  beforeAll(async () => {
    for (const shell of ['bash', 'zsh', 'fish']) writeFileSync(file(shell), await scriptFor(shell));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What a real bash offers for the last of these words; bash itself has taken --option=value apart. */
  function complete(...words: string[]): string[] {
    const program = `source "$1"; shift; COMP_WORDS=(vamg "$@"); COMP_CWORD=$#; "$(complete -p vamg | sed 's/.*-F \\([^ ]*\\) .*/\\1/')"; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const lines = execFileSync('bash', ['--norc', '-c', program, 'bash', file('bash'), ...words], { encoding: 'utf8' }).split('\n');
    return lines.filter((line) => line !== '');
  }

  it('offers every command, and those that begin with what is typed', () => {
    const names = createProgram().commands.map((command) => command.name());
    expect(complete('')).toEqual(expect.arrayContaining(names));
    expect(complete('re').sort()).toEqual(['restitch', 'resume']);
    expect(complete('models', '')).toEqual(expect.arrayContaining(['list', 'pull', 'verify', 'add']));
    expect(complete('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('offers the options of the command that is typed, not those of another', () => {
    expect(complete('segment', 'film.mp4', '--points-per-s')).toEqual(['--points-per-side']);
    expect(complete('segment', '--no-ov')).toEqual(['--no-overlay']);
    expect(complete('view', '--points')).toEqual([]);
    expect(complete('config', 'show', '--pres')).toEqual(['--preset']);
    // A value that is the name of a command changes nothing.
    expect(complete('segment', '--out', 'models', '--pres')).toEqual(['--preset']);
  });

  it('offers the values of options that have a list of them, written with a blank or a sign', () => {
    expect(complete('segment', '--preset', '')).toEqual(['draft', 'balanced', 'quality']);
    expect(complete('segment', '--preset', '=')).toEqual(['draft', 'balanced', 'quality']);
    expect(complete('segment', '--preset', '=', 'qu')).toEqual(['quality']);
    expect(complete('segment', 'film.mp4', '--tracker', 'm')).toEqual(['memory']);
    expect(complete('worker', '--role', '')).toEqual(['control', 'media', 'inference', 'all']);
    expect(complete('export', 'film-vamg', '--format', '')).toEqual([...[...EXPORT_FORMATS, ...FILM_FORMATS].map(({ name }) => name), 'all']);
  });

  it('leaves files to bash where any file may stand', () => {
    expect(complete('segment', 'fi')).toEqual([]);
    expect(complete('segment', '--prompts', '')).toEqual([]);
    expect(execFileSync('bash', ['--norc', '-c', 'source "$1"; complete -p vamg', 'bash', file('bash')], { encoding: 'utf8' })).toBe('complete -o default -F _vamg vamg\n');
  });

  // Where these shells are not installed, only the words can be looked at.
  it.each(['zsh', 'fish'])('the script for %s names every command, and that shell can read it', (shell) => {
    const script = execFileSync('cat', [file(shell)], { encoding: 'utf8' });
    for (const command of createProgram().commands) expect(script).toContain(command.name());
    const { status, error, stderr } = spawnSync(shell, ['--no-execute', file(shell)], { encoding: 'utf8' });
    if (error === undefined) expect([status, stderr]).toEqual([0, '']);
  });

  it('another shell is wrong usage', async () => {
    const write = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    expect(await main(['completion', 'csh'])).toBe(2);
    write.mockRestore();
  });
});
