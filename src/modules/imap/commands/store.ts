import { systemFlag } from '../../../lib/flags.ts'
import type { FlagScope } from '../../../ports/flag-scope.ts'
import type { FlagChange, FlagState, Uid } from '../../../ports/mail-store.ts'
import { limited, withLimit } from '../selected/message-limit.ts'
import { flagsResponse, modSeqResponse, tellArrivals, tellKeywords } from '../selected/news.ts'
import { exceeds, type Naming, resolveSet } from '../selected/resolve.ts'
import type { Decoder } from '../wire/decoder.ts'
import { formatSet, type SequenceSet } from '../wire/sequence-set.ts'
import { type InMailbox, inMailbox } from './command.ts'
import { bad, done, later, no, ok, type Reply, replies } from './replies.ts'

/** Messages changed in one go; a larger set is done piece by piece, so that nobody else waits long. */
const pieceOf = 5_000

interface StoreArguments {
  readonly set: SequenceSet
  readonly change: FlagChange
  readonly silent: boolean
}

/** RFC 9051 §6.4.6, RFC 7162 §3.1.3. */
export const store = inMailbox({
  needs: ['s', 'w', 't'],
  hazards: { usesSequenceNumbers: true, shiftsSequence: 'never' },
  parse,
  run: (context, args) => change(context, args, 'number'),
})

export const uidStore = inMailbox({
  needs: ['s', 'w', 't'],
  parse,
  run: (context, args) => change(context, args, 'uid'),
})

function parse(d: Decoder): StoreArguments {
  const set = d.sp().sequenceSet()
  const unchangedSince = d.sp().peek() === '(' ? condition(d) : undefined
  const mode = storeMode(d)
  const at = d.offset
  const name = d.itemName()
  if (name !== 'FLAGS' && name !== 'FLAGS.SILENT') d.fail('FLAGS', at)
  const flags = d.sp().peek() === '(' ? d.flagList() : bareFlags(d)
  const base: FlagChange = { mode, flags }
  return {
    set,
    change: unchangedSince === undefined ? base : { ...base, unchangedSince },
    silent: name !== 'FLAGS',
  }
}

function storeMode(d: Decoder): FlagChange['mode'] {
  if (d.tryChar('+')) return 'add'
  return d.tryChar('-') ? 'remove' : 'replace'
}

/** `(UNCHANGEDSINCE 123) ` */
function condition(d: Decoder): number {
  const [since] = d.list(() => (d.tryWord('UNCHANGEDSINCE') ? d.sp().number64() : d.fail('UNCHANGEDSINCE')))
  d.sp()
  return since ?? d.fail('UNCHANGEDSINCE')
}

function bareFlags(d: Decoder): string[] {
  const flags = [d.flag()]
  while (d.trySp()) flags.push(d.flag())
  return flags
}

async function change(context: InMailbox, args: StoreArguments, naming: Naming): Promise<Reply> {
  const { session, selected } = context
  if (selected.readOnly) return replies.readOnly
  if (naming === 'number' && exceeds(selected, args.set)) return bad('No such message')
  const unknown = args.change.flags.find((flag) => flag.startsWith('\\') && systemFlag(flag) === undefined)
  if (unknown !== undefined) return no('CANNOT', `${unknown} is no flag that can be stored`)
  if (!mayChange(selected.at.scope, args.change)) return replies.notAllowed
  if (args.change.unchangedSince !== undefined) session.enabled.condstore = true
  if (naming === 'uid') tellArrivals(session, selected)
  const { uids, lowest } = limited(session, resolveSet(selected, args.set, naming))
  const modified: Uid[] = []
  let found = 0
  for (let at = 0; at < uids.length; at += pieceOf) {
    session.tellProgress(at, uids.length)
    const changed = await selected.at.changeFlags(uids.slice(at, at + pieceOf), args.change)
    if (changed.kind === 'later') return later(changed)
    if (changed.kind === 'too-many-keywords') return replies.tooManyKeywords
    if (changed.kind === 'missing') return replies.noSuchMailbox
    modified.push(...changed.modified)
    found += changed.done.length + changed.modified.length
    await tell(context, changed.done, changed.modSeq, args, naming)
  }
  return withLimit(session, outcome(context, modified, found < uids.length, naming), { lowest })
}

/** RFC 4314 §4: what is allowed is done; only where nothing of it is, the command fails. */
function mayChange({ seen, deleted, others }: FlagScope, { mode, flags }: FlagChange): boolean {
  if (mode === 'replace') return seen || deleted || others
  if (flags.length === 0) return true
  return flags.some((flag) => {
    const system = systemFlag(flag)
    if (system === '\\Seen') return seen
    return system === '\\Deleted' ? deleted : others
  })
}

/** What the client asked to hear of its own change; others hear of it as news. */
async function tell(
  { session, selected }: InMailbox,
  changed: readonly FlagState[],
  modSeq: number,
  { silent, change: { unchangedSince } }: StoreArguments,
  naming: Naming,
): Promise<void> {
  const { numbering } = selected
  const { flagTexts } = session.services
  await flagTexts.learn(numbering.image.keywordSets)
  tellKeywords(session, selected)
  const onlyModSeq = silent && (session.enabled.condstore || unchangedSince !== undefined)
  for (const { uid } of changed) {
    const state = numbering.stateOf(uid)
    // Somebody else changed it since: that is news, even for a silent one.
    const own = state !== undefined && state.modSeq <= modSeq
    if (own) numbering.forgetFlags(uid)
    if (!silent) session.out.text(flagsResponse(session, selected, uid, naming === 'uid'))
    else if (onlyModSeq && own && state.modSeq === modSeq)
      session.out.text(modSeqResponse(session, selected, uid))
  }
  session.out.flush()
  await session.ready()
}

function outcome(
  { selected }: InMailbox,
  modified: readonly Uid[],
  someGone: boolean,
  naming: Naming,
): Reply {
  if (modified.length > 0) {
    const named = naming === 'uid' ? modified : modified.map((uid) => selected.numbering.numberOf(uid) ?? 0)
    return ok('Some were changed by others', `MODIFIED ${formatSet(named)}`)
  }
  // RFC 2180 §4.2.2: a message that is gone is no reason to fail those that are there, but the client may want to know.
  return someGone && naming === 'number' ? replies.noneLeft : done()
}
