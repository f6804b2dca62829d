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

// SQLAlchemy's own, where a password ends at the first @ and may have any other character.
const form =
  /^(?<scheme>[a-z]+)(?:\+[a-z0-9_]+)?:\/\/(?:(?<user>[^:/]*)(?::(?<password>[^@]*))?@)?(?:(?:\[(?<ipv6>[^/?]+)\]|(?<name>[^/:?]+))?(?::(?<port>\d{1,5}))?)?(?:\/(?<database>[^?]*))?(?:\?(?<options>.*))?$/

/** As SQLAlchemy writes it: `postgresql+psycopg2://user:password@host:port/name?sslmode=require`. */
export const databaseUri: Kind<{ readonly place: Place }> = {
  expected: 'sqlite:///…, or postgresql://user:password@host:port/name, or mysql://… likewise',
  read: (value) => {
    const said = form.exec(value)?.groups
    const scheme = said?.['scheme'] ?? ''
    const flavor = Object.hasOwn(flavors, scheme) ? flavors[scheme] : undefined
    if (said === undefined || flavor === undefined) return undefined
    if (flavor === 'sqlite') return { value: { place: undefined } }
    const port = said['port'] === undefined ? undefined : Number(said['port'])
    if (port !== undefined && port > 65_535) return undefined
    const options = new URLSearchParams(said['options'])
    const place: SqlServerPlace = {
      flavor,
      host: options.get('host') ?? options.get('unix_socket') ?? said['ipv6'] ?? said['name'] ?? '',
      port,
      database: unescaped(said['database']),
      user: unescaped(said['user']),
      password: unescaped(said['password']),
      tls: tlsOf(options),
    }
    return place.host === '' || place.database === '' ? undefined : { value: { place } }
  },
}

/** A % that is nobody's escape stands for itself. */
function unescaped(text = ''): string {
  try {
    return decodeURIComponent(text.replace(/%(?![\dA-Fa-f]{2})/g, '%25'))
  } catch {
    // Escapes of octets that are no UTF-8.
    return text
  }
}

/** libpq's words and those of MySQL's drivers: `sslmode=require` encrypts to whomever it is, `verify-…` checks the certificate. */
export function tlsOf(options: URLSearchParams): SqlServerPlace['tls'] {
  const mode = options.get('sslmode') ?? options.get('ssl_mode') ?? ''
  if (/^verify/i.test(mode) || options.get('ssl_verify_cert') === 'true' || options.has('ssl_ca'))
    return 'verify'
  return /^require/i.test(mode) || options.get('ssl') === 'true' ? 'trust' : 'none'
}
