import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Internet,
  sharedKey,
  startInternet,
  type TestResolver,
} from '../../../test/support/dns/internet.ts'
import type { Tamper } from '../../../test/support/dns/servers.ts'
import { rrType } from './wire/types.ts'

const key = sharedKey(13)
const hashing = { iterations: 0, salt: new Uint8Array(), optOut: false }
const lines = (zone: string) => [
  `a.${zone}. 300 A 192.0.2.1`,
  `m.${zone}. 300 A 192.0.2.2`,
  `x.sub.m.${zone}. 300 A 192.0.2.4`,
  `z.${zone}. 300 A 192.0.2.3`,
]

let net: Internet
let resolver: TestResolver

beforeAll(async () => {
  net = await startInternet({
    'spans.test': { lines: lines('spans.test'), key },
    'hashes.test': { lines: lines('hashes.test'), key, hashing },
    'unsigned.test': { lines: lines('unsigned.test') },
    'bare.test': { lines: ['long.bare.test. 999999 A 192.0.2.1', 'short.bare.test. 1 A 192.0.2.1'] },
  })
})
beforeEach(async () => {
  resolver = await net.resolver()
})
afterAll(() => net.stop())

const silent: Tamper = () => 'silent'
async function askedDuring(run: () => Promise<unknown>): Promise<string[]> {
  net.fleet.asked.length = 0
  await run()
  return net.fleet.asked.map(({ name, type }) => `${name} ${type}`)
}
async function whileSilent<T>(zone: string, run: () => Promise<T>): Promise<T> {
  const server = net.servers.get(zone)
  if (!server) throw new Error(`No ${zone}`)
  server.tamper = silent
  try {
    return await run()
  } finally {
    delete server.tamper
  }
}

describe('what proofs for other names say is not asked again', () => {
  test.each(['spans.test', 'hashes.test'])('%s', async (zone) => {
    expect(await resolver.ask(`b.${zone}`)).toMatchObject({ kind: 'no-name', security: 'secure' })
    const asked = await askedDuring(async () => {
      const outcome = await resolver.ask(`x.b.${zone}`)
      expect(outcome).toMatchObject({ kind: 'no-name', security: 'secure', canonicalName: `x.b.${zone}` })
    })
    expect(asked).toEqual([])
  })

  test('other names in the same gap, and types that are not at a name', async () => {
    await resolver.ask('b.spans.test')
    await resolver.ask('a.spans.test', 'TXT')
    const asked = await askedDuring(async () => {
      expect(await resolver.ask('c.spans.test')).toMatchObject({ kind: 'no-name', security: 'secure' })
      expect(await resolver.ask('a.spans.test', 'MX')).toMatchObject({ kind: 'no-data', security: 'secure' })
    })
    expect(asked).toEqual([])
    expect(await resolver.ask('m.spans.test')).toMatchObject({ kind: 'records' })
  })

  test('without signatures the gap proves nothing', async () => {
    await resolver.ask('b.unsigned.test')
    expect(await askedDuring(() => resolver.ask('c.unsigned.test'))).toContain(`c.unsigned.test ${rrType.A}`)
  })
})

test('an old answer serves when nobody answers, and says that it is old', async () => {
  await resolver.ask('a.unsigned.test')
  await net.clock.advance(301_000)
  const outcome = await whileSilent('unsigned.test', async () => {
    const asking = resolver.ask('a.unsigned.test')
    // Real time passes for the silent server; the clock of the resolver is moved by hand.
    await net.clock.advance(2000)
    return asking
  })
  expect(outcome).toMatchObject({ kind: 'records', ttl: 30, security: 'insecure' })
  expect('why' in outcome && outcome.why.map(({ code }) => code)).toContain(3)
})

test('an answer older than a day serves no more', async () => {
  const brief = await net.resolver({ cache: { stale: 100 } })
  await brief.ask('a.unsigned.test')
  await net.clock.advance(500_000)
  const outcome = await whileSilent('unsigned.test', () => brief.ask('a.unsigned.test'))
  expect(outcome).toMatchObject({ kind: 'later' })
})

