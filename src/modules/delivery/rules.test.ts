import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Citizen,
  DeliveryWorld,
  inShort,
  plainText,
  questionOf,
  type Sent,
} from '../../../test/support/delivery-world.ts'
import { createSieve } from '../sieve/index.ts'
import { distribute } from './plan.ts'

const ann = (more: Partial<Citizen> = {}): Citizen => ({ address: 'ann@a.test', ...more })
const bob = (more: Partial<Citizen> = {}): Citizen => ({ address: 'bob@a.test', ...more })
const script = (text: string) => ann({ script: text })

async function short(people: readonly Citizen[], sent: Partial<Sent> = {}): Promise<readonly string[]> {
  return inShort(await new DeliveryWorld({ people }).plan({ to: ['ann@a.test'], ...sent }))
}

/** A folder without a name. */
const failing = 'require ["fileinto", "variables"]; set "x" ""; fileinto "$\u007bx}";'

/** Accounts are numbers: ann is 1, bob is 2. */
const rows: readonly [string, readonly Citizen[], Partial<Sent>, readonly string[]][] = [
  ['no rules', [ann()], {}, ['1 INBOX']],
  ['spam above the threshold', [ann()], { score: 13 }, ['1 Junk \\Seen']],
  ['spam at the threshold', [ann()], { score: 12 }, ['1 INBOX']],
  [
    'spam, a threshold of its own',
    [ann({ spam: { threshold: 65, markAsRead: false } })],
    { score: 10 },
    ['1 Junk'],
  ],
  ['spam, where its owner wants all of it', [ann({ spam: { enabled: false } })], { score: 20 }, ['1 INBOX']],
  ['what the judge calls junk', [ann()], { action: 'junk' }, ['1 Junk \\Seen']],
  [
    'a forward that keeps',
    [ann({ forward: { to: ['x@b.test'], keeps: true } })],
    {},
    ['1 INBOX', 'to x@b.test'],
  ],
  ['a forward', [ann({ forward: { to: ['x@b.test'], keeps: false } })], {}, ['to x@b.test']],
  [
    'spam to who forwards',
    [ann({ forward: { to: ['x@b.test'], keeps: false } })],
    { score: 15 },
    ['1 Junk \\Seen'],
  ],
  [
    'a forward to somebody here',
    [ann({ forward: { to: ['bob@a.test'], keeps: false } }), bob()],
    {},
    ['2 INBOX'],
  ],
  [
    'a forward to somebody who has rules',
    [ann({ forward: { to: ['bob@a.test'], keeps: false } }), bob({ script: 'discard;' })],
    {},
    [],
  ],
  ['a forward to nobody', [ann({ forward: { to: ['gone@a.test'], keeps: false } })], {}, ['1 INBOX']],
  [
    'forwards in a circle',
    [
      ann({ forward: { to: ['bob@a.test'], keeps: false } }),
      bob({ forward: { to: ['ann@a.test'], keeps: false } }),
    ],
    {},
    ['1 INBOX'],
  ],
  [
    'a circle out of which one way leads',
    [
      ann({ forward: { to: ['bob@a.test'], keeps: false } }),
      bob({ forward: { to: ['ann@a.test', 'x@b.test'], keeps: false } }),
    ],
    {},
    ['to x@b.test'],
  ],
  [
    'a forward that came back',
    [ann({ forward: { to: ['x@b.test'], keeps: false } })],
    { text: `Delivered-To: ann@a.test\n${plainText}` },
    ['1 INBOX'],
  ],
  [
    'two who forward to the same address',
    [
      ann({ forward: { to: ['x@b.test'], keeps: true } }),
      bob({ forward: { to: ['x@b.test'], keeps: false } }),
    ],
    { to: ['ann@a.test', 'bob@a.test'] },
    ['1 INBOX', 'to x@b.test'],
  ],
  [
    'an auto-reply',
    [ann({ reply: { enabled: true, body: 'Away.' } })],
    {},
    ['1 INBOX', 'written: to sender@else.test'],
  ],
  [
    'an auto-reply to somebody here',
    [ann({ reply: { enabled: true, body: 'Away.' } }), bob()],
    { from: 'bob@a.test' },
    ['1 INBOX', 'written: 2 INBOX'],
  ],
  [
    'an auto-reply whose days are over',
    [ann({ reply: { enabled: true, body: 'Away.', end: '2001-01-01' } })],
    {},
    ['1 INBOX'],
  ],
  [
    'an auto-reply to spam',
    [ann({ reply: { enabled: true, body: 'Away.' } })],
    { score: 15 },
    ['1 Junk \\Seen'],
  ],
  [
    'an auto-reply to a bounce',
    [ann({ reply: { enabled: true, body: 'Away.' } })],
    { from: '' },
    ['1 INBOX'],
  ],
  ...[
    'Precedence: bulk',
    'List-Id: <l.else.test>',
    'Auto-Submitted: auto-generated',
    'Reply-To: no-reply@else.test',
  ].map((field): [string, readonly Citizen[], Partial<Sent>, readonly string[]] => [
    `an auto-reply to ${field}`,
    [ann({ reply: { enabled: true, body: 'Away.' } })],
    { text: `${field}\n${plainText}` },
    ['1 INBOX'],
  ]),
  [
    'an auto-reply beside a forward without a copy',
    [ann({ reply: { enabled: true, body: 'Away.' }, forward: { to: ['x@b.test'], keeps: false } })],
    {},
    ['to x@b.test', 'written: to sender@else.test'],
  ],
  [
    'one answer, although the script has one too',
    [ann({ reply: { enabled: true, body: 'Away.' }, script: 'require "vacation"; vacation "Gone.";' })],
    {},
    ['1 INBOX', 'written: to sender@else.test'],
  ],
  ['discard', [script('discard;')], {}, []],
  [
    'a folder that is there',
    [ann({ script: 'require "fileinto"; fileinto "Lists";', folders: ['Lists'] })],
    {},
    ['1 Lists'],
  ],
  ['a folder that is not', [script('require "fileinto"; fileinto "Lists";')], {}, ['1 INBOX']],
  [
    'a folder that the rule makes',
    [script('require ["fileinto", "mailbox"]; fileinto :create "Lists";')],
    {},
    ['1 Lists'],
  ],
  [
    'a copy in two places',
    [script('require ["fileinto", "mailbox", "copy"]; fileinto :copy :create "Lists";')],
    {},
    ['1 Lists', '1 INBOX'],
  ],
  ['a script that fails keeps', [script(failing)], {}, ['1 INBOX']],
  ['a script that cannot be read keeps', [script('frop;')], {}, ['1 INBOX']],
  ['redirect', [script('redirect "x@b.test";')], {}, ['to x@b.test']],
  [
    'redirect and keep',
    [script('require "copy"; redirect :copy "x@b.test";')],
    {},
    ['1 INBOX', 'to x@b.test'],
  ],
  ['redirect to somebody here', [script('redirect "bob@a.test";'), bob()], {}, ['2 INBOX']],
  ['redirect to oneself', [script('redirect "ann@a.test";')], {}, ['1 INBOX']],
  [
    'redirect in a circle',
    [script('redirect "bob@a.test";'), bob({ script: 'redirect "ann@a.test";' })],
    {},
    ['1 INBOX'],
  ],
  ['redirect to nobody', [script('redirect "gone@a.test";')], {}, ['1 INBOX']],
  [
    'redirect of what came back',
    [script('redirect "x@b.test";')],
    { text: `Delivered-To: ann@a.test\n${plainText}` },
    ['1 INBOX'],
  ],
  [
    'too many redirects',
    [
      script(
        'redirect "a@b.test"; redirect "b@b.test"; redirect "c@b.test"; redirect "d@b.test"; redirect "e@b.test";',
      ),
    ],
    {},
    ['1 INBOX'],
  ],
  ['reject', [script('require "reject"; reject "No.";')], {}, ['550 5.7.1']],
  ['ereject', [script('require "ereject"; ereject "No.";')], {}, ['550 5.7.1']],
  [
    'reject in words that no reply line can say',
    [script('require "reject"; reject "Nein, schön.";')],
    {},
    ['written: to sender@else.test'],
  ],
  [
    'reject where another gets it',
    [script('require "reject"; reject "No.";'), bob()],
    { to: ['ann@a.test', 'bob@a.test'] },
    ['2 INBOX', 'written: to sender@else.test'],
  ],
  [
    'reject where each hears for himself',
    [script('require "reject"; reject "No.";'), bob()],
    { to: ['ann@a.test', 'bob@a.test'], repliesEach: true },
    ['2 INBOX'],
  ],
  [
    'reject of a message without a sender',
    [script('require "reject"; reject "No.";'), bob()],
    { to: ['ann@a.test', 'bob@a.test'], from: '' },
    ['2 INBOX'],
  ],
  [
    'a header that is edited',
    [script('require "editheader"; addheader "X-Seen" "1";')],
    {},
    ['edited: 1 INBOX'],
  ],
  [
    'a header that is edited, sent on to somebody here and elsewhere',
    [
      script('require "editheader"; addheader "X-Seen" "1"; redirect "bob@a.test"; redirect "x@b.test";'),
      bob(),
    ],
    {},
    ['edited: 2 INBOX', 'edited: to x@b.test'],
  ],
  [
    'what rules read is what stands in the mailbox',
    [
      script(
        'require ["fileinto", "mailbox"]; if header "delivered-to" "ann@a.test" { fileinto :create "Mine"; }',
      ),
    ],
    {},
    ['1 Mine'],
  ],
  [
    'the detail of an address',
    [
      script(
        'require ["fileinto", "mailbox", "envelope", "subaddress"]; if envelope :detail "to" "news" { fileinto :create "News"; }',
      ),
    ],
    { to: ['ann+news@a.test'] },
    ['1 News'],
  ],
  [
    'every detail in a folder of its name',
    [
      script(
        'require ["fileinto", "mailbox", "envelope", "subaddress", "variables"]; if envelope :detail :matches "to" "?*" { fileinto :create "$\u007b1}$\u007b2}"; }',
      ),
    ],
    { to: ['ann+news@a.test'] },
    ['1 news'],
  ],
  [
    'the body',
    [script('require ["fileinto", "mailbox", "body"]; if body :contains "Buy" { fileinto :create "Ads"; }')],
    {},
    ['1 Ads'],
  ],
  [
    'a notification',
    [script('require ["enotify"]; notify :message "Mail!" "mailto:x@b.test";')],
    {},
    ['1 INBOX', 'written: to x@b.test'],
  ],
]

