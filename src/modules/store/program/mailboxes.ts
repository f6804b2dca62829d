import type { AccountId } from '../../../ports/accounts.ts'
import type { SpecialUse } from '../../../ports/mail-store.ts'
import { isMailboxName, storedName } from '../mailbox-name.ts'
import type { StoreOperations } from '../operations.ts'
import { Change } from './change.ts'
import { activeAccount } from './owners.ts'
import { everyPlacement } from './placements.ts'
import type { MailboxRow, Sql } from './sql.ts'

const mostMailboxes = 10_000
/** Names, of mailboxes that are there or not. */
const mostSubscriptions = 20_000

interface NewMailbox {
  readonly account: number
  readonly name: string
  readonly specialUse?: SpecialUse | undefined
  readonly subscribed?: boolean
}

export function addMailbox(
  sql: Sql,
  change: Change,
  { account, name, specialUse, subscribed }: NewMailbox,
): MailboxRow {
  const modSeq = change.modSeq(account)
  const uidValidity = sql.nextUidValidity.get(account) ?? 1
  sql.insertMailbox.run(account, name, specialUse ?? null, uidValidity, modSeq, modSeq)
  if (subscribed) sql.subscribe.run(account, name)
  change.mailboxList(account)
  const row = sql.mailboxByName.get(account, name)
  if (!row) throw new Error(`mailbox ${name} is not there after its creation`)
  inheritGrants(sql, row)
  return row
}

/** Who may use a mailbox may use what is made below it later: that is what people expect of a shared folder. */
function inheritGrants(sql: Sql, { id, account, name }: MailboxRow): void {
  const above = name.includes('/') && sql.mailboxByName.get(account, name.slice(0, name.lastIndexOf('/')))
  if (above) sql.inheritGrants.run(id, account, above.id)
}

/** The mailbox a delivery names; made and subscribed where it is missing. */
export function mailboxForDelivery(sql: Sql, change: Change, account: number, name: string): MailboxRow {
  const stored = isMailboxName(name) ? storedName(name) : 'INBOX'
  const known = sql.mailboxByName.get(account, stored)
  if (known) return known
  addSuperiors(sql, change, account, stored)
  return addMailbox(sql, change, { account, name: stored, subscribed: true })
}

/** RFC 9051 §6.3.4: the names above a new one are made with it. */
function addSuperiors(sql: Sql, change: Change, account: number, name: string): void {
  for (let end = name.indexOf('/'); end > 0; end = name.indexOf('/', end + 1)) {
    const superior = name.slice(0, end)
    if (!sql.mailboxByName.get(account, superior)) addMailbox(sql, change, { account, name: superior })
  }
}

type MailboxOperations = Pick<
  StoreOperations,
  'createMailbox' | 'renameMailbox' | 'deleteMailbox' | 'subscribe' | 'unsubscribe'
>

export function mailboxOperations(sql: Sql): MailboxOperations {
  return {
    createMailbox: ({ account, name, specialUse }) => create(sql, account, name, specialUse),
    renameMailbox: ({ account, from, to, now }) => rename(sql, { account, from: storedName(from), to, now }),
    deleteMailbox: ({ account, name, now }) => remove(sql, account, storedName(name), now),
    subscribe: ({ account, name }) =>
      (sql.subscriptionCount.get(account) ?? 0) < mostSubscriptions
        ? setSubscription(sql, sql.subscribe, account, name)
        : { answer: { kind: 'limit' }, changes: [] },
    unsubscribe: ({ account, name }) => setSubscription(sql, sql.unsubscribe, account, name),
  }
}

function create(
  sql: Sql,
  account: AccountId,
  name: string,
  specialUse: SpecialUse | undefined,
): ReturnType<StoreOperations['createMailbox']> {
  if (!isMailboxName(name) || !roomForMailboxes(sql, account))
    return { answer: { kind: 'limit' }, changes: [] }
  const stored = storedName(name)
  if (sql.mailboxByName.get(account, stored)) return { answer: { kind: 'exists' }, changes: [] }
  if (specialUse && sql.hasSpecialUse.get(account, specialUse) === 1)
    return { answer: { kind: 'use-taken' }, changes: [] }
  const change = new Change(sql, 0)
  addSuperiors(sql, change, account, stored)
  const { id } = addMailbox(sql, change, { account, name: stored, specialUse })
  return { answer: { kind: 'created', id }, changes: change.finish() }
}

