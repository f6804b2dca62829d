import type { SqlServer, SqlServerPlace } from './server.ts'

export async function openSqlServer(place: SqlServerPlace): Promise<SqlServer> {
  // Imported on first use: who keeps the directory in SQLite needs neither.
  switch (place.flavor) {
    case 'postgresql':
      return (await import('./postgresql.ts')).connectPostgresql(place)
    case 'mysql':
      return (await import('./mysql.ts')).connectMysql(place)
  }
}
