import { piecesOf } from '../../../lib/search/words.ts'
import type { MailboxId, Uid } from '../../../ports/mail-store.ts'
import type { TextFindings, WantedText } from '../../../ports/text-search.ts'
import { type Lookup, SegmentGone } from './lookup.ts'
import type { IndexSql, PlaceSql } from './read-sql.ts'
import { Turns } from './turns.ts'

const attempts = 4
const rowsAtOnce = 1000

interface Finding {
  readonly index: IndexSql
  readonly lookup: Lookup
  readonly mail: PlaceSql
}

const unknown: TextFindings = { kind: 'unknown' }

/** Which messages of a mailbox hold a text, which may, by the index alone. */
export async function findText(
  { index, lookup, mail }: Finding,
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
    const place = new Places(mail, mailbox, messages)
    return {
      kind: 'found',
      sure: isSure ? await place.uidsOf(found) : [],
      open: await place.uidsOf(toRead.sort((a, b) => a - b)),
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

/** Where emails are seen in one mailbox. */
class Places {
  readonly #mail: PlaceSql
  readonly #mailbox: MailboxId
  readonly #messages: number

  constructor(mail: PlaceSql, mailbox: MailboxId, messages: number) {
    this.#mail = mail
    this.#mailbox = mailbox
    this.#messages = messages
  }

  /** Ascending both. */
  async uidsOf(emails: readonly number[]): Promise<readonly Uid[]> {
    // A look-up costs as much as some ten rows of a walk.
    return emails.length * 10 < this.#messages ? await this.#lookedUp(emails) : await this.#walked(emails)
  }

  async #lookedUp(emails: readonly number[]): Promise<readonly Uid[]> {
    const turns = new Turns()
    const uids = new Set<Uid>()
    for (const email of emails) {
      for (const uid of this.#mail.uids.all(email, this.#mailbox)) uids.add(uid)
      await turns.rest()
    }
    return [...uids].sort((a, b) => a - b)
  }

  async #walked(emails: readonly number[]): Promise<readonly Uid[]> {
    if (emails.length === 0) return []
    const turns = new Turns()
    const wanted = new Set(emails)
    const uids: Uid[] = []
    for (let last = 0; ; ) {
      const rows = this.#mail.placements.all(this.#mailbox, last, rowsAtOnce)
      for (const [uid, email] of rows) if (wanted.has(email)) uids.push(uid)
      if (rows.length < rowsAtOnce) return uids
      last = rows.at(-1)?.[0] ?? last
      await turns.rest()
    }
  }
}
