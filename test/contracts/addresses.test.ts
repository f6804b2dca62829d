import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { AddressResolver, Destination, SenderPolicy } from '../../src/ports/addresses.ts'
import type { TryLater } from '../../src/ports/runtime.ts'
import { address, addUsers, aliasRow, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'
import { cpuMsOf } from '../support/cpu-time.ts'

let auth: TestAuth
const accounts = new Map<string, AccountId>()

beforeAll(async () => {
  auth = await startAuth({
    settings: { wildcardSenders: ['Boss@example.com'], postmaster: address('joe@example.com') },
  })
  const { admin } = auth
  await admin.add(
    'domain',
    domainRow('example.com', { alternatives: domainNames('example.org', 'müller.example') }),
    'test',
  )
  await admin.add('domain', domainRow('all.example'), 'test')
  await admin.add('domain', domainRow('bare.example'), 'test')
  const users = [
    newUser('joe@example.com', { globalAdmin: true }),
    newUser('ann@example.com'),
    newUser('boss@example.com'),
    newUser('spoof@example.com', { allowSpoofing: true }),
    newUser('off@example.com', { enabled: false }),
    newUser('plus+sign@example.com'),
    newUser('jörg@example.com'),
    newUser('away@example.com', {
      forwardEnabled: true,
      forwardDestination: [address('ann@example.com')],
      forwardKeep: false,
    }),
    newUser('both@example.com', {
      forwardEnabled: true,
      forwardDestination: [address('x@else.example')],
      forwardKeep: true,
    }),
    newUser('self@example.com', {
      forwardEnabled: true,
      forwardDestination: [address('self+f@example.org')],
      forwardKeep: false,
    }),
    newUser('paused@example.com', {
      forwardEnabled: false,
      forwardDestination: [address('ann@example.com')],
      forwardKeep: false,
    }),
    newUser('owner@all.example'),
  ]
  const added = await addUsers(admin, users)
  for (const [index, user] of users.entries()) accounts.set(user.address, added[index] ?? (0 as AccountId))
  for (const alias of [
    aliasRow('team@example.com', ['joe@example.com']),
    aliasRow('pair@example.com', ['joe@example.com', 'out@else.example']),
    aliasRow('team+exact@example.com', ['ann@example.com']),
    aliasRow('gone@example.com', ['joe@example.com'], { disabled: true }),
    aliasRow('sales-%@example.com', ['joe@example.com']),
    aliasRow('sales-eu-%@example.com', ['ann@example.com']),
    aliasRow('room_@example.com', ['ann@example.com'], { wildcard: true }),
    aliasRow('off-%@example.com', ['joe@example.com'], { disabled: true }),
    aliasRow('%@all.example', ['owner@all.example']),
    aliasRow('team@all.example', ['joe@example.com']),
    aliasRow('closed@all.example', ['joe@example.com'], { disabled: true }),
  ]) {
    const outcome = await admin.add('alias', alias, 'test')
    if (outcome.kind === 'refused') throw new Error(outcome.text)
  }
})
afterAll(() => auth.end())

function domainNames(...names: string[]) {
  return names.map((name) => domainRow(name).name)
}

/** `mailbox ann@example.com (news)`, `alias joe@example.com`, `unknown`. */
function said(destination: Destination | TryLater): string[] {
  if (destination.kind !== 'hops') return [destination.kind]
  return destination.hops.map((hop) => {
    if (hop.kind === 'address') return `${hop.by} ${hop.address}`
    expect(hop.account).toBe(accounts.get(hop.address))
    const { forward } = hop
    const on = forward ? `, ${forward.keeps ? 'kept and ' : ''}on to ${forward.to.join()}` : ''
    return `mailbox ${hop.address}${hop.detail === undefined ? '' : ` (${hop.detail})`}${on}`
  })
}

describe.each(bothWays)('AddressResolver, %s', (_, way) => {
  let addresses: AddressResolver
  beforeAll(() => {
    addresses = way(auth.addresses)
  })

  test.each([
    ['joe@example.com', ['mailbox joe@example.com']],
    ['JOE@Example.COM', ['mailbox joe@example.com']],
    ['joe+news@example.com', ['mailbox joe@example.com (news)']],
    ['joe+a+b@example.com', ['mailbox joe@example.com (a+b)']],
    ['joe+@example.com', ['mailbox joe@example.com ()']],
    ['plus+sign@example.com', ['mailbox plus+sign@example.com']],
    ['JÖRG@example.com', ['mailbox jörg@example.com']],
    ['"joe"@example.com', ['mailbox joe@example.com']],
    ['team@example.com', ['alias joe@example.com']],
    ['team+test@example.com', ['alias joe+test@example.com']],
    ['team+exact@example.com', ['alias ann@example.com']],
    ['pair+sales@example.com', ['alias joe+sales@example.com', 'alias out+sales@else.example']],
    ['sales-us-x@example.com', ['alias joe@example.com']],
    ['sales-eu-x@example.com', ['alias ann@example.com']],
    ['sales-us+x@example.com', ['alias joe@example.com']],
    ['room1@example.com', ['alias ann@example.com']],
    ['room12@example.com', ['unknown']],
    ['room@example.com', ['unknown']],
    ['off-1@example.com', ['unknown']],
    ['nobody@example.com', ['unknown']],
    ['+x@example.com', ['unknown']],
    ['"a b"@example.com', ['unknown']],
    ['"a@b"@example.com', ['unknown']],
    ['off@example.com', ['disabled']],
    ['off+x@example.com', ['disabled']],
    ['gone@example.com', ['disabled']],
    ['gone+x@example.com', ['disabled']],
    ['joe+x@example.org', ['mailbox joe@example.com (x)']],
    ['team+x@müller.example', ['alias joe+x@example.com']],
    ['team+x@xn--mller-kva.example', ['alias joe+x@example.com']],
    ['away@example.com', ['mailbox away@example.com, on to ann@example.com']],
    ['away+x@example.com', ['mailbox away@example.com (x), on to ann@example.com']],
    ['both+x@example.com', ['mailbox both@example.com (x), kept and on to x@else.example']],
    ['self@example.com', ['mailbox self@example.com']],
    ['paused@example.com', ['mailbox paused@example.com']],
    ['team+test@all.example', ['alias joe+test@example.com']],
    ['random@all.example', ['alias owner@all.example']],
    ['random+x@all.example', ['alias owner@all.example']],
    ['+x@all.example', ['alias owner@all.example']],
    ['owner+x@all.example', ['mailbox owner@all.example (x)']],
    ['closed@all.example', ['disabled']],
    ['x@else.example', ['foreign']],
    ['x@sub.example.com', ['foreign']],
    ['postmaster@bare.example', ['alias joe@example.com']],
    ['postmaster@example.org', ['alias joe@example.com']],
    ['postmaster@all.example', ['alias owner@all.example']],
    ['nobody@bare.example', ['unknown']],
  ])('%s leads to %j', async (recipient, expected) => {
    expect(said(await addresses.resolve(address(recipient)))).toEqual(expected)
  })

  test('ten thousand resolutions cost nothing one could feel', async () => {
    const recipients = Array.from({ length: 10_000 }, (_unused, n) => address(`sales-${n}+x@example.com`))
    const took = await cpuMsOf(async () => {
      for (const recipient of recipients) await auth.addresses.resolve(recipient)
    })
    expect(took).toBeLessThan(2_000)
  })
})

describe.each(bothWays)('SenderPolicy, %s', (_, way) => {
  let senders: SenderPolicy
  beforeAll(() => {
    senders = way(auth.senders)
  })

  test.each([
    ['ann@example.com', 'ann@example.com', true],
    ['ann@example.com', 'ANN@example.com', true],
    ['ann@example.com', 'ann+list@example.com', true],
    ['ann@example.com', 'ann@example.org', true],
    ['ann@example.com', 'joe@example.com', false],
    ['ann@example.com', 'x@else.example', false],
    ['ann@example.com', 'team+exact@example.com', true],
    ['joe@example.com', 'team@example.com', true],
    ['joe@example.com', 'team+x@example.org', true],
    ['ann@example.com', 'team@example.com', false],
    ['joe@example.com', 'pair@example.com', true],
    ['joe@example.com', 'gone@example.com', false],
    ['joe@example.com', 'off-1@example.com', false],
    ['ann@example.com', 'room1@example.com', true],
    ['owner@all.example', 'whatever@all.example', true],
    ['owner@all.example', 'team@all.example', false],
    ['owner@all.example', 'closed@all.example', false],
    // Somebody's forwarding gives no right to send in his name.
    ['ann@example.com', 'away@example.com', false],
    ['away@example.com', 'away@example.com', true],
    ['spoof@example.com', 'joe@example.com', true],
    ['spoof@example.com', 'whatever@example.org', true],
    ['spoof@example.com', 'owner@all.example', false],
    ['spoof@example.com', 'x@else.example', false],
    ['boss@example.com', 'x@else.example', true],
    ['joe@example.com', 'postmaster@example.com', false],
  ])('%s may send as %s: %j', async (login, sender, expected) => {
    expect(await senders.maySendAs(accounts.get(login) as AccountId, address(sender))).toEqual({
      kind: expected ? 'allowed' : 'refused',
    })
  })

  test('everybody may use the null reverse-path', async () => {
    expect(await senders.maySendAs(accounts.get('ann@example.com') as AccountId, undefined)).toEqual({
      kind: 'allowed',
    })
  })

  test('an account that is gone may not send', async () => {
    expect(await senders.maySendAs(1 as AccountId, address('ann@example.com'))).toEqual({ kind: 'refused' })
  })
})
