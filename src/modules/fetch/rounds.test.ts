import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../../test/support/fakes/clock.ts'
import { createFakeLog } from '../../../test/support/fakes/runtime.ts'
import { parseAddress } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { FetchList } from '../../ports/fetch-list.ts'
import type { Service } from '../../ports/runtime.ts'
import { fetchRounds } from './rounds.ts'
import { sentence, weightOf } from './trouble.ts'

type Listed = Extract<Awaited<ReturnType<FetchList['list']>>, { kind: 'list' }>['fetches'][number]

const minute = 60_000
let clock: FakeClock
let listed: Listed
let visits: number[]
let service: Service

/** A server that starts with what the directory has noted. */
async function start(): Promise<void> {
  service = fetchRounds({
    collector: {
      visit: async () => {
        visits.push(clock.now())
        const { text, said } = sentence('password', { host: 'h', said: '' })
        listed = { ...listed, lastCheck: clock.now(), said }
        return { kind: 'failed', text, said, weight: weightOf(said), taken: 0, left: 0 }
      },
      end: async () => undefined,
    },
    list: {
      list: async () => ({ kind: 'list', fetches: [listed] }),
      report: async () => ({ kind: 'kept' }),
    },
    clock,
    log: createFakeLog(),
    everyMs: 10 * minute,
  })
  await service.start()
}

beforeEach(() => {
  clock = createFakeClock()
  visits = []
  listed = {
    id: 1,
    user: parseAddress('ann@example.com') ?? ('' as never),
    account: 1 as AccountId,
    protocol: 'imap',
    host: 'h',
    port: 993,
    tls: true,
    username: 'u',
    password: 'wrong',
    keep: true,
    scan: false,
    invisible: false,
    folders: [],
    enabled: true,
    comment: '',
    lastCheck: undefined,
    said: undefined,
    updatedAt: clock.now(),
  }
})
afterEach(() => service.stop())

test('a refused password is tried less and less often: 8 times on the first day', async () => {
  await start()
  await clock.advance(29 * minute)
  expect(visits).toHaveLength(1)
  await clock.advance(24 * 60 * minute - 29 * minute)
  expect(visits.length).toBe(8)
})

test('a restart does not try it sooner, a new password does', async () => {
  for (let restart = 0; restart < 5; restart++) {
    await start()
    await clock.advance(5 * minute)
    await service.stop()
  }
  expect(visits).toHaveLength(1)
  listed = { ...listed, password: 'another', updatedAt: clock.now() }
  await start()
  await clock.advance(2 * minute)
  expect(visits).toHaveLength(2)
})

test('what is paused is not visited, and is at once when it is resumed', async () => {
  listed = { ...listed, enabled: false }
  await start()
  await clock.advance(60 * minute)
  expect(visits).toEqual([])
  listed = { ...listed, enabled: true, updatedAt: clock.now() }
  await clock.advance(2 * minute)
  expect(visits).toHaveLength(1)
})
