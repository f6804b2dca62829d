import type { Copied, Uid } from '../../../ports/mail-store.ts'
import type { Opened } from '../access/opened.ts'
import type { Right } from '../access/rights.ts'
import { limited, refusalOver, withLimit } from '../selected/message-limit.ts'
import { tellArrivals } from '../selected/news.ts'
import { exceeds, type Naming, resolveSet } from '../selected/resolve.ts'
import type { Decoder } from '../wire/decoder.ts'
import { formatSet, type SequenceSet } from '../wire/sequence-set.ts'
import { type Command, type Hazards, type InMailbox, inMailbox } from './command.ts'
import { asTarget, bad, done, later, ok, type Reply, replies } from './replies.ts'

interface CopyArguments {
  readonly set: SequenceSet
  readonly target: string
}

/** RFC 9051 §6.4.7. */
export const copy = bothWays('where-safe', ['i'], async ({ session, selected }, uids, target) => {
  const refused = refusalOver(session, uids.length)
  if (refused) return refused
  return ended(session, await selected.at.copyTo(uids, target))
})

/** RFC 9051 §6.4.8: the code comes before the expunges. To take away is to mark \Deleted and to expunge. */
export const move = bothWays('always', ['i', 't', 'e'], async ({ session, mail, selected }, uids, target) => {
  if (selected.readOnly) return replies.readOnly
  const at = mail.also(selected.at, 't', 'e')
  if ('kind' in at) return at
  const { uids: now, lowest } = limited(session, uids)
  const moved = await at.moveTo(now, target)
  if (moved.kind !== 'copied') return ended(session, moved)
  const code = copyUid(moved)
  if (code !== undefined) session.out.line(`* OK [${code}] Moved`)
  // RFC 7162 §3.2.7 for what leaves by MOVE; the store's watch has told the image already.
  const told = session.enabled.qresync && moved.from.length > 0
  const reply = done(told ? `HIGHESTMODSEQ ${selected.numbering.image.highestModSeq}` : undefined)
  return withLimit(session, reply, { lowest })
})

function bothWays<N extends Right>(
  shiftsSequence: Hazards['shiftsSequence'],
  needs: readonly (N | 'i')[],
  run: (context: InMailbox<N | 'i'>, uids: readonly Uid[], target: Opened<'i'>) => Promise<Reply>,
): {
  byNumber: Command
  byUid: Command
} {
  const parse = (d: Decoder): CopyArguments => ({ set: d.sp().sequenceSet(), target: d.sp().mailbox() })
  const go = async (
    context: InMailbox<N | 'i'>,
    { set, target }: CopyArguments,
    naming: Naming,
  ): Promise<Reply> => {
    const { mail, selected } = context
    if (naming === 'number' && exceeds(selected, set)) return bad('No such message')
    const to = await mail.open(target, 'i')
    if ('kind' in to) return asTarget(to)
    if (naming === 'uid') tellArrivals(context.session, selected)
    const uids = resolveSet(selected, set, naming)
    return uids.length === 0 ? ok('Nothing to do') : await run(context, uids, to)
  }
  return {
    byNumber: inMailbox({
      needs,
      hazards: { usesSequenceNumbers: true, shiftsSequence },
      parse,
      run: (context, args) => go(context, args, 'number'),
    }),
    byUid: inMailbox({
      needs,
      hazards: { shiftsSequence },
      parse,
      run: (context, args) => go(context, args, 'uid'),
    }),
  }
}

/** RFC 4315 §3: nothing copied, no code. */
function copyUid({ uidValidity, from, to }: Extract<Copied, { kind: 'copied' }>): string | undefined {
  return from.length === 0 ? undefined : `COPYUID ${uidValidity} ${formatSet(from)} ${formatSet(to)}`
}

function ended(session: InMailbox['session'], outcome: Copied): Reply {
  switch (outcome.kind) {
    case 'copied':
      return done(copyUid(outcome))
    case 'missing':
      session.leave('The mailbox was deleted')
      return replies.noSuchMailbox
    case 'missing-target':
      return replies.noSuchTarget
    case 'over-quota':
      return replies.overQuota
    case 'later':
      return later(outcome)
  }
}
