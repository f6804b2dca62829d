import type { AccountId } from '../../ports/accounts.ts'
import type { FlagState, MailChange } from '../../ports/mail-store.ts'
import type { Log, Stop } from '../../ports/runtime.ts'
import type { PackedStates, StoredChange } from './operations.ts'

type OnChange = (change: MailChange) => void

/** Who wants to hear of an account's changes. */
export class Watchers {
  readonly #log: Log
  readonly #byAccount = new Map<AccountId, Set<OnChange>>()

  constructor(log: Log) {
    this.#log = log
  }

  add(account: AccountId, onChange: OnChange): Stop {
    const watching = this.#byAccount.get(account) ?? new Set()
    this.#byAccount.set(account, watching)
    // Its own entry, so that a callback given twice is stopped one at a time.
    const entry: OnChange = (change) => onChange(change)
    watching.add(entry)
    return () => {
      watching.delete(entry)
      if (watching.size === 0 && this.#byAccount.get(account) === watching) this.#byAccount.delete(account)
    }
  }

  tell(stored: StoredChange): void {
    const watching = this.#byAccount.get(stored.account)
    if (!watching) return
    const change = unpacked(stored)
    for (const onChange of [...watching]) {
      try {
        onChange(change)
      } catch (cause) {
        this.#log.error('store.watcher-failed', cause, { account: stored.account })
      }
    }
  }
}

function unpacked(stored: StoredChange): MailChange {
  if (stored.kind === 'mailboxes')
    return { kind: 'mailboxes', modSeq: stored.modSeq, deleted: stored.deleted }
  const { mailbox, modSeq } = stored
  if (stored.kind === 'annotations')
    return { kind: 'annotations', mailbox: mailbox || undefined, modSeq, names: stored.names }
  const { expunged } = stored
  const states = ({ uids, flags }: PackedStates): FlagState[] =>
    uids.map((uid, index) => ({ uid, flags: flags[index] ?? 0, modSeq }))
  return {
    kind: 'messages',
    mailbox,
    modSeq,
    arrived: states(stored.arrived),
    flagged: states(stored.flagged),
    expunged,
  }
}
