import type { SQL } from 'drizzle-orm/sql'
import type { AuditSearch } from '../../../ports/directory-reader.ts'
import type { AuditRow } from '../../../ports/directory-rows.ts'
import { and, desc, gt, lt, sql } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { audit } from '../directory/schema.ts'

/** No index finds a part of a word: of a long audit this many rows are looked at in one statement. */
const rowsPerLook = 5_000
const mostRows = 1_000

export async function searchAudit(
  db: Repository['db'],
  before: number | undefined,
  { atMost = mostRows, ...words }: AuditSearch,
): Promise<AuditRow[]> {
  const most = Math.min(atMost, mostRows)
  const wanted = matching(words)
  const found: AuditRow[] = []
  for (let end = before ?? (await nextId(db)); end > 1 && found.length < most; end -= rowsPerLook) {
    const looked = and(lt(audit.id, end), gt(audit.id, end - rowsPerLook - 1), wanted)
    const left = most - found.length
    found.push(...(await db.select().from(audit).where(looked).orderBy(desc(audit.id)).limit(left)))
  }
  return found
}

function matching({ who = '', what = '' }: Omit<AuditSearch, 'atMost'>): SQL | undefined {
  const has = (column: SQL, part: string) =>
    part === '' ? undefined : sql`lower(${column}) like ${likePattern(part)} escape '!'`
  return and(has(sql`${audit.actor}`, who), has(sql`concat(${audit.on}, ' ', ${audit.key})`, what))
}

const likePattern = (part: string) => `%${part.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`

async function nextId(db: Repository['db']): Promise<number> {
  const [newest] = await db.select({ id: audit.id }).from(audit).orderBy(desc(audit.id)).limit(1)
  return (newest?.id ?? 0) + 1
}
