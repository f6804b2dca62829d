import { flagBits } from '../../../lib/flags.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Mailbox, MailboxImage, MailReader } from '../../../ports/mail-store.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import { octetsRead } from '../looker.ts'
import type { RetrainingList } from '../memory/retraining-list.ts'

export interface RetrainingParts {
  readonly waiting: () => RetrainingList
  readonly teach: (message: Uint8Array, spam: boolean, account: AccountId) => Promise<unknown>
  readonly store: Pick<MailReader, 'mailboxes' | 'image' | 'bytes'>
  readonly clock: Clock
  readonly log: Log
}

/** Of each kind, of each person: more makes no better filter. */
const mostMessages = 1_000
/** Between two messages, so that mail goes first. */
const restMs = 10

/** What their owners wrote or threw away says nothing about what they want to get. */
const silent: ReadonlySet<Mailbox['specialUse']> = new Set(['\\Sent', '\\Drafts', '\\Trash'])

/** Goes through people's folders, one person after the other, and teaches the filter what it finds. */
export class Retraining {
  readonly #parts: RetrainingParts
  readonly #ended = new AbortController()
  #running: Promise<void> | undefined

  constructor(parts: RetrainingParts) {
    this.#parts = parts
  }

  async add(accounts: readonly AccountId[]): Promise<void> {
    await this.#parts.waiting().add(accounts)
    this.start()
  }

  start(): void {
    this.#running ??= this.#run()
      .catch((cause) => this.#parts.log.error('spam.retraining-failed', cause))
      .finally(() => {
        this.#running = undefined
      })
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { waiting, log } = this.#parts
    for (let account = waiting().next(); account !== undefined; account = waiting().next()) {
      const messages = await this.#learnFrom(account).catch((cause) => {
        log.error('spam.retraining-failed', cause, { account })
        return 0
      })
      // What was learned once is known: the rest of this person begins anew.
      if (this.#ended.signal.aborted) return
      await waiting().remove(account)
      log.info('spam.retrained', { account, messages })
    }
  }

  async #learnFrom(account: AccountId): Promise<number> {
    const left = { spam: mostMessages, ham: mostMessages }
    for (const mailbox of await this.#parts.store.mailboxes(account)) {
      if (silent.has(mailbox.specialUse)) continue
      const as = mailbox.specialUse === '\\Junk' ? 'spam' : 'ham'
      const image = await this.#parts.store.image(account, mailbox.id)
      for (const uid of image ? tellingOf(image, as).slice(0, left[as]) : []) {
        if (this.#ended.signal.aborted) return 0
        await this.#learn(account, mailbox, uid, as === 'spam')
        left[as]--
      }
    }
    return 2 * mostMessages - left.spam - left.ham
  }

  async #learn(account: AccountId, { id }: Mailbox, uid: number, spam: boolean): Promise<void> {
    const { store, teach, clock } = this.#parts
    const message = await store.bytes(account, id, uid, { from: 0, to: octetsRead })
    if (message) await teach(message, spam, account)
    await clock.sleep(restMs, this.#ended.signal)
  }
}

/** The newest first; what nobody has read yet may be anything, unless it is in Junk. */
function tellingOf({ uids, flags }: MailboxImage, as: 'spam' | 'ham'): number[] {
  const isTelling = (at: number) => as === 'spam' || ((flags[at] ?? 0) & flagBits['\\Seen']) !== 0
  return [...uids].filter((_, at) => isTelling(at)).reverse()
}
