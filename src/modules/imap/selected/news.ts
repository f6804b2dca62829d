import { nextTurn } from '../../../platform/next-turn.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import { tellFollowed, tellRemoved } from '../search/followed-news.ts'
import type { Selected, Session } from '../session/session.ts'
import { type EventBits, events } from '../wire/notify-arguments.ts'
import { formatSet } from '../wire/sequence-set.ts'
import { flagsInUse } from './flags-in-use.ts'
import { recheck } from './recheck.ts'
import { takeTurns } from './take-turns.ts'

/** Responses in a row before others have their turn. */
const pieceOf = 1_000
const savedPerTurn = 10_000

/** Whether EXPUNGE can be said now; or is what the client asked for. */
export type Shifting = 'may' | 'may-not' | 'asked'

/** Says what happened since the client was last told: in the selected mailbox, and elsewhere where it asked for that. */
export async function tellNews(session: Session, shifting: Shifting): Promise<void> {
  const mayRead = await recheck(session)
  if (mayRead && session.selected) await tellSelected(session, session.selected, shifting)
  if (session.notify?.hasNews) await session.notify.tell()
}

/**
 * New keywords, what is gone (only where numbers may shift: RFC 9051 §7.5.1), what is new, whose flags changed; all of it, or what
 * NOTIFY asked for.
 */
async function tellSelected(session: Session, selected: Selected, shifting: Shifting): Promise<void> {
  const { numbering, followed } = selected
  const { notify } = session
  if (!numbering.hasNews && !followed?.hasNews) return await notify?.showNew()
  if (numbering.gone) {
    session.leave('The mailbox was deleted')
    return
  }
  await session.services.flagTexts.learn(numbering.image.keywordSets)
  const wants = (event: EventBits): boolean => notify === undefined || (notify.bits & event) !== 0
  // Each piece is said at once, so that nothing changes meanwhile; others have their turn between two of many.
  if (wants(events.MessageNew) || wants(events.FlagChange)) tellKeywords(session, selected)
  if (shifting === 'asked' || (shifting === 'may' && wants(events.MessageExpunge))) {
    await tellExpunges(session, selected)
  }
  if (wants(events.MessageNew)) tellArrivals(session, selected)
  await tellFlagChanges(session, selected, wants(events.FlagChange))
  await notify?.showNew()
  if (followed) await tellFollowed(session, selected, followed)
}

/** Before a command that names uids: it finds what just came, and numbers it (`UID FETCH n:*` after a move by others). */
export function tellArrivals(session: Session, { numbering }: Selected): void {
  const exists = numbering.takeArrivals()
  if (exists !== undefined) session.out.line(`* ${exists} EXISTS`)
}

/** RFC 9051 §7.3.5: a keyword that was not announced yet is announced before it is used. */
export function tellKeywords(session: Session, selected: Selected): void {
  const sets = selected.numbering.image.keywordSets
  if (sets.size === selected.toldKeywordSets) return
  selected.toldKeywordSets = sets.size
  session.out.line(`* FLAGS (${flagsInUse(session, selected)})`)
}

/** `* 3 FETCH (UID 7 FLAGS (\Seen))`, or nothing where the client does not count the message. */
export function flagsResponse(session: Session, { numbering }: Selected, uid: Uid, withUid: boolean): string {
  const number = numbering.numberOf(uid)
  const state = numbering.stateOf(uid)
  if (number === undefined || !state) return ''
  const uidItem = !session.enabled.uidOnly && (withUid || session.enabled.qresync) ? `UID ${uid} ` : ''
  const modSeqItem = session.enabled.condstore ? `MODSEQ (${state.modSeq}) ` : ''
  return `${fetchHead(session, number, uid)}${uidItem}${modSeqItem}FLAGS ${session.services.flagTexts.text(state.flags)})\r\n`
}

/** The same without the flags, which the client knows. */
export function modSeqResponse(session: Session, { numbering }: Selected, uid: Uid): string {
  const number = numbering.numberOf(uid)
  const state = numbering.stateOf(uid)
  if (number === undefined || !state) return ''
  const uidItem = session.enabled.uidOnly ? '' : `UID ${uid} `
  return `${fetchHead(session, number, uid)}${uidItem}MODSEQ (${state.modSeq}))\r\n`
}

async function tellExpunges(session: Session, selected: Selected): Promise<void> {
  const { numbering, followed } = selected
  if (!numbering.hasGhosts) return
  for (;;) {
    if (followed) tellRemoved(session, selected, followed)
    const gone = numbering.takeExpunges(pieceOf)
    session.out.text(session.enabled.qresync || session.enabled.uidOnly ? vanished(gone) : expunges(gone))
    if (!numbering.hasGhosts || session.out.gone) break
    await takeTurns(session)
  }
  await forgetSaved(selected)
}

/** RFC 9051 §6.4.4.1: `$` forgets what is gone. */
async function forgetSaved(selected: Selected): Promise<void> {
  const left: Uid[] = []
  for (const [at, uid] of selected.saved.entries()) {
    if (selected.numbering.holds(uid)) left.push(uid)
    if (at % savedPerTurn === savedPerTurn - 1) await nextTurn()
  }
  selected.saved = left
}

/** Unwanted ones are forgotten all the same. */
async function tellFlagChanges(session: Session, selected: Selected, wanted: boolean): Promise<void> {
  for (;;) {
    const changed = selected.numbering.takeFlagChanges(pieceOf)
    if (wanted) for (const uid of changed) session.out.text(flagsResponse(session, selected, uid, true))
    if (changed.length < pieceOf || session.out.gone) return
    await takeTurns(session)
    // Meanwhile one may have come that was never used here.
    await session.services.flagTexts.learn(selected.numbering.image.keywordSets)
    if (wanted) tellKeywords(session, selected)
  }
}

function expunges(gone: readonly { number: number }[]): string {
  let text = ''
  for (const { number } of gone) text += `* ${number} EXPUNGE\r\n`
  return text
}

/** `* 3 FETCH (`; `* 17 UIDFETCH (` for a client that knows no numbers. RFC 9586 §3.3. */
export function fetchHead(session: Session, number: number, uid: Uid): string {
  return session.enabled.uidOnly ? `* ${uid} UIDFETCH (` : `* ${number} FETCH (`
}

/** RFC 7162 §3.2.10, RFC 9586 §3.4. */
function vanished(gone: readonly { uid: Uid }[]): string {
  if (gone.length === 0) return ''
  return `* VANISHED ${formatSet(gone.map(({ uid }) => uid).reverse())}\r\n`
}
