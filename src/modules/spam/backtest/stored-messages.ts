import { readHeader } from '../../../lib/mime/header.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { MailboxId, MailReader, Uid } from '../../../ports/mail-store.ts'
import type { JudgedMessage } from '../../../ports/spam-history.ts'
import { octetsRead } from '../looker.ts'

export interface StoredParts {
  readonly store: Pick<MailReader, 'mailboxes' | 'column' | 'bytes'>
}

/** Of each mailbox only the newest are looked through. */
const mostUids = 20_000
/** What we put in front of a message. */
const longestPrefix = 16 * 1024

interface Place {
  readonly mailbox: MailboxId
  readonly uid: Uid
}

/** Finds messages that were judged in the mailboxes of those who got them: by the moment they came, and our Received field. */
export class StoredMessages {
  readonly #store: StoredParts['store']
  readonly #moments: ReadonlySet<number>
  readonly #places = new Map<AccountId, Promise<Map<number, Place[]>>>()

  constructor({ store }: StoredParts, messages: readonly JudgedMessage[]) {
    this.#store = store
    this.#moments = new Set(messages.map(({ at }) => at))
  }

  /** As it was judged, without what we put in front. Undefined where nobody has it any more. */
  async find({ id, at }: JudgedMessage, accounts: readonly AccountId[]): Promise<Uint8Array | undefined> {
    for (const account of accounts) {
      const places = this.#places.get(account) ?? this.#placesOf(account)
      this.#places.set(account, places)
      for (const { mailbox, uid } of (await places).get(at) ?? []) {
        const range = { from: 0, to: octetsRead + longestPrefix }
        const octets = await this.#store.bytes(account, mailbox, uid, range)
        const message = octets && afterReceived(octets, id)
        if (message) return message
      }
    }
    return undefined
  }

  async #placesOf(account: AccountId): Promise<Map<number, Place[]>> {
    const places = new Map<number, Place[]>()
    for (const { id: mailbox, uidNext } of await this.#store.mailboxes(account))
      for (let from = Math.max(1, uidNext - mostUids); ; ) {
        const { uids, values } = await this.#store.column(account, mailbox, 'receivedAt', from)
        for (const [at, uid] of uids.entries()) {
          const moment = Number(values[at])
          if (!this.#moments.has(moment)) continue
          places.set(moment, [...(places.get(moment) ?? []), { mailbox, uid }])
        }
        const last = uids.at(-1)
        if (last === undefined) break
        from = last + 1
      }
    return places
  }
}

/** Our own Received field stands last of what we put there. */
function afterReceived(octets: Uint8Array, id: string): Uint8Array | undefined {
  const header = readHeader(octets.subarray(0, longestPrefix))
  const own = header.fields.find(
    ({ name, start, end }) =>
      name === 'received' &&
      header.text
        .slice(start, end)
        .split(/[\s;]+/)
        .includes(id),
  )
  return own && octets.subarray(own.end)
}
