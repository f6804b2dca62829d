import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CheckedRecord, checkRecords } from '../../directory/check-records.ts'
import {
  type DomainFacts,
  type PublishedRecord,
  publishedRecords,
} from '../../directory/published-records.ts'
import { listenerTable } from '../../listeners.ts'
import { domain as domainKind } from '../../settings/kinds.ts'
import { hostnameOf, postmasterOf, stsPolicyOf } from '../../settings/parts.ts'
import type { Settings } from '../../settings/table.ts'
import { type Answer, done } from '../answer.ts'
import { argument, flag, type Verb, verb } from '../verb.ts'
import { missing } from './outcome.ts'

export const domainDnsVerbs: Readonly<Record<string, Verb>> = {
  'domain dns': verb({
    summary: 'Lists every DNS record that a domain should have, and what DNS says now',
    takes: {
      name: argument(domainKind, 'Domain name, or another name of one'),
      zone: flag('Prints lines for a zone file, and asks nobody'),
    },
    run: async ({ admin, dkimKeys, dns, settings }, { name, zone }) => {
      const row = (await admin.domains()).find(
        (each) => each.name === name || each.alternatives.includes(name),
      )
      if (!row) return missing(name)
      const keys = await dkimKeys.all(name)
      const facts = { domain: name, isAlternative: row.name !== name, keys, server: serverFacts(settings) }
      const records = publishedRecords(facts)
      return zone ? zoneFile(records) : table(await checkRecords(records, dns))
    },
  }),
}

function serverFacts(settings: Settings): DomainFacts['server'] {
  const open = listenerTable.filter(({ port, opens }) => opens === 'always' || settings.PORTS.includes(port))
  const encrypted = settings.TLS_FLAVOR !== 'notls'
  return {
    hostname: hostnameOf(settings),
    mainDomain: settings.DOMAIN,
    postmaster: postmasterOf(settings),
    aggregateReports: settings.DMARC_RUA,
    failureReports: settings.DMARC_RUF,
    ports: new Set(open.filter(({ tls }) => encrypted || tls !== 'implicit').map(({ port }) => port)),
    encrypted,
    stsPolicy: settings.PORTS.includes(443) ? stsPolicyOf(settings) : undefined,
    letsEncrypt: settings.TLS_FLAVOR.endsWith('letsencrypt'),
    certificate: encrypted ? certificateOf(settings) : undefined,
  }
}

/** One that somebody put there: the server's own is made anew when its time is over, with another key. */
function certificateOf({ DATA_DIR, TLS_CERT_FILENAME }: Settings): string | undefined {
  const path = join(DATA_DIR, 'certs', TLS_CERT_FILENAME)
  if (!existsSync(path)) return undefined
  const pem = readFileSync(path, 'utf8')
  try {
    const { issuer, subject } = new X509Certificate(pem)
    return issuer === subject ? undefined : pem
  } catch {
    return undefined
  }
}

const zoneLine = ({ name, ttl, type, value }: PublishedRecord) => `${name}. ${ttl} IN ${type} ${value}`

const zoneFile = (records: readonly PublishedRecord[]): Answer =>
  done(records.map(zoneLine).join('\n'), records.map(shown))

const shown = ({ purpose, name, type, ttl, value }: PublishedRecord) => ({ purpose, name, type, ttl, value })

function table(records: readonly CheckedRecord[]): Answer {
  return {
    kind: 'table',
    columns: ['STATE', 'RECORD', 'FOR'],
    rows: records.map((record) => [stateOf(record), zoneLine(record), record.purpose]),
    json: records.map((record) => ({
      ...shown(record),
      state: record.state,
      secure: record.secure,
      found: record.found,
    })),
  }
}

function stateOf({ state, type, secure, found }: CheckedRecord): string {
  switch (state) {
    case 'published':
      return type === 'TLSA' && !secure ? 'there, but DNS is not signed' : 'there'
    case 'missing':
      return 'missing'
    case 'other':
      return `other: ${found.join(', ').slice(0, 60)}`
    case 'unknown':
      return 'DNS does not answer'
  }
}
