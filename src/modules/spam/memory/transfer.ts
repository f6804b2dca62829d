import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '../../../platform/sqlite/database.ts'
import type { WriterFile } from '../../../platform/sqlite/writer.ts'

/** What one scope has counted, as a text: a line of JSON that says what it is, then a line for each sign: its number, ham, spam. */
const format = { format: 'homepost-spam-counts', version: 1 }

const rowsPerTurn = 5_000
const mostSeen = 65_535

export interface Counts {
  readonly ham: number
  readonly spam: number
  readonly rows: readonly CountRow[]
}

/** Sign, ham, spam. */
export type CountRow = readonly [number, number, number]

export async function countsAsText(db: Database, scope: number): Promise<string> {
  const counted = db
    .prepare<[number], { ham: number; spam: number }>('SELECT ham, spam FROM counted WHERE scope = ?')
    .get(scope) ?? { ham: 0, spam: 0 }
  const parts = [`${JSON.stringify({ ...format, ...counted })}\n`]
  for await (const rows of countsOf(db, scope)) parts.push(...rows.map((row) => `${row.join(' ')}\n`))
  return parts.join('')
}

/** In the order of the signs, some thousand at a time. */
export async function* countsOf(db: Database, scope: number): AsyncGenerator<CountRow[]> {
  const page = db
    .prepare<[number, number, number], [number, number, number]>(
      'SELECT token, ham, spam FROM token WHERE scope = ? AND token > ? ORDER BY token LIMIT ?',
    )
    .raw()
  for (let after = -(2 ** 31) - 1; ; ) {
    const rows = page.all(scope, after, rowsPerTurn)
    yield rows
    const last = rows.at(-1)
    if (!last || rows.length < rowsPerTurn) return
    after = last[0]
    await nextTurn()
  }
}

/** The number of the first line that cannot be read, or what stands there. */
export async function readCounts(text: string): Promise<Counts | number> {
  const head = headOf(text.slice(0, Math.max(text.indexOf('\n'), 0)))
  if (!head) return 1
  const rows: CountRow[] = []
  let line = 1
  for (let at = text.indexOf('\n') + 1; at < text.length; ) {
    line++
    const end = text.indexOf('\n', at)
    const row = rowOf(text.slice(at, end < 0 ? text.length : end).trimEnd())
    if (!row) return line
    rows.push(row)
    at = end < 0 ? text.length : end + 1
    if (line % rowsPerTurn === 0) await nextTurn()
  }
  return { ...head, rows }
}

/** Puts counts in the place of those of a scope, a piece at a time: mail is written between two of them. */
export async function writeCounts(
  file: Pick<WriterFile, 'call'>,
  scope: number,
  { ham, spam, rows }: Counts,
): Promise<void> {
  await file.call('detachLessons', { scope })
  for (;;) {
    const gone = (await file.call('dropCounts', { scope, atMost: rowsPerTurn })) as number
    if (gone < rowsPerTurn) break
  }
  for (let at = 0; at < rows.length; at += rowsPerTurn)
    await file.call('putCounts', { scope, rows: rows.slice(at, at + rowsPerTurn) })
  await file.call('putCounted', { scope, ham, spam })
}

function headOf(line: string): Omit<Counts, 'rows'> | undefined {
  try {
    const found = JSON.parse(line) as Partial<typeof format & Omit<Counts, 'rows'>>
    const { ham, spam } = found
    if (found.format !== format.format || found.version !== format.version) return undefined
    return isCount(ham, Number.MAX_SAFE_INTEGER) && isCount(spam, Number.MAX_SAFE_INTEGER)
      ? { ham, spam }
      : undefined
  } catch {
    return undefined
  }
}

function rowOf(line: string): CountRow | undefined {
  const [, sign, ham, spam] = (/^(-?\d{1,10}) (\d{1,5}) (\d{1,5})$/.exec(line) ?? []).map(Number)
  if (sign === undefined || sign !== (sign | 0)) return undefined
  return isCount(ham, mostSeen) && isCount(spam, mostSeen) ? [sign, ham, spam] : undefined
}

const isCount = (value: number | undefined, most: number): value is number =>
  Number.isInteger(value) && (value ?? -1) >= 0 && (value ?? 0) <= most
