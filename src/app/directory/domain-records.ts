import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { DomainName } from '../../lib/address.ts'
import type { DirectoryReader } from '../../ports/directory-reader.ts'
import type { DkimKeys } from '../../ports/dkim-keys.ts'
import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { DomainRecords, PublishedRecord } from '../../ports/domain-records.ts'
import { listenerTable } from '../listeners.ts'
import { asksLetsEncrypt, certificateFiles } from '../settings/certificate-part.ts'
import { hostnameOf, postmasterOf, stsPolicyOf } from '../settings/parts.ts'
import type { Settings } from '../settings/table.ts'
import { checkRecords } from './check-records.ts'
import { type DomainFacts, publishedRecords } from './published-records.ts'

interface Parts {
  readonly admin: Pick<DirectoryReader, 'domains'>
  readonly dkimKeys: Pick<DkimKeys, 'all'>
  readonly dns: DnsResolver
  readonly settings: Settings
}

/** For the names of a domain and its alternatives. */
export function createDomainRecords({ admin, dkimKeys, dns, settings }: Parts): DomainRecords {
  const recordsOf = async (name: DomainName): Promise<readonly PublishedRecord[] | undefined> => {
    const row = (await admin.domains()).find((each) => each.name === name || each.alternatives.includes(name))
    if (!row) return undefined
    const keys = await dkimKeys.all(name)
    return publishedRecords({
      domain: name,
      isAlternative: row.name !== name,
      keys,
      server: serverFacts(settings),
    })
  }
  return {
    async check(domain) {
      const records = await recordsOf(domain)
      return records ? { kind: 'checked', records: await checkRecords(records, dns) } : { kind: 'missing' }
    },
    async list(domain) {
      const records = await recordsOf(domain)
      return records ? { kind: 'records', records } : { kind: 'missing' }
    },
  }
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
    letsEncrypt: asksLetsEncrypt(settings),
    certificates: encrypted ? certificateFiles(settings).flatMap(certificateIn) : [],
  }
}

/** One that somebody put there: the server's own is made anew when its time is over, with another key. */
function certificateIn(path: string): readonly string[] {
  if (!existsSync(path)) return []
  const pem = readFileSync(path, 'utf8')
  try {
    const { issuer, subject } = new X509Certificate(pem)
    return issuer === subject ? [] : [pem]
  } catch {
    return []
  }
}
