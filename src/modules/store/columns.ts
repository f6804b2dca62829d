import type { Database, Statement } from '../../platform/sqlite/database.ts'
import type { ColumnName, ColumnValue, ColumnValues } from '../../ports/mail-columns.ts'
import type { MailboxId, Uid } from '../../ports/mail-store.ts'
import { messageIdsOfHeader, unpackMessageIds } from './message-ids.ts'

/** A millisecond or two of reading. */
const rowsAtOnce = 1_000
/** Those of an older version are parsed, which takes longer. */
const idsAtOnce = 250

type Cell = number | string | Uint8Array | null

const expressions: Readonly<Record<ColumnName, string>> = {
  size: 'p.size',
  receivedAt: 'p.received_at',
  savedAt: 'p.saved_at',
  sentAt: 'e.sent_at',
  sentDay: 'e.sent_day',
  subject: 'e.subject',
  from: 'e.from_text',
  to: 'e.to_text',
  cc: 'e.cc_text',
  bcc: 'e.bcc_text',
  baseSubject: 'e.base_subject',
  isReply: 'e.is_reply',
  sortFrom: 'e.sort_from',
  sortTo: 'e.sort_to',
  sortCc: 'e.sort_cc',
  displayFrom: 'e.display_from',
  displayTo: 'e.display_to',
  messageIds: 'e.message_ids',
}

/** Reads one value of each message along the index of placements: its key. Statements are prepared when first asked for. */
export function createColumnReader(db: Database) {
  const statements = new Map<ColumnName, Statement<readonly [Uid, Cell]>>()
  const prepared = (name: ColumnName) => {
    const join = expressions[name].startsWith('e.') ? 'JOIN email e ON e.id = p.email' : ''
    const known =
      statements.get(name) ??
      db
        .prepare<unknown[], readonly [Uid, Cell]>(
          `SELECT p.uid, ${expressions[name]} FROM placement p ${join}
            WHERE p.mailbox = ? AND p.uid >= ? ORDER BY p.uid LIMIT ?`,
        )
        .raw()
    statements.set(name, known)
    return known
  }
  const headOf = db
    .prepare<[number, number], Buffer | null>(
      `SELECT b.head FROM placement p JOIN email e ON e.id = p.email JOIN body b ON b.id = e.body
        WHERE p.mailbox = ? AND p.uid = ?`,
    )
    .pluck()
  const idsOf = (mailbox: MailboxId, uid: Uid, packed: Cell): number[] => {
    if (packed instanceof Uint8Array) return unpackMessageIds(packed)
    const head = headOf.get(mailbox, uid)
    // A header too long to be kept apart is not read for this.
    return head ? messageIdsOfHeader(head) : [0]
  }
  return (mailbox: MailboxId, name: ColumnName, from: Uid, atMost = rowsAtOnce): ColumnValues => {
    const most = Math.min(atMost, name === 'messageIds' ? idsAtOnce : rowsAtOnce)
    const rows = prepared(name).all(mailbox, from, most)
    return {
      uids: rows.map(([uid]) => uid),
      values: rows.map(([uid, cell]): ColumnValue => {
        if (name === 'messageIds') return idsOf(mailbox, uid, cell)
        return cell === null || cell instanceof Uint8Array ? undefined : cell
      }),
    }
  }
}
