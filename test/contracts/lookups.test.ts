import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { SenderPolicy } from '../../src/ports/addresses.ts'
import type { RelayRoutes, ReturnPaths } from '../../src/ports/routes.ts'
import {
  address,
  addUsers,
  aliasRow,
  domainRow,
  silentUser,
  startAuth,
  type TestAuth,
} from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'

const example = domainRow('example.com').name
const ann = address('ann@example.com')
let auth: TestAuth

beforeEach(async () => {
  auth = await startAuth({ settings: { messageRatelimitExemption: ['Free@example.com'] } })
  await auth.admin.add(
    'domain',
    domainRow('example.com', { alternatives: [domainRow('alt.example').name] }),
    'test',
  )
})
afterEach(() => auth.end())

describe.each(bothWays)('ReturnPaths, %s', (_, way) => {
  let paths: ReturnPaths
  beforeEach(() => {
    paths = way(auth.returnPaths)
  })

  test.each([
    ['ann@example.com', 'x@else.example'],
    ['ann@alt.example', 'x@else.example'],
    ['stranger@else.example', 'ann@example.com'],
    ['stranger@else.example', 'ann@alt.example'],
  ])('%s to %s leaves as it is', async (sender, recipient) => {
    const path = await paths.leaving(address(sender), address(recipient))
    expect(path).toEqual({ kind: 'path', sender: address(sender) })
  })

  test('the null reverse-path stays', async () => {
    expect(await paths.leaving(undefined, address('x@else.example'))).toEqual({
      kind: 'path',
      sender: undefined,
    })
  })

  test.each([
    ['ann@example.com', 'srs0'],
    ['SRS0=AbCd=ZZ=first.example=ann@else.example', 'srs1'],
  ])('a foreign message that goes on comes from us, and its bounce goes back: %s', async (local, form) => {
    const sender = address(local.replace('example.com', 'else.example'))
    const path = await paths.leaving(sender, address('x@third.example'))
    const rewritten = path.kind === 'path' ? path.sender : undefined
    expect(rewritten).toMatch(new RegExp(`^${form}=.*@example\\.com$`))
    expect(rewritten && (await auth.addresses.resolve(rewritten))).toEqual({
      kind: 'hops',
      hops: [{ kind: 'address', address: sender, by: 'return' }],
    })
  })

  test('a bounce to an address that was never given out is for nobody', async () => {
    const forged = address('SRS0=aaaa=AA=else.example=ann@example.com')
    expect(await auth.addresses.resolve(forged)).toEqual({ kind: 'unknown' })
  })

  test('bounces find back after a restart', async () => {
    const path = await paths.leaving(address('s@else.example'), address('x@third.example'))
    auth = await auth.restart()
    const rewritten = path.kind === 'path' ? path.sender : undefined
    expect(rewritten && (await auth.addresses.resolve(rewritten))).toMatchObject({ kind: 'hops' })
  })
})

describe.each(bothWays)('RelayRoutes, %s', (_, way) => {
  test('a target that an older release let in is waited for, until somebody mends it', async () => {
    const routes: RelayRoutes = way(auth.relays)
    const relay = domainRow('relay.example').name
    await auth.admin.add('relay', { name: relay, target: '[2001:db8::7]:26' }, 'test')
    expect(await routes.relay(relay)).toMatchObject({ host: '2001:db8::7', port: 26, byMx: false })
    expect(await routes.relay(example)).toEqual({ kind: 'none' })
    expect(await routes.relay(domainRow('sub.relay.example').name)).toEqual({ kind: 'none' })
  })
})

describe.each(bothWays)('the allowance, %s', (_, way) => {
  let senders: SenderPolicy
  let accounts: readonly AccountId[]
  beforeEach(async () => {
    senders = way(auth.senders)
    accounts = await addUsers(auth.admin, [
      silentUser('ann@example.com'),
      silentUser('free@example.com'),
      silentUser('less@example.com', { messageRate: { count: 2, seconds: 3_600 } }),
      silentUser('more@example.com', { messageRate: 'unlimited' }),
    ])
  })
  const granted = async (account: AccountId | undefined, tries: number) => {
    let count = 0
    for (let n = 0; n < tries; n++) {
      if ((await senders.spendAllowance(account as AccountId, 50)).kind === 'granted') count++
    }
    return count
  }

  test('is what the server says, what a user has of his own, or none', async () => {
    const [standard, exempt, own, unlimited] = accounts
    expect(await granted(standard, 210)).toBe(200)
    expect(await granted(exempt, 210)).toBe(210)
    expect(await granted(own, 5)).toBe(2)
    expect(await granted(unlimited, 210)).toBe(210)
    expect(await senders.spendAllowance(1 as AccountId, 1)).toEqual({ kind: 'granted' })
  })

  test('comes back with time, and is remembered over a restart', async () => {
    const own = accounts[2] as AccountId
    expect(await granted(own, 2)).toBe(2)
    auth = await auth.restart()
    senders = way(auth.senders)
    expect(await senders.spendAllowance(own, 1)).toMatchObject({ kind: 'spent' })
    await auth.clock.advance(3_700_000)
    expect(await granted(own, 5)).toBe(2)
  })

  test('is the new one as soon as it is changed', async () => {
    expect(await granted(accounts[2], 5)).toBe(2)
    await auth.admin.set(
      'user',
      address('less@example.com'),
      { messageRate: { count: 4, seconds: 60 } },
      'test',
    )
    expect(await granted(accounts[2], 5)).toBe(4)
  })
})

describe('settings of an account', () => {
  test('are found by number and by address, with the server’s time zone where none was chosen', async () => {
    const [account = 0 as AccountId] = await addUsers(auth.admin, [
      silentUser('ann@example.com', {
        quotaBytes: 7,
        replyEnabled: true,
        replyBody: 'Away',
        spamThreshold: 50,
        detailFiling: true,
      }),
    ])
    const settings = {
      kind: 'account',
      account,
      address: ann,
      quotaBytes: 7,
      timeZone: 'Etc/UTC',
      reply: { enabled: true, subject: '', body: 'Away', start: '1900-01-01', end: '2999-12-31' },
      spam: { enabled: true, markAsRead: true, threshold: 50 },
      detailFiling: true,
    }
    expect(await auth.accounts.settings(account)).toMatchObject(settings)
    await auth.admin.set('user', ann, { timeZone: 'Europe/Berlin' }, 'test')
    expect(await auth.accounts.find(ann)).toMatchObject({ ...settings, timeZone: 'Europe/Berlin' })
    expect(await auth.accounts.find(address('no@example.com'))).toEqual({ kind: 'unknown' })
  })

  test('are listed of those who are switched on', async () => {
    await addUsers(auth.admin, [
      silentUser('ann@example.com'),
      silentUser('off@example.com', { enabled: false }),
    ])
    expect((await auth.accounts.list()).map((settings) => settings.address)).toEqual([ann])
  })
})

test('domains are told with their other names, relays are not', async () => {
  await auth.admin.add('relay', { name: domainRow('relay.example').name }, 'test')
  expect(await auth.domains.list()).toEqual(['example.com', 'alt.example'])
})

test('an alias without a detail of its own hands the detail on to each destination', async () => {
  await auth.admin.add('alias', aliasRow('pair@example.com', ['ann@example.com', 'x@else.example']), 'test')
  expect(await auth.addresses.resolve(address('pair+sales@example.com'))).toEqual({
    kind: 'hops',
    hops: ['ann+sales@example.com', 'x+sales@else.example'].map((to) => ({
      kind: 'address',
      address: to,
      by: 'alias',
    })),
  })
})
