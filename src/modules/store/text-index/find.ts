import { piecesOf } from '../../../lib/search/words.ts'
import type { MailboxId } from '../../../ports/mail-store.ts'
import type { TextFindings, WantedText } from '../../../ports/text-search.ts'
import { type Lookup, SegmentGone } from './lookup.ts'
import type { Placements } from './placements.ts'
import type { IndexSql, PlaceSql } from './read-sql.ts'
import { Turns } from './turns.ts'

const attempts = 4
const rowsAtOnce = 1000

interface Finding {
  readonly index: IndexSql
  readonly lookup: Lookup
  readonly mail: PlaceSql
  readonly placements: Placements
}

const unknown: TextFindings = { kind: 'unknown' }

/** Which messages of a mailbox hold a text, which may, by the index alone. */
export async function findText(
  { index, lookup, mail, placements }: Finding,
  account: number,
  mailbox: MailboxId,
  { where, needle }: WantedText,
): Promise<TextFindings> {
  const { pieces, suffice } = piecesOf(needle)
  const messages = mail.messages.get(mailbox, account)
  if (pieces.length === 0 || messages === undefined) return unknown
  for (let attempt = 0; attempt < attempts; attempt++) {
    // Read before the segments: what is indexed meanwhile is read once too often, never left out.
    const upTo = index.progress.get(account)
    if (upTo === undefined) return unknown
    const waiting = await emailsAfter(mail, account, upTo)
    const unread = index.unread.all(account)
    const found = await lookup.emailsWith(account, pieces, where).catch(ifGone)
    if (!found) continue
    const isSure = suffice && where !== 'header'
    const toRead = isSure ? [...unread, ...waiting] : [...found, ...unread, ...waiting]
    return {
      kind: 'found',
      sure: isSure ? await placements.uidsOf(found, mailbox, messages) : [],
      open: await placements.uidsOf(toRead, mailbox, messages),
    }
  }
  return unknown
}

/** Merged while it was looked into: the next attempt looks into what it became. */
function ifGone(cause: unknown): undefined {
  if (!(cause instanceof SegmentGone)) throw cause
}

async function emailsAfter(mail: PlaceSql, account: number, upTo: number): Promise<number[]> {
  const turns = new Turns()
  const emails: number[] = []
  for (;;) {
    const rows = mail.emailsAfter.all(account, emails.at(-1) ?? upTo, rowsAtOnce)
    emails.push(...rows)
    if (rows.length < rowsAtOnce) return emails
    await turns.rest()
  }
}
