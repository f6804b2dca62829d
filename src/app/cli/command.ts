import { type Command, Option } from 'commander'

/** Options that every command takes. */
export interface Globals {
  readonly home?: true
  readonly config?: string
  readonly json?: true
}

/** What a group of commands is about; the verbs behind it are added by `describeGroups`. */
const groups: Readonly<Record<string, string>> = {
  domain: 'Domains',
  user: 'Users',
  admin: 'Administrators',
  alias: 'Aliases',
  alternative: 'Other names of a domain',
  relay: 'Domains whose mail is passed on',
  route: 'Mail that leaves by a server of its own',
  token: 'App passwords',
  fetch: 'Mail collected from elsewhere',
  manager: 'Who manages which domain',
  access: 'Who may make anonymous aliases where',
  audit: 'Who changed what',
  store: 'The mail store',
  throttle: 'Failed sign-ins',
  api: 'What programs administer over HTTP',
  factor: 'What is asked for beside the password',
  oauth: 'Applications that people may let in',
  import: 'Takes over what another server has',
  config: 'Settings, and the directory as a file',
  dkim: 'Keys that sign what is sent',
  certificates: 'What proves to clients who this server is',
  queue: 'Mail on its way out',
  dns: 'What the resolver finds, and why',
  retention: 'When mail in a folder is deleted by itself',
  sieve: 'Rules that sort mail',
  spam: 'The spam filter',
  sender: 'Senders who are always or never wanted',
  reports: 'What other servers say of our mail',
  share: 'Folders of one person that another may use',
  search: 'The index of words',
}

/** Every group says what it is about and which verbs it has. */
export function describeGroups(program: Command): void {
  for (const group of program.commands) {
    if (group.commands.length === 0) continue
    const verbs = group.commands.map((verb) => verb.name()).join(', ')
    group.description(`${groups[group.name()] ?? ''}: ${verbs}`)
  }
}

/** Adds a command, below `parent`'s words: `user add` stands below `user`. */
export function command(parent: Command, words: string): Command {
  const [first = '', ...rest] = words.split(' ')
  if (rest.length === 0) return withGlobals(parent.command(first))
  const group =
    parent.commands.find((known) => known.name() === first) ?? parent.command(first).exitOverride()
  return command(group, rest.join(' '))
}

export function withGlobals(made: Command): Command {
  return made
    .exitOverride()
    .addOption(new Option('--home', 'settings of "npm start"'))
    .addOption(new Option('--config <file>', 'read this file and not config/homepost.env'))
    .addOption(new Option('--json', 'answer in JSON'))
}
