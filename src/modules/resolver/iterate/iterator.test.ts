import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Response } from '../../../../test/support/dns/authority.ts'
import {
  type Internet,
  sharedKey,
  startInternet,
  type TestResolver,
} from '../../../../test/support/dns/internet.ts'
import { rr } from '../../../../test/support/dns/records.ts'
import type { Tamper } from '../../../../test/support/dns/servers.ts'
import { rrType } from '../wire/types.ts'

const key = sharedKey(13)
const long = Array.from({ length: 12 }, (_, at) => `"${String(at).repeat(200).slice(0, 200)}"`).join(' ')

let net: Internet
let resolver: TestResolver

beforeAll(async () => {
  net = await startInternet({
    'large.test': { lines: [`large.test. 300 TXT ${long}`], key },
    'plain.test': { lines: ['www.plain.test. 300 A 192.0.2.1', 'deep.a.b.c.plain.test. 300 A 192.0.2.2'] },
    'broken.test': { lines: ['www.broken.test. 300 A 192.0.2.1'] },
    'spread.test': { lines: ['www.spread.test. 300 A 192.0.2.1'] },
    'glueless.test': { lines: ['www.glueless.test. 300 A 192.0.2.1'] },
    'circle.test': { lines: ['www.circle.test. 300 A 192.0.2.1'] },
  })
})
beforeEach(async () => {
  resolver = await net.resolver()
  net.fleet.asked.length = 0
})
afterAll(() => net.stop())

async function tampered<T>(zone: string, tamper: Tamper, run: () => Promise<T>): Promise<T> {
  const server = net.servers.get(zone)
  if (!server) throw new Error(`No ${zone}`)
  server.tamper = tamper
  try {
    return await run()
  } finally {
    delete server.tamper
  }
}

const askedOf = (zone: string) => net.fleet.asked.filter(({ ip }) => ip === net.servers.get(zone)?.ip)

test('an answer that does not fit into a packet is asked for again on a connection', async () => {
  expect(await resolver.ask('large.test', 'TXT')).toMatchObject({ kind: 'records', security: 'secure' })
  expect(
    askedOf('large.test')
      .filter(({ type }) => type === rrType.TXT)
      .map(({ transport }) => transport),
  ).toEqual(['udp', 'tcp'])
})

test('names are told step by step, and many labels do not make many questions', async () => {
  await resolver.ask('deep.a.b.c.plain.test')
  const names = askedOf('plain.test').map(({ name }) => name)
  expect(names.slice(0, 4)).toEqual([
    'c.plain.test',
    'b.c.plain.test',
    'a.b.c.plain.test',
    'deep.a.b.c.plain.test',
  ])
  net.fleet.asked.length = 0
  await resolver.ask(`${Array.from({ length: 60 }, (_, at) => `x${at}`).join('.')}.plain.test`)
  expect(askedOf('plain.test').length).toBeLessThan(15)
})

test('a server that stumbles over half a name is asked for the whole of it', async () => {
  const outcome = await tampered(
    'plain.test',
    (response, { name }) => (name === 'c.plain.test' ? { ...response, rcode: 3 } : response),
    () => resolver.ask('deep.a.b.c.plain.test'),
  )
  expect(outcome).toMatchObject({ kind: 'records' })
})

test.each([
  ['refuses', (response: Response) => ({ ...response, rcode: 5, answer: [], authority: [] })],
  ['fails', (response: Response) => ({ ...response, rcode: 2, answer: [], authority: [] })],
  [
    'refers upwards',
    (response: Response) => ({
      ...response,
      authoritative: false,
      answer: [],
      authority: [rr('. 300 NS ns.root.')],
    }),
  ],
  [
    'answers something else',
    (response: Response) => ({ ...response, answer: [rr('other.broken.test. 300 A 192.0.2.7')] }),
  ],
])('a server that %s leaves the name for later, after a few questions', async (_, change) => {
  const outcome = await tampered('broken.test', change, () => resolver.ask('www.broken.test'))
  expect(outcome).toMatchObject({ kind: 'later', reason: 'unreachable', why: [{ code: 22 }] })
  expect(askedOf('broken.test').length).toBeLessThan(12)
})

