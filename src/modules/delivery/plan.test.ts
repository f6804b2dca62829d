import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrivalOf } from '../../../test/support/arrival.ts'
import { type Address, parseAddress } from '../../lib/address.ts'
import type { MessageIndex } from '../../lib/mime/message-index.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { Arrival, Origin } from '../../ports/intake.ts'
import type { Judgement } from '../../ports/spam-judge.ts'
import { createSieve } from '../sieve/index.ts'
import { type Plan, plan } from './plan.ts'
import type { PlanFacts } from './plan-facts.ts'
import type { Expansion } from './resolve.ts'
import { sieveSettings } from './rules/sieve-settings.ts'

const a = (text: string): Address => parseAddress(text) ?? ('never' as Address)
const arrived: Origin = { kind: 'arrived' }
const signedIn: Origin = { kind: 'submitted', account: 9 as AccountId, login: a('me@a.test') }

function expansion(
  recipient: string,
  ends: {
    mailboxes?: readonly [number, string][]
    outside?: readonly string[]
    foreign?: boolean
    dead?: 'unknown' | 'disabled' | 'loop' | 'too-many'
  } = {},
): Expansion {
  const { mailboxes = [], outside = [], foreign = false, dead } = ends
  return {
    kind: 'expansion',
    recipient: a(recipient),
    mailboxes: mailboxes.map(([account, text]) => ({
      account: account as AccountId,
      address: a(text),
      detail: undefined,
    })),
    outside: outside.map(a),
    isForeign: foreign,
    dead: dead === undefined ? [] : [{ address: a(recipient), why: dead }],
    forwards: [],
    steps: [`${recipient} was looked up`],
  }
}

function arrival(recipients: readonly Address[], more: Partial<Arrival> = {}): Arrival {
  return arrivalOf(
    { kind: 'inline', size: 3, index: {} as MessageIndex, bytes: new Uint8Array(3) },
    {
      origin: arrived,
      sender: a('sender@else.test'),
      recipients: recipients.map((address) => ({ address, notify: undefined, originalRecipient: undefined })),
      trace: 'Received: from x\r\n',
      client: { ip: '192.0.2.1', helo: 'else.test', tls: true },
      receivedAt: 1_000,
      ...more,
    },
  )
}

function facts(
  expansions: readonly Expansion[],
  more: {
    arrival?: Partial<Arrival>
    judgement?: Partial<Judgement>
    senders?: PlanFacts['snapshot']['senders']
  } = {},
): PlanFacts {
  return {
    arrival: arrival(
      expansions.map(({ recipient }) => recipient),
      more.arrival,
    ),
    report: { header: 'Authentication-Results: x\r\n' },
    judgement: { action: 'accept', score: 1, reasons: [], headers: 'X-Spam-Score: 1\r\n', ...more.judgement },
    snapshot: {
      now: 2_000,
      seed: 'm1',
      expansions,
      senders: more.senders ?? new Map(),
      ways: new Map(),
      people: new Map([1, 2, 3, 4, 5].map((account) => [account as AccountId, undefined])),
      elsewhere: new Map(),
      bytes: undefined,
      seen: [],
    },
    rules: { noticeAfterMs: 500, hostname: 'mx.a.test', sieve: sieveSettings('+') },
  }
}

const toAnn = expansion('ann@a.test', { mailboxes: [[1, 'ann@a.test']] })
const toTeam = expansion('team@a.test', {
  mailboxes: [
    [1, 'ann@a.test'],
    [2, 'bob@a.test'],
  ],
})

const engine = createSieve()

/** Nothing is missing here. */
async function made(facts: PlanFacts): Promise<Exclude<Plan, { kind: 'needs' }>> {
  const planned = await plan(facts, engine)
  if (planned.kind === 'needs') throw new Error('the plan lacks something')
  return planned
}

/** `INBOX of 1`, or `550 5.1.1`. */
async function said(facts: PlanFacts): Promise<readonly string[]> {
  const planned = await made(facts)
  if (planned.kind === 'refused') return [`${planned.code} ${planned.status}`]
  const { copies, outgoing = [] } = planned.delivery
  return [
    ...copies.map(({ mailbox, account }) => `${mailbox} of ${account}`),
    ...outgoing.flatMap(({ recipients }) => recipients.map(({ address }) => `to ${address}`)),
  ]
}

