import { nextTurn } from '../../../platform/next-turn.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import type { Naming } from '../selected/resolve.ts'
import { partOf } from '../wire/partial-range.ts'
import type { ReturnOptions } from '../wire/search-arguments.ts'
import { formatSet } from '../wire/sequence-set.ts'
import type { InMailbox } from './command.ts'

/** Numbers written in one go. */
const numbersPerTurn = 8192

/** What a search or a sort came to. */
export interface Found {
  /** In the order asked for. */
  readonly uids: readonly Uid[]
  readonly naming: Naming
  /** Where the client asks for modification sequences: the highest of those that are named. RFC 7162 §3.1.10. */
  readonly modSeq: number | undefined
  /** RFC 6203 §4. */
  readonly scores?: ReadonlyMap<Uid, number> | undefined
}

/** RFC 3501 §7.2.5, RFC 5256 §4, RFC 7162 §3.1.5 and §3.1.6. */
export async function saySimple(context: InMailbox, name: 'SEARCH' | 'SORT', found: Found): Promise<void> {
  const numbers = await named(context, found.uids, found.naming)
  const { out } = context.session
  out.text(`* ${name}`)
  for (let at = 0; at < numbers.length; at += numbersPerTurn) {
    if (at > 0) await nextTurn()
    out.text(` ${numbers.slice(at, at + numbersPerTurn).join(' ')}`)
  }
  const modSeq = found.modSeq !== undefined && numbers.length > 0 ? ` (MODSEQ ${found.modSeq})` : ''
  out.text(`${modSeq}\r\n`)
}

/** RFC 9051 §7.3.4, RFC 5267 §3. `place` says more of where it was found. */
export async function sayExtended(
  context: InMailbox,
  { wanted, partial }: ReturnOptions,
  found: Found,
  place = '',
): Promise<void> {
  if (wanted.size === 1 && wanted.has('save')) return
  const { uids, naming, modSeq, scores } = found
  const ends = [uids[0], uids.at(-1)].filter((uid) => uid !== undefined)
  const [first, last] = await named(context, ends, naming)
  const items = [
    wanted.has('min') && first !== undefined && `MIN ${first}`,
    wanted.has('max') && last !== undefined && `MAX ${last}`,
    wanted.has('all') && first !== undefined && `ALL ${await setOf(context, uids, naming)}`,
    partial && `PARTIAL (${partial.text} ${(await setOf(context, partOf(uids, partial), naming)) || 'NIL'})`,
    scores &&
      `RELEVANCY (${(partial ? partOf(uids, partial) : uids).map((uid) => scores.get(uid) ?? 1).join(' ')})`,
    wanted.has('count') && `COUNT ${uids.length}`,
    modSeq !== undefined && first !== undefined && `MODSEQ ${modSeq}`,
  ].filter((item) => typeof item === 'string')
  const { session } = context
  const uid = naming === 'uid' ? ' UID' : ''
  const text = items.map((item) => ` ${item}`).join('')
  session.out.line(`* ESEARCH (TAG "${session.tag}"${place})${uid}${text}`)
}

/** RFC 9051 §6.4.4.4, RFC 9394 §3.2: those that are named; all where they are counted. */
export function savedOf(uids: readonly Uid[], options: ReturnOptions | undefined): readonly Uid[] {
  const { wanted, partial } = options ?? { wanted: new Set(), partial: undefined }
  const named = partial ? [...partOf(uids, partial)] : []
  if (wanted.has('min') && uids[0] !== undefined) named.push(uids[0])
  if (wanted.has('max')) named.push(...uids.slice(-1))
  const some =
    !wanted.has('all') && !wanted.has('count') && (wanted.has('min') || wanted.has('max') || partial)
  return some ? [...new Set(named)].sort((a, b) => a - b) : uids
}

export function highestModSeq(
  { selected: { numbering } }: InMailbox,
  uids: readonly Uid[],
): number | undefined {
  if (uids.length === 0) return undefined
  return uids.reduce((highest, uid) => Math.max(highest, numbering.stateOf(uid)?.modSeq ?? 0), 0)
}

/** Sets in the order of the result; only what ascends becomes a range. RFC 5267 §3.2. */
async function setOf(context: InMailbox, uids: readonly Uid[], naming: Naming): Promise<string> {
  const numbers = await named(context, uids, naming)
  const pieces: string[] = []
  for (let at = 0; at < numbers.length; ) {
    let end = Math.min(at + numbersPerTurn, numbers.length)
    while (end < numbers.length && numbers[end] === (numbers[end - 1] ?? 0) + 1) end++
    pieces.push(formatSet(numbers.slice(at, end)))
    at = end
    if (at < numbers.length) await nextTurn()
  }
  return pieces.join(',')
}

/** As the command names messages. What the client was not told about has no number. */
export async function named(
  { selected: { numbering } }: InMailbox,
  uids: readonly Uid[],
  naming: Naming,
): Promise<readonly number[]> {
  if (naming === 'uid') return uids
  const numbers: number[] = []
  for (const [index, uid] of uids.entries()) {
    const number = numbering.numberOf(uid)
    if (number !== undefined) numbers.push(number)
    if (index % numbersPerTurn === numbersPerTurn - 1) await nextTurn()
  }
  return numbers
}
