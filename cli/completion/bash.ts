import { allCommands, type CompletedCommand } from './command-tree';

/** A word for a shell with POSIX quoting. */
export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The command that the words so far name: arms of a `case` over "<command>:<word>". */
export function stepArms(tree: CompletedCommand, assign: (path: string) => string, arm: (pattern: string, body: string) => string): string[] {
  return allCommands(tree).flatMap((command) => command.subcommands.map((child) => arm(`${command.path}:${child.name}`, assign(child.path))));
}

/** Script for bash 3.2 and newer. Words come from the program's own list of commands; where it has none, readline offers files. */
export function bashScript(tree: CompletedCommand): string {
  const commands = allCommands(tree);
  const values = commands.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ names, choices }) => `    ${names.map((name) => quote(`${path}:${name}`)).join('|')}) candidates=${quote(choices.join(' '))} ;;`),
  );
  const words = commands.map(({ path, options, subcommands, choices }) => {
    const plain = [...subcommands.map(({ name }) => name), ...choices].join(' ');
    return `        ${quote(path)}) options=${quote(options.flatMap(({ names }) => names).join(' '))} words=${quote(plain)} ;;`;
  });
  return `# bash completion of vamg; made by \`vamg completion bash\`.
_vamg() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command='' candidates='' options='' words='' i
  COMPREPLY=()
  # bash takes --option=value apart at the sign.
  if [ "$cur" = '=' ]; then
    cur=''
  elif [ "$prev" = '=' ] && [ "$COMP_CWORD" -ge 2 ]; then
    prev="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command:\${COMP_WORDS[i]}" in
${stepArms(tree, (path) => `command=${quote(path)}`, (pattern, body) => `      ${quote(pattern)}) ${body} ;;`).join('\n')}
    esac
  done
  case "$command:$prev" in
${values.join('\n')}
    *)
      case "$command" in
${words.join('\n')}
      esac
      if [ "\${cur#-}" != "$cur" ]; then candidates="$options"; else candidates="$words"; fi
      ;;
  esac
  # shellcheck disable=SC2207
  COMPREPLY=($(compgen -W "$candidates" -- "$cur"))
}
complete -o default -F _vamg vamg
`;
}
