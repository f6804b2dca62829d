import { createHash, X509Certificate } from 'node:crypto'
import type { DomainName } from '../../lib/address.ts'
import { keyText } from '../../lib/dkim-record.ts'
import { type OwnStsPolicy, stsRecord } from '../../lib/sts-policy-text.ts'
import type { StagedKey } from '../../ports/dkim-keys.ts'
import type { PublishedRecord } from '../../ports/domain-records.ts'
import { quoted, reportTags } from './dns.ts'

export interface DomainFacts {
  readonly domain: DomainName
  /** Another name of a domain: people have their mail programs set up for the first. */
  readonly isAlternative: boolean
  readonly keys: readonly StagedKey[]
  readonly server: {
    readonly hostname: string
    readonly mainDomain: DomainName
    readonly postmaster: string
    /** Local parts, as Mailu has them. */
    readonly aggregateReports: string | undefined
    readonly failureReports: string | undefined
    /** Public ports that are open. */
    readonly ports: ReadonlySet<number>
    readonly encrypted: boolean
    /** MTA-STS, where it is served. */
    readonly stsPolicy: OwnStsPolicy | undefined
    readonly letsEncrypt: boolean
    /** PEM of the chain that is shown to others; undefined where it is self-signed or not there. */
    readonly certificates: readonly string[]
  }
}

const ttl = 600

/** Everything that is published for a domain, in the order of its importance. Mailu's, and what it lacks. */
export function publishedRecords(facts: DomainFacts): readonly PublishedRecord[] {
  const { domain, isAlternative, server } = facts
  return [
    { purpose: 'mail comes here', name: domain, type: 'MX', ttl, value: `10 ${server.hostname}.` },
    text('who may send', domain, `v=spf1 mx a:${server.hostname} ~all`, 'v=spf1'),
    ...facts.keys.map(keyRecord),
    ...policyRecords(facts),
    ...(server.encrypted
      ? [
          text(
            'reports on encryption',
            `_smtp._tls.${domain}`,
            `v=TLSRPTv1; rua=mailto:${server.postmaster}`,
            'v=TLSRPTv1',
          ),
        ]
      : []),
    ...stsRecords(facts),
    ...certificateRecords(facts),
    ...(isAlternative ? [] : serviceRecords(facts)),
  ]
}

const text = (purpose: string, name: string, value: string, mark: string): PublishedRecord => ({
  purpose,
  name,
  type: 'TXT',
  ttl,
  value: quoted(value),
  mark,
})

const stages: Readonly<Record<StagedKey['stage'], string>> = {
  signing: 'key that signs',
  next: 'key that signs next',
  retired: 'key that signed, until its mail has arrived',
}

export function keyRecord({ domain, selector, pem, stage }: StagedKey): PublishedRecord {
  return text(stages[stage], `${selector}._domainkey.${domain}`, keyText(pem), '')
}

/** Without a key DMARC would have mail refused that is forwarded: Mailu's rule. */
function policyRecords({ domain, keys, server }: DomainFacts): PublishedRecord[] {
  if (keys.length === 0) return []
  const { mainDomain, aggregateReports, failureReports } = server
  const reports = reportTags(mainDomain, aggregateReports, failureReports)
  const policy = text(
    'what to do with forged mail',
    `_dmarc.${domain}`,
    `v=DMARC1; p=reject;${reports} adkim=s; aspf=s`,
    'v=DMARC1',
  )
  // RFC 9990 §4: whoever gets reports of another domain has to want them.
  const wanted = text(
    `reports on ${domain} are wanted`,
    `${domain}._report._dmarc.${mainDomain}`,
    'v=DMARC1;',
    'v=DMARC1',
  )
  return reports !== '' && domain !== mainDomain ? [policy, wanted] : [policy]
}

