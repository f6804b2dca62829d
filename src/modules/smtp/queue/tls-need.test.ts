import { expect, test } from 'vitest'
import { createFakeDnsResolver } from '../../../../test/support/fakes/dns-resolver.ts'
import type { DnsOutcome, DnsRecord, DnsSecurity } from '../../../ports/dns-resolver.ts'
import { type HostFacts, type TlsLevel, tlsNeedOf } from './tls-need.ts'

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

test.each<
  [
    string,
    TlsLevel,
    Record<string, readonly DnsRecord[] | DnsOutcome>,
    DnsSecurity,
    Partial<HostFacts>,
    string,
  ]
>([
  ['records, all secure', 'dane', { [at]: [tlsa] }, 'secure', {}, 'dane mx.far.example far.example'],
  ['records that are not secure', 'dane', { [at]: [tlsa] }, 'insecure', {}, 'may'],
  ['an address that is not secure', 'dane', { [at]: [tlsa] }, 'secure', { security: 'insecure' }, 'may'],
  [
    'an MX record that is not secure',
    'dane',
    { [at]: [tlsa] },
    'secure',
    { mxSecurity: 'indeterminate' },
    'may',
  ],
  ['no records', 'dane', {}, 'secure', {}, 'may'],
  ['forged records defer, never downgrade', 'dane', { [at]: bogus }, 'secure', {}, 'later'],
  ['no answer defers, never downgrades', 'dane', { [at]: busy }, 'secure', {}, 'later'],
  [
    'where the alias leads to',
    'dane',
    { '_25._tcp.real.example TLSA': [tlsa] },
    'secure',
    { canonicalName: 'real.example' },
    'dane real.example mx.far.example far.example',
  ],
  [
    'at the alias, when there are none where it leads to',
    'dane',
    { [at]: [tlsa] },
    'secure',
    { canonicalName: 'real.example' },
    'dane real.example mx.far.example far.example',
  ],
  ['no DANE where it is not asked for', 'encrypt', { [at]: [tlsa] }, 'secure', {}, 'encrypt'],
])('%s', async (_, level, zone, security, more, expected) => {
  const dns = createFakeDnsResolver(zone, security)
  const needed = await tlsNeedOf({ ...host, ...more }, { dns, level, deadlineMs: 1 })
  const names = needed.kind === 'need' && 'names' in needed.need ? ` ${needed.need.names.join(' ')}` : ''
  expect(needed.kind === 'later' ? 'later' : needed.need.kind + names).toBe(expected)
})
