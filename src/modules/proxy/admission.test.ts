import { expect, test } from 'vitest'
import { parseNetworks } from '../../lib/networks.ts'
import { systemClock } from '../../platform/clock.ts'
import { Admission } from './admission.ts'

const limits = { total: 3, perNetwork: 2, v4Bits: 24, v6Bits: 48, perSecond: 1 }

function admission(changes: Partial<typeof limits> = {}) {
  let now = 0
  const clock = { ...systemClock, now: () => now }
  const { networks } = parseNetworks(['127.0.0.0/8', '::1'])
  return {
    door: new Admission({ ...limits, ...changes }, networks, clock),
    pass: (ms: number) => {
      now += ms
    },
  }
}

test('takes as many as there are places, and another when one has left', () => {
  const { door } = admission()
  const three = [1, 2, 3].map(() => door.arrive('smtp', '192.0.2.1'))
  expect([...three, door.arrive('smtp', '192.0.2.1')]).toEqual(['in', 'in', 'in', 'full'])
  door.leave()
  expect(door.arrive('imap', '127.0.0.1')).toBe('in')
})

test('one network cannot take all places', () => {
  const { door } = admission()
  const first = door.claim('192.0.2.1')
  door.claim('192.0.2.2')
  expect(door.claim('192.0.2.3')).toBe('crowded')
  expect(door.claim('192.0.3.3')).not.toBe('crowded')
  if (first !== 'crowded') first.release()
  expect(door.claim('192.0.2.3')).not.toBe('crowded')
})

test('an exempt network is counted in the total alone', () => {
  const { door } = admission()
  expect(['127.0.0.1', '127.0.0.1', '::1', '::1', '::1'].map((ip) => door.claim(ip))).not.toContain('crowded')
})

test('after a burst of ten seconds’ worth a listener takes its rate, another is not held up', () => {
  const { door, pass } = admission({ total: 1000 })
  const burst = Array.from({ length: 12 }, () => door.arrive('smtp', '192.0.2.1'))
  expect(burst.filter((answer) => answer === 'in')).toHaveLength(10)
  expect(burst.at(-1)).toBe('too-fast')
  expect(door.arrive('imap', '192.0.2.1')).toBe('in')
  expect(door.arrive('smtp', '127.0.0.1')).toBe('in')
  pass(1000)
  expect(door.arrive('smtp', '192.0.2.1')).toBe('in')
  expect(door.arrive('smtp', '192.0.2.1')).toBe('too-fast')
})

test('who was refused takes no place', () => {
  const { door } = admission({ total: 1 })
  door.arrive('smtp', '192.0.2.1')
  door.arrive('smtp', '192.0.2.1')
  expect(door.open).toBe(1)
})
