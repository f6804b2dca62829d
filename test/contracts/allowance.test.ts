import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { address, addUsers, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'

const hour = 3_600_000
let auth: TestAuth

describe('the allowance to send', () => {
  const send = async (login: string, times: number) => {
    const user = await auth.admin.user(address(login))
    if (!user) throw new Error(login)
    const kinds: string[] = []
    for (let n = 0; n < times; n++) kinds.push((await auth.senders.spendAllowance(user.account, 50)).kind)
    return kinds
  }

  beforeEach(async () => {
    auth = await startAuth({
      settings: {
        messageRatelimit: { count: 3, seconds: 86_400 },
        messageRatelimitExemption: ['Bob@example.com'],
      },
    })
    await auth.admin.add('domain', domainRow('example.com'), 'test')
    await addUsers(auth.admin, [newUser('ann@example.com'), newUser('bob@example.com')])
  })
  afterEach(() => auth.end())

  test('counts messages, not recipients', async () => {
    expect(await send('ann@example.com', 4)).toEqual(['granted', 'granted', 'granted', 'spent'])
  })

  test('comes back when the window has moved on', async () => {
    await send('ann@example.com', 4)
    await auth.clock.advance(25 * hour)
    expect(await send('ann@example.com', 1)).toEqual(['granted'])
  })

  test('is not asked of those on the exemption list', async () => {
    expect(await send('bob@example.com', 5)).not.toContain('spent')
  })

  test('survives a restart', async () => {
    await send('ann@example.com', 3)
    auth = await auth.restart()
    expect(await send('ann@example.com', 1)).toEqual(['spent'])
  })

  test('says when to come back', async () => {
    await send('ann@example.com', 3)
    const user = await auth.admin.user(address('ann@example.com'))
    const allowance = user && (await auth.senders.spendAllowance(user.account, 1))
    expect(allowance).toMatchObject({ kind: 'spent' })
    expect(allowance?.kind === 'spent' && allowance.retryAfterSeconds).toBeGreaterThan(86_000)
  })
})
