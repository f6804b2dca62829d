import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { type MailuContent, mailuAlias, mailuDomain, mailuUser } from '../../../test/support/mailu.ts'
import { mailuForTest, pbkdf2, readForTest, sha512, whole } from '../../../test/support/mailu-installation.ts'

test('everything of a Mailu of today is read', () => {
  const { rows, findings, revision } = readForTest(mailuForTest(whole).root)
  expect(findings).toEqual([])
  expect(revision).toBe('9a5866105f5a')
  expect(rows.domain).toEqual([
    {
      name: 'xn--bro-hoa.example',
      maxUsers: 10,
      maxAliases: -1,
      maxQuotaBytes: 5_000_000_000,
      signupEnabled: true,
      anonmailEnabled: true,
      alternatives: ['one.example', 'two.example'],
      comment: 'our office',
      createdAt: Date.UTC(2021, 2, 4),
    },
  ])
  expect(rows.relay).toMatchObject([
    { name: 'branch.example', target: 'mx:branch.example:2525', comment: '' },
  ])
  expect(rows.user).toMatchObject([
    {
      address: 'ann@xn--bro-hoa.example',
      passwordHash: sha512,
      quotaBytes: 0,
      globalAdmin: true,
      enabled: true,
      allowSpoofing: true,
      forwardEnabled: true,
      forwardDestination: ['a@example.org', 'z@example.org'],
      forwardKeep: false,
      replyEnabled: true,
      replySubject: 'Away',
      replyBody: 'Back\non Monday',
      replyStart: '2024-12-24',
      replyEnd: '2025-01-06',
      displayedName: 'Ann ☃',
      spamMarkAsRead: true,
      spamThreshold: 65,
      mustChangePassword: true,
      createdAt: Date.UTC(2019, 1, 28),
    },
    {
      address: 'ben@xn--bro-hoa.example',
      passwordHash: sha512,
      enabled: false,
      comment: '',
      replySubject: '',
    },
  ])
  expect(rows.alias).toMatchObject([
    {
      address: '%@xn--bro-hoa.example',
      wildcard: true,
      destination: ['ann@xn--bro-hoa.example', 'ben@xn--bro-hoa.example'],
      owner: '',
    },
    {
      address: 'shop.x7@xn--bro-hoa.example',
      owner: 'ann@xn--bro-hoa.example',
      hostname: 'shop.example',
      disabled: true,
    },
  ])
  expect(rows.token).toMatchObject([
    {
      id: 7,
      user: 'ann@xn--bro-hoa.example',
      passwordHash: pbkdf2,
      networks: ['192.0.2.0/24', '2001:db8::1'],
      comment: 'phone',
    },
  ])
  expect(rows.fetch).toMatchObject([
    {
      id: 3,
      user: 'ben@xn--bro-hoa.example',
      protocol: 'pop3',
      port: 995,
      tls: true,
      password: 'clear, text',
      keep: true,
      scan: true,
      invisible: true,
      folders: ['INBOX', 'Junk'],
    },
  ])
  expect(rows.manager).toEqual([{ domain: 'xn--bro-hoa.example', user: 'ben@xn--bro-hoa.example' }])
  expect(rows.access).toEqual([{ domain: 'xn--bro-hoa.example', user: 'ann@xn--bro-hoa.example' }])
  expect(rows.setting).toEqual([{ name: 'theme', value: { dark: true } }])
})

const old = (threshold: number, more: MailuContent = {}): MailuContent => ({
  domain: [{ name: 'Example.Test', max_users: 0, max_aliases: 5 }],
  user: [mailuUser('Ann@Example.Test', { password: `{SHA512-CRYPT}${sha512}`, spam_threshold: threshold })],
  alias: [mailuAlias('Info@example.test', 'Z@example.test, ann@Example.test,ann@example.test')],
  ...more,
})

/** What a Mailu of 2016 had, and what its later migrations would have filled in. */
const ofOld = {
  domain: [
    {
      name: 'example.test',
      maxUsers: -1,
      maxAliases: 5,
      maxQuotaBytes: 0,
      signupEnabled: false,
      anonmailEnabled: false,
    },
  ],
  user: [
    {
      address: 'ann@example.test',
      passwordHash: sha512,
      enabled: true,
      allowSpoofing: false,
      forwardKeep: true,
      mustChangePassword: false,
      replyStart: '1900-01-01',
      replyEnd: '2999-12-31',
      spamMarkAsRead: false,
    },
  ],
  alias: [
    {
      address: 'info@example.test',
      destination: ['ann@example.test', 'z@example.test'],
      wildcard: false,
      disabled: false,
      owner: '',
    },
  ],
}

describe('older shapes', () => {
  test.each([
    ['the first of 2016, threshold as a score', 'ff0417f4318f', 7.5, 50],
    ['2016, threshold as a percentage', '2335c80a6bc3', 50, 50],
    ['2018, before -1 was no limit', 'cd79ed46d9c2', 50, 50],
  ] as const)('%s', (_, shape, threshold, percent) => {
    const { rows, findings } = readForTest(mailuForTest(old(threshold), { shape }).root)
    expect(findings).toEqual([])
    expect(rows).toMatchObject(ofOld)
    expect(rows.user[0]?.spamThreshold).toBe(percent)
  })

  test.each(['ff0417f4318f', '2335c80a6bc3', '25fd6c7bcb4a'] as const)(
    'one of the shape of %s without a revision is read by its columns, and people are told',
    (shape) => {
      const threshold = shape === 'ff0417f4318f' ? 12 : 80
      const { rows, findings } = readForTest(mailuForTest(old(threshold), { shape, revision: '' }).root)
      expect(rows).toMatchObject({ ...ofOld, user: [{ spamThreshold: 80 }] })
      expect(findings).toEqual([expect.objectContaining({ what: 'not known' })])
    },
  )

  test('0 is no user at all where -1 is no limit', () => {
    const { rows } = readForTest(
      mailuForTest({ domain: [mailuDomain('a.test', { max_users: 0 })] }, { shape: 'fc099bd15cbe' }).root,
    )
    expect(rows.domain[0]?.maxUsers).toBe(0)
  })

  test('of a newer Mailu what is known is read, and what stays behind is named', () => {
    const root = mailuForTest(whole, { revision: 'e7c9a4f2b631' })
    const db = new Sqlite(root.database)
    db.exec('ALTER TABLE domain ADD COLUMN outgoing_only BOOLEAN; CREATE TABLE scim_state (id INTEGER)')
    db.close()
    const { rows, findings } = readForTest(root.root)
    expect(rows.user).toHaveLength(2)
    expect(rows.domain[0]?.maxUsers).toBe(10)
    expect(findings.map(({ what, on }) => [what, on])).toEqual([
      ['not known', root.database],
      ['not known', 'domain.outgoing_only'],
    ])
  })
})