test.each([
  ['a mailbox', arrived, [toAnn], ['INBOX of 1']],
  ['an alias of two', arrived, [toTeam], ['INBOX of 1', 'INBOX of 2']],
  ['a mailbox that two recipients lead to', arrived, [toAnn, toTeam], ['INBOX of 1', 'INBOX of 2']],
  ['nobody', arrived, [expansion('x@a.test', { dead: 'unknown' })], ['550 5.1.1']],
  ['one switched off', arrived, [expansion('x@a.test', { dead: 'disabled' })], ['550 5.2.1']],
  ['a loop', arrived, [expansion('x@a.test', { dead: 'loop' })], ['550 5.4.6']],
  ['an alias without destinations', arrived, [expansion('x@a.test')], ['550 5.1.1']],
  [
    'an alias that is partly dead',
    arrived,
    [expansion('x@a.test', { mailboxes: [[1, 'ann@a.test']], dead: 'unknown' })],
    ['INBOX of 1'],
  ],
  [
    'another server, from a stranger',
    arrived,
    [expansion('x@b.test', { outside: ['x@b.test'], foreign: true })],
    ['554 5.7.1'],
  ],
  [
    'a domain that we pass mail on for',
    arrived,
    [expansion('x@b.test', { outside: ['x@b.test'] })],
    ['to x@b.test'],
  ],
  [
    'another server, from a user',
    signedIn,
    [expansion('x@b.test', { outside: ['x@b.test'], foreign: true })],
    ['to x@b.test'],
  ],
  [
    'another server, from a trusted network',
    { kind: 'trusted' } as const,
    [expansion('x@b.test', { outside: ['x@b.test'], foreign: true })],
    ['to x@b.test'],
  ],
  [
    'a forward to another server',
    arrived,
    [expansion('x@a.test', { outside: ['x@b.test'] })],
    ['to x@b.test'],
  ],
  [
    'a copy kept beside that forward',
    arrived,
    [expansion('x@a.test', { mailboxes: [[1, 'ann@a.test']], outside: ['x@b.test'] })],
    ['INBOX of 1', 'to x@b.test'],
  ],
  [
    'one of two gone since RCPT: all come again',
    arrived,
    [toAnn, expansion('x@a.test', { dead: 'unknown' })],
    ['451 4.3.0'],
  ],
])('to %s', async (_, origin, expansions, expected) => {
  expect(await said(facts(expansions, { arrival: { origin } }))).toEqual(expected)
})

test.each([
  ['accept', ['INBOX of 1']],
  ['reject', ['550 5.7.1']],
  ['later', ['451 4.7.1']],
] as const)('judged %s: %j', async (action, expected) => {
  expect(await said(facts([toAnn], { judgement: { action } }))).toEqual(expected)
})

describe('the trace headers of a copy', () => {
  const prefixOf = async (facts: PlanFacts, copy = 0) => {
    const planned = await made(facts)
    return planned.kind === 'deliver' ? planned.delivery.copies[copy]?.prefix : undefined
  }

  test('stand in the order of their making, newest first', async () => {
    expect(await prefixOf(facts([toAnn]))).toBe(
      'Return-Path: <sender@else.test>\r\n' +
        'Delivered-To: ann@a.test\r\n' +
        'Authentication-Results: x\r\n' +
        'X-Spam-Score: 1\r\n' +
        'Received: from x\r\n',
    )
  })

  test('name the address that was meant', async () => {
    expect(await prefixOf(facts([toTeam]), 1)).toContain(
      'Delivered-To: bob@a.test\r\nX-Original-To: team@a.test\r\n',
    )
  })

  test('say <> for a message without sender', async () => {
    expect(await prefixOf(facts([toAnn], { arrival: { sender: undefined } }))).toMatch(/^Return-Path: <>\r\n/)
  })
})

test('the plan explains itself', async () => {
  const planned = await made(facts([toAnn, toTeam]))
  expect(planned.kind === 'deliver' && planned.delivery.trace).toMatchObject({
    sender: 'sender@else.test',
    at: 2_000,
    recipients: [
      { address: 'ann@a.test', steps: ['ann@a.test was looked up', 'ann@a.test: filed in INBOX'] },
      {
        address: 'team@a.test',
        steps: [
          'team@a.test was looked up',
          'ann@a.test has it already, by another recipient',
          'bob@a.test: filed in INBOX',
        ],
      },
    ],
  })
})

