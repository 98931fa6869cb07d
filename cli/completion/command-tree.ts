import type { Command, Option } from 'commander';

/** What can be typed after a command. */
export interface CompletedOption {
  /** --preset, and its short form where there is one. */
  readonly names: readonly string[];
  readonly takesValue: boolean;
  /** The values it takes; empty when there is no list of them. */
  readonly choices: readonly string[];
  readonly description: string;
}

export interface CompletedCommand {
  /** Words from below `vamg`, joined by blanks; '' is `vamg` itself. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly subcommands: readonly CompletedCommand[];
  /** Values of the first argument, where there is a list of them. */
  readonly choices: readonly string[];
}

/** Words that every shell takes as they are. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Values of options that commander does not know to be a choice, by `<command path>:<option>`. */
export type KnownValues = Readonly<Record<string, readonly string[]>>;

/** What a command line offers, read off the commander program. */
export function readCommandTree(command: Command, known: KnownValues = {}, above: readonly string[] = []): CompletedCommand {
  const help = command.createHelp();
  return {
    path: above.join(' '),
    name: command.name(),
    description: firstSentence(command.description()),
    options: help.visibleOptions(command).map((option) => readOption(option, known[`${above.join(' ')}:${option.long ?? ''}`])),
    subcommands: help.visibleCommands(command).map((child) => readCommandTree(child, known, [...above, child.name()])),
    choices: (command.registeredArguments[0]?.argChoices ?? []).filter((word) => PLAIN.test(word)),
  };
}

/** A command and all below it. */
export function allCommands(tree: CompletedCommand): CompletedCommand[] {
  return [tree, ...tree.subcommands.flatMap(allCommands)];
}

function readOption(option: Option, known: readonly string[] | undefined): CompletedOption {
  const names = [option.long, option.short].filter((name): name is string => typeof name === 'string');
  return { names, takesValue: option.required || option.optional, choices: known ?? readChoices(option), description: firstSentence(option.description) };
}

/** Choices that commander knows, or that the placeholder lists: --preset <draft|balanced|quality>. */
function readChoices(option: Option): string[] {
  const listed = option.argChoices ?? /[<[]([^>\]]*\|[^>\]]*)[>\]]/.exec(option.flags)?.[1]?.split('|') ?? [];
  return listed.filter((word) => PLAIN.test(word));
}

/** Up to where the details begin: `(default …`, `(a whole number …`, the next sentence. */
function firstSentence(text: string): string {
  const sentence = /^.*?(?=[.;:](?:\s|$)|\s\((?:default|an? (?:whole )?number)\b)/s.exec(text)?.[0] ?? text;
  const line = sentence.replace(/\s+/g, ' ').trim();
  return line.length <= 90 ? line : line.slice(0, 90).replace(/\s\S*$/, ' …');
}
