import type { Command } from 'commander'
import { type Answer, mistake } from '../control/answer.ts'
import type { Texts } from '../control/verb.ts'
import { verbs } from '../control/verbs.ts'
import { yesNo } from '../settings/kinds.ts'
import { command, type Globals, withGlobals } from './command.ts'
import { askPassword } from './password.ts'
import { act, call, configurationText } from './verb-commands.ts'

type Options = Globals & { readonly output?: string } & Readonly<Record<string, string | true>>

/** A command as Mailu has it, and what it is in our words. */
interface Form {
  /** Also the name of a group of ours: `user add` stands beside `user LOCALPART DOMAIN -`. */
  readonly name: string
  readonly args: readonly string[]
  readonly options?: readonly (readonly [flags: string, meaning: string])[]
  readonly meaning: string
  /** Place of the password among the arguments. */
  readonly passwordAt?: number
  readonly to: (args: readonly string[], options: Options) => Asked | Promise<Asked | Answer>
}

interface Asked {
  readonly words: string
  readonly texts: Texts
  readonly json?: true
}

const yes = { 'create-domain': 'true' }
const at = (local = '', domain = '') => `${local}@${domain}`

/** Mailu's commands. Read this first. */
const forms: readonly Form[] = [
  {
    name: 'admin',
    args: ['[localpart]', '[domain]', '[password]'],
    options: [
      ['-m, --mode <mode>', 'create, ifmissing or update: what to do where the user is there already'],
    ],
    meaning: 'Mailu’s form: LOCALPART DOMAIN -, the password on standard input',
    passwordAt: 2,
    to: ([local, domain], { mode }) => ({
      words: 'admin add',
      texts: { address: at(local, domain), mode: typeof mode === 'string' ? mode : 'create' },
    }),
  },
  {
    name: 'user',
    args: ['[localpart]', '[domain]', '[password]'],
    meaning: 'Mailu’s form: LOCALPART DOMAIN -, the password on standard input',
    passwordAt: 2,
    to: ([local, domain]) => ({
      words: 'user add',
      texts: { address: at(local, domain), 'must-change-password': 'true', ...yes },
    }),
  },
  {
    name: 'password',
    args: ['[domain]', '[password]'],
    meaning: 'Mailu’s form: LOCALPART DOMAIN -, the password on standard input',
    passwordAt: 2,
    to: ([local, domain]) => ({
      words: 'password',
      texts: { address: at(local, domain), 'must-change-password': 'true' },
    }),
  },
  {
    name: 'user-import',
    args: ['<localpart>', '<domain>', '<hash>', '[scheme]'],
    meaning: 'Mailu’s: adds a user with the hash of the password, or - for standard input',
    to: async ([local, domain, hash]) => {
      const read = hash === '-' ? await askPassword({ passwordStdin: true }) : hash
      const texts = { address: at(local, domain), 'password-hash': read ?? '', ...yes }
      return { words: 'user add', texts }
    },
  },
  {
    name: 'user-delete',
    args: ['<email>'],
    options: [['-r, --really', 'deletes the user and all mail; without it the user cannot sign in any more']],
    meaning: 'Mailu’s: switches a user off, or deletes it',
    to: ([address = ''], { really }) =>
      really
        ? { words: 'user delete', texts: { address, now: 'true' } }
        : { words: 'user set', texts: { address, enabled: 'false' } },
  },
  {
    name: 'domain',
    args: ['[name]'],
    options: [
      ['-u, --max_users <number>', 'most users'],
      ['-a, --max_aliases <number>', 'most aliases'],
      ['-q, --max_quota_bytes <bytes>', 'largest quota of one user'],
    ],
    meaning: 'Mailu’s form: NAME -u USERS -a ALIASES -q QUOTA, which adds a domain where it is missing',
    to: ([name = ''], { max_users, max_aliases, max_quota_bytes }) => ({
      words: 'domain add',
      texts: {
        name,
        'if-missing': 'true',
        ...said('max-users', max_users),
        ...said('max-aliases', max_aliases),
        ...said('max-quota', max_quota_bytes),
      },
    }),
  },
  {
    name: 'alias',
    args: ['[localpart]', '[domain]', '[destination]'],
    options: [['-w, --wildcard', 'the local part is a pattern']],
    meaning: 'Mailu’s form: LOCALPART DOMAIN DESTINATION[,DESTINATION…]',
    to: ([local, domain, destination = ''], { wildcard }) => ({
      words: 'alias add',
      texts: { address: at(local, domain), destination, wildcard: wildcard ? 'true' : 'false', ...yes },
    }),
  },
  {
    name: 'alias-delete',
    args: ['<email>'],
    meaning: 'Mailu’s: deletes an alias',
    to: ([address = '']) => ({ words: 'alias delete', texts: { address } }),
  },
  {
    name: 'setlimits',
    args: ['<domain>', '<users>', '<aliases>', '<quota>'],
    meaning: 'Mailu’s: sets the limits of a domain',
    to: ([name = '', users = '', aliases = '', quota = '']) => ({
      words: 'domain set',
      texts: { name, 'max-users': users, 'max-aliases': aliases, 'max-quota': quota },
    }),
  },
  {
    name: 'setmanager',
    args: ['<domain>', '<localpart>'],
    meaning: 'Mailu’s: lets a user of a domain manage it',
    to: ([domain = '', local = '']) => ({ words: 'manager add', texts: { domain, user: at(local, domain) } }),
  },
  {
    name: 'config-export',
    args: ['[filter...]'],
    options: [
      ['-f, --full', 'also what has its standard value'],
      ['-s, --secrets', 'also DKIM keys and passwords of fetches'],
      ['-d, --dns', 'also DNS records'],
      ['-c, --color', 'taken for Mailu’s sake'],
      ['-o, --output-file <file>', 'writes to a file'],
      ['-j, --as-json', 'JSON in place of YAML'],
    ],
    meaning: 'Mailu’s: config export',
    to: (filters, { full, secrets, dns, asJson }) => ({
      words: 'config export',
      texts: {
        ...(filters.length > 0 && { filter: filters.join(',') }),
        ...flags({ full, secrets, dns }),
      },
      ...(asJson && { json: true }),
    }),
  },
  {
    name: 'config-import',
    args: ['[file]'],
    options: [
      ['-v, --verbose', 'shows every change'],
      ['-s, --secrets', 'taken for Mailu’s sake: what is secret stays hidden'],
      ['-d, --debug', 'taken for Mailu’s sake'],
      ['-q, --quiet', 'tells only what is wrong'],
      ['-c, --color', 'taken for Mailu’s sake'],
      ['-u, --update', 'keeps what the file does not name'],
      ['-n, --dry-run', 'changes nothing, and shows what would be changed'],
      ['--delete-users', 'deletes users that the file does not name, and their mail'],
    ],
    meaning: 'Mailu’s: config import',
    to: ([file = '-'], { verbose, update, dryRun, deleteUsers }) =>
      withFile(
        file,
        'config import',
        flags({ verbose, update, 'dry-run': dryRun, 'delete-users': deleteUsers }),
      ),
  },
  {
    name: 'config-update',
    args: ['[file]'],
    options: [
      ['-v, --verbose [yes]', 'shows every change'],
      ['-d, --delete-objects [yes]', 'deletes what the file does not name'],
    ],
    meaning: 'Mailu’s: config update',
    to: ([file = '-'], { verbose, deleteObjects }) =>
      withFile(file, 'config update', flags({ verbose, 'delete-objects': deleteObjects })),
  },
]

