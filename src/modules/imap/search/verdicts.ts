import { needleOf } from '../../../lib/search/fold.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { ColumnName } from '../../../ports/mail-columns.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import type { InMailbox } from '../commands/command.ts'
import { lowerBound } from '../selected/search.ts'
import type { SearchKey } from '../wire/search-key.ts'
import { isColumnText, numberTest } from './column-keys.ts'
import { NumberColumn } from './columns.ts'
import { workPerTurn } from './in-slices.ts'
import type { ColumnSource, MailboxColumns } from './mailbox-columns.ts'
import { TextColumn } from './text-column.ts'

/** Rows more than these are not read for a few candidates only. */
const readAnyway = 2000

/** Those messages that satisfy one key. */
export class UidSet {
  readonly #uids: Uint32Array
  #at = 0

  /** Ascending. */
  constructor(uids: Uint32Array) {
    this.#uids = uids
  }

  /** Quick where one uid after the other is asked for. */
  has(uid: Uid): boolean {
    const uids = this.#uids
    if (this.#at > 0 && (uids[this.#at - 1] ?? 0) >= uid) this.#at = lowerBound(uids, uid)
    while (this.#at < uids.length && (uids[this.#at] ?? 0) < uid) this.#at++
    return uids[this.#at] === uid
  }
}

/** What is known of keys for a whole mailbox. */
export type Verdicts = Map<SearchKey, UidSet>

/** A key that one column decides. */
interface Question {
  readonly key: SearchKey
  /** What the column goes by among those of the mailbox. */
  readonly columnKey: string
  readonly name: ColumnName
}

/**
 * Decides keys for all messages at once, where that costs less than reading the rows of `candidates` messages: the columns are
 * there already, or most of the mailbox is asked about.
 */
export async function decide(
  { session, selected }: InMailbox,
  leaves: readonly SearchKey[],
  candidates: number,
  verdicts: Verdicts,
): Promise<void> {
  const { image } = selected.numbering
  const {
    clock,
    images: { columns: cache },
  } = session.services
  const questions = leaves.filter((key) => !verdicts.has(key)).flatMap((key) => questionOf(key) ?? [])
  if (questions.length === 0) return
  const columns = cache.of(image)
  const source = selected.at
  for (const question of questions) {
    const missing = columns.missingFor(question.columnKey, image)
    if (missing > readAnyway && missing > candidates * 4) continue
    const load = { source, image, columns, now: clock.now() }
    verdicts.set(question.key, new UidSet(await answer(question, load)))
  }
  cache.weigh(image, columns)
}

interface Load {
  readonly source: ColumnSource
  readonly image: InMailbox['selected']['numbering']['image']
  readonly columns: MailboxColumns
  readonly now: number
}

function questionOf(key: SearchKey): Question | undefined {
  if (isColumnText(key)) {
    const accents = needleOf(key.text).ignoresAccents ? 'plain' : 'exact'
    return { key, columnKey: `${key.field} ${accents}`, name: key.field }
  }
  const test = numberTest(key, 0)
  return test && { key, columnKey: test.name, name: test.name }
}

async function answer({ key, columnKey, name }: Question, load: Load): Promise<Uint32Array> {
  const { source, image, columns, now } = load
  if (isColumnText(key)) {
    const needle = needleOf(key.text)
    const make = () => new TextColumn(needle.ignoresAccents ? 'plain' : 'exact')
    const column = await columns.load(source, image, columnKey, name, make)
    const positions = await column.find(needle)
    const { uids } = columns
    return positions.map((position) => uids[position] ?? 0)
  }
  const test = numberTest(key, now)
  const column = await columns.load(source, image, columnKey, name, () => new NumberColumn())
  return test ? await positionsThat(test.fits, column.values, columns.uids) : new Uint32Array(0)
}

async function positionsThat(
  fits: (value: number) => boolean,
  values: Float64Array,
  uids: Uint32Array,
): Promise<Uint32Array> {
  const found = new Uint32Array(values.length)
  let count = 0
  for (let position = 0; position < values.length; position++) {
    if (fits(values[position] ?? Number.NaN)) found[count++] = uids[position] ?? 0
    if (position % workPerTurn === workPerTurn - 1) await nextTurn()
  }
  return found.subarray(0, count)
}
