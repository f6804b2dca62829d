import { LRUCache } from 'lru-cache'
import type { AccountId } from '../../ports/accounts.ts'
import type { ModSeq, Usage } from '../../ports/mail-store.ts'
import type { StoredChange } from './operations.ts'
import type { ReadSql } from './read-sql.ts'

const accountsKept = 10_000

interface Kept {
  readonly quotaBytes: number
  usedBytes: number
  messages: number
  /** What the account's row knew when it was read; later changes are added up here. */
  readonly readAt: ModSeq
}

/** What accounts hold, asked at every RCPT: kept in memory and always equal to their rows. */
export class Usages {
  readonly #sql: ReadSql
  readonly #kept = new LRUCache<AccountId, Kept>({ max: accountsKept })

  constructor(sql: ReadSql) {
    this.#sql = sql
  }

  of(account: AccountId): Usage {
    const kept = this.#kept.get(account)
    if (kept) {
      const { quotaBytes, usedBytes, messages } = kept
      return { quotaBytes, usedBytes, messages, active: true }
    }
    const row = this.#sql.usage.get(account)
    const [quotaBytes = 0, usedBytes = 0, messages = 0, state = 1, readAt = 0] = row ?? []
    const active = state === 0
    // The sweep of a removed account tells nobody what it takes away.
    if (active) this.#kept.set(account, { quotaBytes, usedBytes, messages, readAt })
    return { quotaBytes, usedBytes, messages, active, ...(row && !active && { removed: true }) }
  }

  /** Told once of each change, though it may have been seen by the reader before. */
  note(change: StoredChange): void {
    if (change.kind === 'mailboxes') this.forget(change.account)
    const kept = this.#kept.peek(change.account)
    if (change.kind !== 'messages' || !kept || change.modSeq <= kept.readAt) return
    kept.usedBytes += change.bytes
    kept.messages += change.messages
  }

  /** Its quota or its state has changed. */
  forget(account: AccountId): void {
    this.#kept.delete(account)
  }
}
