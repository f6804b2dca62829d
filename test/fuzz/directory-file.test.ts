import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readYaml, writeYaml } from '../../src/app/cli/yaml.ts'
import { exportFile } from '../../src/app/directory/file/export.ts'
import { everything } from '../../src/app/directory/file/filter.ts'
import { Mistakes } from '../../src/app/directory/file/mistakes.ts'
import type { Node } from '../../src/app/directory/file/node.ts'
import { planLegacy } from '../../src/app/directory/file/plan-legacy.ts'
import type { Current } from '../../src/app/directory/file/planning.ts'
import { cpuMs, timed } from '../support/cpu-time.ts'
import { current, planned, userRow } from '../support/directory-file.ts'

/** Under `npm run fuzz` the clock decides. */
const often = process.env['FUZZ_SECONDS'] === undefined ? { numRuns: 300 } : {}

const hard = fc.string({
  unit: fc.constantFrom(
    '\n',
    '\r',
    '\t',
    ' ',
    'a',
    ':',
    '#',
    '-',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\x07',
    '"',
    "'",
    '0',
    '|',
    '%',
  ),
})
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  hard,
  fc.constantFrom('yes', '~', '1e5', '12:30', '<<'),
)

test('what is written is read back, text by text', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1 }), (texts) => {
      const sections = { user: texts.map((email) => ({ email, list: [email] })) }
      const read = readYaml(writeYaml(sections))
      expect(read.kind === 'node' ? plain(read.node) : read).toEqual(sections)
    }),
    often,
  )
})

function plain(node: Node): unknown {
  switch (node.kind) {
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]))
    case 'list':
      return node.items.map(plain)
    case 'plain':
    case 'quoted':
      return node.text
  }
}

const domainName = fc.constantFrom('a.test', 'b.test', 'xn--bro-hoa.test', 'c.test')
const local = fc.constantFrom('ann', 'bob', 'carol', 'dörte', "o'neil", 'x+y')
const address = fc.tuple(local, domainName).map(([name, domain]) => `${name}@${domain}`)
const unique = <T>(arbitrary: fc.Arbitrary<T>, selector: (value: T) => unknown) =>
  fc.uniqueArray(arbitrary, { selector, maxLength: 4 })
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.uniqueArray(arbitrary, { maxLength: 3 })
const whole = fc.integer({ min: 0, max: 2 ** 40 })
const day = fc
  .integer({ min: 0, max: 40_000 })
  .map((n) => new Date(n * 86_400_000).toISOString().slice(0, 10))
const filled = fc.string({ minLength: 1 }).map((value) => `x${value}`)

const domains = unique(
  fc.record({
    name: domainName,
    maxUsers: fc.integer({ min: -1, max: 100 }),
    maxQuotaBytes: whole,
    signupEnabled: fc.boolean(),
    anonmailEnabled: fc.boolean(),
    comment: text,
  }),
  ({ name }) => name,
)

const users = unique(
  fc.tuple(
    address,
    fc.record({
      quotaBytes: whole,
      enabled: fc.boolean(),
      globalAdmin: fc.boolean(),
      forwardEnabled: fc.boolean(),
      forwardDestination: some(address),
      forwardKeep: fc.boolean(),
      replyEnabled: fc.boolean(),
      replySubject: text,
      replyBody: text,
      replyStart: day,
      displayedName: text,
      spamMarkAsRead: fc.boolean(),
      detailFiling: fc.boolean(),
      spamThreshold: fc.integer({ min: 0, max: 100 }),
      timeZone: fc.constantFrom('', 'Europe/Berlin'),
      messageRate: fc.oneof(
        fc.constantFrom('standard', 'unlimited'),
        fc
          .tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999_999 }))
          .map(([count, seconds]) => ({ count, seconds })),
      ),
      comment: text,
    }),
  ),
  ([name]) => name,
).map((rows) => rows.map(([name, said]) => userRow(name, said)))

