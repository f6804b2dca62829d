import { expect, test } from 'vitest'
import { createFakeDnsResolver } from '../../../../test/support/fakes/dns-resolver.ts'
import type { DnsRecord } from '../../../lib/dns-record.ts'
import type { DnsOutcome, DnsSecurity } from '../../../ports/dns-resolver.ts'
import type { StsPolicy } from './sts-policy.ts'
import { type Asking, type HostFacts, tlsNeedOf } from './tls-need.ts'

const tlsa: DnsRecord = { type: 'TLSA', usage: 3, selector: 1, matching: 1, association: Buffer.alloc(32) }
const host: HostFacts = {
  name: 'mx.far.example',
  canonicalName: 'mx.far.example',
  port: 25,
  security: 'secure',
  mxSecurity: 'secure',
  nextHop: 'far.example',
}
const bogus: DnsOutcome = { kind: 'bogus', security: 'bogus', why: [] }
const busy: DnsOutcome = { kind: 'later', reason: 'unreachable', text: 'No answer', why: [] }
const at = '_25._tcp.mx.far.example TLSA'

type Zone = Readonly<Record<string, readonly DnsRecord[] | DnsOutcome>>
interface Case {
  readonly zone?: Zone
  readonly security?: DnsSecurity
  readonly host?: Partial<HostFacts>
  readonly asking?: Partial<Asking>
}

const enforcing = (mode: StsPolicy['mode'], mx = ['mx.far.example']) => ({
  sts: async () => ({ kind: 'policy', policy: { mode, maxAge: 1, mx } }) as const,
})
const override = (level: NonNullable<Asking['override']>['level'], match?: readonly string[]) => ({
  override: { level, match },
})

async function said({ zone = {}, security = 'secure', host: more, asking }: Case): Promise<string> {
  const dns = createFakeDnsResolver(zone, security)
  const given = {
    dns,
    level: 'dane',
    defers: true,
    override: undefined,
    sts: undefined,
    deadlineMs: 1,
  } as const
  const needed = await tlsNeedOf({ ...host, ...more }, { ...given, ...asking })
  if (needed.kind === 'later') return `later, ${needed.type}`
  const { need, policy, trouble } = needed
  const names = 'names' in need ? ` ${need.names.join(' ')}` : ''
  const looked = 'wouldBear' in need ? ` looking for ${need.wouldBear?.join(' ')}` : ''
  return `${need.kind}${names}${looked}, ${policy.type}${trouble ? `, ${trouble.type}` : ''}`
}

const nothing = 'no-policy-found'