const said = (name: string, value: string | true | undefined): Texts =>
  typeof value === 'string' ? { [name]: value } : {}

/** Mailu wants a value with some (`-d 1`), and its manual shows them without. */
function flags(given: Readonly<Record<string, string | true | undefined>>): Texts {
  const on = Object.entries(given).filter(
    ([, value]) => value === true || (value !== undefined && yesNo.read(value)?.value !== false),
  )
  return Object.fromEntries(on.map(([name]) => [name, 'true']))
}

async function withFile(path: string, words: string, texts: Texts): Promise<Asked | Answer> {
  const file = await configurationText(path)
  return typeof file === 'string' ? { words, texts: { ...texts, file } } : file
}

/** Mailu's commands beside ours. */
export function addMailuCommands(program: Command, end: (code: number) => void): void {
  for (const form of forms) {
    const ours = program.commands.find((known) => known.name() === form.name)
    const made = ours ?? command(program, form.name).description(form.meaning)
    if (ours && !verbs.has(form.name)) withGlobals(ours)
    for (const name of form.args) made.argument(name)
    for (const [flag, meaning] of form.options ?? []) made.option(flag, meaning)
    ours?.addHelpText('after', `\n${form.meaning}.`)
    made.action(async () => {
      if (!ours || isForm(form, made)) end(await run(form, made))
      else end(await runOurs(form.name, made))
    })
  }
}

/** Three words, or a domain name: anything less is a command of ours, or a mistake. */
function isForm({ name }: Form, { args }: Command): boolean {
  if (name === 'domain') return args.length === 1 && args[0]?.includes('.') === true
  return args.length >= (name === 'alias' ? 3 : 2)
}

async function runOurs(name: string, made: Command): Promise<number> {
  const verb = verbs.get(name)
  if (verb) return act(name, verb, made)
  const [word] = made.args
  return word === undefined ? made.help({ error: true }) : made.error(`error: unknown command '${word}'`)
}

async function run(form: Form, made: Command): Promise<number> {
  const options = made.optsWithGlobals<Options>()
  const asked = await form.to(made.args, options)
  if ('kind' in asked) return call({ words: '', texts: asked }, options)
  const password = await passwordIn(form, made.args)
  if (typeof password === 'object') return call({ words: '', texts: password }, options)
  const texts = { ...asked.texts, ...(password !== undefined && { password }) }
  return call(
    { words: asked.words, texts: { kind: 'texts', texts } },
    { ...options, ...(asked.json && { json: true }), ...outputOf(options) },
  )
}

function outputOf({ outputFile }: Options): { readonly output?: string } {
  return typeof outputFile === 'string' ? { output: outputFile } : {}
}

async function passwordIn(
  { passwordAt }: Form,
  args: readonly string[],
): Promise<string | Answer | undefined> {
  if (passwordAt === undefined) return undefined
  const given = args[passwordAt]
  if (given === '-') return askPassword({ passwordStdin: true })
  if (given === undefined) return askPassword({})
  return mistake(
    'A password on the command line can be read by everybody on this machine.\n' +
      'Write - in its place and give it on standard input, or leave it out and be asked for it.',
  )
}
