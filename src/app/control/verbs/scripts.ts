import type { Address } from '../../../lib/address.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import type { SieveProblem } from '../../../ports/sieve.ts'
import type { NoRoom, ScriptOwner, ScriptRefused, SieveScripts } from '../../../ports/sieve-scripts.ts'
import { filled } from '../../directory/kinds.ts'
import { address, type Kind } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, flag, maybeArgument, textFile, type Verb, type VerbPorts, verb } from '../verb.ts'
import { actor, missing } from './outcome.ts'

/** Undefined is the server. */
const owner: Kind<Address | undefined> = {
  expected: `${address.expected}, or server for the scripts that everybody may include`,
  read: (value) => (value === 'server' ? { value: undefined } : address.read(value)),
}

const whose = argument(owner, 'Address of the user, or server: the scripts that everybody may include')
const user = argument(address, 'Address of the user')
const name = argument(filled, 'Name of the script')
const script = textFile('File with the script; without it, or with -, standard input')

/** The Sieve scripts of people, and the server's own. */
export const scriptVerbs: Readonly<Record<string, Verb>> = {
  'sieve list': verb({
    summary: 'Lists the Sieve scripts of a user',
    takes: { user: whose },
    run: (ports, { user: of }) => forOwner(ports, of, (who) => list(ports.scripts, who)),
  }),
  'sieve show': verb({
    summary: 'Shows a script',
    takes: { user: whose, name: maybeArgument(filled, 'Name of the script; without it the active one') },
    run: (ports, { user: of, name: asked }) => forOwner(ports, of, (who) => show(ports.scripts, who, asked)),
  }),
  'sieve put': verb({
    summary: 'Keeps a script; one with mistakes is refused, with their lines',
    takes: { user: whose, name, script, activate: flag('Make it the active one') },
    run: (ports, { user: of, name: as, script: text, activate }) =>
      forOwner(ports, of, async (who) => {
        const isThere = (await ports.scripts.list(who)).some(({ name: known }) => known === as)
        const putting = { who, name: as, text, activate: activate ?? false }
        return recorded(ports, await put(ports.scripts, putting), {
          did: isThere ? 'modified' : 'created',
          key: keyOf(of, as),
          columns: activate ? [column('active', undefined, true)] : [],
        })
      }),
  }),
  'sieve check': verb({
    summary: 'Tells the mistakes of a script, and keeps nothing',
    takes: { user: whose, script },
    run: (ports, { user: of, script: text }) =>
      forOwner(ports, of, async (who) => {
        const answer = await ports.scripts.check(who, unnamed, text)
        if (answer.kind === 'good') return good('It has no mistakes.', answer.warnings, unnamed)
        return answer.kind === 'refused' ? wrong(answer, unnamed) : noRoom(answer)
      }),
  }),
  'sieve problems': verb({
    summary: 'Lists the active scripts that do not work, and why',
    takes: {},
    run: (ports) => problems(ports),
  }),
  'sieve activate': verb({
    summary: 'Makes a script the one that sorts the mail of its user',
    takes: { user, name },
    run: (ports, { user: of, name: which }) =>
      forUser(ports, of, async (who) =>
        recorded(ports, await activate(ports.scripts, who, which), {
          did: 'modified',
          key: keyOf(of, which),
          columns: [column('active', false, true)],
        }),
      ),
  }),
  'sieve deactivate': verb({
    summary: 'Lets no script sort the mail of a user',
    takes: { user },
    run: (ports, { user: of }) =>
      forUser(ports, of, async (who) => {
        const active = (await ports.scripts.list(who)).find((entry) => entry.active)
        const answer = await ports.scripts.deactivate(who)
        if (answer.kind === 'later') return refused(answer.text)
        const said = done(`No script sorts the mail of ${of}.`)
        const columns = [column('active', true, false)]
        return active
          ? recorded(ports, said, { did: 'modified', key: keyOf(of, active.name), columns })
          : said
      }),
  }),
  'sieve rename': verb({
    summary: 'Gives a script another name',
    takes: { user: whose, name, to: argument(filled, 'Its new name') },
    run: (ports, { user: of, name: from, to }) =>
      forOwner(ports, of, async (who) =>
        recorded(ports, await rename(ports.scripts, who, from, to), {
          did: 'modified',
          key: keyOf(of, from),
          columns: [column('name', from, to)],
        }),
      ),
  }),
  'sieve delete': verb({
    summary: 'Removes a script that is not active',
    takes: { user: whose, name },
    run: (ports, { user: of, name: which }) =>
      forOwner(ports, of, async (who) =>
        recorded(ports, await remove(ports.scripts, who, which), {
          did: 'deleted',
          key: keyOf(of, which),
          columns: [],
        }),
      ),
  }),
}

const unnamed = 'script'

const keyOf = (of: Address | undefined, script: string) => `${of ?? 'server'} ${script}`
const column = (named: string, from: unknown, to: unknown) => ({ column: named, from, to })

/** What was done stands in the audit, as for everything else that an administrator changes. */
async function recorded(
  { admin }: Users,
  answer: Answer,
  what: Omit<Parameters<VerbPorts['admin']['record']>[0], 'on'>,
): Promise<Answer> {
  if (answer.kind === 'done') await admin.record({ on: 'script', ...what }, actor)
  return answer
}

type Users = Pick<VerbPorts, 'admin'>

async function forOwner(
  ports: Users,
  of: Address | undefined,
  act: (who: ScriptOwner) => Promise<Answer>,
): Promise<Answer> {
  return of === undefined ? act('server') : forUser(ports, of, act)
}

