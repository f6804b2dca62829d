import type { DnsResolver } from '../../../ports/dns-resolver.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { exchange } from './dns-exchange.ts'
import { questionMessage, type TextRecord } from './dns-message.ts'

interface SpreadMeans {
  readonly dns: DnsResolver
  readonly clock: Clock
  /** 53 */
  readonly port: number
}

/** Changes reach other name servers in seconds, or are not waited for. */
const patienceMs = 60_000
const pauseMs = 2_000
const mostServers = 8

/**
 * Waits until every name server of the zone shows the record, because an authority asks any of them. One that does not
 * answer is none that could be waited for; this server may simply not reach it.
 */
export async function awaitSpread(zone: string, record: TextRecord, means: SpreadMeans): Promise<void> {
  const { clock, port } = means
  const until = clock.now() + patienceMs
  let lacking: readonly string[] = await addressesOfServers(zone, means)
  while (lacking.length > 0 && clock.now() < until) {
    const states = await Promise.all(lacking.map((ip) => lacks(record, { ip, port })))
    lacking = lacking.filter((_, index) => states[index])
    if (lacking.length > 0) await clock.sleep(pauseMs)
  }
}

async function lacks(record: TextRecord, server: { readonly ip: string; readonly port: number }) {
  try {
    const answer = await exchange(server, questionMessage(record.name))
    return !answer.includes(record.text, 0, 'latin1')
  } catch {
    return false
  }
}

async function addressesOfServers(zone: string, { dns, clock }: SpreadMeans): Promise<string[]> {
  const deadlineMs = clock.now() + patienceMs / 4
  const found = await dns.resolve({ name: zone, type: 'NS', deadlineMs })
  const names =
    found.kind === 'records' ? found.records.flatMap((each) => ('target' in each ? [each.target] : [])) : []
  const questions = names.flatMap((name) =>
    (['A', 'AAAA'] as const).map((type) => ({ name, type, deadlineMs })),
  )
  const outcomes = await Promise.all(questions.map((question) => dns.resolve(question)))
  const addresses = outcomes.flatMap((outcome) =>
    outcome.kind === 'records'
      ? outcome.records.flatMap((each) => ('address' in each ? [each.address] : []))
      : [],
  )
  return [...new Set(addresses)].slice(0, mostServers)
}
