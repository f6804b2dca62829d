import type { Uid } from '../../../ports/mail-store.ts'
import { no, type Reply } from '../commands/replies.ts'
import type { Selected, Session } from '../session/session.ts'
import type { SearchKey } from '../wire/search-key.ts'
import { resolveSet } from './resolve.ts'

/** The messages that one command works on: the newest, where the client names more than the limit. RFC 9738 §3.1. */
export interface Limited {
  readonly uids: readonly Uid[]
  /** The first that it works on, where others are left. */
  readonly lowest: Uid | undefined
}

/** `uids` ascend. */
export function limited({ services }: Session, uids: readonly Uid[]): Limited {
  const { messageLimit } = services.settings
  if (uids.length <= messageLimit) return { uids, lowest: undefined }
  const newest = uids.slice(-messageLimit)
  return { uids: newest, lowest: newest[0] }
}

/** For commands that do all or nothing. RFC 9738 §3.2. */
export function refusalOver({ services }: Session, count: number): Reply | undefined {
  const { messageLimit } = services.settings
  return count > messageLimit
    ? no(`MESSAGELIMIT ${messageLimit}`, `At most ${messageLimit} messages at once`)
    : undefined
}

/** Tells the client which are left, beside what else the reply tells. */
export function withLimit(session: Session, reply: Reply, { lowest }: Pick<Limited, 'lowest'>): Reply {
  if (lowest === undefined || reply.kind !== 'ok') return reply
  const code = `MESSAGELIMIT ${session.services.settings.messageLimit} ${lowest}`
  if (reply.code === undefined) return { ...reply, code }
  session.out.line(`* NO [${code}] Some are left`)
  return reply
}

/** Of a search, those count that it may have to look at: sets at its top level leave the others alone. */
export function limitedSearch(
  session: Session,
  selected: Selected,
  key: SearchKey,
): { key: SearchKey; lowest: Uid | undefined } {
  const { numbering } = selected
  if (numbering.count <= session.services.settings.messageLimit) return { key, lowest: undefined }
  const { lowest } = limited(session, searched(selected, key))
  if (lowest === undefined) return { key, lowest }
  const set = { kind: 'ranges', ranges: [{ first: lowest, last: 0xffff_ffff }] } as const
  return { key: { kind: 'and', keys: [{ kind: 'uids', set }, key] }, lowest }
}

/** How many a search without any answer of its own would have to look at. */
export function searchedCount(session: Session, selected: Selected, key: SearchKey): number {
  const { count } = selected.numbering
  return count <= session.services.settings.messageLimit ? count : searched(selected, key).length
}

function searched(selected: Selected, key: SearchKey): readonly Uid[] {
  const named = (key.kind === 'and' ? key.keys : [key]).flatMap((each) => {
    if (each.kind === 'numbers') return [resolveSet(selected, each.set, 'number')]
    return each.kind === 'uids' ? [resolveSet(selected, each.set, 'uid')] : []
  })
  const [fewest = selected.numbering.uidsBetweenNumbers(1, selected.numbering.count)] = named.sort(
    (a, b) => a.length - b.length,
  )
  return fewest
}
