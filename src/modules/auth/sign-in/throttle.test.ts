import { expect, test } from 'vitest'
import { createFakeClock } from '../../../../test/support/fakes/clock.ts'
import { collectGarbage } from '../../../../test/support/garbage.ts'
import { parseNetworks } from '../../../lib/networks.ts'
import { SignInThrottle, type ThrottleSettings } from './throttle.ts'

const settings: ThrottleSettings = {
  perNetwork: { count: 5, seconds: 3_600 },
  networkSizes: { v4Bits: 24, v6Bits: 48 },
  perAccount: { count: 50, seconds: 86_400 },
  exempt: parseNetworks([]).networks,
  exemptSecondsAfterSuccess: 86_400,
}

function throttled(changed: Partial<ThrottleSettings> = {}) {
  const clock = createFakeClock()
  const throttle = new SignInThrottle({ ...settings, ...changed }, { clock, key: () => 'key' })
  return { clock, throttle }
}

const ann = 'ann@example.com'
const phone = '2001:db8:77:1::5'
const nat = '100.64.3.9'

/** Every tenth at Ann, some at the other users, the rest at names that nobody has. */
function target(n: number): string {
  if (n % 10 === 0) return ann
  return n % 10 < 4 ? `user${n % 200}@example.com` : `name${n}@example.com`
}

/** 300,000 networks, a tenth of them IPv6. */
function from(n: number): string {
  const [high, low] = [n >> 16, n & 65_535]
  return n % 10 === 0 ? `2001:${high}:${low.toString(16)}::1` : `${11 + high}.${low >> 8}.${low & 255}.1`
}

/** Without what nobody needs any more. */
function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test('a million wrong guesses fill a bounded table, and those who are known get in', {
  timeout: 120_000,
}, async () => {
  const { clock, throttle } = throttled()
  const home = { login: ann, ip: '192.0.2.7' }
  const users = Array.from({ length: 200 }, (_, n) => ({
    login: `user${n}@example.com`,
    ip: `198.18.${n}.1`,
  }))
  for (const known of [home, ...users]) throttle.succeeded(known)
  const before = heapBytes()
  for (let n = 0; n < 1_000_000; n++) {
    if (n % 10_000 === 0) await clock.advance(60_000)
    const origin = { login: target(n), ip: from(n % 300_000) }
    if (!throttle.lockOn(origin)) throttle.failed(origin, `guess ${n}`)
    if (n % 50_000 === 0) for (const window of throttle.windows) window.takeChanged(clock.now())
  }
  expect(throttle.lockOn({ login: ann, ip: '203.0.113.5' })?.by).toBe('account')
  for (const known of [home, ...users]) {
    expect(throttle.lockOn(known)).toBeUndefined()
    expect(throttle.isKnown(known)).toBe(true)
  }
  for (const window of throttle.windows) expect(window.size).toBeLessThanOrEqual(20_000)
  expect(heapBytes() - before).toBeLessThan(40 * 1024 * 1024)
})

test('behind one address, whoever guesses locks out strangers, and nobody who is known there', () => {
  const { throttle } = throttled()
  const others = Array.from({ length: 20 }, (_, n) => ({ login: `user${n}@example.com`, ip: nat }))
  for (const known of [{ login: ann, ip: nat }, ...others]) throttle.succeeded(known)
  for (let n = 0; n < 1_000; n++) throttle.failed({ login: `name${n}@example.com`, ip: nat }, 'guess')
  expect(throttle.lockOn({ login: 'new@example.com', ip: nat })?.by).toBe('network')
  for (const known of [{ login: ann, ip: nat }, ...others]) expect(throttle.lockOn(known)).toBeUndefined()
})

test('whoever has an account of his own cannot guess at others for that', () => {
  const { throttle } = throttled()
  throttle.succeeded({ login: 'mallory@example.com', ip: nat })
  for (let n = 0; n < 50; n++) throttle.failed({ login: ann, ip: nat }, `guess ${n}`)
  expect(throttle.lockOn({ login: ann, ip: nat })?.by).toBe('account')
})

