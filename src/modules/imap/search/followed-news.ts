import type { Uid } from '../../../ports/mail-store.ts'
import type { InMailbox } from '../commands/command.ts'
import type { Followed, FollowedSearch } from '../selected/followed.ts'
import type { Selected, Session } from '../session/session.ts'
import { formatSet } from '../wire/sequence-set.ts'
import { runSearch } from './run.ts'
import { inSortOrder } from './sort-order.ts'

/** What is gone from followed results: said before its EXPUNGE, while it still has a number. RFC 5267 §4.3.4. */
export function tellRemoved(session: Session, selected: Selected, followed: Followed): void {
  const gone = followed.takeGone()
  if (gone.size === 0) return
  for (const search of followed.searches.values()) {
    const removals = remove(selected, search, gone)
    if (removals !== '') say(session, search, removals)
  }
}

/** What came into followed results and what left them by other ways: said behind the EXISTS and FETCH that caused it. */
export async function tellFollowed(session: Session, selected: Selected, followed: Followed): Promise<void> {
  const { user } = session
  if (!user) return
  const context = { session, mail: user.mail, selected }
  const flagged = followed.takeFlagged()
  const { image } = selected.numbering
  for (const search of followed.searches.values()) {
    const lastUid = image.lastUid
    const fresh = selected.numbering.uidsBetween(search.seenUid + 1, lastUid)
    const touched = [...flagged].filter((uid) => uid <= search.seenUid)
    search.seenUid = Math.max(search.seenUid, lastUid)
    if (fresh.length > 0 || touched.length > 0) await update(context, search, [...touched, ...fresh])
  }
}

/** Looks at these messages again. */
async function update(context: InMailbox, search: FollowedSearch, uids: readonly Uid[]): Promise<void> {
  const { session, selected } = context
  const members = new Set(search.uids)
  const ranges = uids.map((uid) => ({ first: uid, last: uid }))
  const within = { kind: 'uids' as const, set: { kind: 'ranges' as const, ranges } }
  const fitting = new Set(await runSearch(context, { kind: 'and', keys: [within, search.key] }))
  const left = new Set(uids.filter((uid) => members.has(uid) && !fitting.has(uid)))
  const removals = remove(selected, search, left)
  const added = [...fitting].filter((uid) => !members.has(uid))
  const additions = added.length > 0 ? await add(context, search, added) : ''
  if (removals !== '' || additions !== '') say(session, search, removals + additions)
}

function say(session: Session, { tag, naming, place }: FollowedSearch, items: string): void {
  session.out.line(`* ESEARCH (TAG "${tag}"${place})${naming === 'uid' ? ' UID' : ''}${items}`)
}

/** From behind, so that each position is right when its turn comes. */
function remove(selected: Selected, search: FollowedSearch, gone: ReadonlySet<Uid>): string {
  const positions: number[] = []
  for (const [index, uid] of search.uids.entries()) if (gone.has(uid)) positions.push(index)
  if (positions.length === 0) return ''
  const removed = positions.map((index) => search.uids[index] ?? 0)
  search.uids = search.uids.filter((uid) => !gone.has(uid))
  if (!search.sort) return ` REMOVEFROM (0 ${setOf(selected, search, removed)})`
  const pairs = positions.map((index, at) => `${index + 1} ${setOf(selected, search, [removed[at] ?? 0])}`)
  return ` REMOVEFROM (${pairs.reverse().join(' ')})`
}

/** From the front, each at the place where it stays. Neighbours go together. RFC 5267 §4.3.3. */
async function add(context: InMailbox, search: FollowedSearch, added: readonly Uid[]): Promise<string> {
  const { selected } = context
  const all = [...search.uids, ...added].sort((a, b) => a - b)
  if (!search.sort) {
    search.uids = all
    return ` ADDTO (0 ${setOf(
      selected,
      search,
      added.toSorted((a, b) => a - b),
    )})`
  }
  search.uids = await inSortOrder(context, all, search.sort)
  const fresh = new Set(added)
  const pairs: string[] = []
  for (let index = 0; index < search.uids.length; index++) {
    const run: Uid[] = []
    for (
      let uid = search.uids[index];
      uid !== undefined && fresh.has(uid);
      uid = search.uids[index + run.length]
    )
      run.push(uid)
    if (run.length === 0) continue
    pairs.push(`${index + 1} ${setOf(selected, search, run)}`)
    index += run.length
  }
  return ` ADDTO (${pairs.join(' ')})`
}

function setOf({ numbering }: Selected, { naming }: FollowedSearch, uids: readonly Uid[]): string {
  return formatSet(naming === 'uid' ? uids : uids.flatMap((uid) => numbering.numberOf(uid) ?? []))
}
