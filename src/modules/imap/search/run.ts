import { unpackParts } from '../../../lib/mime/sections.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { MessageRow, RowField, Uid } from '../../../ports/mail-store.ts'
import type { InMailbox } from '../commands/command.ts'
import type { ReadOctets } from '../fetch/octets.ts'
import { ReadAhead } from '../fetch/read-ahead.ts'
import { leavesOf, type SearchKey } from '../wire/search-key.ts'
import { type Candidate, type Condition, condition, fieldsFor, octetKeys } from './condition.ts'
import { follow, type Leads } from './leads.ts'
import { OctetSearch } from './octet-search.ts'
import { scanImage } from './scan-image.ts'
import { decide, type Verdicts } from './verdicts.ts'

const rowsAtOnce = 1000
const octetRowsAtOnce = 200

/**
 * The uids that fit, ascending. In stages, each for those the stage before could not decide: what the image knows, what the
 * rows know, what only the octets know.
 */
export async function runSearch(context: InMailbox, key: SearchKey): Promise<Uid[]> {
  const { session, selected } = context
  const { clock, flagTexts } = session.services
  await flagTexts.learn(selected.numbering.image.keywordSets)
  const verdicts: Verdicts = new Map()
  const leads: Leads = new Map()
  const fits = condition(key, { selected, flagTexts, now: clock.now(), verdicts, leads })
  const leaves = leavesOf(key)
  await decide(context, leaves, 0, verdicts)
  if (!namesMessages(leaves)) await follow(context, octetKeys(key), selected.numbering.image.count, leads)
  const { hits, open } = await scanImage(selected.numbering, fits)
  const direct = hits.length
  if (open.length > 0) await decide(context, leaves, open.length, verdicts)
  const left = settled(fits, open, hits)
  await follow(context, octetKeys(key), left.length, leads)
  const undecided = leaves.filter((leaf) => !verdicts.has(leaf))
  const unread = await fromRows(context, fits, [...fieldsFor(undecided)], settled(fits, left, hits), hits)
  await fromOctets(context, fits, key, unread, hits)
  return hits.length === direct ? hits : hits.sort((a, b) => a - b)
}

/** Then few are asked about, perhaps too few to be looked up. */
function namesMessages(leaves: readonly SearchKey[]): boolean {
  return leaves.some(({ kind }) => kind === 'uids' || kind === 'numbers')
}

/** Takes out those that can be told of by now. */
function settled(fits: Condition, open: readonly Candidate[], hits: Uid[]): readonly Candidate[] {
  return open.filter((candidate) => {
    const verdict = fits(candidate)
    if (verdict) hits.push(candidate.uid)
    return verdict === undefined
  })
}

async function fromRows(
  { selected }: InMailbox,
  fits: Condition,
  fields: readonly RowField[],
  open: readonly Candidate[],
  hits: Uid[],
): Promise<readonly Candidate[]> {
  if (fields.length === 0) return open
  const undecided: Candidate[] = []
  for (let at = 0; at < open.length; at += rowsAtOnce) {
    const piece = open.slice(at, at + rowsAtOnce)
    const rows = await selected.at.rows(
      piece.map(({ uid }) => uid),
      fields,
    )
    for (const candidate of withRows(piece, rows)) {
      const verdict = fits(candidate)
      if (verdict) hits.push(candidate.uid)
      else if (verdict === undefined) undecided.push(candidate)
    }
    await nextTurn()
  }
  return undecided
}

async function fromOctets(
  context: InMailbox,
  fits: Condition,
  key: SearchKey,
  open: readonly Candidate[],
  hits: Uid[],
): Promise<void> {
  if (open.length === 0) return
  const { session, selected } = context
  const search = new OctetSearch(octetKeys(key))
  for (let at = 0; at < open.length && !session.out.gone; at += octetRowsAtOnce) {
    session.tellProgress(at, open.length)
    const piece = open.slice(at, at + octetRowsAtOnce)
    const uids = piece.map(({ uid }) => uid)
    const rows = await selected.at.rows(uids, ['size', 'parts'])
    const ahead = search.needsBody ? new ReadAhead(selected.at, rows) : undefined
    const known = new Map(piece.map((candidate) => [candidate.uid, candidate]))
    for (const row of rows) {
      const found = await search.look(unpackParts(row.parts ?? '[]'), await reader(context, row, ahead), () =>
        selected.at.documents(row.uid),
      )
      const candidate = known.get(row.uid)
      if (!candidate) continue
      candidate.found = found
      if (fits(candidate)) hits.push(row.uid)
    }
    await nextTurn()
  }
}

async function reader(
  { selected }: InMailbox,
  row: MessageRow,
  ahead: ReadAhead | undefined,
): Promise<ReadOctets> {
  const whole = await ahead?.take(row)
  if (whole === 'gone') return async () => undefined
  if (whole) return async (from, to) => whole.subarray(from, to)
  return (from, to) => selected.at.bytes(row.uid, { from, to })
}

/** Rows and candidates both ascend by uid; a candidate without a row is gone. */
function* withRows(candidates: readonly Candidate[], rows: readonly MessageRow[]): Generator<Candidate> {
  let at = 0
  for (const row of rows) {
    while (at < candidates.length && (candidates[at]?.uid ?? 0) < row.uid) at++
    const candidate = candidates[at]
    if (candidate?.uid !== row.uid) continue
    candidate.row = row
    yield candidate
  }
}
