import { LRUCache } from 'lru-cache'
import type { MailboxId, Uid } from '../../../ports/mail-store.ts'
import type { PlaceSql } from './read-sql.ts'
import { Turns } from './turns.ts'

/** Mailboxes searched last are kept for so long, and so many octets of them. */
const keptMs = 60_000
const keptOctets = 16 * 1024 * 1024
const rowsAtOnce = 1000
/** A look-up costs as much as so many rows of a walk. */
const rowsPerLookUp = 15

/** What is in a mailbox, by ascending uid. What is gone stays: nobody asks for it. */
interface Content {
  readonly uids: Uid[]
  readonly emails: number[]
}

/** Where emails are seen in a mailbox. */
export class Placements {
  readonly #mail: PlaceSql
  readonly #kept = new LRUCache<MailboxId, Content>({
    maxSize: keptOctets,
    sizeCalculation: ({ uids }) => uids.length * 16 + 100,
    ttl: keptMs,
    ttlAutopurge: true,
  })

  constructor(mail: PlaceSql) {
    this.#mail = mail
  }

  /** Ascending. `messages`: how many there are in the mailbox. */
  async uidsOf(emails: readonly number[], mailbox: MailboxId, messages: number): Promise<readonly Uid[]> {
    if (emails.length === 0) return []
    const isCheaper = emails.length * rowsPerLookUp < messages && !this.#kept.has(mailbox)
    return isCheaper ? await this.#lookedUp(emails, mailbox) : await this.#walked(emails, mailbox)
  }

  forget(): void {
    this.#kept.clear()
  }

  async #lookedUp(emails: readonly number[], mailbox: MailboxId): Promise<readonly Uid[]> {
    const turns = new Turns()
    const found = new Set<Uid>()
    for (const email of emails) {
      for (const uid of this.#mail.uids.all(email, mailbox)) found.add(uid)
      await turns.rest()
    }
    return [...found].sort((a, b) => a - b)
  }

  async #walked(wanted: readonly number[], mailbox: MailboxId): Promise<readonly Uid[]> {
    const turns = new Turns()
    const { uids, emails } = await this.#contentOf(mailbox, turns)
    const isWanted = new Set(wanted)
    const found: Uid[] = []
    const count = uids.length
    for (let at = 0; at < count; at++) {
      if (isWanted.has(emails[at] ?? 0)) found.push(uids[at] ?? 0)
      if (at % rowsAtOnce === 0) await turns.rest()
    }
    return found
  }

  /** Uids only rise: what came since is behind the last. */
  async #contentOf(mailbox: MailboxId, turns: Turns): Promise<Content> {
    const content: Content = this.#kept.get(mailbox) ?? { uids: [], emails: [] }
    for (;;) {
      // Somebody else may have read on meanwhile: each step begins where the list ends.
      const rows = this.#mail.placements.all(mailbox, content.uids.at(-1) ?? 0, rowsAtOnce)
      for (const [uid, email] of rows) {
        content.uids.push(uid)
        content.emails.push(email)
      }
      if (rows.length < rowsAtOnce) break
      await turns.rest()
    }
    this.#kept.set(mailbox, content)
    return content
  }
}