const aliases = unique(
  fc.record({
    address: address.map((name) => `alias.${name}`),
    destination: some(address),
    wildcard: fc.boolean(),
    disabled: fc.boolean(),
    owner: fc.oneof(fc.constant(''), address),
    hostname: text,
    comment: text,
  }),
  (row) => row.address,
)

const relays = unique(
  fc.record({
    name: fc.constantFrom('r.test', 's.test'),
    target: fc.constantFrom('', 'mx:h.test:26', '[2001:db8::1]:25', 'lmtp:x'),
    comment: text,
  }),
  ({ name }) => name,
)

/** A directory in which everything belongs to a user who is there. */
const directory = fc.record({ domains, users, aliases, relays }).chain((rows) =>
  fc.record({
    domains: fc.constant(rows.domains),
    users: fc.constant(rows.users),
    aliases: fc.constant(rows.aliases),
    relays: fc.constant(rows.relays),
    passwords: fc.constant(
      Object.fromEntries(rows.users.map((row) => [row.address, `$hash of ${row.address}`])),
    ),
    tokens: rows.users.length === 0 ? fc.constant([]) : tokensOf(rows.users.map((row) => row.address)),
    fetches: rows.users.length === 0 ? fc.constant([]) : fetchesOf(rows.users.map((row) => row.address)),
  }),
)

const tokensOf = (owners: readonly string[]) =>
  unique(
    fc.record({
      id: fc.integer({ min: 1, max: 99 }),
      user: fc.constantFrom(...owners),
      hash: fc.constantFrom('$1', '$2'),
      networks: some(fc.constantFrom('10.0.0.0/8', '::1', '192.0.2.7')),
      services: some(fc.constantFrom('imap', 'smtp')),
      expires: fc.oneof(fc.constant('never'), whole),
      comment: text,
    }),
    ({ id }) => id,
  )

const fetchesOf = (owners: readonly string[]) =>
  unique(
    fc.record({
      id: fc.integer({ min: 1, max: 99 }),
      user: fc.constantFrom(...owners),
      password: filled,
      protocol: fc.constantFrom('imap', 'pop3'),
      host: fc.constantFrom('h.test', '::1'),
      port: fc.integer({ min: 1, max: 65_535 }),
      username: filled,
      tls: fc.boolean(),
      keep: fc.boolean(),
      enabled: fc.boolean(),
      folders: some(fc.constantFrom('INBOX', 'Sent Items', 'Ünd')),
      comment: text,
    }),
    ({ id }) => id,
  )

const exported = (there: Current, full: boolean) =>
  exportFile({ full, secrets: true, dns: false, wanted: everything, current: there, records: new Map() })

test('an export, imported into an empty directory, is exported the same', () => {
  fc.assert(
    fc.property(directory, fc.boolean(), (rows, full) => {
      const there = current(rows)
      const { changes, mistakes } = planned(writeYaml(exported(there, full)), 'replace', current({}))
      expect(mistakes).toEqual([])
      expect(exported(after(changes), true)).toEqual(exported(there, true))
    }),
    often,
  )
})

test.each(['update', 'replace'] as const)(
  'an export, taken as %s of what it was made of, changes nothing',
  (mode) => {
    fc.assert(
      fc.property(directory, fc.boolean(), (rows, full) => {
        const there = current(rows)
        const { changes, mistakes } = planned(writeYaml(exported(there, full)), mode, there)
        expect({ changes, mistakes }).toEqual({ changes: [], mistakes: [] })
      }),
      often,
    )
  },
)

type Change = ReturnType<typeof planned>['changes'][number]
type Made = Readonly<Record<string, unknown>>