function roomForMailboxes(sql: Sql, account: number): boolean {
  return activeAccount(sql, account) !== undefined && (sql.mailboxCount.get(account) ?? 0) < mostMailboxes
}

interface Rename {
  readonly account: AccountId
  readonly from: string
  readonly to: string
  readonly now: number
}

function rename(sql: Sql, { account, from, to, now }: Rename): ReturnType<StoreOperations['renameMailbox']> {
  const source = sql.mailboxByName.get(account, from)
  if (!source) return { answer: { kind: 'missing' }, changes: [] }
  if (!isMailboxName(to) || !roomForMailboxes(sql, account)) return { answer: { kind: 'limit' }, changes: [] }
  const target = storedName(to)
  if (sql.mailboxByName.get(account, target)) return { answer: { kind: 'exists' }, changes: [] }
  const change = new Change(sql, now)
  if (from === 'INBOX') {
    addSuperiors(sql, change, account, target)
    moveEverything(sql, change, source, addMailbox(sql, change, { account, name: target }))
    return { answer: { kind: 'renamed' }, changes: change.finish() }
  }
  const children = mailboxesBelow(sql, account, from)
  const renamed = [source, ...children].map(({ id, name }) => ({
    id,
    name: target + name.slice(from.length),
  }))
  if (renamed.some(({ name }) => !isMailboxName(name))) return { answer: { kind: 'limit' }, changes: [] }
  const leaving = new Set([source.id, ...children.map(({ id }) => id)])
  const taken = renamed.some(({ name }) => {
    const there = sql.mailboxByName.get(account, name)
    return there !== undefined && !leaving.has(there.id)
  })
  if (taken) return { answer: { kind: 'exists' }, changes: [] }
  // Deepest first into deeper names, and the other way round, so that no name is taken for a moment.
  const ordered = target.startsWith(`${from}/`) ? renamed.toReversed() : renamed
  for (const { id, name } of ordered) sql.renameMailbox.run(name, id)
  addSuperiors(sql, change, account, target)
  change.mailboxList(account)
  return { answer: { kind: 'renamed' }, changes: change.finish() }
}

/** RFC 9051 §6.3.6: INBOX itself stays, empty. */
function moveEverything(sql: Sql, change: Change, from: MailboxRow, to: MailboxRow): void {
  const source = change.mailbox(from)
  const target = change.mailbox(to)
  for (const placement of everyPlacement(sql, from.id)) {
    target.place(placement)
    source.expunge(placement)
  }
}

function remove(
  sql: Sql,
  account: AccountId,
  name: string,
  now: number,
): ReturnType<StoreOperations['deleteMailbox']> {
  if (name === 'INBOX') return { answer: { kind: 'refused' }, changes: [] }
  const row = sql.mailboxByName.get(account, name)
  if (!row) return { answer: { kind: 'missing' }, changes: [] }
  const change = new Change(sql, now)
  deleteMailbox(sql, change, row, now)
  return { answer: { kind: 'deleted' }, changes: change.finish() }
}

export function deleteMailbox(sql: Sql, change: Change, { id, account }: MailboxRow, now: number): void {
  const totals = sql.mailboxTotals.get(id) ?? { bytes: 0, messages: 0 }
  sql.logAllExpunged.run(change.modSeq(account), now, id)
  sql.deleteAllPlacements.run(id)
  sql.addUsage.run(-totals.bytes, -totals.messages, account)
  sql.deleteMailbox.run(id)
  sql.deleteAnnotationsOf.run(id)
  sql.deleteGrantsOf.run(account, id)
  change.mailboxList(account, [id])
}

function setSubscription(
  sql: Sql,
  statement: Sql['subscribe'],
  account: AccountId,
  name: string,
): ReturnType<StoreOperations['unsubscribe']> {
  const { changes } = statement.run(account, storedName(name))
  if (changes === 0 || !activeAccount(sql, account)) return { answer: { kind: 'done' }, changes: [] }
  const change = new Change(sql, 0)
  change.mailboxList(account)
  return { answer: { kind: 'done' }, changes: change.finish() }
}

function mailboxesBelow(sql: Sql, account: number, name: string): MailboxRow[] {
  // '0' follows '/' in every encoding.
  return sql.mailboxesBelow.all(account, `${name}/`, `${name}0`)
}
