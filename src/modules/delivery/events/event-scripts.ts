import { nextTurn } from '../../../platform/next-turn.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { MailboxEvent, MailboxEvents } from '../../../ports/mailbox-events.ts'
import type { Service } from '../../../ports/runtime.ts'
import { type EventParts, prepareRun, type ScriptRun, scriptNameFor } from './prepare.ts'
import { runOn } from './run-on.ts'

/** Of all accounts. What comes when so many wait stays where it is, as without a script. */
const mostWaiting = 100_000
/** Then it is another account's turn. */
const messagesAtATime = 20

interface Waiting {
  readonly event: MailboxEvent
  /** How many of its messages are done. */
  at: number
}

/**
 * Runs the scripts that wait for what people do by IMAP (RFC 6785), one message at a time and one account after the other, behind the
 * commands that did it. What scripts do themselves makes no events, so none runs for ever.
 */
export class EventScripts implements MailboxEvents {
  readonly #parts: EventParts
  /** In the order of their turns. */
  readonly #waiting = new Map<AccountId, Waiting[]>()
  #count = 0
  #ending = false
  #working: Promise<void> | undefined

  constructor(parts: EventParts) {
    this.#parts = parts
  }

  get service(): Service {
    const end = async () => {
      this.#ending = true
      await this.#working
    }
    return { name: 'imap-scripts', start: () => Promise.resolve(), drain: end, stop: end }
  }

  async areAwaited(owner: AccountId, mailbox: number): Promise<boolean> {
    try {
      return (await scriptNameFor(this.#parts.store, owner, mailbox)) !== undefined
    } catch (cause) {
      this.#parts.log.error('imap-script.failed', cause, { account: owner })
      return false
    }
  }

  async happened(event: MailboxEvent): Promise<void> {
    const { owner, mailbox, uids } = event
    if (this.#ending || !(await this.areAwaited(owner, mailbox))) return
    if (this.#count + uids.length > mostWaiting) {
      this.#parts.log.warn('imap-script.skipped', { account: owner, messages: uids.length })
      return
    }
    this.#count += uids.length
    const others = this.#waiting.get(owner)
    if (others) others.push({ event, at: 0 })
    else this.#waiting.set(owner, [{ event, at: 0 }])
    this.#wake()
  }

  #wake(): void {
    if (this.#working || this.#ending || this.#waiting.size === 0) return
    this.#working = this.#work().finally(() => {
      this.#working = undefined
      // Something may have come behind the last look.
      this.#wake()
    })
  }

  async #work(): Promise<void> {
    // The command that it follows is answered first.
    await nextTurn()
    for (let [next] = this.#waiting; next && !this.#ending; [next] = this.#waiting) {
      const [account, events] = next
      this.#waiting.delete(account)
      const [first, ...others] = events
      if (!first) continue
      const { event, at } = first
      const uids = event.uids.slice(at, at + messagesAtATime)
      first.at += uids.length
      this.#count -= uids.length
      const left = first.at < event.uids.length ? events : others
      if (left.length > 0) this.#waiting.set(account, left)
      await this.#runAll({ ...event, uids })
    }
  }

  async #runAll(event: MailboxEvent): Promise<void> {
    const { log } = this.#parts
    try {
      const run = await prepareRun(this.#parts, event)
      if (run) for (const uid of event.uids) await this.#runOne(run, uid)
    } catch (cause) {
      log.error('imap-script.failed', cause, { account: event.owner })
    }
  }

  async #runOne(run: ScriptRun, uid: number): Promise<void> {
    if (this.#ending) return
    await runOn(this.#parts, run, uid)
    await nextTurn()
  }
}
