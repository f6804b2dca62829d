import { beforeEach, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../../../test/support/fakes/clock.ts'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { type Address, type DomainName, parseAddress } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Arrival, Origin } from '../../../ports/intake.ts'
import type { Note } from '../../../ports/outgoing-notes.ts'
import type { QueuedRecipient } from '../../../ports/outgoing-queue.ts'
import { type LimitRules, limitOutgoing } from './limited.ts'

const ann = 1 as AccountId
const address = (text: string): Address => {
  const read = parseAddress(text)
  if (!read) throw new Error(`no address: ${text}`)
  return read
}
const submitted: Origin = { kind: 'submitted', account: ann, login: address('ann@home.test') }
const hour = 3_600_000

let clock: FakeClock
let notes: Map<string, Note>
let rows: { id: number; account: AccountId; held: boolean }[]
beforeEach(() => {
  clock = createFakeClock()
  notes = new Map()
  rows = []
})

function limited(rules: Partial<LimitRules>) {
  const intake = limitOutgoing({
    intake: {
      recipient: async () => ({ kind: 'ok' }),
      accept: async ({ recipients, isBraked = false }) => {
        rows.push({ id: rows.length + 1, account: ann, held: isBraked })
        return { kind: 'accepted', outcomes: recipients.map(() => ({ kind: 'done' })) }
      },
    },
    domains: { list: async () => ['home.test' as DomainName] },
    notes: {
      get: async (_, name) => notes.get(name),
      put: async (all) => {
        for (const note of all) notes.set(note.name, note)
        return { kind: 'kept' }
      },
    },
    queue: {
      list: async (after) => rows.filter(({ id }) => id > after) as unknown as readonly QueuedRecipient[],
      hold: async (ids) => {
        for (const row of rows) if (ids.includes(row.id)) row.held = true
        return { kind: 'changed', count: ids.length }
      },
    },
    clock,
    log: createFakeLog(),
    rules: { burst: undefined, newcomers: undefined, ...rules },
  })
  return async (to: readonly string[], origin = submitted) => {
    const recipients = to.map((text) => ({
      address: address(text),
      notify: undefined,
      originalRecipient: undefined,
    }))
    const accepted = await intake.accept({ id: 'm', origin, recipients } as unknown as Arrival)
    return accepted.kind === 'refused' ? accepted.code : accepted.kind
  }
}

test('somebody new is somebody new once; too many of them have to wait', async () => {
  const send = limited({ newcomers: { count: 2, seconds: 3600 } })
  expect(await send(['x@a.test', 'y@a.test'])).toBe('accepted')
  expect(await send(['x@a.test', 'y@a.test'])).toBe('accepted')
  expect(await send(['z@a.test'])).toBe(450)
  expect(await send(['bob@home.test'])).toBe('accepted')
  await clock.advance(hour + 60_000)
  expect(await send(['z@a.test'])).toBe('accepted')
})

test('what was refused does not count', async () => {
  const send = limited({ newcomers: { count: 2, seconds: 3600 } })
  expect(await send(['x@a.test', 'y@a.test', 'z@a.test'])).toBe(450)
  expect(await send(['x@a.test', 'y@a.test'])).toBe('accepted')
})

test('a burst holds what comes and what is there already, and only of that account', async () => {
  const send = limited({ burst: { count: 2, seconds: 3600 } })
  rows.push({ id: 1, account: 2 as AccountId, held: false })
  await send(['x@a.test'])
  await send(['x@a.test', 'bob@home.test'])
  expect(rows.map(({ held }) => held)).toEqual([false, false, false])
  await send(['x@a.test'])
  expect(rows.map(({ held }) => held)).toEqual([false, true, true, true])
  await clock.advance(hour + 60_000)
  await send(['x@a.test'])
  expect(rows.at(-1)?.held).toBe(false)
})

test.each<[string, Origin]>([
  ['strangers', { kind: 'arrived' }],
  ['trusted networks', { kind: 'trusted' }],
])('%s are not counted', async (_, origin) => {
  const send = limited({ newcomers: { count: 0, seconds: 60 }, burst: { count: 0, seconds: 60 } })
  expect(await send(['x@a.test'], origin)).toBe('accepted')
  expect(rows.at(-1)?.held).toBe(false)
})
