import { flagBits } from '../../../lib/flags.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { MessageRow, Uid } from '../../../ports/mail-store.ts'
import { planFetch } from '../fetch/plan.ts'
import { ReadAhead } from '../fetch/read-ahead.ts'
import { type Fetching, showBytes, showHeaders, showItems } from '../fetch/show-octets.ts'
import { limited, withLimit } from '../selected/message-limit.ts'
import { fetchHead, tellArrivals, tellKeywords } from '../selected/news.ts'
import { exceeds, type Naming, resolveSet } from '../selected/resolve.ts'
import { vanishedSince } from '../selected/resync.ts'
import { takeTurns } from '../selected/take-turns.ts'
import type { Session } from '../session/session.ts'
import type { Decoder } from '../wire/decoder.ts'
import { type FetchArguments, type FetchItem, fetchArguments } from '../wire/fetch-items.ts'
import { partOf } from '../wire/partial-range.ts'
import { type SequenceSet, settle } from '../wire/sequence-set.ts'
import { type InMailbox, inMailbox } from './command.ts'
import { bad, done, no, type Reply, replies } from './replies.ts'

/** Messages between two looks at the other clients. */
const pieceOf = 500
/** Messages looked at, not shown, in a row. */
const looksPerTurn = 10_000

/** RFC 9051 §6.4.5. */
export const fetch = inMailbox({
  needs: ['s'],
  hazards: { usesSequenceNumbers: true, shiftsSequence: 'never' },
  parse,
  run: (context, args) => fetchThese(context, args, 'number'),
})

export const uidFetch = inMailbox({
  needs: ['s'],
  parse,
  run: (context, args) => fetchThese(context, args, 'uid'),
})

function parse(d: Decoder): { set: SequenceSet; wanted: FetchArguments } {
  return { set: d.sp().sequenceSet(), wanted: fetchArguments(d) }
}

async function fetchThese(
  context: InMailbox,
  { set, wanted }: { set: SequenceSet; wanted: FetchArguments },
  naming: Naming,
): Promise<Reply> {
  const { session, selected } = context
  const { flagTexts } = session.services
  if (naming === 'number' && exceeds(selected, set)) return bad('No such message')
  if (!mayAskVanished(session, wanted, naming))
    return bad('VANISHED is for UID FETCH, once QRESYNC is enabled')
  if (naming === 'uid') tellArrivals(session, selected)
  const plan = planFetch(wanted, { showsUid: naming === 'uid' && !session.enabled.uidOnly, flagTexts })
  if (asksModSeq(wanted)) session.enabled.condstore = true
  const fetching: Fetching = { ...context, plan, someGone: false, unknownEncoding: false }
  if (wanted.vanished) await tellVanished(context, set, wanted.changedSince ?? 0)
  const named = resolveSet(selected, set, naming)
  const { uids: now, lowest } = limited(session, wanted.partial ? partOf(named, wanted.partial) : named)
  // RFC 9394 §3.4: the range first, then those of it that changed.
  const uids = await changedOnly(fetching, now)
  await showAll(fetching, uids)
  if (fetching.unknownEncoding) return no('UNKNOWN-CTE', 'A part is encoded in a way nobody knows here')
  const reply = fetching.someGone && naming === 'number' ? replies.noneLeft : done()
  return withLimit(session, reply, { lowest })
}

/** Messages that just came, as a client asked for them beforehand; that marks none as seen. RFC 5465 §5.2. */
export async function showUnasked(
  context: InMailbox,
  asked: readonly FetchItem[],
  uids: readonly Uid[],
): Promise<void> {
  const { condstore, qresync, uidOnly } = context.session.enabled
  // RFC 7162 §3.1.4.2, §3.2.4: what comes unasked names the message and its counter.
  const showsModSeq = condstore && asked.some(({ kind }) => kind === 'flags')
  const items: FetchItem[] = showsModSeq ? [...asked, { kind: 'modseq' }] : [...asked]
  const wanted = { items, changedSince: undefined, vanished: false, partial: undefined }
  const plan = planFetch(wanted, {
    showsUid: qresync && !uidOnly,
    flagTexts: context.session.services.flagTexts,
  })
  const fetching = {
    ...context,
    plan: { ...plan, marksSeen: false },
    someGone: false,
    unknownEncoding: false,
  }
  await showAll(fetching, uids)
}

/** RFC 7162 §3.1.2: who asks for it knows what to do with it. */
function asksModSeq({ changedSince, items }: FetchArguments): boolean {
  return changedSince !== undefined || items.some(({ kind }) => kind === 'modseq')
}

/** RFC 7162 §3.2.6. */
function mayAskVanished(session: Session, { vanished }: FetchArguments, naming: Naming): boolean {
  return !vanished || (naming === 'uid' && session.enabled.qresync)
}

async function tellVanished(
  { session, selected }: InMailbox,
  set: SequenceSet,
  since: number,
): Promise<void> {
  // `$` names none that are gone.
  if (set.kind === 'saved') return
  const { at, numbering } = selected
  const within = settle(set.ranges, numbering.lastUid)
  const vanished = await vanishedSince({ at, numbering }, { since, within })
  if (vanished !== '') session.out.line(`* VANISHED (EARLIER) ${vanished}`)
}

