import { quote, stepArms } from './bash';
import { allCommands, type CompletedCommand, type CompletedOption } from './command-tree';

/** An entry of _describe: a colon ends the name. */
const entry = (name: string, description: string): string => quote(`${name.replaceAll(':', '\\:')}:${description.replaceAll('\\', '')}`);
const optionEntries = (options: readonly CompletedOption[]): string => options.flatMap(({ names, description }) => names.map((name) => entry(name, description))).join(' ');

/** Script for zsh, with a description of every command and option. */
export function zshScript(tree: CompletedCommand): string {
  const commands = allCommands(tree);
  const values = commands.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ names, choices }) => {
        const body = choices.length === 0 ? '_files' : `compadd -- ${choices.join(' ')}`;
        return `    ${names.map((name) => quote(`${path}:${name}`)).join('|')}) ${body}; return ;;`;
      }),
  );
  const words = commands.map(({ path, options, subcommands, choices }) => {
    const plain = [...subcommands.map(({ name, description }) => entry(name, description)), ...choices.map(quote)].join(' ');
    return `    ${quote(path)}) options=(${optionEntries(options)}) candidates=(${plain}) ;;`;
  });
  return `#compdef vamg
# zsh completion of vamg; made by \`vamg completion zsh\`.
_vamg() {
  local command='' i
  local -a options candidates
  for ((i = 2; i < CURRENT; i++)); do
    case "$command:\${words[i]}" in
${stepArms(tree, (path) => `command=${quote(path)}`, (pattern, body) => `      ${quote(pattern)}) ${body} ;;`).join('\n')}
    esac
  done
  case "$command:\${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  case "$command" in
${words.join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe 'option' options
  elif (( \${#candidates} )); then
    _describe 'command' candidates
  else
    _files
  fi
}
# Works as a file of $fpath, and when read from ~/.zshrc.
if [[ "\${funcstack[1]}" == _vamg ]]; then _vamg "$@"; else compdef _vamg vamg; fi
`;
}
