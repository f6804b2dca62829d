import { expect, test } from 'vitest'
import {
  type Citizen,
  DeliveryWorld,
  inShort,
  questionOf,
  type Sent,
} from '../../../test/support/delivery-world.ts'
import type { AccountId } from '../../ports/accounts.ts'

// Accounts are numbers: ann is 1, bob is 2, cem is 3.
const ann = (more: Partial<Citizen> = {}): Citizen => ({ address: 'ann@a.test', ...more })
const bob = (script: string, folders: readonly string[] = []): Citizen => ({
  address: 'bob@a.test',
  script,
  folders,
})
const away = { reply: { enabled: true, subject: '', body: 'Away' } }
const tells = (to: string) => `require "enotify"; notify "mailto:${to}";`

const rows: readonly [string, readonly Citizen[], Partial<Sent>, readonly string[]][] = [
  [
    'an auto-reply is filed by the rules of who gets it',
    [ann(away), bob('require "fileinto"; fileinto "Answers";', ['Answers'])],
    { from: 'bob@a.test' },
    ['1 INBOX', 'written: 2 Answers'],
  ],
  [
    'an auto-reply is thrown away where its reader wants none',
    [ann(away), bob('if header :contains "auto-submitted" "auto-replied" { discard; }')],
    { from: 'bob@a.test' },
    ['1 INBOX'],
  ],
  [
    'an auto-reply is edited by the rules of who gets it, whole',
    [ann(away), bob('require "editheader"; addheader "X-Seen" "yes";')],
    { from: 'bob@a.test' },
    ['1 INBOX', 'edited: 2 INBOX'],
  ],
  [
    'an auto-reply is sent on as its reader’s settings say',
    [ann(away), { ...bob(''), forward: { to: ['x@b.test'], keeps: true } }],
    { from: 'bob@a.test' },
    ['1 INBOX', 'written: 2 INBOX to x@b.test'],
  ],
  [
    'a notification is sent on by the rules of who gets it',
    [ann({ script: tells('bob@a.test') }), bob('redirect "x@b.test";')],
    {},
    ['1 INBOX', 'written: to x@b.test'],
  ],
  [
    'two who tell each other of all their mail end there',
    [ann({ script: tells('bob@a.test') }), bob(tells('ann@a.test'))],
    {},
    ['1 INBOX', 'written: 2 INBOX'],
  ],
  [
    'what bob sends back to ann is hers without her rules',
    [ann({ script: `${tells('bob@a.test')} discard;` }), bob('redirect "ann@a.test";')],
    {},
    ['written: 1 INBOX'],
  ],
  [
    'a report of a refusal is filed by the rules of who gets it',
    [
      ann({ script: 'require "reject"; reject "No";' }),
      bob('require "fileinto"; if header :contains "subject" "Refused" { fileinto "Reports"; }', ['Reports']),
    ],
    { to: ['ann@a.test', 'bob@a.test'], from: 'bob@a.test' },
    ['2 INBOX', 'written: 2 Reports'],
  ],
  [
    'who refuses a letter by a rule writes nobody',
    [ann({ script: tells('bob@a.test') }), bob('require "reject"; reject "No";')],
    {},
    ['1 INBOX'],
  ],
  [
    'who answers a redirected message answers its sender',
    [ann({ script: 'redirect "bob@a.test";' }), { ...bob(''), ...away }],
    {},
    ['2 INBOX', 'written: to sender@else.test'],
  ],
]

test.each(rows)('%s', async (_, people, sent, expected) => {
  const planned = await new DeliveryWorld({ people }).plan({ to: ['ann@a.test'], ...sent })
  expect(lines(inShort(planned), planned)).toEqual(expected)
})

/** One line for each message that rules made, wherever it goes. */
function lines(
  short: readonly string[],
  planned: Awaited<ReturnType<DeliveryWorld['plan']>>,
): readonly string[] {
  if (planned.kind !== 'deliver') return short
  const own = short.filter((line) => !line.includes(': '))
  const made = planned.delivery.made.map(({ content, copies, outgoing }) => {
    const places = copies.map(({ account, mailbox }) => `${account} ${mailbox}`)
    const leaving = outgoing.flatMap(({ recipients }) => recipients.map(({ address }) => `to ${address}`))
    return `${content.kind}: ${[...places, ...leaving].join(' ')}`
  })
  return [...own, ...made]
}

test('a letter that others’ rules read is sent once: the plan is made anew where it was sent before', async () => {
  const world = new DeliveryWorld({
    people: [ann(away), bob('require "fileinto"; fileinto :copy "Answers";', ['Answers'])],
  })
  const sent = { to: ['ann@a.test'], from: 'bob@a.test' }
  const planned = await world.plan(sent)
  if (planned.kind !== 'deliver') throw new Error(planned.kind)
  const { guards = [], made, decisions } = planned.delivery
  expect(made.map(({ once }) => once)).toEqual([undefined])
  expect(guards).toMatchObject([{ account: 1, renews: false }])
  expect(decisions.find(({ account }) => account === (2 as AccountId))?.steps[0]).toBe(
    'written by a rule of ann@a.test',
  )
  const again = await world.planner.again(questionOf(sent), planned.snapshot, guards)
  expect(again.kind === 'deliver' ? again.delivery.made : again).toEqual([])
})
