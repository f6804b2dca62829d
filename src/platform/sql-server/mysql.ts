import { createPool, type PoolConnection, type RowDataPacket } from 'mysql2/promise'
import { answerMs, connections, connectMs, failureOf, type SqlServer, type SqlServerPlace } from './server.ts'

const codes = {
  away: /^(PROTOCOL_|ER_(CON_COUNT|TOO_MANY_USER|SERVER_SHUTDOWN|LOCK_|QUERY_INTERRUPTED|DISK_FULL|RECORD_FILE_FULL|OPTION_PREVENTS|OUT_OF|NEW_ABORTING|ABORTING|CONNECTION_KILLED|NORMAL_SHUTDOWN))|^POOL_/,
  taken: /^ER_DUP_ENTRY/,
}
/** "name" is a name, as everywhere else; values that do not fit are refused, not cut. */
const manners = "SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'"

export function connectMysql(place: SqlServerPlace): SqlServer {
  const { host, port, database, user, password, tls } = place
  const pool = createPool({
    ...(host.startsWith('/') ? { socketPath: host } : { host, port: port ?? 3306 }),
    database,
    user,
    password,
    ...(tls !== 'none' && { ssl: { rejectUnauthorized: tls === 'verify' } }),
    charset: 'utf8mb4_bin',
    connectionLimit: connections,
    connectTimeout: connectMs,
    enableKeepAlive: true,
    rowsAsArray: true,
  })
  const greeted = new WeakSet<object>()
  const greet = async (connection: PoolConnection) => {
    if (greeted.has(connection.connection)) return
    await connection.query({ sql: manners, timeout: answerMs })
    greeted.add(connection.connection)
  }
  return {
    flavor: 'mysql',
    async borrow() {
      const connection = await pool.getConnection().catch(refuse)
      try {
        await greet(connection)
      } catch (error) {
        connection.destroy()
        refuse(error)
      }
      return {
        async query(sql, values) {
          const [rows] = await connection
            .query<RowDataPacket[][]>({ sql, values: [...values], timeout: answerMs })
            .catch(refuse)
          return Array.isArray(rows) ? rows : []
        },
        giveBack: () => connection.release(),
        discard: () => connection.destroy(),
      }
    },
    end: () => pool.end(),
  }
}

function refuse(error: unknown): never {
  throw failureOf(error, codes)
}