/** RFC 8461 §3.1, §3.3: a name of its own, under which the policy is fetched. */
function stsRecords({ domain, server }: DomainFacts): PublishedRecord[] {
  const { stsPolicy, hostname } = server
  if (!stsPolicy) return []
  return [
    text('mail comes over TLS: MTA-STS', `_mta-sts.${domain}`, stsRecord(stsPolicy), 'v=STSv1'),
    {
      purpose: 'where that policy is; its certificate has this name',
      name: `mta-sts.${domain}`,
      type: 'CNAME',
      ttl,
      value: `${hostname}.`,
    },
  ]
}

/** RFC 7672 §3.1.1: the key itself, so that a renewed certificate with the same key still fits. Mailu: the roots of Let's Encrypt. */
function certificateRecords({ server }: DomainFacts): PublishedRecord[] {
  const { hostname, letsEncrypt, certificates } = server
  const tlsa = (value: string): PublishedRecord => ({
    purpose: 'certificate of the server, where DNS is signed',
    name: `_25._tcp.${hostname}`,
    type: 'TLSA',
    ttl: 86_400,
    value,
  })
  if (letsEncrypt)
    return [
      ...isrgRoots.map((digest) => tlsa(`2 1 1 ${digest}`)),
      {
        purpose: 'who may issue certificates',
        name: hostname,
        type: 'CAA',
        ttl,
        value: '0 issue "letsencrypt.org"',
      },
    ]
  return certificates.map((certificate) => tlsa(`3 1 1 ${keyDigest(certificate)}`))
}

const isrgRoots = [
  '0b9fa5a59eed715c26c1020c711b4f6ec42d58b0015e14337a39dad301c5afc3',
  '762195c225586ee6c0237456e2107dc54f1efc21f61a792ebd515913cce68332',
]

function keyDigest(pem: string): string {
  const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex')
}

interface MailService {
  readonly name: string
  readonly port: number
  readonly priority: number
  readonly purpose: string
}

/** RFC 6186, RFC 8314 §5.1, RFC 5804 §1.8. Encrypted ones come first. */
const services: readonly MailService[] = [
  { name: 'imaps', port: 993, priority: 10, purpose: 'IMAP' },
  { name: 'submissions', port: 465, priority: 10, purpose: 'sending' },
  { name: 'pop3s', port: 995, priority: 10, purpose: 'POP3' },
  { name: 'imap', port: 143, priority: 20, purpose: 'IMAP with STARTTLS' },
  { name: 'submission', port: 587, priority: 20, purpose: 'sending with STARTTLS' },
  { name: 'pop3', port: 110, priority: 20, purpose: 'POP3 with STARTTLS' },
  { name: 'sieve', port: 4190, priority: 10, purpose: 'filters' },
  { name: 'autodiscover', port: 443, priority: 10, purpose: 'where Outlook finds its settings' },
]
/** RFC 6764: not served here yet, which is worth saying, so that no mail program searches for them. */
const absent: readonly MailService[] = [
  { name: 'caldavs', port: 443, priority: 0, purpose: 'calendars' },
  { name: 'carddavs', port: 443, priority: 0, purpose: 'address books' },
]

/** Where mail programs ask for their settings. */
const finders = [
  ['autoconfig', 'where Thunderbird finds its settings'],
  ['autodiscover', 'where Outlook asks first'],
] as const

function serviceRecords({ domain, server }: DomainFacts): PublishedRecord[] {
  const { ports, hostname } = server
  const record = ({ name, port, priority, purpose }: MailService, isHere: boolean): PublishedRecord => ({
    purpose: isHere ? purpose : `no ${purpose} here`,
    name: `_${name}._tcp.${domain}`,
    type: 'SRV',
    ttl,
    value: isHere ? `${priority} 1 ${port} ${hostname}.` : '0 0 0 .',
  })
  return [
    ...services.map((one) => record(one, ports.has(one.port))),
    ...absent.map((one) => record(one, false)),
    ...finders.map(
      ([name, purpose]): PublishedRecord => ({
        purpose,
        name: `${name}.${domain}`,
        type: 'CNAME',
        ttl,
        value: `${hostname}.`,
      }),
    ),
  ]
}
