import { describe, expect, test } from 'vitest'
import { addressIn, current, planned, userRow } from '../../../../test/support/directory-file.ts'

const there = current({
  domains: [{ name: 'a.test', alternatives: ['x.test', 'y.test'], maxUsers: 9, comment: 'ours' }],
  relays: [{ name: 'r.test', target: 'host:26' }],
  users: [
    userRow('ann@a.test', { quotaBytes: 5, forwardDestination: [addressIn('o@p.test')] }),
    userRow('bob@a.test'),
  ],
  aliases: [{ address: 'info@a.test', destination: ['ann@a.test', 'bob@a.test'], disabled: true }],
  tokens: [
    { id: 1, user: 'ann@a.test', networks: ['10.0.0.0/8'], hash: '$t1' },
    { id: 2, user: 'ann@a.test', hash: '$t2' },
  ],
  fetches: [{ id: 4, user: 'ann@a.test', password: 'old' }],
  managers: [{ domain: 'a.test', user: 'ann@a.test' }],
  accesses: [{ domain: 'a.test', user: 'bob@a.test' }],
  passwords: { 'ann@a.test': '$ann', 'bob@a.test': '$bob' },
})

/** What is changed, short: what, to whom, and the columns that are asked about. */
const changes = (yaml: string, mode: 'replace' | 'update') => planned(yaml, mode, there).changes

describe('an update', () => {
  test.each([
    [
      'changes what is said and keeps the rest',
      'user: [{email: ann@a.test, quota_bytes: 7}]',
      [
        {
          on: 'user',
          do: 'put',
          row: { address: 'ann@a.test', quotaBytes: 7, forwardDestination: ['o@p.test'] },
        },
      ],
    ],
    [
      'does nothing where all is so already',
      'user: [{email: ann@a.test, quota_bytes: 5, password: $ann}]',
      [],
    ],
    [
      'keeps disabled where it is not said',
      'alias: [{email: info@a.test, comment: c}]',
      [
        {
          on: 'alias',
          do: 'put',
          row: { disabled: true, comment: 'c', destination: ['ann@a.test', 'bob@a.test'] },
        },
      ],
    ],
    [
      'merges lists',
      'alias: [{email: info@a.test, destination: [c@a.test]}]',
      [{ row: { destination: ['ann@a.test', 'bob@a.test', 'c@a.test'] } }],
    ],
    [
      'takes an item away',
      'alias: [{email: info@a.test, destination: [-bob@a.test]}]',
      [{ row: { destination: ['ann@a.test'] } }],
    ],
    [
      'empties a list first',
      'alias: [{email: info@a.test, destination: [-prune-, c@a.test]}]',
      [{ row: { destination: ['c@a.test'] } }],
    ],
    [
      'takes a text of commas for the whole list',
      'alias: [{email: info@a.test, destination: "c@a.test, d@a.test"}]',
      [{ row: { destination: ['c@a.test', 'd@a.test'] } }],
    ],
    [
      'sets an attribute to its standard',
      'user: [{email: ann@a.test, -quota_bytes: null}]',
      [{ row: { address: 'ann@a.test', quotaBytes: 1e9 } }],
    ],
    [
      'deletes by name',
      'user: [{-email: bob@a.test}]\nrelay: [{-name: r.test}]',
      [
        { on: 'user', do: 'delete', key: 'bob@a.test' },
        { on: 'relay', do: 'delete', key: 'r.test' },
      ],
    ],
    [
      'prunes what is not named',
      'user: [{-email: null}, {email: ann@a.test}]',
      [{ on: 'user', do: 'delete', key: 'bob@a.test' }],
    ],
    [
      'keeps tokens that are not named',
      'user: [{email: ann@a.test, tokens: [{id: 1, comment: phone}]}]',
      [{ on: 'token', do: 'set', key: 1, to: { comment: 'phone', networks: ['10.0.0.0/8'] } }],
    ],
    [
      'knows a token without a number by what it is',
      'user: [{email: ann@a.test, tokens: [{password: $t2}]}]',
      [],
    ],
    [
      'deletes and prunes tokens',
      'user: [{email: ann@a.test, tokens: [{-id: 1}]}]',
      [{ on: 'token', do: 'delete', key: 1 }],
    ],
    [
      'prunes fetches',
      'user: [{email: ann@a.test, fetches: [{-id: null}]}]',
      [{ on: 'fetch', do: 'delete', key: 4 }],
    ],
    [
      'keeps a hidden password',
      'user: [{email: ann@a.test, fetches: [{id: 4, host: h2, password: <hidden>}]}]',
      [{ on: 'fetch', do: 'set', key: 4, to: { host: 'h2' } }],
    ],
    [
      'hashes a password that is said plainly',
      'user: [{email: ann@a.test, hash_password: true, password: 0123}]',
      [{ on: 'user', row: { password: '0123' } }],
    ],
    [
      'adds a manager',
      'user: [{email: bob@a.test, manager_of: [a.test]}]',
      [{ on: 'manager', do: 'add', row: { domain: 'a.test', user: 'bob@a.test' } }],
    ],
    [
      'takes a manager away',
      'user: [{email: ann@a.test, manager_of: [-a.test]}]',
      [{ on: 'manager', do: 'delete', key: { domain: 'a.test', user: 'ann@a.test' } }],
    ],
    [
      'moves an alternative',
      'domain: [{name: a.test, alternatives: [-x.test]}, {name: b.test, alternatives: [x.test]}]',
      [
        { on: 'domain', do: 'set', key: 'a.test', to: { alternatives: ['y.test'] } },
        { on: 'domain', do: 'put', row: { name: 'a.test', alternatives: ['y.test'], maxUsers: 9 } },
        { on: 'domain', do: 'put', row: { name: 'b.test', alternatives: ['x.test'] } },
      ],
    ],
  ])('%s', (_, yaml, expected) => {
    expect(changes(yaml, 'update')).toMatchObject(expected)
    expect(changes(yaml, 'update')).toHaveLength(expected.length)
  })
})

