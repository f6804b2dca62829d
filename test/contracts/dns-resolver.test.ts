import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DnsResolver, DnsType } from '../../src/ports/dns-resolver.ts'
import { bothWays } from '../support/both-ways.ts'
import { type Internet, startInternet } from '../support/dns/internet.ts'
import { createFakeDnsResolver } from '../support/fakes/dns-resolver.ts'

let net: Internet
let real: DnsResolver

const fake = createFakeDnsResolver({
  'home.test MX': [{ type: 'MX', preference: 10, exchange: 'mail.home.test' }],
  'mail.home.test A': [{ type: 'A', address: '192.0.2.1' }],
  'mail.home.test TXT': [{ type: 'TXT', strings: ['one', 'two'] }],
})

beforeAll(async () => {
  net = await startInternet({
    'home.test': {
      lines: [
        'home.test. 60 MX 10 mail.home.test.',
        'mail.home.test. 60 A 192.0.2.1',
        'mail.home.test. 60 TXT "one" "two"',
      ],
    },
  })
  real = await net.resolver()
})
afterAll(() => net.stop())

describe.each([
  ['the resolver', () => real],
  ['the fake', () => fake],
] as const)('%s', (_, resolver) => {
  describe.each(bothWays)('%s', (__, way) => {
    const ask = (name: string, type: DnsType) =>
      way<DnsResolver>({
        resolve: (question) => resolver().resolve(question),
        explain: (question) => resolver().explain(question),
      }).resolve({ name, type, deadlineMs: net.clock.now() + 5000 })

    const facts = {
      security: 'insecure',
      canonicalName: expect.any(String),
      ttl: expect.any(Number),
      why: expect.any(Array),
    }

    test('gives records taken apart', async () => {
      expect(await ask('home.test', 'MX')).toEqual({
        kind: 'records',
        records: [{ type: 'MX', preference: 10, exchange: 'mail.home.test' }],
        ...facts,
      })
      expect(await ask('mail.home.test', 'TXT')).toMatchObject({
        records: [{ type: 'TXT', strings: ['one', 'two'] }],
      })
    })

    test('tells a name without such records from no name', async () => {
      expect(await ask('mail.home.test', 'AAAA')).toEqual({ kind: 'no-data', ...facts })
      expect(await ask('nobody.home.test', 'A')).toEqual({ kind: 'no-name', ...facts })
    })

    test('explains the outcome it gives', async () => {
      const question = { name: 'mail.home.test', type: 'A', deadlineMs: net.clock.now() + 5000 } as const
      const { outcome } = await way<DnsResolver>(resolver()).explain(question)
      expect(outcome).toMatchObject({ kind: 'records', records: [{ address: '192.0.2.1' }] })
    })
  })
})
