import { readFileSync } from 'node:fs';
import path from 'node:path';
import { allCommands, readCommandTree } from '../../../cli/completion/command-tree';
import { createProgram } from '../../../cli/program';

const COMMANDS = allCommands(readCommandTree(createProgram()));

/** Every `vamg …` of a page: lines of code blocks, and words in backticks. */
function commandLines(page: string): string[] {
  const text = readFileSync(path.join(__dirname, '../../../docs', page), 'utf8');
  return [...text.matchAll(/(?:^|`)vamg ([a-z][^`\n#]*)/gm)].map((match) => match[1]!.trim());
}

describe('commands in the documents for beginners', () => {
  const lines = ['tutorial.md', 'comparison.md', 'library.md'].flatMap(commandLines);

  it('are there to be checked', () => expect(lines.length).toBeGreaterThan(10));

  it.each(lines)('vamg %s: the command and its options exist', (line) => {
    const [name, ...words] = line.split(/\s+/);
    const command = COMMANDS.find(({ path: at }) => at === name);
    expect(command?.name).toBe(name);
    const known = command!.options.flatMap(({ names }) => names);
    expect(words.filter((word) => word.startsWith('--') && !known.includes(word))).toEqual([]);
  });
});
