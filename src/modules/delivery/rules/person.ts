import type { AccountId, AccountSettings, Accounts } from '../../../ports/accounts.ts'
import type { MailReader } from '../../../ports/mail-store.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import type {
  CompiledSieve,
  SieveCompiled,
  SieveEngine,
  SieveFacts,
  SieveMailbox,
} from '../../../ports/sieve.ts'
import type { ActiveScript, SieveScripts } from '../../../ports/sieve-scripts.ts'
import { detailRule, detailRuleName } from './detail-rule.ts'
import { type ListParts, listsFor } from './lists.ts'
import { serverRules, serverRulesName } from './server-rules.ts'

/** What a plan knows of somebody who gets the message: all of it data. */
export interface Person {
  readonly settings: AccountSettings
  /** Undefined where they have nothing to say about this message: it would be kept. */
  readonly serverRules: CompiledSieve | undefined
  readonly script: ActiveScript
  /** The server's rule for what the script leaves to the INBOX. */
  readonly lastRule: CompiledSieve | undefined
  /** Filled where a script may ask. */
  readonly mailboxes: readonly SieveMailbox[]
  readonly lists: SieveFacts['lists']
}

export interface PeopleParts {
  readonly accounts: Pick<Accounts, 'settings'>
  readonly scripts: Pick<SieveScripts, 'active'>
  readonly engine: Pick<SieveEngine, 'compile'>
  readonly store: Pick<MailReader, 'mailboxes' | 'annotations'>
  readonly notes: ListParts['notes']
}

/** Compiled rules that are kept; a text is some hundred octets, and settings change rarely. */
const keptRules = 500

/** Looks up what decides about a person's mail. Most people have no rules: for them nothing is read but their settings. */
export class People {
  readonly #parts: PeopleParts
  readonly #compiled = new Map<string, CompiledSieve>()

  constructor(parts: PeopleParts) {
    this.#parts = parts
  }

  /** Undefined for an account that is gone: the store says what becomes of its mail. */
  async person(account: AccountId, percent: number): Promise<Person | undefined | TryLater> {
    const settings = await this.#parts.accounts.settings(account)
    if (settings.kind === 'later') return settings
    if (settings.kind === 'unknown') return undefined
    const script = await this.#parts.scripts.active(account)
    const rules = speaks(settings, percent) ? await this.#rules(settings) : undefined
    const lastRule = settings.detailFiling ? await this.#rule(detailRuleName, detailRule) : undefined
    const asks = [rules, script.kind === 'script' ? script.script : undefined, lastRule].filter(
      (one) => one !== undefined,
    )
    const mailboxes = asks.length > 0 ? await mailboxesFor(this.#parts.store, account, asks) : []
    const lists = await listsFor(this.#parts, account, asks)
    return { settings, serverRules: rules, script, lastRule, mailboxes, lists }
  }

  async #rules(settings: AccountSettings): Promise<CompiledSieve> {
    const rules = await this.#compile(serverRulesName, serverRules(settings))
    // An answer that cannot be written keeps no mail away.
    if (rules.kind === 'refused' && settings.reply.enabled)
      return this.#rules({ ...settings, reply: { ...settings.reply, enabled: false } })
    return scriptOf(rules)
  }

  async #rule(name: string, text: string): Promise<CompiledSieve> {
    return scriptOf(await this.#compile(name, text))
  }

  async #compile(name: string, text: string): Promise<SieveCompiled> {
    const known = this.#compiled.get(text)
    if (known !== undefined) return { kind: 'compiled', script: known, warnings: [] }
    const compiled = await this.#parts.engine.compile({ name, text, library: [] })
    if (compiled.kind === 'refused') return compiled
    if (this.#compiled.size >= keptRules) this.#compiled.clear()
    this.#compiled.set(text, compiled.script)
    return compiled
  }
}

/** What scripts may ask of their owner's folders; notes only where one asks for them. */
export async function mailboxesFor(
  store: PeopleParts['store'],
  account: AccountId,
  scripts: readonly CompiledSieve[],
): Promise<readonly SieveMailbox[]> {
  const extensions = new Set(scripts.flatMap((script) => script.extensions))
  const asksForNotes = extensions.has('mboxmetadata') || extensions.has('servermetadata')
  const found: SieveMailbox[] = []
  for (const { id, name, specialUse } of await store.mailboxes(account)) {
    const metadata = asksForNotes ? notesOf(await store.annotations(account, id)) : {}
    found.push({ name, id: String(id), specialUse: specialUse ? [specialUse] : [], metadata })
  }
  if (!asksForNotes) return found
  const ofAll = notesOf(await store.annotations(account, undefined))
  return [...found, { name: '', id: '', specialUse: [], metadata: ofAll }]
}

/** Neither settings nor scripts say anything about the message. */
export function isPlain({ script, serverRules, lastRule }: Person): boolean {
  return script.kind === 'none' && serverRules === undefined && lastRule === undefined
}

function scriptOf(compiled: SieveCompiled): CompiledSieve {
  if (compiled.kind === 'compiled') return compiled.script
  throw new Error(`the server's own rules are wrong: ${compiled.errors[0]?.message ?? ''}`)
}

/** Whether the server's own rules may do anything but keep: running them for every message would say so at a price. */
function speaks({ spam, reply }: AccountSettings, percent: number): boolean {
  return reply.enabled || (spam.enabled && percent > spam.threshold)
}

function notesOf(annotations: Awaited<ReturnType<MailReader['annotations']>>): Record<string, string> {
  return Object.fromEntries(annotations.map(({ name, value }) => [name, Buffer.from(value).toString()]))
}
