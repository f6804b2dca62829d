import { expect, test } from 'vitest'
import { databaseOf } from './database.ts'
import { readSettings } from './read.ts'

function place(environment: Record<string, string>) {
  const read = readSettings({
    home: false,
    file: undefined,
    environment,
    readFile: (path) => `secret of ${path}\n`,
  })
  if (read.kind === 'mistakes') return read.mistakes.map((mistake) => mistake.replace(/:.*/, ''))
  return databaseOf(read.settings)
}

const there = {
  host: 'database',
  port: undefined,
  database: 'mailu',
  user: 'mailu',
  password: '',
  tls: 'none',
}

test.each([
  [{}, undefined],
  [{ DB_FLAVOR: 'sqlite', DB_HOST: 'db' }, undefined],
  [{ DB_FLAVOR: 'postgresql' }, { ...there, flavor: 'postgresql' }],
  [{ DB_FLAVOR: 'MariaDB' }, { ...there, flavor: 'mysql' }],
  [
    { DB_FLAVOR: 'mysql', DB_HOST: 'db', DB_PORT: '3307', DB_NAME: 'n', DB_USER: 'u', DB_PW_FILE: '/pw' },
    {
      flavor: 'mysql',
      host: 'db',
      port: 3307,
      database: 'n',
      user: 'u',
      password: 'secret of /pw',
      tls: 'none',
    },
  ],
  [
    { DB_FLAVOR: 'mysql', DB_HOST: 'db:3307' },
    { ...there, flavor: 'mysql', host: 'db', port: 3307 },
  ],
  [
    { DB_FLAVOR: 'mysql', DB_HOST: '/run/db.sock' },
    { ...there, flavor: 'mysql', host: '/run/db.sock' },
  ],
  [
    { DB_FLAVOR: 'postgresql', DB_APPENDIX: '?sslmode=verify-full' },
    { ...there, flavor: 'postgresql', tls: 'verify' },
  ],
  [{ SQLALCHEMY_DATABASE_URI: 'sqlite:////data/main.db', DB_FLAVOR: 'mysql' }, undefined],
  [
    { SQLALCHEMY_DATABASE_URI: 'postgresql://u:p%40ss@[::1]:5433/n?sslmode=require' },
    {
      flavor: 'postgresql',
      host: '::1',
      port: 5433,
      database: 'n',
      user: 'u',
      password: 'p@ss',
      tls: 'trust',
    },
  ],
  [
    { SQLALCHEMY_DATABASE_URI: 'mysql+mysqlconnector://u:p@db/n' },
    { flavor: 'mysql', host: 'db', port: undefined, database: 'n', user: 'u', password: 'p', tls: 'none' },
  ],
  [
    { SQLALCHEMY_DATABASE_URI: 'postgresql+psycopg2://mailu@/mailu?host=/run/postgresql' },
    { ...there, flavor: 'postgresql', host: '/run/postgresql' },
  ],
  [
    { SQLALCHEMY_DATABASE_URI: 'mysql://mailu@localhost/mailu?unix_socket=/run/db.sock' },
    { ...there, flavor: 'mysql', host: '/run/db.sock' },
  ],
  [{ SQLALCHEMY_DATABASE_URI: 'mysql://u:p@db:99999/n' }, ['SQLALCHEMY_DATABASE_URI']],
  [{ SQLALCHEMY_DATABASE_URI_FILE: '/none', DB_FLAVOR: 'oracle' }, ['DB_FLAVOR', 'SQLALCHEMY_DATABASE_URI']],
  [{ SQLALCHEMY_DATABASE_URI: 'postgresql://u:p@/n' }, ['SQLALCHEMY_DATABASE_URI']],
  [{ SQLALCHEMY_DATABASE_URI: 'postgresql://u:p@db' }, ['SQLALCHEMY_DATABASE_URI']],
])('%j is kept at %j', (environment: Record<string, string>, expected) => {
  expect(place(environment)).toEqual(expected)
})

test.each([
  ['p%ss', 'p%ss'],
  ['p/w#?:&', 'p/w#?:&'],
  ['%70%ff', '%70%ff'],
  ['p+%2b', 'p++'],
])('a password in the URI written %s is %s', (written, password) => {
  const SQLALCHEMY_DATABASE_URI = `mysql://u:${written}@db:3307/n`
  expect(place({ SQLALCHEMY_DATABASE_URI })).toMatchObject({ user: 'u', password, host: 'db', port: 3307 })
})

test('a mistake in the URI does not tell the password in it', () => {
  const read = readSettings({
    home: false,
    file: undefined,
    environment: { SQLALCHEMY_DATABASE_URI: 'oracle://u:hunter2@db/n' },
    readFile: () => '',
  })
  expect(JSON.stringify(read)).not.toContain('hunter2')
})