test.each(rows)('%s', async (_, people, sent, expected) => {
  expect(await short(people, sent)).toEqual(expected)
})

const anyScript = fc.constantFrom(
  undefined,
  'discard;',
  'redirect "bob@a.test";',
  'redirect "cid@a.test";',
  'require "copy"; redirect :copy "x@b.test";',
  'require "reject"; reject "No.";',
  'require "vacation"; vacation "Away.";',
  'require ["editheader", "fileinto", "mailbox"]; addheader "X-Seen" "1"; fileinto :create "Seen";',
  'require "duplicate"; if duplicate { discard; }',
  'require ["enotify", "variables"]; notify "mailto:bob@a.test"; notify "mailto:ann@a.test?subject=Again";',
)
const names = ['ann@a.test', 'bob@a.test', 'cid@a.test']
const anyForward = fc.option(
  fc.record({
    to: fc.subarray([...names, 'x@b.test', 'gone@a.test'], { minLength: 1 }),
    keeps: fc.boolean(),
  }),
  { nil: undefined },
)
const anyPeople = fc.tuple(
  ...names.map((address) =>
    fc
      .record({ script: anyScript, forward: anyForward, reply: fc.boolean(), detailFiling: fc.boolean() })
      .map(
        (one): Citizen => ({
          address,
          ...(one.script === undefined ? {} : { script: one.script }),
          ...(one.forward === undefined ? {} : { forward: one.forward }),
          detailFiling: one.detailFiling,
          ...(one.reply ? { reply: { enabled: true, body: 'Away.' } } : {}),
        }),
      ),
  ),
)
const anySent = fc.record({
  to: fc.subarray(names, { minLength: 1 }),
  score: fc.constantFrom(0, 20),
  from: fc.constantFrom('', 'sender@else.test', 'bob@a.test'),
  repliesEach: fc.boolean(),
})

