import type { AccountId } from '../../ports/accounts.ts'
import type { Mailbox, MailReader, Uid } from '../../ports/mail-store.ts'

export type StoredMail = Pick<MailReader, 'mailboxes' | 'image' | 'rows' | 'bytes'>

export interface KeptMessage {
  readonly mailbox: string
  readonly uid: Uid
  readonly receivedAt: number
  readonly bytes: Buffer
}

/** What its owner wrote, threw away, or never saw as mail: no rule filed it. */
const notFiled: ReadonlySet<Mailbox['specialUse']> = new Set(['\\Sent', '\\Drafts', '\\Trash', '\\Junk'])
/** Of a message: rules that look into attachments behind it are rehearsed without them. */
const mostOctets = 1_048_576
const rowsPerCall = 1_000

/** Messages of all folders that mail is filed in, the newest first. */
export async function* newestMessages(
  store: StoredMail,
  account: AccountId,
  most: number,
): AsyncGenerator<KeptMessage> {
  const found: { mailbox: Mailbox; uid: Uid; receivedAt: number }[] = []
  for (const mailbox of await store.mailboxes(account)) {
    if (notFiled.has(mailbox.specialUse) || mailbox.messages === 0) continue
    const image = await store.image(account, mailbox.id)
    const uids = [...(image?.uids ?? [])].slice(-most)
    for (let at = 0; at < uids.length; at += rowsPerCall) {
      const rows = await store.rows(account, mailbox.id, uids.slice(at, at + rowsPerCall), ['receivedAt'])
      found.push(...rows.map(({ uid, receivedAt = 0 }) => ({ mailbox, uid, receivedAt })))
    }
  }
  const newest = found.toSorted((a, b) => b.receivedAt - a.receivedAt || b.uid - a.uid).slice(0, most)
  for (const { mailbox, uid, receivedAt } of newest) {
    const bytes = await store.bytes(account, mailbox.id, uid, { from: 0, to: mostOctets })
    if (bytes) yield { mailbox: mailbox.name, uid, receivedAt, bytes: Buffer.from(bytes) }
  }
}
