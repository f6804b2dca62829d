import { expect, test } from 'vitest'
import { address } from '../../../../test/support/smtp-client.ts'
import { readRouteMap } from '../../../lib/route-map.ts'
import type { QueuedRecipient } from '../../../ports/outgoing-queue.ts'
import { createDetours } from './detours.ts'

const row = { id: 1, address: address('x@far.example'), sender: address('ann@home.test') } as QueuedRecipient

test.each([
  ['far.example', '@home.test relay.example', 'from:@home.test'],
  ['far.example', 'bob@home.test relay.example', undefined],
  ['from:@home.test', '@home.test relay.example', undefined],
  ['from:@home.test', 'ann@home.test relay.example', 'from:ann@home.test'],
  ['from:@home.test', '', 'far.example'],
  ['via:other.example', '@home.test relay.example', undefined],
  ['anyhow:far.example', '@home.test relay.example', undefined],
  ['far.example', 'what is this', undefined],
])('from %s, with the line %j: %s', async (way, line, expected) => {
  const turned: (string | undefined)[] = []
  const detours = createDetours({
    queue: {
      reroute: async (ids, to) => {
        turned.push(to)
        return { kind: 'changed', count: ids.length }
      },
    },
    relays: { relay: async () => ({ kind: 'none' }) },
    here: { isOurs: async () => false },
    routes: {
      read: async () =>
        line === 'what is this'
          ? { kind: 'broken', text: 'line 1' }
          : { kind: 'map', map: readRouteMap(line) },
    },
  })
  expect((await detours.turn(way, [row])).size).toBe(expected === undefined ? 0 : 1)
  expect(turned).toEqual(expected === undefined ? [] : [expected])
})
