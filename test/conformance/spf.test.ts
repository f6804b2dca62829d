import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { DnsRecord } from '../../src/lib/dns-record.ts'
import { Lookups } from '../../src/modules/dkim/lookups.ts'
import { Network } from '../../src/modules/dkim/network.ts'
import { checkSpf } from '../../src/modules/dkim/spf/check.ts'
import type { DnsOutcome, DnsResolver } from '../../src/ports/dns-resolver.ts'
import { createFakeClock } from '../support/fakes/clock.ts'
import { createFakeLog } from '../support/fakes/runtime.ts'

/** The suite of RFC 7208, release 2014.04: zones, and what a check of them has to come to. */
interface Scenario {
  readonly description: string
  readonly tests: Readonly<Record<string, SuiteTest>>
  readonly zonedata: Readonly<Record<string, readonly Entry[]>>
}

interface SuiteTest {
  readonly helo: string
  readonly host: string
  readonly mailfrom: string
  readonly result: string | readonly string[]
  readonly explanation?: string
}

type Entry = 'TIMEOUT' | Readonly<Record<string, unknown>>

const path = new URL('../fixtures/spf/rfc7208-tests.yml', import.meta.url)
const scenarios = parseAllDocuments(readFileSync(path, 'utf8')).map((document): Scenario => document.toJS())

const records: Readonly<Record<string, (value: unknown) => DnsRecord>> = {
  A: (value) => ({ type: 'A', address: String(value) }),
  AAAA: (value) => ({ type: 'AAAA', address: String(value) }),
  PTR: (value) => ({ type: 'PTR', target: String(value) }),
  MX: (value) => {
    const [preference, exchange] = value as [number, string]
    return { type: 'MX', preference, exchange }
  },
  TXT: (value) => {
    const strings = (Array.isArray(value) ? value : [value]).map((text) =>
      Buffer.from(String(text)).toString('latin1'),
    )
    return { type: 'TXT', strings }
  },
}

/** An SPF entry stands for TXT as well, unless TXT entries are there. `TIMEOUT` is what comes where nothing stood before it. */
function resolverOf({ zonedata }: Scenario): DnsResolver {
  const zone = new Map(Object.entries(zonedata).map(([name, entries]) => [name.toLowerCase(), entries]))
  const answer = (name: string, type: string): DnsOutcome => {
    const entries = zone.get(name.toLowerCase())
    const facts = { security: 'insecure', why: [], ttl: 60, canonicalName: name } as const
    if (!entries) return { kind: 'no-name', ...facts }
    const hasTxt = entries.some((entry) => entry !== 'TIMEOUT' && 'TXT' in entry)
    const found = entries.flatMap((entry) => {
      if (entry === 'TIMEOUT') return []
      const value = entry[type] ?? (type === 'TXT' && !hasTxt ? entry['SPF'] : undefined)
      const made = value === undefined || value === 'NONE' ? undefined : records[type]?.(value)
      return made ? [made] : []
    })
    if (found.length > 0) return { kind: 'records', records: found, ...facts }
    return entries.includes('TIMEOUT')
      ? { kind: 'later', reason: 'unreachable', text: 'no answer', why: [] }
      : { kind: 'no-data', ...facts }
  }
  return {
    resolve: async ({ name, type }) => answer(name, type),
    explain: async ({ name, type }) => ({ outcome: answer(name, type), chain: [], steps: [], asked: [] }),
  }
}

const clock = createFakeClock()

async function check(scenario: Scenario, { helo, host, mailfrom }: SuiteTest) {
  const resolver = resolverOf(scenario)
  const lookups = new Lookups(new Network(resolver, { clock, log: createFakeLog() }), clock)
  const sender = mailfrom === '' ? `postmaster@${helo}` : mailfrom
  const at = sender.lastIndexOf('@')
  const who = { localPart: at < 0 ? '' : sender.slice(0, at), domain: sender.slice(at + 1) }
  return checkSpf({ ip: host, helo, ...who, receiver: 'mail.home.test', now: clock.now() }, lookups)
}

test('the whole suite is read', () => {
  const count = scenarios.reduce((sum, { tests }) => sum + Object.keys(tests).length, 0)
  expect([scenarios.length, count]).toEqual([16, 200])
})

describe.each(scenarios)('$description', (scenario) => {
  test.each(Object.entries(scenario.tests))('%s', async (_, suiteTest) => {
    const verdict = await check(scenario, suiteTest)
    expect([suiteTest.result].flat(), verdict.why).toContain(verdict.result)
    const { explanation } = suiteTest
    if (explanation !== undefined && verdict.result === 'fail')
      expect(verdict.explanation || 'DEFAULT').toBe(explanation)
  })
})
