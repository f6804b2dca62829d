import { createRequire } from 'node:module'

// Required, not imported: the ES module loader reads the package's 180 KB manifest again for each of its hundred files and
// leaves 90 MiB of heap behind; the CommonJS loader takes 15. The root of the package would cost 72 more.
const require = createRequire(import.meta.url)

type SqliteCore = typeof import('drizzle-orm/sqlite-core')
type SqliteProxy = typeof import('drizzle-orm/sqlite-proxy')
type Sql = typeof import('drizzle-orm/sql')

export const { integer, sqliteTable, text }: SqliteCore = require('drizzle-orm/sqlite-core')
export const { drizzle }: SqliteProxy = require('drizzle-orm/sqlite-proxy')
export const {
  and,
  asc,
  count,
  desc,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  notInArray,
  or,
  sql,
}: Sql = require('drizzle-orm/sql')