async function changedOnly(
  { plan: { changedSince }, selected: { numbering } }: Fetching,
  uids: readonly Uid[],
): Promise<readonly Uid[]> {
  if (changedSince === undefined) return uids
  const changed: Uid[] = []
  for (const [at, uid] of uids.entries()) {
    if ((numbering.stateOf(uid)?.modSeq ?? 0) > changedSince) changed.push(uid)
    if (at % looksPerTurn === looksPerTurn - 1) await nextTurn()
  }
  return changed
}

async function showAll(fetching: Fetching, uids: readonly Uid[]): Promise<void> {
  const { session } = fetching
  for (let at = 0; at < uids.length && !session.out.gone; at += pieceOf) {
    session.tellProgress(at, uids.length)
    if (at > 0) await takeTurns(session)
    await showPiece(fetching, uids.slice(at, at + pieceOf))
  }
}

async function showPiece(fetching: Fetching, uids: readonly Uid[]): Promise<void> {
  const { session, selected, plan } = fetching
  // RFC 4314 §4: without the right to, reading leaves no trace.
  const marksSeen = plan.marksSeen && !selected.readOnly && selected.at.scope.seen
  const justSeen = marksSeen ? await markSeen(fetching, uids) : undefined
  const rows = plan.fields.length > 0 ? await selected.at.rows(uids, plan.fields) : undefined
  await session.services.flagTexts.learn(selected.numbering.image.keywordSets)
  tellKeywords(session, selected)
  if (plan.octets.length === 0) showTexts(fetching, uids, rows)
  else await showOctets(fetching, rows ?? [], justSeen)
  if (rows && rows.length < uids.length) fetching.someGone = true
}

/** No octets, no waiting: the hot path. */
function showTexts(fetching: Fetching, uids: readonly Uid[], rows: readonly MessageRow[] | undefined): void {
  const { session } = fetching
  for (const row of rows ?? uids.map((uid) => ({ uid }))) {
    const { head, text } = opening(fetching, row, undefined)
    session.out.text(`${head}${text})\r\n`)
  }
}

/** What can be said without the octets of a message, and how the response begins. */
function opening(
  { session, selected: { numbering }, plan }: Fetching,
  row: MessageRow,
  justSeen: ReadonlySet<Uid> | undefined,
): { head: string; text: string } {
  const { uid } = row
  const head = fetchHead(session, numbering.numberOf(uid) ?? 0, uid)
  const { flags, modSeq } = numbering.stateOf(uid) ?? { flags: 0, modSeq: 0 }
  const text = plan.text({ uid, flags, modSeq, row })
  if (plan.showsFlags) numbering.forgetFlags(uid)
  if (plan.showsFlags || !justSeen?.has(uid)) return { head, text }
  // RFC 9051 §6.4.5: reading it set \Seen, and that is said.
  numbering.forgetFlags(uid)
  const modSeqItem = session.enabled.condstore ? `MODSEQ (${modSeq}) ` : ''
  const { qresync, uidOnly } = session.enabled
  const uidItem = qresync && !uidOnly && !plan.showsUid ? `UID ${uid} ` : ''
  const seen = `${uidItem}${modSeqItem}FLAGS ${session.services.flagTexts.text(flags)}`
  return { head, text: text === '' ? seen : `${text} ${seen}` }
}

/** Sets \Seen where it is missing; trouble with that is no reason not to show the message. */
async function markSeen({ selected }: Fetching, uids: readonly Uid[]): Promise<ReadonlySet<Uid>> {
  const unseen = uids.filter((uid) => {
    const state = selected.numbering.stateOf(uid)
    return state !== undefined && (state.flags & flagBits['\\Seen']) === 0
  })
  if (unseen.length === 0) return new Set()
  const changed = await selected.at.changeFlags(unseen, {
    mode: 'add',
    flags: ['\\Seen'],
  })
  return new Set(changed.kind === 'changed' ? changed.done.map(({ uid }) => uid) : [])
}

async function showOctets(
  fetching: Fetching,
  rows: readonly MessageRow[],
  justSeen: ReadonlySet<Uid> | undefined,
): Promise<void> {
  const { session, selected, plan } = fetching
  const ahead = plan.onlyWhole && new ReadAhead(selected.at, rows)
  for (const row of rows) {
    if (session.out.gone) return
    const whole = ahead && (ahead.taken(row) ?? (await ahead.take(row)))
    if (whole === 'gone') {
      fetching.someGone = true
      continue
    }
    const { head, text } = opening(fetching, row, justSeen)
    session.out.text(`${head}${text}`)
    const separator = { needed: text !== '' }
    if (whole && plan.onlyWhole) showBytes(fetching, plan.onlyWhole.label, whole, separator)
    else if (!showHeaders(fetching, row, separator)) await showItems(fetching, row, separator)
    session.out.text(')\r\n')
    if (session.out.full) await session.ready()
  }
}
