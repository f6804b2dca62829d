import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type Address, parseAddress } from '../../src/lib/address.ts'
import { standardTimes } from '../../src/modules/smtp/client/settings.ts'
import type { Tried } from '../../src/modules/smtp/queue/settle.ts'
import { visit } from '../../src/modules/smtp/queue/visit.ts'
import { createTlsPolicies } from '../../src/modules/smtp/tls-policy/policies.ts'
import { StsPolicies } from '../../src/modules/smtp/tls-policy/sts-policies.ts'
import type { TlsResult } from '../../src/modules/smtp/tls-report/results.ts'
import type { Note } from '../../src/ports/outgoing-notes.ts'
import type { QueuedRecipient, Way } from '../../src/ports/outgoing-queue.ts'
import { type Issued, issue } from './certificates.ts'
import { sharedKey, startInternet, type ZoneSketch } from './dns/internet.ts'
import { createFakeLog } from './fakes/runtime.ts'
import { silentSigner } from './fakes/vouching.ts'

/** Everything a domain can say of itself, and what its server then shows. */
export interface TlsCase {
  /** Of the zone: signed, not signed, or signed and damaged on the way. */
  readonly dns: 'secure' | 'insecure' | 'bogus'
  readonly tlsa?: '3 1 1 of its own' | '3 1 1 of another' | '2 0 1 of the authority' | '1 0 1 of its own'
  readonly sts?: {
    readonly mode: 'enforce' | 'testing'
    readonly mx?: string
    readonly host?: Shown
  }
  /** What the mail server shows; undefined: it has no STARTTLS. */
  readonly shows: Shown | undefined
}

type Shown = 'good' | 'self-signed' | 'expired' | 'of another name' | 'of the policy host'

/** Made once, when the first case asks. */
function makeCertificates() {
  const authority = issue('Authority', undefined, { ca: true })
  const shown: Readonly<Record<Shown, Issued>> = {
    good: issue('mx.far.test', authority),
    'self-signed': issue('mx.far.test', undefined),
    expired: issue('mx.far.test', authority, { days: -1 }),
    'of another name': issue('mx.else.test', authority),
    'of the policy host': issue('mta-sts.far.test', authority),
  }
  return { authority, shown }
}

let made: ReturnType<typeof makeCertificates> | undefined
function certificates(): ReturnType<typeof makeCertificates> {
  made ??= makeCertificates()
  return made
}

const pinned = { dns: 'secure', tlsa: '3 1 1 of its own' } as const
const vouched = { dns: 'secure', tlsa: '2 0 1 of the authority' } as const
export const enforced = { dns: 'insecure', sts: { mode: 'enforce' } } as const
const tested = { dns: 'insecure', sts: { mode: 'testing' } } as const

const trusted = (policy: string, proof: string) => `delivered, ${proof}; ${policy} kept`

