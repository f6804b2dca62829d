import { expect, test } from 'vitest'
import { arrivalOf } from '../../../test/support/arrival.ts'
import { silentSigner } from '../../../test/support/fakes/vouching.ts'
import { type Address, parseAddress } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { AddressResolver, Destination } from '../../ports/addresses.ts'
import type { OwnMail } from '../../ports/own-mail.ts'
import type { TryLater } from '../../ports/runtime.ts'
import { ownMailBy } from './own-mail.ts'

const address = (text: string): Address => parseAddress(text) ?? never()
const ann: Destination = {
  kind: 'hops',
  hops: [
    {
      kind: 'mailbox',
      account: 1 as AccountId,
      address: address('ann@home.test'),
      detail: undefined,
      forward: undefined,
    },
  ],
}
const known: Record<string, Destination | TryLater> = {
  'ann@home.test': ann,
  'both@home.test': {
    kind: 'hops',
    hops: [
      { kind: 'address', address: address('ann@home.test'), by: 'alias' },
      { kind: 'address', address: address('bob@far.example'), by: 'alias' },
    ],
  },
  'bob@far.example': { kind: 'foreign' },
  'busy@home.test': { kind: 'later', reason: 'unreachable', text: 'Directory away' },
}

async function plan(to: string): Promise<Awaited<ReturnType<OwnMail['plan']>>> {
  const signer = { ...silentSigner, sign: async () => ({ header: 'DKIM-Signature: d=home.test\r\n' }) }
  const addresses = { resolve: async (at: Address) => known[at] ?? { kind: 'unknown' } } as AddressResolver
  return ownMailBy({ addresses, signer }).plan(
    arrivalOf(
      { kind: 'spooled', size: 1, spool: 'x', index: {} as never },
      {
        origin: { kind: 'trusted' },
        recipients: [{ address: address(to), notify: ['never'], originalRecipient: undefined }],
        trace: 'Received: by us\r\n',
        client: { ip: '127.0.0.1', helo: 'us', tls: false },
        receivedAt: 1_000,
      },
    ),
  )
}

test.each([
  ['ann@home.test', [1], []],
  ['bob@far.example', [], ['bob@far.example']],
  ['both@home.test', [1], ['bob@far.example']],
])('a report to %s', async (to, accounts, outside) => {
  const planned = await plan(to)
  if (planned.kind !== 'planned') throw new Error(planned.text)
  const { copies, outgoing = [] } = planned.delivery
  expect(copies.map(({ account }) => account)).toEqual(accounts)
  expect(outgoing.flatMap(({ recipients }) => recipients.map((each) => each.address))).toEqual(outside)
  // RFC 5321 §6.1: a report has no sender, so nothing is ever reported about it.
  expect(outgoing.map(({ sender, notice }) => [sender, notice])).toEqual(
    outside.map(() => [undefined, undefined]),
  )
  for (const { prefix } of copies)
    expect(prefix).toBe(
      `Return-Path: <>\r\nDelivered-To: ann@home.test\r\n${to === 'ann@home.test' ? '' : `X-Original-To: ${to}\r\n`}DKIM-Signature: d=home.test\r\nReceived: by us\r\n`,
    )
})

test('a report to nobody leads nowhere; one that cannot be looked up waits', async () => {
  expect(await plan('gone@home.test')).toEqual({ kind: 'nowhere', text: 'gone@home.test is nobody' })
  expect(await plan('busy@home.test')).toMatchObject({ kind: 'later' })
})

function never(): never {
  throw new Error('not an address')
}
