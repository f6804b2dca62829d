import { type Command, Option } from 'commander'

/** Options that every command takes. */
export interface Globals {
  readonly home?: true
  readonly config?: string
  readonly json?: true
}

const groups: Readonly<Record<string, string>> = {
  domain: 'Domains: add, list, show, set, delete',
  user: 'Users: add, list, show, set, delete',
  admin: 'Administrators: add, list, show, set, delete',
  alias: 'Aliases: add, list, show, set, delete',
  store: 'The mail store: verify',
  throttle: 'Failed sign-ins: list, clear',
  config: 'Settings: check, show, example',
}

/** Adds a command, below `parent`'s words: `user add` stands below `user`. */
export function command(parent: Command, words: string): Command {
  const [first = '', ...rest] = words.split(' ')
  if (rest.length === 0) return withGlobals(parent.command(first))
  const group =
    parent.commands.find((known) => known.name() === first) ??
    parent
      .command(first)
      .description(groups[first] ?? '')
      .exitOverride()
  return command(group, rest.join(' '))
}

function withGlobals(made: Command): Command {
  return made
    .exitOverride()
    .addOption(new Option('--home', 'settings of "npm start"'))
    .addOption(new Option('--config <file>', 'read this file and not config/homepost.env'))
    .addOption(new Option('--json', 'answer in JSON'))
}