/** An empty directory after these changes, which only add. */
function after(changes: readonly Change[]): Current {
  const made = (on: Change['on']): Made[] =>
    changes.flatMap((change) => (change.on === on && 'row' in change ? [{ ...change.row }] : []))
  return current({
    domains: made('domain'),
    relays: made('relay'),
    users: made('user'),
    aliases: made('alias'),
    tokens: made('token').map((row) => ({
      ...row,
      id: Number(row['id']),
      hash: String(row['passwordHash']),
    })),
    fetches: made('fetch').map((row) => ({
      ...row,
      id: Number(row['id']),
      password: String(row['password']),
    })),
    managers: made('manager'),
    accesses: made('access'),
    passwords: Object.fromEntries(
      made('user').map((row) => [String(row['address']), String(row['passwordHash'])]),
    ),
  })
}

const key = fc.constantFrom(
  ...[
    'domain',
    'user',
    'alias',
    'relay',
    'domains',
    'users',
    'name',
    'email',
    '-email',
    '-name',
    'password',
    'tokens',
  ],
  ...[
    'fetches',
    'id',
    '-id',
    'dkim_key',
    'alternatives',
    'destination',
    'manager_of',
    'domain_accesses',
    '__proto__',
  ],
  ...[
    'hash_password',
    'localpart',
    'quota_bytes',
    '-quota_bytes',
    'ip',
    'owned_aliases',
    'constructor',
    'created_at',
  ],
)
const scalar = fc.oneof(
  text,
  fc.constantFrom(
    'a@a.test',
    'a.test',
    '-a@a.test',
    '-prune-',
    '<hidden>',
    '-generate-',
    '5',
    'null',
    '%@a.test',
  ),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 3, withCrossShrink: true }, scalar, tie('list'), tie('map')),
  list: fc.array(tie('tree'), { maxLength: 3 }),
  map: fc.dictionary(fc.oneof(key, fc.string()), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
}))
const sections = fc.dictionary(key, fc.array(fc.dictionary(key, tree, { maxKeys: 4 }), { maxLength: 3 }), {
  maxKeys: 4,
})
const file = fc.oneof(
  text,
  tree.map((value) => JSON.stringify(value)),
  sections.map((value) => JSON.stringify(value)),
  sections.map((value) => writeYaml(value)),
  fc
    .array(fc.constantFrom('[', '{', '- ', '&a ', '*a ', '!!x ', ': ', '\n', '  ', '? ', '|', 'user:', 'a'))
    .map((parts) => parts.join('')),
)

test('whatever a file holds, it comes to a plan or to mistakes, soon', () => {
  const there = current({ domains: [{ name: 'a.test' }], users: [userRow('a@a.test')] })
  fc.assert(
    fc.property(file, fc.constantFrom('replace', 'update'), (yaml, mode) => {
      const took = cpuMs(() => {
        const { mistakes } = planned(yaml, mode, there)
        for (const mistake of mistakes) expect(mistake).toMatch(/^line \d+|^it is nested/)
        const read = readYaml(yaml)
        if (read.kind === 'node') {
          planLegacy(read.node, {
            mode: 'replace',
            mistakes: new Mistakes(),
            current: there,
            deleteObjects: true,
          })
        }
      })
      expect(took).toBeLessThan(2000)
    }),
    often,
  )
})

test.each([
  [
    'aliases that grow a file beyond all memory',
    `a: &a [x]\nb: &b [${'*a,'.repeat(9)}*a]\nuser: [${'*b,'.repeat(9)}*b]`,
    /aliases \(\*a\) are not read/,
  ],
  ['lists within lists', '['.repeat(50_000), /nested too deeply/],
  ['lists within lists, on lines', '- '.repeat(50_000), /nested too deeply/],
  ['objects of another program', 'user: !!python/object:os.system {}', /line 1: Unresolved tag/],
  ['several documents', 'user: []\n---\nuser: []', /multiple documents/],
  ['more than a server has', `# ${'x'.repeat(13 * 1024 * 1024)}`, /more than \d+ characters/],
])('refuses %s', (_, yaml, expected) => {
  const { result, ms } = timed(() => readYaml(yaml))
  expect(result.kind === 'mistakes' && result.mistakes[0]).toMatch(expected)
  expect(ms).toBeLessThan(5000)
})
