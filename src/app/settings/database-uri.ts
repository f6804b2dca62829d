import type { SqlServerPlace } from '../../platform/sql-server/server.ts'
import type { Kind } from './kinds.ts'

/** Where the directory is kept; undefined is SQLite in the data folder. */
type Place = SqlServerPlace | undefined

const flavors: Readonly<Record<string, SqlServerPlace['flavor'] | 'sqlite'>> = {
  sqlite: 'sqlite',
  postgresql: 'postgresql',
  postgres: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mysql',
}

/** As SQLAlchemy writes it: `postgresql+psycopg2://user:password@host:port/name?sslmode=require`. */
export const databaseUri: Kind<{ readonly place: Place }> = {
  expected: 'sqlite:///…, or postgresql://user:password@host:port/name, or mysql://… likewise',
  read: (value) => {
    const [, scheme = '', rest = ''] = /^([a-z]+)(?:\+[a-z0-9_]+)?:\/\/(.*)$/.exec(value) ?? []
    const flavor = Object.hasOwn(flavors, scheme) ? flavors[scheme] : undefined
    if (flavor === undefined) return undefined
    if (flavor === 'sqlite') return { value: { place: undefined } }
    if (!URL.canParse(`http://${rest}`)) return undefined
    const url = new URL(`http://${rest}`)
    const place: SqlServerPlace = {
      flavor,
      host: url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? undefined : Number(url.port),
      database: decodeURIComponent(url.pathname.slice(1)),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      tls: tlsOf(url.searchParams),
    }
    return place.host === '' || place.database === '' ? undefined : { value: { place } }
  },
}

/** libpq's words and those of MySQL's drivers: `sslmode=require` encrypts to whomever it is, `verify-…` checks the certificate. */
export function tlsOf(options: URLSearchParams): SqlServerPlace['tls'] {
  const mode = options.get('sslmode') ?? options.get('ssl_mode') ?? ''
  if (/^verify/i.test(mode) || options.get('ssl_verify_cert') === 'true' || options.has('ssl_ca'))
    return 'verify'
  return /^require/i.test(mode) || options.get('ssl') === 'true' ? 'trust' : 'none'
}
