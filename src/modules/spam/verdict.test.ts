import { expect, test } from 'vitest'
import type { AccountId } from '../../ports/accounts.ts'
import type { Hit } from './rules/rule.ts'
import { type Found, judgementOf, judgementOfOwn } from './verdict.ts'

const hit = (weight: number, more: Partial<Hit> = {}): Hit => ({ symbol: 'SIGN', weight, why: 'x', ...more })
const judged = (rules: readonly Hit[], more: Partial<Found> = {}) =>
  judgementOf({ rules, taught: [], personal: [], ...more })

test.each<[string, number, string]>([
  ['nothing', 0, 'X-Spamd-Bar: /\r\n'],
  ['half a point', 0.5, 'X-Spamd-Bar: /\r\n'],
  ['what speaks for it', -2.5, 'X-Spamd-Bar: --\r\n'],
  ['a point', 1, 'X-Spamd-Bar: +\r\nX-Spam-Level: *\r\n'],
  ['six', 6.1, 'X-Spamd-Bar: ++++++\r\nX-Spam-Level: ******\r\nX-Spam: Yes\r\n'],
])('%s is written into the header as Mailu does', (_, weight, headers) => {
  expect(judged([hit(weight)])).toMatchObject({ action: 'accept', headers })
})

test.each<[string, readonly Hit[], Partial<Found>, string]>([
  ['points of rules refuse', [hit(15)], {}, '550 5.7.1'],
  ['a little less does not', [hit(14.9)], {}, 'accept'],
  ['experience does where rules agree', [hit(6)], { taught: [hit(9)] }, '550 5.7.1'],
  ['experience alone does not', [hit(5)], { taught: [hit(14)] }, 'accept'],
  [
    'one who wants it keeps it from being refused for all',
    [hit(15)],
    { personal: [{ account: 1 as AccountId, taught: [hit(-5)] }] },
    'accept',
  ],
  ['what forces needs no points', [hit(0, { forces: { action: 'reject', text: 'no' } })], {}, '550 5.7.1'],
  [
    'and heeds none',
    [hit(0, { forces: { action: 'reject', text: 'no' } }), hit(-10)],
    { taught: [hit(-10)] },
    '550 5.7.1',
  ],
  [
    'what is to come again',
    [hit(20), hit(0, { forces: { action: 'later', text: 'busy' } })],
    {},
    '451 4.7.1',
  ],
  [
    'a no goes before it',
    [hit(0, { forces: { action: 'later', text: '' } }), hit(0, { forces: { action: 'reject', text: '' } })],
    {},
    '550 5.7.1',
  ],
])('%s: %j', (_, rules, more, expected) => {
  const { action, refusal } = judged(rules, more)
  expect(refusal ? `${refusal.code} ${refusal.status}` : action).toBe(expected)
})

test('each reader’s copy says what his own experience comes to', () => {
  const { score, headers, personal } = judged([hit(2)], {
    taught: [hit(3)],
    personal: [{ account: 7 as AccountId, taught: [hit(-1)] }],
  })
  expect([score, headers]).toEqual([5, 'X-Spamd-Bar: +++++\r\nX-Spam-Level: *****\r\n'])
  expect(personal).toMatchObject([{ account: 7, score: 1, headers: 'X-Spamd-Bar: +\r\nX-Spam-Level: *\r\n' }])
})

test('of our own people’s mail only what forces is said', () => {
  expect(judgementOfOwn([hit(20)])).toEqual({ action: 'accept', score: 0, reasons: [], headers: '' })
  expect(judgementOfOwn([hit(20), hit(0, { forces: { action: 'reject', text: 'no' } })])).toMatchObject({
    action: 'reject',
    forcedBy: 'SIGN',
    score: 0,
  })
})
