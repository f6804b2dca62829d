import { expect, test } from 'vitest'
import { current, userRow } from '../../../../test/support/directory-file.ts'
import { exportFile } from './export.ts'
import { readFilters } from './filter.ts'

const there = current({
  domains: [{ name: 'xn--bro-hoa.test', maxUsers: 5 }],
  users: [userRow('ann@xn--bro-hoa.test')],
  passwords: { 'ann@xn--bro-hoa.test': '{PBKDF2}$pbkdf2$x' },
  tokens: [{ id: 1, user: 'ann@xn--bro-hoa.test', hash: '$t', services: ['imap'], expires: 0 }],
  fetches: [{ id: 2, user: 'ann@xn--bro-hoa.test', password: 'secret' }],
  aliases: [
    { address: 'a@xn--bro-hoa.test', destination: ['ann@xn--bro-hoa.test'], owner: 'ann@xn--bro-hoa.test' },
  ],
  managers: [{ domain: 'xn--bro-hoa.test', user: 'ann@xn--bro-hoa.test' }],
})
const withKey = { ...there, dkimKeys: new Map(there.rows.domains.map(({ name }) => [name, 'PEM'])) }

function exported(filters: readonly string[], asked: { readonly full?: true; readonly secrets?: true } = {}) {
  const read = readFilters(filters)
  if (read.kind === 'mistakes') return read.mistakes
  const options = { full: false, secrets: false, dns: false, ...asked }
  return exportFile({ ...options, wanted: read.wanted, current: withKey, records: new Map() })
}

test('only what has not its standard value is there, the key first, the rest by the alphabet', () => {
  expect(JSON.stringify(exported([]))).toBe(
    JSON.stringify({
      domain: [{ name: 'büro.test', dkim_key: '<hidden>', max_users: 5 }],
      user: [
        {
          email: 'ann@büro.test',
          fetches: [{ id: 2, host: 'h', password: '<hidden>', port: 993, protocol: 'imap', username: 'u' }],
          manager_of: ['büro.test'],
          owned_aliases: ['a@büro.test'],
          password: '$pbkdf2$x',
          spam_threshold: 80,
          tokens: [{ id: 1, expires: '1970-01-01T00:00:00.000Z', password: '$t', services: ['imap'] }],
        },
      ],
      alias: [{ email: 'a@büro.test', destination: ['ann@büro.test'], owner_email: 'ann@büro.test' }],
      relay: [],
    }),
  )
})

test.each([
  [['relay'], { relay: [] }],
  [['domain.name', 'domain.max_aliases'], { domain: [{ name: 'büro.test', max_aliases: -1 }] }],
  [['domain.dkim_key'], { domain: [{ dkim_key: 'PEM' }] }],
  [['user.fetches.password'], { user: [{ fetches: [{ password: 'secret' }] }] }],
  [['user.created_at'], { user: [{ created_at: '1970-01-01T00:00:00.000Z' }] }],
  [
    ['domain', 'domain.comment'],
    { domain: [{ name: 'büro.test', comment: '', dkim_key: '<hidden>', max_users: 5 }] },
  ],
])('the filter %j tells what it names, even secrets and standard values', (filters, expected) => {
  expect(exported(filters)).toEqual(expected)
})

test.each(['users', 'user.shoe', 'user.email.local', 'user.tokens.secret', ''])(
  '%j is no filter',
  (filter) => {
    expect(exported([filter])).toEqual([
      expect.stringMatching(/^Invalid filter: .*: (expected one of|nothing is below)/),
    ])
  },
)

test('a password that cannot be read any more is hidden, even where secrets are told', () => {
  const lost = { ...there, fetchPasswords: new Map<number, string>() }
  const [user] =
    exportFile({
      full: false,
      secrets: true,
      dns: false,
      wanted: { all: true, named: new Map() },
      current: lost,
      records: new Map(),
    })['user'] ?? []
  expect(user).toMatchObject({ fetches: [{ password: '<hidden>' }] })
})
