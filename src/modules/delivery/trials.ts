import { type Address, parseAddress } from '../../lib/address.ts'
import { mailboxesOf, parseAddressList } from '../../lib/mime/address-list.ts'
import { indexMessage } from '../../lib/mime/indexer.ts'
import { nextTurn } from '../../platform/next-turn.ts'
import type { AccountId, AccountSettings, Accounts } from '../../ports/accounts.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { Differing, RuleTrials, Tried } from '../../ports/rule-trials.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { SieveAction, SieveCompiled, SieveEngine } from '../../ports/sieve.ts'
import type { ActiveScript, SieveScripts } from '../../ports/sieve-scripts.ts'
import { type Ruling, rule } from './rules/decide.ts'
import { detailRule } from './rules/detail-rule.ts'
import { factsFor } from './rules/facts.ts'
import { People, type PeopleParts, type Person } from './rules/person.ts'
import { serverRules } from './rules/server-rules.ts'
import { sieveSettings } from './rules/sieve-settings.ts'
import { type KeptMessage, newestMessages, type StoredMail } from './stored-mail.ts'

export interface TrialParts extends Omit<PeopleParts, 'store' | 'accounts' | 'scripts'> {
  readonly accounts: Pick<Accounts, 'settings'>
  readonly scripts: Pick<SieveScripts, 'active' | 'compile'>
  readonly engine: SieveEngine
  readonly store: PeopleParts['store'] & StoredMail
  readonly clock: Clock
  readonly rules: { readonly hostname: string; readonly recipientDelimiter: string }
}

const scriptName = 'script'

/** Rules tried on messages: the rulings that a delivery would make, and nothing carried out. */
export function ruleTrials(parts: TrialParts): RuleTrials {
  const people = new People(parts)
  return {
    async serverRules(account) {
      const settings = await parts.accounts.settings(account)
      if (settings.kind !== 'account') return undefined
      return { before: serverRules(settings), after: settings.detailFiling ? detailRule : undefined }
    },
    test: async (trial) => {
      const compiled = await compile(parts, trial.account, trial.script)
      if (compiled.kind !== 'compiled') return compiled
      const person = await subject(people, trial)
      if (person === undefined) return { kind: 'unknown' }
      const message = Buffer.from(trial.message)
      const ruling = await rulingOf(parts, {
        person: { ...person, script: activeOf(compiled) },
        bytes: message,
        sender: trial.sender,
        recipient: trial.recipient,
        percent: trial.spamPercent,
        now: parts.clock.now(),
      })
      return tried(ruling)
    },
    async rehearse(account, script, last) {
      const compiled = await compile(parts, account, script)
      if (compiled.kind !== 'compiled') return compiled
      const person = await people.person(account, 0)
      if (person === undefined || 'kind' in person) return { kind: 'unknown' }
      const differing: Differing[] = []
      let looked = 0
      for await (const message of newestMessages(parts.store, account, last)) {
        looked++
        const found = await compare(parts, person, activeOf(compiled), message)
        if (found) differing.push(found)
        await nextTurn()
      }
      return { kind: 'rehearsed', looked, differing }
    },
  }
}

type Refusal = Exclude<Awaited<ReturnType<SieveScripts['compile']>>, { kind: 'compiled' }>
type Compiled = Extract<SieveCompiled, { kind: 'compiled' }>

async function compile(
  { scripts }: TrialParts,
  account: AccountId | undefined,
  text: string,
): Promise<Compiled | Refusal> {
  return scripts.compile(account ?? 'server', scriptName, text)
}

function activeOf({ script, warnings }: Compiled): ActiveScript {
  return { kind: 'script', name: scriptName, revision: 0, script, warnings }
}

/** Whose rules they are; a stranger's where nobody was named. */
async function subject(
  people: People,
  { account, recipient, message, spamPercent }: Parameters<RuleTrials['test']>[0],
): Promise<Person | undefined> {
  if (account === undefined) return stranger(parseAddress(recipient ?? '') ?? addressIn(message))
  const person = await people.person(account, spamPercent)
  return person === undefined || 'kind' in person ? undefined : person
}