test('a silent server costs its time and no more', async () => {
  const outcome = await tampered(
    'broken.test',
    () => 'silent',
    () => resolver.ask('www.broken.test'),
  )
  expect(outcome).toMatchObject({ kind: 'later' })
})

test('addresses of names outside of its zone are not believed from a server', async () => {
  const poison = rr('www.plain.test. 300 A 192.0.2.66')
  await tampered(
    'broken.test',
    (response) => ({
      ...response,
      answer: [...response.answer, poison],
      authority: [...response.authority, rr('plain.test. 300 NS ns.broken.test.')],
      additional: [poison],
    }),
    () => resolver.ask('www.broken.test'),
  )
  expect(await resolver.ask('www.plain.test')).toMatchObject({ records: [{ address: '192.0.2.1' }] })
})

test('a delegation to a hundred strangers is not a hundred questions', async () => {
  const strangers = Array.from({ length: 100 }, (_, at) =>
    rr(`spread.test. 300 NS ns${at}.v${at}.plain.test.`),
  )
  const outcome = await tampered(
    'test',
    (response, { name, type }) =>
      name === 'spread.test' && type === rrType.A
        ? { ...response, authority: strangers, additional: [] }
        : response,
    () => resolver.ask('www.spread.test'),
  )
  expect(outcome).toMatchObject({ kind: 'later' })
  expect(net.fleet.asked.length).toBeLessThan(151)
  expect(new Set(askedOf('plain.test').map(({ name }) => name)).size).toBeLessThan(60)
})

test('a name server in another zone is looked up', async () => {
  const outcome = await tampered(
    'test',
    (response, { name, type }) =>
      name === 'glueless.test' && type === rrType.A
        ? { ...response, authority: [rr('glueless.test. 300 NS ns.elsewhere.plain.test.')], additional: [] }
        : response,
    () =>
      tampered(
        'plain.test',
        (response, { name }) =>
          name === 'ns.elsewhere.plain.test'
            ? {
                ...response,
                rcode: 0,
                answer: [rr(`${name}. 300 A ${net.servers.get('glueless.test')?.ip}`)],
                authority: [],
              }
            : response,
        () => resolver.ask('www.glueless.test'),
      ),
  )
  expect(outcome).toMatchObject({ kind: 'records' })
})

test('two zones that need each other to be found are not found, and that is all', async () => {
  const outcome = await tampered(
    'test',
    (response, { name }) => {
      if (name === 'circle.test')
        return { ...response, authority: [rr('circle.test. 300 NS ns.spread.test.')], additional: [] }
      if (name === 'spread.test')
        return { ...response, authority: [rr('spread.test. 300 NS ns.circle.test.')], additional: [] }
      return response
    },
    () => resolver.ask('www.circle.test'),
  )
  expect(outcome).toMatchObject({ kind: 'later' })
  expect(net.fleet.asked.length).toBeLessThan(60)
})

test('an endless way down ends', async () => {
  const outcome = await tampered(
    'plain.test',
    (_, { name, ip }) => ({
      rcode: 0,
      authoritative: false,
      answer: [],
      authority: [rr(`${name}. 300 NS ns.${name}.`)],
      additional: [rr(`ns.${name}. 300 A ${ip}`)],
    }),
    () => resolver.ask(`${Array.from({ length: 100 }, () => 'x').join('.')}.plain.test`),
  )
  expect(outcome).toMatchObject({ kind: 'later' })
  expect(net.fleet.asked.length).toBeLessThan(151)
})

test('this machine is never asked because a stranger says so', async () => {
  const careful = await net.resolver({ neverAsk: ['127.53.1.0/24'] })
  expect(await careful.ask('www.plain.test')).toMatchObject({ kind: 'later' })
  expect(askedOf('plain.test')).toEqual([])
})
