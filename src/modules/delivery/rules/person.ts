import type { AccountId, AccountSettings, Accounts } from '../../../ports/accounts.ts'
import type { MailReader } from '../../../ports/mail-store.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import type { CompiledSieve, SieveEngine, SieveMailbox } from '../../../ports/sieve.ts'
import type { ActiveScript, SieveScripts } from '../../../ports/sieve-scripts.ts'
import { serverRules, serverRulesName } from './server-rules.ts'

/** What a plan knows of somebody who gets the message: all of it data. */
export interface Person {
  readonly settings: AccountSettings
  /** Undefined where they have nothing to say about this message: it would be kept. */
  readonly serverRules: CompiledSieve | undefined
  readonly script: ActiveScript
  /** Filled where a script may ask. */
  readonly mailboxes: readonly SieveMailbox[]
}

export interface PeopleParts {
  readonly accounts: Pick<Accounts, 'settings'>
  readonly scripts: Pick<SieveScripts, 'active'>
  readonly engine: Pick<SieveEngine, 'compile'>
  readonly store: Pick<MailReader, 'mailboxes' | 'annotations'>
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
    const asks = [rules, script.kind === 'script' ? script.script : undefined].filter(
      (one) => one !== undefined,
    )
    const mailboxes = asks.length > 0 ? await this.#mailboxes(account, asks) : []
    return { settings, serverRules: rules, script, mailboxes }
  }

  async #rules(settings: AccountSettings): Promise<CompiledSieve> {
    const text = serverRules(settings)
    const known = this.#compiled.get(text)
    if (known !== undefined) return known
    const compiled = await this.#parts.engine.compile({ name: serverRulesName, text, library: [] })
    // An answer that cannot be written keeps no mail away.
    if (compiled.kind === 'refused' && settings.reply.enabled)
      return this.#rules({ ...settings, reply: { ...settings.reply, enabled: false } })
    if (compiled.kind === 'refused')
      throw new Error(`the server's own rules are wrong: ${compiled.errors[0]?.message ?? ''}`)
    if (this.#compiled.size >= keptRules) this.#compiled.clear()
    this.#compiled.set(text, compiled.script)
    return compiled.script
  }

  async #mailboxes(account: AccountId, scripts: readonly CompiledSieve[]): Promise<readonly SieveMailbox[]> {
    const extensions = new Set(scripts.flatMap((script) => script.extensions))
    const asksForNotes = extensions.has('mboxmetadata') || extensions.has('servermetadata')
    const { store } = this.#parts
    const found: SieveMailbox[] = []
    for (const { id, name, specialUse } of await store.mailboxes(account)) {
      const metadata = asksForNotes ? notesOf(await store.annotations(account, id)) : {}
      found.push({ name, id: String(id), specialUse: specialUse ? [specialUse] : [], metadata })
    }
    if (asksForNotes)
      found.push({
        name: '',
        id: '',
        specialUse: [],
        metadata: notesOf(await store.annotations(account, undefined)),
      })
    return found
  }
}

/** Neither settings nor scripts say anything about the message. */
export function isPlain({ script, serverRules }: Person): boolean {
  return script.kind === 'none' && serverRules === undefined
}

/** Whether the server's own rules may do anything but keep: running them for every message would say so at a price. */
function speaks({ spam, reply }: AccountSettings, percent: number): boolean {
  return reply.enabled || (spam.enabled && percent > spam.threshold)
}

function notesOf(annotations: Awaited<ReturnType<MailReader['annotations']>>): Record<string, string> {
  return Object.fromEntries(annotations.map(({ name, value }) => [name, Buffer.from(value).toString()]))
}
