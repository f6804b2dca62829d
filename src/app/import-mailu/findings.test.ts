import { describe, expect, test } from 'vitest'
import { type MailuContent, mailuAlias, mailuDomain, mailuUser } from '../../../test/support/mailu.ts'
import { mailuForTest, pbkdf2, readForTest, sha512 } from '../../../test/support/mailu-installation.ts'

test('a value that the table itself forbids is a value, and no damage', () => {
  const { root } = mailuForTest(
    {
      domain: [mailuDomain('a.test')],
      user: [mailuUser('ann@a.test', { password: sha512, enable_pop: 5 })],
    },
    { shape: '3b7eee912b41' },
  )
  expect(readForTest(root).findings).toEqual([
    { what: 'wrong value', on: 'user ann@a.test', text: expect.stringMatching(/^enable_pop/) },
  ])
})

describe('what is wrong is found', () => {
  const base: MailuContent = { domain: [mailuDomain('a.test')] }
  const user = mailuUser('ann@a.test', { password: sha512 })
  test('a damaged password is told, and not shown', () => {
    const password = `{SSHA}hunter2\ufffd`
    const { findings } = readForTest(
      mailuForTest({ ...base, user: [mailuUser('ann@a.test', { password })] }).root,
    )
    expect(findings).toEqual([
      { what: 'wrong value', on: 'user ann@a.test', text: 'password: expected a text' },
    ])
  })

  test.each<[string, MailuContent, string, string, RegExp]>([
    [
      'users that differ only by case',
      { ...base, user: [user, mailuUser('Ann@a.test', { password: sha512 })] },
      'two spellings',
      'ann@a.test',
      /ann@a\.test and user Ann@a\.test/,
    ],
    [
      'domains that differ only by case',
      { domain: [mailuDomain('a.test'), mailuDomain('A.test')] },
      'two spellings',
      'a.test',
      /a\.test and domain A\.test/,
    ],
    [
      'a domain in both its forms',
      { domain: [mailuDomain('xn--bro-hoa.test'), mailuDomain('büro.test')] },
      'two spellings',
      'xn--bro-hoa.test',
      /büro/,
    ],
    [
      'aliases that differ only by case',
      {
        ...base,
        user: [user],
        alias: [mailuAlias('x@a.test', 'ann@a.test'), mailuAlias('X@a.test', 'ann@a.test')],
      },
      'two spellings',
      'x@a.test',
      /alias x@a\.test and alias X@a\.test/,
    ],
    [
      'an alias that is a user',
      { ...base, user: [user], alias: [mailuAlias('ANN@a.test', 'x@b.test')] },
      'two owners',
      'ann@a.test',
      /user ann@a\.test and alias ANN@a\.test/,
    ],
    [
      'a relay that is a domain',
      { ...base, relay: [{ name: 'a.test', smtp: 'b.test' }] },
      'two owners',
      'a.test',
      /domain a\.test and relay a\.test/,
    ],
    [
      'an alternative that is a relay',
      {
        ...base,
        alternative: [{ name: 'b.test', domain_name: 'a.test' }],
        relay: [{ name: 'b.test', smtp: 'c.test' }],
      },
      'two owners',
      'b.test',
      /alternative b\.test and relay b\.test/,
    ],
    [
      'an address that is none',
      { ...base, user: [mailuUser('a b@a.test')] },
      'invalid address',
      'user a b@a.test',
      /no mail address/,
    ],
    [
      'a domain that is none',
      { domain: [mailuDomain('a..test')] },
      'invalid address',
      'domain a..test',
      /no domain/,
    ],
    [
      'a relay without a target',
      { ...base, relay: [{ name: 'b.test', smtp: null }] },
      'relay by MX',
      'relay b.test',
      /host/,
    ],
    [
      'a relay with a wrong target',
      { ...base, relay: [{ name: 'b.test', smtp: 'mx:' }] },
      'wrong target',
      'relay b.test',
      /expected/,
    ],
    [
      'a wildcard without a sign',
      { ...base, user: [user], alias: [mailuAlias('x@a.test', 'ann@a.test', { wildcard: 1 })] },
      'odd pattern',
      'alias x@a.test',
      /itself/,
    ],
    [
      'a wildcard of one character',
      { ...base, user: [user], alias: [mailuAlias('a_b@a.test', 'ann@a.test', { wildcard: 1 })] },
      'odd pattern',
      'alias a_b@a.test',
      /any one/,
    ],
    [
      'a sign without a wildcard',
      { ...base, user: [user], alias: [mailuAlias('x%@a.test', 'ann@a.test')] },
      'odd pattern',
      'alias x%@a.test',
      /no wildcard/,
    ],
    [
      'an alias to nothing',
      { ...base, alias: [mailuAlias('x@a.test', ' , ')] },
      'leads nowhere',
      'alias x@a.test',
      /no destination/,
    ],
    [
      'a forward to nothing',
      { ...base, user: [{ ...user, forward_enabled: 1 }] },
      'leads nowhere',
      'user ann@a.test',
      /switched off/,
    ],
    [
      'a token of nobody',
      { ...base, token: [{ id: 1, user_email: 'gone@a.test', password: pbkdf2 }] },
      'owner missing',
      'token 1',
      /gone@a\.test/,
    ],
    [
      'a fetch of nobody',
      {
        ...base,
        fetch: [
          {
            id: 1,
            user_email: 'gone@a.test',
            protocol: 'imap',
            host: 'h',
            port: 1,
            username: 'u',
            password: 'p',
          },
        ],
      },
      'owner missing',
      'fetch 1',
      /gone@a\.test/,
    ],
    [
      'a manager of nothing',
      { ...base, user: [user], manager: [{ domain_name: 'gone.test', user_email: 'ann@a.test' }] },
      'owner missing',
      'manager, row 1',
      /gone\.test/,
    ],
    [
      'an anonymous alias of nobody',
      { ...base, alias: [mailuAlias('x@a.test', 'y@b.test', { owner_email: 'gone@a.test' })] },
      'owner missing',
      'alias x@a.test',
      /gone@a\.test/,
    ],
    [
      'an alternative of nothing',
      { ...base, alternative: [{ name: 'b.test', domain_name: null }] },
      'owner missing',
      'alternative b.test',
      /domain/,
    ],
    [
      'octets for a text',
      { ...base, user: [{ ...user, displayed_name: Buffer.of(255, 0) }] },
      'wrong value',
      'user ann@a.test',
      /displayed_name: expected a text, found 2 octets/,
    ],
    [
      'a text for a number',
      { ...base, user: [{ ...user, quota_bytes: 'much' }] },
      'wrong value',
      'user ann@a.test',
      /quota_bytes: expected a whole number/,
    ],
    [
      'a number for a day',
      { ...base, user: [{ ...user, reply_enddate: 5 }] },
      'wrong value',
      'user ann@a.test',
      /reply_enddate: expected a day/,
    ],
    [
      'a day that is none',
      { ...base, user: [{ ...user, created_at: '2024-02-31' }] },
      'wrong value',
      'user ann@a.test',
      /created_at/,
    ],
    [
      'a flag that is none',
      { ...base, user: [{ ...user, enabled: 'maybe' }] },
      'wrong value',
      'user ann@a.test',
      /enabled: expected true or false/,
    ],
    [
      'an address of octets',
      { ...base, user: [{ ...user, email: Buffer.from('ann@a.test') }] },
      'wrong value',
      'user, row 1',
      /email: expected a text/,
    ],
  ])('%s', (_, content, what, on, text) => {
    const { findings } = readForTest(mailuForTest(content).root)
    expect(findings).toContainEqual({ what, on, text: expect.stringMatching(text) })
  })
})
