import type { Uid } from '../../../ports/mail-store.ts'
import { Followed } from '../selected/followed.ts'
import { type Naming, resolveSet } from '../selected/resolve.ts'
import type { Selected } from '../session/session.ts'
import { leavesOf, type SearchKey } from '../wire/search-key.ts'
import type { SequenceSet } from '../wire/sequence-set.ts'
import type { SortKey } from '../wire/sort-keys.ts'
import { type InMailbox, inMailbox } from './command.ts'
import { bad, done, type Reply } from './replies.ts'

/** RFC 5267 §4.3.5. */
export const cancelUpdate = inMailbox({
  needs: [],
  parse: (d) => {
    const tags: string[] = []
    while (d.trySp()) tags.push(d.string())
    return tags.length > 0 ? tags : d.fail('tag')
  },
  run: ({ selected }, tags) => {
    for (const tag of tags) selected.followed?.searches.delete(tag)
    return done()
  },
})

/** A client's wish to follow what it searches for; made before the search, so that nothing is missed. */
export interface Wish {
  readonly key: SearchKey
  readonly naming: Naming
  readonly sort: readonly SortKey[] | undefined
  /** See `FollowedSearch`. */
  readonly place?: string
}

/** RFC 5267 §4.3: a tag that is in use cannot be told apart. */
export function tagRefusal({ session, selected }: InMailbox): Reply | undefined {
  return selected.followed?.searches.has(session.tag)
    ? bad('A search of this tag is followed already')
    : undefined
}

/** Begins to watch; to be called before the search. Gives back what to call with its result. */
export function follow(
  context: InMailbox,
  { key, naming, sort, place = '' }: Wish,
): (uids: readonly Uid[]) => void {
  const { session, selected } = context
  const why = refusalToFollow(selected, key, sort)
  if (why !== undefined) {
    // RFC 5267 §4.3.1
    return () => session.out.line(`* NO [NOUPDATE "${session.tag}"] ${why}`)
  }
  const followed = selected.followed ?? new Followed(selected.numbering.image)
  selected.followed = followed
  const { numbering } = selected
  const search = {
    tag: session.tag,
    key: fixed(selected, key),
    naming,
    place,
    sort,
    uids: [] as readonly Uid[],
    seenUid: numbering.uidAt(numbering.count) ?? 0,
  }
  followed.searches.set(search.tag, search)
  return (uids) => {
    search.uids = uids
  }
}

function refusalToFollow({ followed }: Selected, key: SearchKey, sort: Wish['sort']): string | undefined {
  if (followed?.isFull) return 'Too many searches are followed; cancel some'
  if (sort?.some(({ by }) => by === 'relevancy')) return 'What is relevant is not followed'
  // Time goes on without an event.
  return leavesOf(key).some(({ kind }) => kind === 'age')
    ? 'What depends on the time is not followed'
    : undefined
}

/** Numbers and `$` mean the messages they mean now. RFC 5267 §4.3. */
function fixed(selected: Selected, key: SearchKey): SearchKey {
  if (key.kind === 'and') return { kind: 'and', keys: key.keys.map((each) => fixed(selected, each)) }
  if (key.kind === 'or')
    return { kind: 'or', left: fixed(selected, key.left), right: fixed(selected, key.right) }
  if (key.kind === 'not') return { kind: 'not', key: fixed(selected, key.key) }
  const isFleeting = key.kind === 'numbers' || (key.kind === 'uids' && key.set.kind === 'saved')
  return isFleeting ? { kind: 'uids', set: fixedSet(selected, key.set) } : key
}

function fixedSet(selected: Selected, set: SequenceSet): SequenceSet {
  const uids = resolveSet(selected, set, 'number')
  return { kind: 'ranges', ranges: uids.map((uid) => ({ first: uid, last: uid })) }
}
