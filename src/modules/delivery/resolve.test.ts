import { expect, test } from 'vitest'
import { type Address, parseAddress } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { AddressResolver, Destination } from '../../ports/addresses.ts'
import type { TryLater } from '../../ports/runtime.ts'
import { type Expansion, expandRecipient } from './resolve.ts'

const a = (text: string): Address => parseAddress(text) ?? ('never' as Address)

const mailbox = (account: number, text: string): Destination => ({
  kind: 'hops',
  hops: [
    {
      kind: 'mailbox',
      account: account as AccountId,
      address: a(text),
      detail: undefined,
      forward: undefined,
    },
  ],
})
const alias = (...to: string[]): Destination => ({
  kind: 'hops',
  hops: to.map((text) => ({ kind: 'address', address: a(text), by: 'alias' })),
})

/** Read this first: who leads where in these tests. */
const map: Readonly<Record<string, Destination>> = {
  'ann@a.test': mailbox(1, 'ann@a.test'),
  'bob@a.test': mailbox(2, 'bob@a.test'),
  'team@a.test': alias('ann@a.test', 'bob@a.test'),
  'all@a.test': alias('team@a.test', 'ann@a.test'),
  'round@a.test': alias('about@a.test'),
  'about@a.test': alias('round@a.test'),
  'self@a.test': alias('self@a.test'),
  'selfish@a.test': alias('selfish@a.test', 'ann@a.test'),
  'partly@a.test': alias('nobody@a.test', 'ann@a.test'),
  'away@a.test': alias('x@else.test'),
  'mixed@a.test': alias('x@else.test', 'ann@a.test'),
  'off@a.test': { kind: 'disabled' },
  'passed@relay.test': { kind: 'relayed' },
  'x@else.test': { kind: 'foreign' },
}
const addresses: AddressResolver = {
  resolve: async (recipient) => map[recipient] ?? { kind: 'unknown' },
}

test.each([
  ['ann@a.test', { mailboxes: [1] }],
  ['team@a.test', { mailboxes: [1, 2] }],
  ['all@a.test', { mailboxes: [1, 2] }],
  ['nobody@a.test', { dead: ['unknown'] }],
  ['off@a.test', { dead: ['disabled'] }],
  ['x@else.test', { outside: ['x@else.test'] }],
  ['passed@relay.test', { outside: ['passed@relay.test'] }],
  ['away@a.test', { outside: ['x@else.test'] }],
  ['mixed@a.test', { mailboxes: [1], outside: ['x@else.test'] }],
  ['partly@a.test', { mailboxes: [1], dead: ['unknown'] }],
  ['round@a.test', { dead: ['loop'] }],
  ['self@a.test', { dead: ['loop'] }],
  ['selfish@a.test', { mailboxes: [1] }],
])('%s ends at %j', async (recipient, ends) => {
  const expansion = await expand(addresses, recipient)
  expect({
    mailboxes: expansion.mailboxes.map(({ account }) => account),
    outside: expansion.outside,
    dead: expansion.dead.map(({ why }) => why),
  }).toEqual({ mailboxes: [], outside: [], dead: [], ...ends })
})

test('every hop is explained in order', async () => {
  expect((await expand(addresses, 'all@a.test')).steps).toEqual([
    'all@a.test is an alias of team@a.test',
    'all@a.test is an alias of ann@a.test',
    'team@a.test is an alias of ann@a.test',
    'team@a.test is an alias of bob@a.test',
    'ann@a.test is the mailbox of ann@a.test',
    'bob@a.test is the mailbox of bob@a.test',
  ])
})

test('an alias that never ends is cut at a thousand addresses', async () => {
  let asked = 0
  const endless: AddressResolver = {
    async resolve() {
      asked++
      return alias(`n${asked * 2}@a.test`, `n${asked * 2 + 1}@a.test`)
    },
  }
  const expansion = await expand(endless, 'start@a.test')
  expect(asked).toBe(1_000)
  expect(expansion.mailboxes).toEqual([])
  expect(expansion.dead.every(({ why }) => why === 'too-many')).toBe(true)
})

test('a directory that cannot be reached is the answer for the whole recipient', async () => {
  const later: TryLater = { kind: 'later', reason: 'unreachable', text: 'Try again later.' }
  const broken: AddressResolver = {
    resolve: async (address) => (address === 'team@a.test' ? alias('ann@a.test') : later),
  }
  expect(await expandRecipient(broken, a('team@a.test'))).toEqual(later)
})

async function expand(resolver: AddressResolver, recipient: string): Promise<Expansion> {
  const expansion = await expandRecipient(resolver, a(recipient))
  if (expansion.kind === 'later') throw new Error(expansion.text)
  return expansion
}
