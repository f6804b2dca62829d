import type { SQLWrapper } from 'drizzle-orm/sql'
import type { DirectoryLists } from '../../../ports/directory-lists.ts'
import type { Directory } from '../directory/directory.ts'
import { and, asc, count, desc, gt, inArray, lt, notInArray, or, sql } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { readDepartures } from '../directory/rows.ts'
import { aliases, departures, users } from '../directory/schema.ts'
import { without } from '../directory/without.ts'
import { userRow } from './reader.ts'

type Asked = Parameters<DirectoryLists['findUsers']>[0]
type Table = typeof users | typeof aliases

const mostRows = 1_000
const mostText = 200

/**
 * Pages are found by their first or last address, not by a number: the hundredth takes no longer than the first, and nothing
 * is shown twice because somebody was added meanwhile. `users_by_place` and `aliases_by_place` are SQLite’s indexes for it.
 * Two names are too long for one index of MySQL; there the primary key, or `users_by_domain` and a sort, have to do.
 */
export function createDirectoryLists(directory: Directory): DirectoryLists {
  const db = () => directory.repository.db
  return {
    async findUsers(asked) {
      const texts = has(asked.text, [users.address, users.displayedName, users.comment])
      const rows = await db()
        .select()
        .from(users)
        .where(and(within(users, asked), texts, isThere(db())))
        .orderBy(order(users, asked))
        .limit(limitOf(asked))
      const found = pageOf(asked, rows)
      return { ...found, rows: found.rows.map((row) => userRow(without(row, 'domain'))) }
    },
    async findAliases(asked) {
      const texts = has(asked.text, [aliases.address, aliases.destination, aliases.comment])
      const rows = await db()
        .select()
        .from(aliases)
        .where(and(within(aliases, asked), texts))
        .orderBy(order(aliases, asked))
        .limit(limitOf(asked))
      const found = pageOf(asked, rows)
      return { ...found, rows: found.rows.map((row) => without(row, 'domain')) }
    },
    departures: () => readDepartures(db()),
    async counts() {
      const perDomain = async (table: Table) => {
        const rows = await db().select({ domain: table.domain, n: count() }).from(table).groupBy(table.domain)
        return new Map(rows.map(({ domain, n }) => [domain, n]))
      }
      const [people, others] = [await perDomain(users), await perDomain(aliases)]
      return [...new Set([...people.keys(), ...others.keys()])].map((domain) => ({
        domain,
        users: people.get(domain) ?? 0,
        aliases: others.get(domain) ?? 0,
      }))
    },
  }
}

const isThere = (db: Repository['db']) =>
  notInArray(users.account, db.select({ account: departures.account }).from(departures))

const limitOf = ({ most }: Asked) => Math.min(most, mostRows) + 1

const order = ({ address }: Table, { from }: Asked) => ('before' in from ? desc(address) : asc(address))

function within(table: Table, { domains, from }: Asked) {
  const edge = 'before' in from ? lt(table.address, from.before) : gt(table.address, from.after)
  return and(domains && inArray(table.domain, [...domains]), edge)
}

// `!` escapes: MySQL has a meaning of its own for the backslash.
function has(text: string, columns: readonly SQLWrapper[]) {
  if (text === '') return undefined
  const pattern = `%${text.slice(0, mostText).toLowerCase().replace(/[!%_]/g, '!$&')}%`
  return or(...columns.map((column) => sql`lower(${column}) like ${pattern} escape '!'`))
}

/** One row more was asked for than is shown: it says whether that was all. */
function pageOf<Row>({ from, most }: Asked, found: readonly Row[]) {
  const rows = found.slice(0, Math.min(most, mostRows))
  const isAll = rows.length === found.length
  return 'before' in from
    ? { rows: rows.toReversed(), isFirst: isAll, isLast: false }
    : { rows, isFirst: from.after === '', isLast: isAll }
}