function stranger(address: Address): Person {
  const settings: AccountSettings = {
    account: 0 as AccountId,
    address,
    displayedName: '',
    enabled: true,
    quotaBytes: 0,
    timeZone: 'UTC',
    reply: { enabled: false, subject: '', body: '', start: '', end: '' },
    spam: { enabled: false, markAsRead: false, threshold: 100 },
    detailFiling: false,
  }
  return {
    settings,
    serverRules: undefined,
    script: { kind: 'none' },
    lastRule: undefined,
    mailboxes: [],
    lists: [],
  }
}

const nobody = 'you@example.org' as Address

function addressIn(message: Uint8Array): Address {
  return headerAddress(message, /^to:(.*)$/im) ?? nobody
}

interface TrialFacts {
  readonly person: Person
  readonly bytes: Buffer
  readonly sender: string | undefined
  readonly recipient: string | undefined
  readonly percent: number | undefined
  readonly now: number
}

/** The message stands as it lies in a mailbox: its trace headers tell the envelope, where nobody else does. */
async function rulingOf({ engine, rules }: TrialParts, facts: TrialFacts): Promise<Ruling> {
  const { person, bytes } = facts
  const index = indexMessage(bytes)
  const sender =
    facts.sender === undefined
      ? (headerAddress(bytes, /^return-path:(.*)$/im) ?? headerAddress(bytes, /^from:(.*)$/im))
      : parseAddress(facts.sender)
  const recipient =
    parseAddress(facts.recipient ?? '') ??
    headerAddress(bytes, /^x-original-to:(.*)$/im) ??
    person.settings.address
  const arrival: Arrival = {
    id: 'trial',
    connection: 'trial',
    origin: { kind: 'arrived' },
    sender,
    recipients: [],
    message: { kind: 'inline', size: bytes.length, index, bytes },
    trace: '',
    client: { ip: '127.0.0.1', helo: 'localhost', tls: true },
    requireTls: false,
    smtpUtf8: false,
    envelopeId: undefined,
    returnContent: undefined,
    receivedAt: facts.now,
  }
  const given = factsFor({
    arrival,
    person,
    recipient,
    message: { index, bytes },
    prefix: '',
    percent: facts.percent,
    now: facts.now,
    seed: 'trial',
    seen: [],
    settings: sieveSettings(rules.recipientDelimiter),
    hostname: rules.hostname,
  })
  return rule(engine, { person, facts: given, withScript: true })
}

function headerAddress(message: Uint8Array, field: RegExp): Address | undefined {
  const header =
    Buffer.from(message.subarray(0, 65_536))
      .toString('latin1')
      .split(/\r?\n\r?\n/, 1)[0] ?? ''
  const [, value = ''] = field.exec(header) ?? []
  const [first] = mailboxesOf(parseAddressList(value))
  return first && parseAddress(`${first.local}@${first.domain}`)
}

function tried({ actions, steps }: Ruling): Tried {
  const sends = actions.flatMap((action) => (action.kind === 'send' ? [action.message] : []))
  const implicit = actions.some((action) => action.kind === 'file' && action.implicit)
  return {
    kind: 'tried',
    steps: implicit ? [...steps, 'filed in INBOX: no rule says otherwise'] : steps,
    sends,
  }
}

async function compare(
  parts: TrialParts,
  person: Person,
  script: ActiveScript,
  { mailbox, uid, receivedAt, bytes }: KeptMessage,
): Promise<Differing | undefined> {
  const facts = {
    person,
    bytes,
    sender: undefined,
    recipient: undefined,
    percent: undefined,
    now: receivedAt,
  }
  const before = await rulingOf(parts, facts)
  const after = await rulingOf(parts, { ...facts, person: { ...person, script } })
  const active = inShort(before)
  const otherwise = inShort(after)
  if (active.join('\n') === otherwise.join('\n')) return undefined
  const { fromText: from, subject: about } = indexMessage(bytes)
  return { mailbox, uid, receivedAt, from, subject: about, active, script: otherwise, steps: after.steps }
}

/** What becomes of it, without why. */
function inShort({ actions }: Ruling): readonly string[] {
  return actions.map(fate).toSorted()
}

function fate(action: SieveAction): string {
  switch (action.kind) {
    case 'file':
      return [action.mailbox ?? 'INBOX', ...action.flags, ...(action.version > 0 ? ['(changed)'] : [])].join(
        ' ',
      )
    case 'discard':
      return 'thrown away'
    case 'redirect':
      return `to ${action.to}`
    case 'reject':
      return 'refused'
    case 'send':
      return action.purpose === 'vacation' ? 'answered' : `told to ${action.to.join(', ')}`
  }
}
