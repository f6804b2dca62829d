import { nextTurn } from '../../platform/next-turn.ts'
import type { Database } from '../../platform/sqlite/database.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { Mailbox, MailboxId, MailReader, ModSeq, SpecialUse, Uid } from '../../ports/mail-store.ts'
import type { Blobs } from './blobs.ts'
import { readMessage, readMessages } from './bodies.ts'
import { createColumnReader } from './columns.ts'
import type { Images } from './images.ts'
import { storedName } from './mailbox-name.ts'
import type { MailboxColumns, ReadSql } from './read-sql.ts'
import { createRowReader } from './rows.ts'
import type { Usages } from './usages.ts'
import type { Watchers } from './watchers.ts'

const mostUids = 1_000
const logRowsPerStep = 1_000
const mostDecisions = 1_000

interface Reading {
  readonly db: Database
  readonly sql: ReadSql
  readonly blobs: Blobs
  readonly images: Images
  readonly usages: Usages
  readonly watchers: Watchers
}

/** Reads on the calling thread, through a read-only connection; nothing stays open across an await. */
export function createMailReader({ db, sql, blobs, images, usages, watchers }: Reading): MailReader {
  const readRows = createRowReader(db, sql)
  const readColumn = createColumnReader(db)
  const owners = new Map<MailboxId, AccountId>()
  /** A mailbox never changes its account, and its number is never used again. */
  const isOwn = (account: AccountId, mailbox: MailboxId) => {
    const owner = owners.get(mailbox) ?? (sql.owner.get(mailbox) as AccountId | undefined)
    if (owner !== undefined) owners.set(mailbox, owner)
    return owner === account
  }
  return {
    mailboxes: async (account) => sql.mailboxes.all(account).map(mailboxOf),
    mailbox: async (account, name) => optionalMailbox(sql.mailboxByName.get(account, storedName(name))),
    subscriptions: async (account) => sql.subscriptions.all(account),
    image: (account, mailbox) =>
      images.image(mailbox, () => optionalMailbox(sql.mailboxById.get(mailbox, account))),
    changesSince: (account, mailbox, since) => changesSince(sql, account, mailbox, since),
    async rows(account, mailbox, uids, fields) {
      if (uids.length > mostUids) throw new RangeError(`asked for ${uids.length} rows, at most ${mostUids}`)
      return isOwn(account, mailbox) ? readRows(mailbox, uids, fields) : []
    },
    column: async (account, mailbox, name, from, atMost) =>
      isOwn(account, mailbox) ? readColumn(mailbox, name, from, atMost) : { uids: [], values: [] },
    bytes: async (account, mailbox, uid, range) =>
      isOwn(account, mailbox) ? readMessage({ sql, blobs }, mailbox, uid, range) : undefined,
    bodies: async (account, mailbox, uids, maxBytes) =>
      isOwn(account, mailbox) ? readMessages({ sql, blobs }, mailbox, uids, maxBytes) : [],
    annotations: async (account, mailbox = 0) =>
      sql.annotations.all(account, mailbox).map(([name, value]) => ({ name, value })),
    decisions: async (account, atMost, before = Number.MAX_SAFE_INTEGER) =>
      sql.decisions
        .all(account, before, Math.min(atMost, mostDecisions))
        .map(({ id, steps, ...row }) => ({ ...row, account, number: id, steps: JSON.parse(steps) })),
    usage: async (account) => usages.of(account),
    keywordSets: async (ids) => ids.map((id) => JSON.parse(sql.keywords.get(id) ?? '[]')),
    watch: (account, onChange) => watchers.add(account, onChange),
  }
}

async function changesSince(
  sql: ReadSql,
  account: AccountId,
  mailbox: MailboxId,
  since: ModSeq,
): ReturnType<MailReader['changesSince']> {
  const found = sql.logFloor.get(mailbox, account)
  if (!found) return { kind: 'missing' }
  const [floor, modSeq] = found
  if (since < floor) return { kind: 'too-old' }
  const expunged: Uid[] = []
  for (let after: readonly [ModSeq, Uid] = [since, Number.MAX_SAFE_INTEGER]; ; ) {
    const rows = sql.expungedAfter.all(mailbox, ...after, logRowsPerStep)
    expunged.push(...rows.map(([, uid]) => uid))
    const last = rows.at(-1)
    if (!last || rows.length < logRowsPerStep) break
    after = last
    await nextTurn()
  }
  return { kind: 'changes', expunged: expunged.sort((a, b) => a - b), modSeq }
}

function optionalMailbox(columns: MailboxColumns | undefined): Mailbox | undefined {
  return columns && mailboxOf(columns)
}

export function mailboxOf(columns: MailboxColumns): Mailbox {
  const [
    id,
    name,
    uidValidity,
    uidNext,
    highestModSeq,
    messages,
    unseen,
    deleted,
    bytes,
    subscribed,
    specialUse,
  ] = columns
  return {
    id,
    name,
    uidValidity,
    uidNext,
    highestModSeq,
    messages,
    unseen,
    deleted,
    bytes,
    subscribed: subscribed === 1,
    specialUse: (specialUse as SpecialUse | null) ?? undefined,
  }
}
