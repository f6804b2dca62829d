import type { ColumnName } from '../../../ports/mail-columns.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import type { InMailbox } from '../commands/command.ts'
import type { SortKey } from '../wire/sort-keys.ts'
import { IdColumn, NumberColumn, RankColumn } from './columns.ts'
import { sortInSlices } from './in-slices.ts'
import { type ColumnSource, MailboxColumns } from './mailbox-columns.ts'

/** Rows more than these are not read for a few messages only. */
const readAnyway = 2000

/** Reads columns of the selected mailbox: of all its messages, or of few that are picked out. */
export class ColumnReader {
  readonly columns: MailboxColumns
  readonly #context: InMailbox
  readonly #source: ColumnSource

  /** Of `uids`, ascending. `name` is the column whose reading would cost the most. */
  constructor(context: InMailbox, uids: readonly Uid[], name: string) {
    const { session, selected } = context
    const { image } = selected.numbering
    const shared = session.services.images.columns.of(image)
    const missing = shared.missingFor(name, image)
    this.#context = context
    this.#source = selected.at
    this.columns = missing > readAnyway && missing > uids.length * 8 ? new MailboxColumns(uids) : shared
  }

  async numbers(name: ColumnName): Promise<Float64Array> {
    return (await this.#load(name, name, () => new NumberColumn())).values
  }

  async ranked(name: ColumnName): Promise<RankColumn> {
    const column = await this.#load(`${name} ranks`, name, () => new RankColumn())
    await column.ranks()
    return column
  }

  /** RFC 5256 §2.2: the Date field, or INTERNALDATE where it does not tell. */
  async dates(): Promise<Float64Array> {
    const received = await this.numbers('receivedAt')
    const sent = await this.numbers('sentAt')
    const dates = new Float64Array(sent.length)
    for (let position = 0; position < sent.length; position++) {
      const at = sent[position] ?? Number.NaN
      dates[position] = Number.isNaN(at) ? (received[position] ?? 0) : at
    }
    return dates
  }

  /** The best first. RFC 6203 §6. */
  async scores(relevancy: ReadonlyMap<Uid, number> | undefined): Promise<Float64Array> {
    // For the places of the messages.
    await this.numbers('receivedAt')
    const scores = new Float64Array(this.columns.uids.length)
    for (const [position, uid] of this.columns.uids.entries()) scores[position] = -(relevancy?.get(uid) ?? 0)
    return scores
  }

  messageIds(): Promise<IdColumn> {
    return this.#load('messageIds', 'messageIds', () => new IdColumn())
  }

  /** To be called when all is read. */
  done(): void {
    const { session, selected } = this.#context
    session.services.images.columns.weigh(selected.numbering.image, this.columns)
  }

  #load<C extends NumberColumn | RankColumn | IdColumn>(
    key: string,
    name: ColumnName,
    make: () => C,
  ): Promise<C> {
    return this.columns.load(this.#source, this.#context.selected.numbering.image, key, name, make)
  }
}

/** By position; what is compared first. */
interface Criterion {
  readonly values: ArrayLike<number>
  readonly sign: 1 | -1
}

const textColumns = {
  subject: 'baseSubject',
  from: 'sortFrom',
  to: 'sortTo',
  cc: 'sortCc',
  'display-from': 'displayFrom',
  'display-to': 'displayTo',
} as const satisfies Partial<Record<SortKey['by'], ColumnName>>

/** These messages in the order the keys ask for; where all are equal, in the order of the mailbox. RFC 5256 §3. */
export async function inSortOrder(
  context: InMailbox,
  uids: readonly Uid[],
  keys: readonly SortKey[],
  relevancy?: ReadonlyMap<Uid, number>,
): Promise<Uid[]> {
  const reader = new ColumnReader(context, uids, columnKeyOf(keys[0]))
  const criteria: Criterion[] = []
  for (const { by, reverse } of keys) {
    const values = by === 'relevancy' ? await reader.scores(relevancy) : await valuesOf(reader, by)
    criteria.push({ values, sign: reverse ? -1 : 1 })
  }
  const sorted = await sortInSlices(reader.columns.positionsOf(uids), (a, b) => {
    for (const { values, sign } of criteria) {
      const difference = (values[a] ?? 0) - (values[b] ?? 0)
      // What is gone meanwhile has no value and no order.
      if (difference < 0 || difference > 0) return difference * sign
    }
    return a - b
  })
  reader.done()
  const all = reader.columns.uids
  const ordered: Uid[] = []
  for (const position of sorted) ordered.push(all[position] ?? 0)
  return ordered
}

function columnKeyOf(key: SortKey | undefined): string {
  if (key && key.by in textColumns) return `${textColumns[key.by as keyof typeof textColumns]} ranks`
  return key?.by === 'size' ? 'size' : 'receivedAt'
}

async function valuesOf(
  reader: ColumnReader,
  by: Exclude<SortKey['by'], 'relevancy'>,
): Promise<ArrayLike<number>> {
  switch (by) {
    case 'arrival':
      return await reader.numbers('receivedAt')
    case 'size':
      return await reader.numbers('size')
    case 'date':
      return await reader.dates()
    case 'subject':
    case 'from':
    case 'to':
    case 'cc':
    case 'display-from':
    case 'display-to':
      return await (await reader.ranked(textColumns[by])).ranks()
  }
}
