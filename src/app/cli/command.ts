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
  alternative: 'Other names of a domain: add, delete',
  relay: 'Domains whose mail is passed on: add, list, show, set, delete',
  token: 'App passwords: add, list, show, set, delete',
  fetch: 'Mail collected from elsewhere: add, list, show, set, delete',
  manager: 'Who manages which domain: add, list, delete',
  access: 'Who may make anonymous aliases where: add, list, delete',
  audit: 'Who changed what: list',
  store: 'The mail store: verify',
  throttle: 'Failed sign-ins: list, clear',
  import: 'Takes over what another server has: mailu',
  config: 'Settings: check, show, example; the directory as a file: export, import, update',
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

export function withGlobals(made: Command): Command {
  return made
    .exitOverride()
    .addOption(new Option('--home', 'settings of "npm start"'))
    .addOption(new Option('--config <file>', 'read this file and not config/homepost.env'))
    .addOption(new Option('--json', 'answer in JSON'))
}