/** Policy × certificate × DNSSEC, and what becomes of a message: to whom it went how, and what a report would say. */
export const tlsCases: readonly (readonly [string, TlsCase, string])[] = [
  [
    'nothing is said, nothing is there',
    { dns: 'secure', shows: undefined },
    'delivered, in plain text; nothing told',
  ],
  ['nothing is said', { dns: 'insecure', shows: 'self-signed' }, trusted('no-policy-found', 'none')],
  ['DANE, right', { ...pinned, shows: 'self-signed' }, trusted('tlsa', 'dane')],
  [
    'DANE, right and expired: the record says it all',
    { ...pinned, shows: 'expired' },
    trusted('tlsa', 'dane'),
  ],
  [
    'DANE, wrong',
    { dns: 'secure', tlsa: '3 1 1 of another', shows: 'good' },
    'deferred; tlsa validation-failure',
  ],
  ['DANE, and no TLS', { ...pinned, shows: undefined }, 'deferred; tlsa starttls-not-supported'],
  ['DANE by an authority', { ...vouched, shows: 'good' }, trusted('tlsa', 'dane')],
  [
    'DANE by an authority, another name',
    { ...vouched, shows: 'of another name' },
    'deferred; tlsa certificate-host-mismatch',
  ],
  ['DANE by an authority, expired', { ...vouched, shows: 'expired' }, 'deferred; tlsa certificate-expired'],
  [
    'DANE that mail does not use: encrypted only',
    { dns: 'secure', tlsa: '1 0 1 of its own', shows: 'self-signed' },
    trusted('tlsa', 'none'),
  ],
  [
    'DANE in a zone without signatures',
    { dns: 'insecure', tlsa: '3 1 1 of another', shows: 'self-signed' },
    trusted('no-policy-found', 'none'),
  ],
  [
    'a forged zone',
    { dns: 'bogus', tlsa: '3 1 1 of its own', shows: 'self-signed' },
    'deferred; nothing told',
  ],
  ['MTA-STS, right', { ...enforced, shows: 'good' }, trusted('sts', 'name')],
  ['MTA-STS, self-signed', { ...enforced, shows: 'self-signed' }, 'deferred; sts certificate-not-trusted'],
  ['MTA-STS, expired', { ...enforced, shows: 'expired' }, 'deferred; sts certificate-expired'],
  [
    'MTA-STS, another name',
    { ...enforced, shows: 'of another name' },
    'deferred; sts certificate-host-mismatch',
  ],
  ['MTA-STS, and no TLS', { ...enforced, shows: undefined }, 'deferred; sts starttls-not-supported'],
  [
    'MTA-STS for other servers',
    { dns: 'insecure', sts: { mode: 'enforce', mx: '*.else.test' }, shows: 'good' },
    'deferred; sts validation-failure',
  ],
  [
    'MTA-STS that only tests, self-signed',
    { ...tested, shows: 'self-signed' },
    'delivered, none; sts certificate-not-trusted',
  ],
  [
    'MTA-STS that only tests, and no TLS',
    { ...tested, shows: undefined },
    'delivered, in plain text; nothing told',
  ],
  [
    'MTA-STS whose host cannot prove itself',
    { dns: 'insecure', sts: { mode: 'enforce', host: 'self-signed' }, shows: 'self-signed' },
    'delivered, none; no-policy-found sts-webpki-invalid',
  ],
  [
    'DANE wins over MTA-STS',
    { dns: 'secure', tlsa: '3 1 1 of its own', sts: { mode: 'enforce' }, shows: 'self-signed' },
    trusted('tlsa', 'dane'),
  ],
]

/** Of a message to x@far.test, whose server listens at this port with what the case says. */
export async function tlsOutcome(given: TlsCase, port: number, way: Way = 'far.test'): Promise<string> {
  const { tried, told } = await send(given, port, way)
  const [first] = tried
  const report =
    told.map(({ policy, trouble }) => `${policy.type} ${trouble?.type ?? 'kept'}`).join(', ') ||
    'nothing told'
  return first?.sent.kind === 'done'
    ? `delivered, ${first.tls?.proof ?? 'in plain text'}; ${report}`
    : `deferred; ${report}`
}

