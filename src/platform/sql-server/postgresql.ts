import pg from 'pg'
import {
  answerMs,
  connections,
  connectMs,
  failureOf,
  type SqlServer,
  type SqlServerFailure,
  type SqlServerPlace,
} from './server.ts'

const codes = {
  /** Connection exceptions, out of resources, going down, serialization failures, read-only stand-ins. */
  away: /^(08...|53...|57P..|58...|40001|40P01|25006)$/,
  taken: /^23505$/,
}
/** int8: counts, instants and account numbers stay below 2^53. */
const bigInt = 20
const types = {
  getTypeParser: (oid: number) => (oid === bigInt ? Number : pg.types.getTypeParser(oid)),
} as pg.CustomTypesConfig

export function connectPostgresql(place: SqlServerPlace): SqlServer {
  const { host, port, database, user, password, tls } = place
  const pool = new pg.Pool({
    host,
    port: port ?? 5432,
    database,
    user,
    password,
    ssl: tls === 'none' ? false : { rejectUnauthorized: tls === 'verify' },
    max: connections,
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
    keepAlive: true,
    allowExitOnIdle: true,
    types,
  })
  // An idle connection that is cut: the next borrower gets another.
  pool.on('error', () => undefined)
  return {
    flavor: 'postgresql',
    async borrow() {
      const client = await pool.connect().catch(refuse)
      const onError = () => undefined
      client.on('error', onError)
      const giveBack = (isBroken: boolean) => {
        client.off('error', onError)
        client.release(isBroken)
      }
      return {
        query: async (text, values) => {
          const query = { text: numbered(text), values: [...values], rowMode: 'array' as const, types }
          return (await client.query(query).catch(refuse)).rows ?? []
        },
        giveBack: () => giveBack(false),
        discard: () => giveBack(true),
      }
    },
    end: () => pool.end(),
  }
}

/** `?` to `$1`, `$2` …: values never stand in the text, and no name of ours has a question mark. */
export function numbered(sql: string): string {
  let n = 0
  return sql.replaceAll('?', () => `$${++n}`)
}

function refuse(error: unknown): never {
  throw failureOf(error, codes) satisfies SqlServerFailure
}