async function forUser(
  { admin }: Users,
  of: Address,
  act: (who: Exclude<ScriptOwner, 'server'>) => Promise<Answer>,
): Promise<Answer> {
  const row = await admin.user(of)
  return row ? act(row.account) : missing(of)
}

async function list(scripts: SieveScripts, who: ScriptOwner): Promise<Answer> {
  const entries = await scripts.list(who)
  return {
    kind: 'table',
    columns: ['NAME', 'ACTIVE', 'BYTES', 'CHANGED'],
    rows: entries.map((entry) => [
      entry.name,
      entry.active,
      entry.bytes,
      `${new Date(entry.changedAt).toISOString().slice(0, 16)}Z`,
    ]),
    json: entries,
  }
}

/** A script works no more when one that it includes was changed. */
async function problems({ admin, scripts }: VerbPorts): Promise<Answer> {
  const rows: (readonly [user: string, script: string, problem: string])[] = []
  for (const { address: user, account } of await admin.users()) {
    await nextTurn()
    const active = await scripts.active(account)
    if (active.kind === 'broken') rows.push([user, active.name, lines(active.errors, active.name)[0] ?? ''])
  }
  return {
    kind: 'table',
    columns: ['USER', 'SCRIPT', 'PROBLEM'],
    rows,
    json: rows.map(([user, script, problem]) => ({ user, script, problem })),
  }
}

async function show(scripts: SieveScripts, who: ScriptOwner, asked: string | undefined): Promise<Answer> {
  const found = asked ?? (await scripts.list(who)).find(({ active }) => active)?.name
  if (found === undefined) return refused('No script is active.')
  const text = await scripts.get(who, found)
  if (text === undefined) return refused(noSuch(found))
  // What others wrote must not steer the terminal.
  const lines = text.replaceAll('\r\n', '\n').replaceAll(/(?![\n\t])\p{Cc}/gu, '\ufffd')
  return done(lines.replace(/\n$/, ''), { name: found, text })
}

interface Putting {
  readonly who: ScriptOwner
  readonly name: string
  readonly text: string
  readonly activate: boolean
}

async function put(
  scripts: SieveScripts,
  { who, name: as, text, activate: active }: Putting,
): Promise<Answer> {
  if (active && who === 'server') return refused("The server's scripts are included, and never active.")
  const answer = await scripts.put(who, as, text)
  switch (answer.kind) {
    case 'stored':
      if (active && who !== 'server') return activate(scripts, who, as)
      return good(`${as} is kept.`, answer.warnings, as)
    case 'refused':
      return wrong(answer, as)
    case 'bad-name':
      return badName
    case 'no-account':
      return refused('The mailbox of this user is not made yet. Try again later.')
    case 'too-large':
    case 'too-many':
    case 'too-much':
      return noRoom(answer)
    case 'later':
      return later(answer)
  }
}

async function activate(
  scripts: SieveScripts,
  who: Exclude<ScriptOwner, 'server'>,
  which: string,
): Promise<Answer> {
  const answer = await scripts.activate(who, which)
  switch (answer.kind) {
    case 'active':
      return good(`${which} is active.`, answer.warnings, which)
    case 'refused':
      return wrong(answer, which)
    case 'missing':
      return refused(noSuch(which))
    case 'later':
      return later(answer)
  }
}

async function rename(scripts: SieveScripts, who: ScriptOwner, from: string, to: string): Promise<Answer> {
  const answer = await scripts.rename(who, from, to)
  switch (answer.kind) {
    case 'renamed':
      return done(`${from} is called ${to} now.`)
    case 'missing':
      return refused(noSuch(from))
    case 'exists':
      return refused(`There is a script ${to}.`)
    case 'bad-name':
      return badName
    case 'later':
      return later(answer)
  }
}

async function remove(scripts: SieveScripts, who: ScriptOwner, which: string): Promise<Answer> {
  const answer = await scripts.remove(who, which)
  switch (answer.kind) {
    case 'removed':
      return done(`${which} is removed.`)
    case 'missing':
      return refused(noSuch(which))
    case 'active':
      return refused(`${which} is active. Activate another one first, or none: sieve deactivate.`)
    case 'later':
      return later(answer)
  }
}

const noSuch = (which: string) => `There is no script ${which}.`
const badName = refused(
  'This is no name for a script: 1 to 256 characters, none of them a control character.',
)
const later = ({ text }: TryLater): Answer => refused(text)

function good(said: string, warnings: readonly SieveProblem[], as: string): Answer {
  return done([said, ...lines(warnings, as)].join('\n'), { result: said, warnings })
}

function wrong({ errors, warnings }: ScriptRefused, as: string): Answer {
  return { kind: 'refused', text: lines(errors, as).join('\n'), json: { errors, warnings } }
}

function lines(problems: readonly SieveProblem[], as: string): readonly string[] {
  return problems.map((problem) => {
    const place = problem.script === as ? '' : `${problem.script}, `
    return `${place}line ${problem.line}, column ${problem.column}: ${problem.message}`
  })
}

function noRoom(answer: NoRoom): Answer {
  switch (answer.kind) {
    case 'too-large':
      return refused(`A script may have ${answer.mostBytes} octets.`)
    case 'too-many':
      return refused(`${answer.most} scripts are as many as can be kept.`)
    case 'too-much':
      return refused(`All scripts of a user together may have ${answer.mostBytes} octets.`)
  }
}
