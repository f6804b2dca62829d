import { flagBits } from '../../../lib/flags.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import { limited, withLimit } from '../selected/message-limit.ts'
import { resolveSet } from '../selected/resolve.ts'
import { type InMailbox, inMailbox, nothing } from './command.ts'
import { done, later, type Reply, replies } from './replies.ts'

/** Messages of one transaction. */
const pieceOf = 5_000

/** RFC 9051 §6.4.3. */
export const expunge = inMailbox({
  needs: ['e'],
  hazards: { shiftsSequence: 'always' },
  parse: nothing,
  run: (context) => expungeIn(context),
})

/** RFC 4315 §2.1. */
export const uidExpunge = inMailbox({
  needs: ['e'],
  hazards: { shiftsSequence: 'always' },
  parse: (d) => d.sp().sequenceSet(),
  run: async (context, set) => {
    const { image } = context.selected.numbering
    const named = new Set(resolveSet(context.selected, set, 'uid'))
    const marked = image.uidsWith(flagBits['\\Deleted']).filter((uid) => named.has(uid))
    const { uids, lowest } = limited(context.session, marked)
    return withLimit(context.session, await expungeIn(context, uids), { lowest })
  },
})

/** Many go in several transactions: others have their turn between two, and whoever is interrupted finds the rest still there. */
async function expungeIn(context: InMailbox<'e'>, uids?: readonly Uid[]): Promise<Reply> {
  const { session, mail, selected } = context
  if (selected.readOnly) return replies.readOnly
  const at = mail.also(selected.at, 'e')
  if ('kind' in at) return at
  const named = uids ?? selected.numbering.image.uidsWith(flagBits['\\Deleted'])
  let modSeq: number | undefined
  for (let from = 0; from === 0 || from < named.length; from += pieceOf) {
    session.tellProgress(from, named.length)
    const expunged = await at.expunge(named.slice(from, from + pieceOf))
    if (expunged.kind === 'missing') return replies.noSuchMailbox
    if (expunged.kind === 'later') return later(expunged)
    if (expunged.uids.length > 0) modSeq = expunged.modSeq
  }
  // The store's watch has told the image already; the numbers are said behind this. RFC 7162 §3.2.7: only where something went,
  // since only then the counter is this mailbox's.
  return done(session.enabled.condstore && modSeq !== undefined ? `HIGHESTMODSEQ ${modSeq}` : undefined)
}
