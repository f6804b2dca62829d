import type { Address } from '../../../lib/address.ts'
import type { AccountId, AccountSettings, Accounts } from '../../../ports/accounts.ts'
import type { Intake } from '../../../ports/intake.ts'
import type { MailStore } from '../../../ports/mail-store.ts'
import type { MailboxEvent } from '../../../ports/mailbox-events.ts'
import type { MessageBytes } from '../../../ports/message.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type {
  CompiledSieve,
  SieveEngine,
  SieveFacts,
  SieveMailbox,
  SieveSettings,
} from '../../../ports/sieve.ts'
import type { SieveScripts } from '../../../ports/sieve-scripts.ts'
import { type ListParts, listsFor } from '../rules/lists.ts'
import { mailboxesFor } from '../rules/person.ts'

export interface EventParts {
  readonly store: MailStore
  readonly notes: ListParts['notes']
  readonly accounts: Pick<Accounts, 'settings'>
  readonly scripts: Pick<SieveScripts, 'get' | 'compile'>
  readonly engine: Pick<SieveEngine, 'evaluate'>
  readonly bytes: Pick<MessageBytes, 'begin' | 'write' | 'seal' | 'discard'>
  /** Takes what scripts send. */
  readonly intake: Pick<Intake, 'accept'>
  readonly clock: Clock
  readonly log: Log
  readonly rules: { readonly hostname: string }
  readonly sieve: SieveSettings
}

/** A script, and what it may know whatever the message is. */
export interface ScriptRun {
  readonly event: MailboxEvent
  readonly script: CompiledSieve
  readonly owner: AccountSettings
  /** Who did what it waits for. */
  readonly user: Address
  readonly mailboxes: readonly SieveMailbox[]
  readonly lists: SieveFacts['lists']
  /** Where the messages are. */
  readonly mailbox: string
}

/** RFC 6785 */
const entry = '/shared/imapsieve/script'

/** The script of a mailbox; where it names none, that of all mail of the account. An empty name is none. */
export async function scriptNameFor(
  store: Pick<MailStore, 'annotations'>,
  owner: AccountId,
  mailbox: number,
): Promise<string | undefined> {
  const own = await noteOf(store, owner, mailbox)
  const name = own ?? (await noteOf(store, owner, undefined))
  return name === '' ? undefined : name
}

async function noteOf(
  store: Pick<MailStore, 'annotations'>,
  owner: AccountId,
  mailbox: number | undefined,
): Promise<string | undefined> {
  const found = (await store.annotations(owner, mailbox)).find(({ name }) => name === entry)
  return found && Buffer.from(found.value).toString()
}

/** Undefined where there is nothing to run: as if no script had been named. */
export async function prepareRun(parts: EventParts, event: MailboxEvent): Promise<ScriptRun | undefined> {
  const { store, accounts, log } = parts
  const { owner: account, mailbox: id } = event
  const name = await scriptNameFor(store, account, id)
  const script = name === undefined ? undefined : await compile(parts, account, name)
  const owner = await accounts.settings(account)
  const user = await accounts.settings(event.user)
  const all = await store.mailboxes(account)
  const mailbox = all.find((one) => one.id === id)?.name
  if (!script || owner.kind !== 'account' || user.kind !== 'account' || mailbox === undefined) {
    log.debug('imap-script.nothing-to-run', { account, script: name ?? '' })
    return undefined
  }
  const mailboxes = await mailboxesFor(store, account, [script])
  const lists = await listsFor(parts, account, [script])
  return { event, script, owner, user: user.address, mailboxes, lists, mailbox }
}

async function compile(
  { scripts, log }: EventParts,
  account: AccountId,
  name: string,
): Promise<CompiledSieve | undefined> {
  const text = await scripts.get(account, name)
  if (text === undefined) return undefined
  const compiled = await scripts.compile(account, name, text)
  if (compiled.kind === 'compiled') return compiled.script
  log.warn('imap-script.broken', { account, script: name })
  return undefined
}