describe('what leaves', () => {
  const leaving = async (given: PlanFacts) => {
    const planned = await made(given)
    return planned.kind === 'deliver' ? (planned.delivery.outgoing ?? []) : []
  }
  const forward = expansion('ann@a.test', { outside: ['x@b.test'] })
  const direct = expansion('x@b.test', { outside: ['x@b.test'], foreign: true })

  test('by a user has his account, our trace alone, and what he asked for', async () => {
    const asked = { notify: ['success'], originalRecipient: 'rfc822;x@b.test' } as const
    const recipients = [{ address: a('x@b.test'), ...asked }]
    const given = { origin: signedIn, recipients, envelopeId: 'e1', returnContent: 'full' } as const
    expect(await leaving(facts([direct], { arrival: given }))).toEqual([
      {
        account: 9,
        sender: 'sender@else.test',
        prefix: 'Received: from x\r\n',
        smtpUtf8: false,
        requireTls: false,
        envelopeId: 'e1',
        returnContent: 'full',
        recipients,
        notBefore: 2_000,
        expires: 432_002_000,
        held: false,
        notice: 2_500,
      },
    ])
  })

  test('by a forward says what the checks found, and who it was written to', async () => {
    expect(await leaving(facts([forward]))).toMatchObject([
      {
        account: undefined,
        prefix: 'Authentication-Results: x\r\nX-Spam-Score: 1\r\nReceived: from x\r\n',
        recipients: [{ address: 'x@b.test', notify: undefined, originalRecipient: 'rfc822;ann@a.test' }],
      },
    ])
  })

  test('under a rewritten sender is an envelope of its own', async () => {
    const other = expansion('y@c.test', { outside: ['y@c.test'] })
    const senders = new Map([[a('x@b.test'), a('srs0=x@a.test')]])
    expect(
      (await leaving(facts([forward, other], { senders }))).map(({ sender, recipients }) => [
        sender,
        recipients.map(({ address }) => address),
      ]),
    ).toEqual([
      ['srs0=x@a.test', ['x@b.test']],
      ['sender@else.test', ['y@c.test']],
    ])
  })

  test('goes to each address once, and nobody hears of the delay of a report', async () => {
    const [only, ...others] = await leaving(facts([forward, forward], { arrival: { sender: undefined } }))
    expect(others).toEqual([])
    expect(only).toMatchObject({
      sender: undefined,
      notice: undefined,
      recipients: [{ address: 'x@b.test' }],
    })
  })
})

describe('whatever the recipients lead to', () => {
  const anyExpansion = fc
    .record({
      recipient: fc.integer({ min: 0, max: 99 }).map((n) => `r${n}@a.test`),
      mailboxes: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
      outside: fc.array(fc.constantFrom('x@b.test', 'y@b.test'), { maxLength: 1 }),
      dead: fc.option(fc.constantFrom('unknown', 'disabled', 'loop', 'too-many'), { nil: undefined }),
    })
    .map(({ recipient, mailboxes, outside, dead }) =>
      expansion(recipient, {
        mailboxes: mailboxes.map((n): [number, string] => [n, `u${n}@a.test`]),
        outside,
        ...(dead === undefined ? {} : { dead }),
      }),
    )
  const anyFacts = fc
    .tuple(
      fc.array(anyExpansion, { minLength: 1, maxLength: 6 }),
      fc.constantFrom<Judgement['action']>('accept', 'later', 'reject'),
      fc.constantFrom(arrived, signedIn),
    )
    .map(([expansions, action, origin]) => facts(expansions, { judgement: { action }, arrival: { origin } }))

  test('every recipient has an outcome, or one refusal stands for all', () => {
    return fc.assert(
      fc.asyncProperty(anyFacts, async (given) => {
        const planned = await made(given)
        if (planned.kind === 'refused') expect(planned.code).toBeGreaterThanOrEqual(400)
        else expect(planned.outcomes).toHaveLength(given.arrival.recipients.length)
      }),
    )
  })

  test('no mailbox gets it twice, and none is left out', () => {
    return fc.assert(
      fc.asyncProperty(anyFacts, async (given) => {
        const planned = await made(given)
        if (planned.kind === 'refused') return
        const got = planned.delivery.copies.map(({ account }) => account)
        const meant = given.snapshot.expansions.flatMap(({ mailboxes }) =>
          mailboxes.map(({ account }) => account),
        )
        expect(got).toHaveLength(new Set(got).size)
        expect(new Set(got)).toEqual(new Set(meant))
      }),
    )
  })

  test('nothing is accepted for a recipient that no mailbox and no other server gets', () => {
    return fc.assert(
      fc.asyncProperty(anyFacts, async (given) => {
        const planned = await made(given)
        if (planned.kind === 'refused') return
        const got = new Set(planned.delivery.copies.map(({ account }) => account))
        const left = new Set(
          planned.delivery.outgoing?.flatMap(({ recipients }) => recipients.map(({ address }) => address)),
        )
        for (const { mailboxes, outside } of given.snapshot.expansions) {
          const served = mailboxes.some(({ account }) => got.has(account))
          expect(served || outside.some((address) => left.has(address))).toBe(true)
        }
      }),
    )
  })

  test('the same facts make the same plan', () => {
    return fc.assert(
      fc.asyncProperty(anyFacts, async (given) => {
        expect(await made(given)).toEqual(await made(structuredClone(given)))
      }),
    )
  })
})