describe('a replacement', () => {
  const whole = `
domain: [{name: a.test}]
user: [{email: ann@a.test}, {email: new@a.test, password: $new}]
`
  test('makes rooms first, and names everything that is to be', () => {
    expect(changes(whole, 'replace')).toMatchObject([
      { on: 'manager', do: 'delete', key: { user: 'ann@a.test' } },
      { on: 'alias', do: 'delete', key: 'info@a.test' },
      { on: 'token', do: 'delete', key: 1 },
      { on: 'token', do: 'delete', key: 2 },
      { on: 'fetch', do: 'delete', key: 4 },
      { on: 'user', do: 'delete', key: 'bob@a.test' },
      { on: 'relay', do: 'delete', key: 'r.test' },
      { on: 'domain', do: 'put', row: { name: 'a.test', maxUsers: -1, alternatives: [], comment: '' } },
      { on: 'user', do: 'put', row: { address: 'ann@a.test', quotaBytes: 1e9 } },
      { on: 'user', do: 'put', row: { address: 'new@a.test', passwordHash: '$new' } },
    ])
  })

  test('asks for nothing where all is so already', () => {
    const yaml = `
domain: [{name: a.test, alternatives: [x.test, y.test], max_users: 9, comment: ours}]
user: [{email: ann@a.test, quota_bytes: 5, forward_destination: o@p.test, spam_threshold: 80, password: $ann, manager_of: [a.test],
  tokens: [{id: 1, ip: 10.0.0.0/8, password: $t1}, {id: 2, password: $t2}], fetches: [{id: 4, host: h, port: 993, protocol: imap, username: u, password: old}]},
  {email: bob@a.test, spam_threshold: 80, domain_accesses: [a.test]}]
alias: [{email: info@a.test, destination: [ann@a.test, bob@a.test], disabled: true}]
relay: [{name: r.test, smtp: 'host:26'}]
`
    expect(planned(yaml, 'replace', there)).toMatchObject({ changes: [], mistakes: [], unnamed: [] })
  })

  test('names the users who would go', () => {
    expect(planned(whole, 'replace', there).unnamed).toEqual(['bob@a.test'])
  })

  test('keeps what is hidden', () => {
    const yaml = `
domain: [{name: a.test, dkim_key: <hidden>}]
user: [{email: ann@a.test, password: <hidden>, tokens: [{id: 2, password: <hidden>, comment: c}], fetches: [{id: 4, host: h, port: 1, protocol: imap, username: u, password: <hidden>}]}]
`
    const { changes: made, keys } = planned(yaml, 'replace', there)
    expect(keys).toEqual([])
    expect(made).toContainEqual(expect.objectContaining({ on: 'token', do: 'set', key: 2 }))
    expect(made).toContainEqual(expect.objectContaining({ on: 'fetch', do: 'set', key: 4 }))
    expect(made).toContainEqual(expect.objectContaining({ on: 'token', do: 'delete', key: 1 }))
    expect(JSON.stringify(made)).not.toContain('hidden')
  })

  test.each([
    [
      'by both of its sides',
      'domain: [{name: a.test, domain_accesses: [5]}]\nuser: [{email: ann@a.test, domain_accesses: [5]}]',
    ],
    ['by the user', 'domain: [{name: a.test}]\nuser: [{email: ann@a.test, domain_accesses: [a.test]}]'],
    ['by the domain', 'domain: [{name: a.test, domain_accesses: [ann@a.test]}]\nuser: [{email: ann@a.test}]'],
  ])('gives access %s', (_, yaml) => {
    expect(changes(yaml, 'replace')).toContainEqual({
      on: 'access',
      do: 'add',
      row: { domain: 'a.test', user: 'ann@a.test' },
    })
  })

  test.each([
    [
      'owner_email',
      'domain: [{name: a.test}]\nalias: [{email: z@a.test, destination: [ann@a.test], owner_email: ann@a.test}]',
    ],
    [
      'owned_aliases',
      'user: [{email: ann@a.test, owned_aliases: [z@a.test]}]\nalias: [{email: z@a.test, destination: [ann@a.test]}]',
    ],
  ])('gives an anonymous alias its owner by %s', (_, yaml) => {
    expect(changes(yaml, 'replace')).toContainEqual(
      expect.objectContaining({ on: 'alias', row: expect.objectContaining({ owner: 'ann@a.test' }) }),
    )
  })
})

