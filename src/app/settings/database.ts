import type { SqlServerPlace } from '../../platform/sql-server/server.ts'
import { tlsOf } from './database-uri.ts'
import type { Settings } from './table.ts'

/** SQLALCHEMY_DATABASE_URI, or Mailu's older DB_* that stand for one. */
export function databaseOf(settings: Settings): SqlServerPlace | undefined {
  if (settings.SQLALCHEMY_DATABASE_URI) return settings.SQLALCHEMY_DATABASE_URI.place
  if (settings.DB_FLAVOR === 'sqlite') return undefined
  const [, host = settings.DB_HOST, port] = /^([^:]+):(\d+)$/.exec(settings.DB_HOST) ?? []
  return {
    flavor: settings.DB_FLAVOR,
    host,
    port: settings.DB_PORT ?? (port === undefined ? undefined : Number(port)),
    database: settings.DB_NAME,
    user: settings.DB_USER,
    password: settings.DB_PW ?? '',
    tls: tlsOf(new URLSearchParams(settings.DB_APPENDIX.replace(/^\?/, ''))),
  }
}