test('an address where somebody signed in may be wrong ten times as often, all its network together', () => {
  const { throttle } = throttled()
  for (let n = 0; n < 20; n++) throttle.succeeded({ login: 'mallory@example.com', ip: `2001:db8:1:${n}::1` })
  for (let n = 0; n < 50; n++) {
    expect(throttle.lockOn({ login: `u${n}@example.com`, ip: `2001:db8:1:${n % 20}::1` })).toBeUndefined()
    throttle.failed({ login: `u${n}@example.com`, ip: `2001:db8:1:${n % 20}::1` }, 'guess')
  }
  expect(throttle.lockOn({ login: 'x@example.com', ip: '2001:db8:1:3::9' })?.by).toBe('network')
})

test('a telephone that changes its address within its network stays known', () => {
  const { throttle } = throttled()
  throttle.succeeded({ login: ann, ip: phone })
  expect(throttle.isKnown({ login: ann, ip: '2001:db8:77:1:ffff::1' })).toBe(true)
  expect(throttle.isKnown({ login: ann, ip: '2001:db8:77:2::1' })).toBe(false)
  expect(throttle.isKnown({ login: 'bob@example.com', ip: phone })).toBe(false)
})

test('guesses at a place lock that place for that account, and nothing else', () => {
  const { throttle } = throttled({ perAccount: { count: 3, seconds: 86_400 } })
  throttle.succeeded({ login: ann, ip: nat })
  throttle.succeeded({ login: ann, ip: phone })
  throttle.succeeded({ login: 'bob@example.com', ip: nat })
  for (const guess of ['a', 'b', 'c']) throttle.failed({ login: ann, ip: nat }, guess)
  expect(throttle.lockOn({ login: ann, ip: nat })?.by).toBe('place')
  expect(throttle.lockOn({ login: ann, ip: phone })).toBeUndefined()
  expect(throttle.lockOn({ login: ann, ip: '203.0.113.5' })).toBeUndefined()
  expect(throttle.lockOn({ login: 'bob@example.com', ip: nat })).toBeUndefined()
  expect(throttle.locks()).toEqual([
    { kind: 'login', who: ann, from: nat, retryAfterSeconds: expect.any(Number) },
  ])
  expect(throttle.unlock(ann)).toBe(true)
  expect(throttle.lockOn({ login: ann, ip: nat })).toBeUndefined()
})

test('a browser with a cookie has a count of its own, wherever it is', () => {
  const { throttle } = throttled({ perAccount: { count: 2, seconds: 86_400 } })
  for (let n = 0; n < 5; n++) throttle.failed({ login: ann, ip: `203.0.${n}.1` }, `guess ${n}`)
  for (let n = 0; n < 5; n++) throttle.failed({ login: `u${n}@example.com`, ip: '203.0.9.1' }, 'guess')
  const browser = { login: ann, ip: '203.0.9.1', device: 'AAAABBBBCCCC' }
  expect(throttle.lockOn({ login: ann, ip: '203.0.9.1' })).toBeDefined()
  expect(throttle.lockOn(browser)).toBeUndefined()
  for (const guess of ['x', 'y']) throttle.failed(browser, guess)
  expect(throttle.lockOn(browser)?.by).toBe('place')
  expect(throttle.lockOn({ ...browser, device: 'DDDDEEEEFFFF' })).toBeUndefined()
})

test('only the latest places of an account are known', async () => {
  const { clock, throttle } = throttled()
  for (let n = 0; n < 40; n++) {
    throttle.succeeded({ login: ann, ip: `198.18.0.${n}` })
    await clock.advance(1_000)
  }
  const known = Array.from({ length: 40 }, (_, n) => throttle.isKnown({ login: ann, ip: `198.18.0.${n}` }))
  expect(known.filter(Boolean)).toHaveLength(32)
  expect(known[0]).toBe(false)
  expect(known[39]).toBe(true)
})