test('what is asked for often is fetched before its time is over', async () => {
  await resolver.ask('a.unsigned.test')
  await net.clock.advance(280_000)
  const asked = await askedDuring(async () => {
    expect(await resolver.ask('a.unsigned.test')).toMatchObject({ kind: 'records', ttl: 20 })
    while (net.fleet.asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
  })
  expect(asked).toContain(`a.unsigned.test ${rrType.A}`)
})

test('times to live stay within what is configured', async () => {
  const bounded = await net.resolver({ cache: { leastTtl: 60, mostTtl: 3600, mostNegativeTtl: 120 } })
  expect(await bounded.ask('long.bare.test')).toMatchObject({ ttl: 3600 })
  expect(await bounded.ask('short.bare.test')).toMatchObject({ ttl: 60 })
  expect(await bounded.ask('nobody.bare.test')).toMatchObject({ kind: 'no-name', ttl: 120 })
})

test('many who ask the same at once are one question', async () => {
  const asked = await askedDuring(() =>
    Promise.all(Array.from({ length: 50 }, () => resolver.ask('z.unsigned.test'))),
  )
  expect(asked.filter((each) => each === `z.unsigned.test ${rrType.A}`)).toHaveLength(1)
})

test('the cache stays within its size', async () => {
  const small = await net.resolver({ cache: { maxBytes: 20_000 } })
  for (let at = 0; at < 200; at++) await small.ask(`n${at}.unsigned.test`)
  expect(await small.ask('n0.unsigned.test')).toMatchObject({ kind: 'no-name' })
})

test('what failed is not tried again at once, and later it is', async () => {
  await whileSilent('bare.test', () => resolver.ask('x.bare.test'))
  expect(await askedDuring(() => resolver.ask('x.bare.test'))).toEqual([])
  await net.clock.advance(6000)
  expect(await resolver.ask('x.bare.test')).toMatchObject({ kind: 'no-name' })
})

test('who asks stops waiting at the deadline', async () => {
  await resolver.ask('a.unsigned.test')
  const outcome = await whileSilent('unsigned.test', async () => {
    const asking = resolver.resolve({ name: 'm.unsigned.test', type: 'A', deadlineMs: net.clock.now() + 100 })
    await net.clock.advance(100)
    return asking
  })
  expect(outcome).toMatchObject({ kind: 'later', text: 'There was not enough time to find m.unsigned.test.' })
})

describe('names of this server and its network', () => {
  test('hosts answer at once, and hide what the world says of them', async () => {
    const own = await net.resolver({ hosts: { 'A.Unsigned.test': ['10.0.0.1', 'fd00::1'] } })
    expect(await own.ask('a.unsigned.test')).toMatchObject({ records: [{ address: '10.0.0.1' }] })
    expect(await own.ask('a.unsigned.test', 'AAAA')).toMatchObject({ records: [{ address: 'fd00::1' }] })
    expect(await own.ask('m.unsigned.test')).toMatchObject({ records: [{ address: '192.0.2.2' }] })
  })

  test.each([
    ['localhost', 'records'],
    ['x.localhost', 'no-name'],
    ['anything.invalid', 'no-name'],
    ['abc.onion', 'no-name'],
    ['1.2.168.192.in-addr.arpa', 'no-name'],
  ])('%s never leaves this machine', async (name, kind) => {
    expect(await askedDuring(async () => expect(await resolver.ask(name)).toMatchObject({ kind }))).toEqual(
      [],
    )
  })

  test('a zone can be left to its own servers, and believed without signatures', async () => {
    const ip = net.servers.get('unsigned.test')?.ip ?? ''
    const settings = { forwardZones: [{ zone: 'unsigned.test', servers: [{ ip, port: net.fleet.port }] }] }
    const own = await net.resolver({ ...settings, withoutValidation: ['unsigned.test'] })
    const asked = await askedDuring(async () => {
      expect(await own.ask('a.unsigned.test')).toMatchObject({ kind: 'records', security: 'insecure' })
    })
    expect(asked).toEqual([`a.unsigned.test ${rrType.A}`])
    expect(net.fleet.asked[0]?.recursionDesired).toBe(true)
  })
})

test.each(['', '..', 'a..b', `${'x'.repeat(64)}.test`, `${'x.'.repeat(130)}test`, 'ümlaut.test€'])(
  'what is no name is not asked: %j',
  async (name) => {
    const asked = await askedDuring(async () => {
      const outcome = await resolver.ask(name, 'TYPE254')
      expect(outcome).toMatchObject({ kind: 'no-name', security: 'indeterminate' })
    })
    expect(asked).toEqual([])
  },
)