async function send(given: TlsCase, port: number, way: Way) {
  const net = await startInternet({ 'far.test': zoneOf(given, port) }, Date.now())
  onTestFinished(() => net.stop())
  const dns = await net.resolver()
  const notes = new Map<string, Note>()
  const sts = new StsPolicies({
    dns,
    clock: net.clock,
    log: createFakeLog(),
    families: ['ipv4'],
    port: given.sts ? await policyHost(given.sts) : 1,
    trust: [certificates().authority.pem],
    notes: {
      get: async (_, name) => notes.get(name),
      put: async (all) => {
        for (const note of all) notes.set(note.name, note)
        return { kind: 'kept' }
      },
    },
  })
  const tried: Tried[] = []
  const told: TlsResult[] = []
  const waiting = [row]
  await visit(way, {
    queue: {
      message: async () => ({
        ...row,
        arrival: 'a',
        smtpUtf8: false,
        requireTls: false,
        envelopeId: undefined,
        returnContent: undefined,
      }),
      bytes: async (_, { from, to }) => Buffer.from('Subject: Hi\r\n\r\n').subarray(from, to),
    },
    routing: {
      dns,
      ourselves: { names: new Set(), addresses: new Set(), families: ['ipv4'] },
      random: () => 0.5,
      relays: { relay: async () => ({ kind: 'none' }) },
      routes: { read: async () => ({ kind: 'map', map: new Map() }) },
      relayHost: undefined,
      fallback: { wayTo: async () => undefined },
      logins: [],
      port,
    },
    signer: silentSigner,
    client: {
      hostname: 'mail.home.test',
      from: undefined,
      times: standardTimes,
      trust: [certificates().authority.pem],
    },
    tls: createTlsPolicies({ dns, level: 'dane', defers: true, overrides: undefined, sts }),
    tlsResults: { note: (result) => void told.push(result) },
    here: { isOurs: async () => false, deliver: async () => [] },
    clock: net.clock,
    next: async () => {
      const next = waiting.shift()
      return next && [next]
    },
    another: async () => undefined,
    giveBack: () => undefined,
    settle: async (_, all) => void tried.push(...all),
  })
  return { tried, told }
}

const address = (text: string): Address => {
  const read = parseAddress(text)
  if (!read) throw new Error(`no address: ${text}`)
  return read
}

const row: QueuedRecipient = {
  id: 1,
  message: 1,
  arrival: 'm1',
  destination: 'far.test',
  address: address('x@far.test'),
  notify: undefined,
  originalRecipient: undefined,
  account: undefined,
  sender: address('ann@home.test'),
  size: 15,
  held: false,
  acceptedAt: 0,
  due: 0,
  attempts: 0,
  expires: Number.MAX_SAFE_INTEGER,
  notice: undefined,
  last: undefined,
}

function zoneOf({ dns, tlsa, sts, shows }: TlsCase, port: number): ZoneSketch {
  const lines = [
    'far.test. 300 MX 10 mx.far.test.',
    'mx.far.test. 300 A 127.0.0.1',
    ...(tlsa ? [`_${port}._tcp.mx.far.test. 300 TLSA ${tlsaData(tlsa, shows)}`] : []),
    ...(sts ? ['_mta-sts.far.test. 300 TXT "v=STSv1; id=1;"', 'mta-sts.far.test. 300 A 127.0.0.1'] : []),
  ]
  if (dns === 'insecure') return { lines }
  return dns === 'secure'
    ? { lines, key: sharedKey(13) }
    : { lines, key: sharedKey(13), parentSays: sharedKey(15) }
}

function tlsaData(tlsa: NonNullable<TlsCase['tlsa']>, shows: TlsCase['shows']): string {
  const own = certificates().shown[tlsa.endsWith('another') ? 'of the policy host' : (shows ?? 'good')]
  const hash = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex')
  if (tlsa.startsWith('2 0 1')) return `2 0 1 ${hash(certificates().authority.certificate.raw)}`
  if (tlsa.startsWith('1 0 1')) return `1 0 1 ${hash(own.certificate.raw)}`
  return `3 1 1 ${hash(own.certificate.publicKey.export({ type: 'spki', format: 'der' }))}`
}

/** The key and certificate of its server; undefined: it has no STARTTLS. */
export function shownBy({ shows }: Pick<TlsCase, 'shows'>) {
  const shown = shows && certificates().shown[shows]
  return shown && { key: shown.keyPem, certificate: shown.chain }
}

async function policyHost({
  mode,
  mx = 'mx.far.test',
  host = 'of the policy host',
}: NonNullable<TlsCase['sts']>) {
  const { keyPem, chain } = certificates().shown[host]
  const server = createServer({ key: keyPem, cert: chain }, (asked, answer) => {
    answer.statusCode = asked.url === '/.well-known/mta-sts.txt' ? 200 : 404
    answer.end(`version: STSv1\r\nmode: ${mode}\r\nmx: ${mx}\r\nmax_age: 86400\r\n`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