test.each([
  ['-generate-', 'generate'],
  ["''", 'remove'],
])('a DKIM key that says %s comes to %s', (text, to) => {
  const withKey = { ...there, dkimKeys: new Map([...there.rows.domains].map(({ name }) => [name, 'PEM'])) }
  const { keys } = planned(`domain: [{name: a.test, dkim_key: ${text}}]`, 'update', withKey)
  expect(keys).toEqual([{ domain: 'a.test', to, had: true }])
})

test.each([
  [
    'an unknown attribute',
    'user:\n  - email: ann@a.test\n    quotta: 5',
    /^line 3, user\[0\]\.quotta: there is no attribute "quotta"; expected one of .*quota_bytes/,
  ],
  [
    'an unknown section',
    'users: []',
    /^line 1, users: there is no such section; expected the sections domain/,
  ],
  ['an empty file', '', /found nothing/],
  [
    'a wrong value',
    'user:\n  - email: ann@a.test\n    tokens:\n      - id: 1\n        ip: [1.2.3.4, x]',
    /^line 5, user\[0\]\.tokens\[0\]\.ip\[1\]: expected a network/,
  ],
  ['no name', 'user: [{quota_bytes: 5}]', /email is missing/],
  [
    'a name twice',
    'user: [{email: ann@a.test}, {email: ANN@a.test}]',
    /user\[1\]: ann@a\.test is there twice/,
  ],
  ['an attribute twice', 'user: [{email: ann@a.test, comment: a, comment: b}]', /comment is said twice/],
  [
    'a domain that is a relay',
    'domain: [{name: r.test}]',
    /^line 1, domain\[0\]: r\.test is a relay already/,
  ],
  ['a relay that is an alternative', 'relay: [{name: x.test}]', /x\.test is another name of a\.test already/],
  [
    'an alternative that is a domain',
    'domain: [{name: b.test, alternatives: [a.test]}]',
    /a\.test is a domain already/,
  ],
  ['a new user without a password', 'user: [{email: c@a.test}]', /password is missing/],
  ['nothing to hash', 'user: [{email: ann@a.test, hash_password: true}]', /nothing to hash/],
  [
    'a new fetch with a hidden password',
    'user: [{email: ann@a.test, fetches: [{host: h, port: 1, protocol: imap, username: u, password: <hidden>}]}]',
    /there is none to keep/,
  ],
  [
    'a fetch without what it needs',
    'user: [{email: ann@a.test, fetches: [{password: p, port: 1, protocol: imap, username: u}]}]',
    /host is missing/,
  ],
  ['a key that is none', 'domain: [{name: a.test, dkim_key: abc}]', /dkim_key: expected a private key/],
  ['the deletion of nobody', 'user: [{-email: nobody@a.test}]', /there is no nobody@a\.test to delete/],
  [
    'what is deleted and set',
    'user: [{-email: bob@a.test}, {email: bob@a.test}]',
    /is deleted here, and set/,
  ],
  [
    'an item to take away that is not there',
    'alias: [{email: info@a.test, destination: [-c@a.test]}]',
    /there is no c@a\.test to take away/,
  ],
  ['a reset with a value', 'user: [{email: ann@a.test, -quota_bytes: 5}]', /expected null/],
  [
    'a reset without a standard',
    'user: [{email: ann@a.test, fetches: [{id: 4, -host: null}]}]',
    /no standard/,
  ],
])('%s is a mistake, told with its place', (_, yaml, expected) => {
  expect(planned(yaml, 'update', there).mistakes).toEqual([expect.stringMatching(expected)])
})

test('a replacement that names a user and not the domain is a mistake', () => {
  expect(planned('user: [{email: ann@a.test}]', 'replace', there).mistakes).toEqual([
    expect.stringContaining('a.test, which the file does not name'),
  ])
})

test('a deletion in a replacement is told as what it is', () => {
  expect(planned('user: [{-email: a@a.test}]', 'replace', there).mistakes.join()).toContain('--update')
})

test('all mistakes are told at once', () => {
  const yaml = 'user: [{email: ann@a.test, quota_bytes: x, enabled: maybe}]\nalias: [{email: y}]'
  expect(planned(yaml, 'update', there).mistakes).toHaveLength(3)
})
