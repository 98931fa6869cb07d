import { Argument, type Command } from 'commander';
import { EXPORT_FORMATS } from '../../adapters/export/registry';
import { FILM_FORMATS } from '../../adapters/film-export/registry';
import { bashScript } from '../completion/bash';
import { readCommandTree, type CompletedCommand, type KnownValues } from '../completion/command-tree';
import { fishScript } from '../completion/fish';
import { zshScript } from '../completion/zsh';
import { createOutput } from '../output/output';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const satisfies Record<string, (tree: CompletedCommand) => string>;

const KNOWN: KnownValues = { 'export:--format': [...[...EXPORT_FORMATS, ...FILM_FORMATS].map(({ name }) => name), 'all'] };

const EXAMPLES = `
The script completes commands, options, and the values of options that have a list of them; files elsewhere. It is for the
command \`vamg\` (\`npm install --global\` of this package, or \`npm link\` in a clone), not for \`npm start --\`.

Examples:
  source <(vamg completion bash)                                        this shell only; put it into ~/.bashrc to keep it
  vamg completion bash > ~/.local/share/bash-completion/completions/vamg    bash, for good, where bash-completion is there
  vamg completion zsh > "\${fpath[1]}/_vamg"                             zsh: once, before compinit; then a new shell
  vamg completion fish > ~/.config/fish/completions/vamg.fish           fish`;

export function registerCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('Print a script that completes vamg in your shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', EXAMPLES)
    .action((shell: keyof typeof SCRIPTS) => createOutput(false).line(SCRIPTS[shell](readCommandTree(program, KNOWN)).trimEnd()));
}
