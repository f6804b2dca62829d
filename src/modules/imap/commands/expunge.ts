import { flagBits } from '../../../lib/flags.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import { limited, withLimit } from '../selected/message-limit.ts'
import { resolveSet } from '../selected/resolve.ts'
import { type InMailbox, inMailbox, nothing } from './command.ts'
import { done, later, type Reply, replies } from './replies.ts'

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
    const { numbering } = context.selected
    const marked = resolveSet(context.selected, set, 'uid').filter(
      (uid) => ((numbering.stateOf(uid)?.flags ?? 0) & flagBits['\\Deleted']) !== 0,
    )
    const { uids, lowest } = limited(context.session, marked)
    return withLimit(context.session, await expungeIn(context, uids), { lowest })
  },
})

async function expungeIn({ session, mail, selected }: InMailbox<'e'>, uids?: readonly Uid[]): Promise<Reply> {
  if (selected.readOnly) return replies.readOnly
  const at = mail.also(selected.at, 'e')
  if ('kind' in at) return at
  const expunged = await at.expunge(uids)
  switch (expunged.kind) {
    case 'expunged':
      // The store's watch has told the image already; the numbers are said behind this.
      return done(highestModSeq(session.enabled.condstore && expunged.uids.length > 0, expunged.modSeq))
    case 'missing':
      return replies.noSuchMailbox
    case 'later':
      return later(expunged)
  }
}

/** RFC 7162 §3.2.7: only where something went, since only then it is this mailbox's. */
function highestModSeq(changed: boolean, modSeq: number): string | undefined {
  return changed ? `HIGHESTMODSEQ ${modSeq}` : undefined
}
