import type { AccountId } from '../../../ports/accounts.ts'
import type { MailReader } from '../../../ports/mail-store.ts'
import type { OutgoingNotes } from '../../../ports/outgoing-notes.ts'
import type { CompiledSieve, SieveFacts } from '../../../ports/sieve.ts'

export interface ListParts {
  readonly notes: Pick<OutgoingNotes, 'list'>
  readonly store: Pick<MailReader, 'annotations'>
}

/** Of people that somebody has written to. Who has more of them has those of the first letters. */
const mostMembers = 10_000
const page = 1_000
/** What mail programs keep in the account's own notes. RFC 5464 */
const kept = '/private/addrbook/'
const ofAll = 'default'

/**
 * The lists that an owner's scripts may ask (RFC 6134): `:addrbook:default` is whom he has written to, and what he keeps under that
 * name; others are what he keeps. Nothing is read where no script asks.
 */
export async function listsFor(
  { notes, store }: ListParts,
  account: AccountId,
  scripts: readonly CompiledSieve[],
): Promise<SieveFacts['lists']> {
  if (!scripts.some(({ extensions }) => extensions.includes('extlists'))) return []
  const own = (await store.annotations(account, undefined))
    .filter(({ name }) => name.startsWith(kept))
    .map(({ name, value }) => ({ name: name.slice(kept.length), members: membersIn(value) }))
  const written = await writtenTo(notes, account)
  const others = own.filter(({ name }) => name !== ofAll)
  const more = own.find(({ name }) => name === ofAll)?.members ?? []
  return [{ name: ofAll, members: [...written, ...more] }, ...others].map(({ name, members }) => ({
    name: `:addrbook:${name}`,
    members,
  }))
}

async function writtenTo(notes: ListParts['notes'], account: AccountId): Promise<readonly string[]> {
  const prefix = `${account} `
  const found: string[] = []
  for (let after = prefix; found.length < mostMembers; ) {
    const rows = await notes.list('recipient', after, page)
    const own = rows.filter(({ name }) => name.startsWith(prefix))
    found.push(...own.map(({ name }) => name.slice(prefix.length)))
    if (own.length < page) break
    after = own.at(-1)?.name ?? after
  }
  return found
}

/** One to a line, or with commas between. */
function membersIn(value: Uint8Array): readonly string[] {
  return Buffer.from(value)
    .toString()
    .split(/[\r\n,]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
