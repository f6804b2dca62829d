import type { AccountId } from '../../../ports/accounts.ts'

/** RFC 1939 §4: a maildrop is open in one session at a time. */
export class Locks {
  readonly #held = new Set<AccountId>()

  /** False where another session has it. */
  tryTake(account: AccountId): boolean {
    if (this.#held.has(account)) return false
    this.#held.add(account)
    return true
  }

  giveBack(account: AccountId): void {
    this.#held.delete(account)
  }
}