// Who decides: tls_policy.map, then DANE, then MTA-STS, then the level for all.
test.each<[string, Case, string]>([
  ['TLSA, all secure', { zone: { [at]: [tlsa] } }, 'dane mx.far.example far.example, tlsa'],
  ['TLSA that is not secure', { zone: { [at]: [tlsa] }, security: 'insecure' }, `may, ${nothing}`],
  ['an insecure address', { zone: { [at]: [tlsa] }, host: { security: 'insecure' } }, `may, ${nothing}`],
  [
    'an insecure MX record: the host is proven, by its own name alone',
    { zone: { [at]: [tlsa] }, host: { mxSecurity: 'insecure' } },
    'dane mx.far.example, tlsa',
  ],
  [
    'an insecure MX record, where mail does not wait for TLS',
    { zone: { [at]: [tlsa] }, host: { mxSecurity: 'insecure' }, asking: { defers: false } },
    `may, ${nothing}`,
  ],
  ['no TLSA', {}, `may, ${nothing}`],
  ['forged TLSA', { zone: { [at]: bogus } }, 'later, dnssec-invalid'],
  [
    'forged TLSA, where mail does not wait for TLS',
    { zone: { [at]: bogus }, asking: { defers: false } },
    'later, dnssec-invalid',
  ],
  ['no answer about TLSA', { zone: { [at]: busy } }, 'later, dnssec-invalid'],
  [
    'no answer about TLSA, where mail does not wait for TLS',
    { zone: { [at]: busy }, asking: { defers: false } },
    `may, ${nothing}`,
  ],
  [
    'TLSA where the alias leads to',
    { zone: { '_25._tcp.real.example TLSA': [tlsa] }, host: { canonicalName: 'real.example' } },
    'dane real.example mx.far.example far.example, tlsa',
  ],
  [
    'TLSA at the alias, when there are none where it leads to',
    { zone: { [at]: [tlsa] }, host: { canonicalName: 'real.example' } },
    'dane real.example mx.far.example far.example, tlsa',
  ],
  ['MTA-STS that enforces', { asking: enforcing('enforce') }, 'verify mx.far.example, sts'],
  [
    'DANE and MTA-STS',
    { zone: { [at]: [tlsa] }, asking: enforcing('enforce') },
    'dane mx.far.example far.example, tlsa',
  ],
  [
    'forged TLSA and MTA-STS',
    { zone: { [at]: bogus }, asking: enforcing('enforce') },
    'later, dnssec-invalid',
  ],
  [
    'a host that MTA-STS does not name',
    { asking: enforcing('enforce', ['*.other.example']) },
    'later, validation-failure',
  ],
  ['MTA-STS that only tests', { asking: enforcing('testing') }, 'may looking for mx.far.example, sts'],
  [
    'a host that tested MTA-STS does not name',
    { asking: enforcing('testing', ['x.example']) },
    'may, sts, validation-failure',
  ],
  ['MTA-STS that was taken back', { asking: enforcing('none', []) }, `may, ${nothing}`],
  [
    'a policy that cannot be fetched',
    { asking: { sts: async () => ({ kind: 'failed', type: 'sts-policy-fetch-error', text: '' }) } },
    `may, ${nothing}, sts-policy-fetch-error`,
  ],
  ['the level encrypt', { asking: { level: 'encrypt' } }, `encrypt, ${nothing}`],
  [
    'the level encrypt and DANE',
    { zone: { [at]: [tlsa] }, asking: { level: 'encrypt' } },
    'dane mx.far.example far.example, tlsa',
  ],
  [
    'the level encrypt and tested MTA-STS',
    { asking: { level: 'encrypt', ...enforcing('testing') } },
    'encrypt looking for mx.far.example, sts',
  ],
  ['the level none and DANE', { zone: { [at]: [tlsa] }, asking: { level: 'none' } }, `none, ${nothing}`],
  ['the level dane-only without TLSA', { asking: { level: 'dane-only' } }, 'later, tlsa-invalid'],
  ['the level verify', { asking: { level: 'verify' } }, `verify mx.far.example, ${nothing}`],
  ['the level secure', { asking: { level: 'secure' } }, `verify far.example .far.example, ${nothing}`],
  [
    'may in tls_policy.map, against DANE',
    { zone: { [at]: [tlsa] }, asking: override('may') },
    `may, ${nothing}`,
  ],
  [
    'none in tls_policy.map, against MTA-STS',
    { asking: { ...enforcing('enforce'), ...override('none') } },
    `none, ${nothing}`,
  ],
  [
    'encrypt in tls_policy.map, under the level none',
    { asking: { level: 'none', ...override('encrypt') } },
    `encrypt, ${nothing}`,
  ],
  [
    'dane in tls_policy.map, without TLSA',
    { asking: { ...enforcing('enforce'), ...override('dane') } },
    `may, ${nothing}`,
  ],
  [
    'secure in tls_policy.map, with names',
    { asking: override('secure', ['nexthop', 'hostname', 'dot-nexthop', 'X.example']) },
    `verify far.example mx.far.example .far.example x.example, ${nothing}`,
  ],
])('%s', async (_, given, expected) => {
  expect(await said(given)).toBe(expected)
})