test('whatever the rules are, the message has a place, or somebody wanted it gone', () =>
  fc.assert(
    fc.asyncProperty(anyPeople, anySent, async (people, sent) => {
      const planned = await new DeliveryWorld({ people }).plan(sent)
      if (planned.kind === 'refused') {
        expect(people.some(({ script: text }) => text?.includes('reject'))).toBe(true)
        return
      }
      if (planned.kind === 'later') throw new Error(planned.text)
      expect(planned.outcomes).toHaveLength(sent.to.length)
      const wantsItGone = people.some(
        ({ script: text }) => text?.includes('discard') || text?.includes('reject'),
      )
      const { copies, outgoing = [], made } = planned.delivery
      const kept = [...copies, ...outgoing, ...made.filter(({ content }) => content.kind === 'edited')]
      expect(kept.length > 0 || wantsItGone).toBe(true)
      // Nobody gets two copies of what came.
      const accounts = copies.map(({ account }) => account)
      expect(accounts).toHaveLength(new Set(accounts).size)
    }),
    { numRuns: 300 },
  ))

test('a plan replayed on the same snapshot is the same, byte for byte, and changes nothing in it', () =>
  fc.assert(
    fc.asyncProperty(anyPeople, anySent, async (people, sent) => {
      const { planner } = new DeliveryWorld({ people })
      const question = questionOf(sent)
      const planned = await planner.plan(question)
      if (planned.kind !== 'deliver') return
      const before = structuredClone(planned.snapshot)
      const again = await planner.again(structuredClone(question), structuredClone(planned.snapshot), [])
      expect(again).toEqual(planned)
      expect(planned.snapshot).toEqual(before)
    }),
    { numRuns: 100 },
  ))

test('where nobody has rules, the short way says what the long one says', () =>
  fc.assert(
    fc.asyncProperty(
      fc.subarray([...names, 'all@a.test', 'ann+x@a.test', 'gone@a.test'], { minLength: 1 }),
      async (to) => {
        const aliases = { 'all@a.test': names }
        const { planner } = new DeliveryWorld({ people: names.map((address) => ({ address })), aliases })
        const question = questionOf({ to })
        const planned = await planner.plan(question)
        if (planned.kind !== 'deliver') return
        const { snapshot, ...plan } = planned
        expect(await distribute({ ...question, snapshot }, createSieve())).toEqual(plan)
      },
    ),
  ))
