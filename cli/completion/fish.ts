import { stepArms } from './bash';
import { allCommands, type CompletedCommand, type CompletedOption } from './command-tree';

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** Script for fish, with a description of every command and option. */
export function fishScript(tree: CompletedCommand): string {
  const lines = allCommands(tree).flatMap(({ path, options, subcommands, choices }) => {
    const start = `complete -c vamg -n ${quote(`__vamg_at ${quote(path)}`)}`;
    return [
      ...subcommands.map(({ name, description }) => `${start} -f -a ${name} -d ${quote(description)}`),
      ...choices.map((choice) => `${start} -f -a ${choice}`),
      ...options.map((option) => `${start} ${optionFlags(option)}`),
    ];
  });
  return `# fish completion of vamg; made by \`vamg completion fish\`.
function __vamg_at --description 'whether the words so far name this command'
    set -l command ''
    for word in (commandline -opc)[2..-1]
        switch "$command:$word"
${stepArms(tree, (path) => `set command ${quote(path)}`, (pattern, body) => `            case ${quote(pattern)}\n                ${body}`).join('\n')}
        end
    end
    test "$command" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function optionFlags({ names, takesValue, choices, description }: CompletedOption): string {
  const parts = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  if (choices.length > 0) parts.push(`-x -a ${quote(choices.join(' '))}`);
  else if (takesValue) parts.push('-r');
  return [...parts, `-d ${quote(description)}`].join(' ');
}
