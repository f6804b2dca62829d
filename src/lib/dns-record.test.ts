import { expect, test } from 'vitest'
import { type DnsRecord, zoneText } from './dns-record.ts'

const octets = Uint8Array.of(0, 255)

test.each<[DnsRecord, string]>([
  [{ type: 'A', address: '192.0.2.1' }, '192.0.2.1'],
  [{ type: 'CNAME', target: 'mail.home.test' }, 'mail.home.test.'],
  [{ type: 'MX', preference: 0, exchange: '.' }, '0 .'],
  [{ type: 'TXT', strings: ['v=spf1 mx', ' -all'] }, '"v=spf1 mx" " -all"'],
  [{ type: 'TXT', strings: ['"\\\n\xff'] }, '"\\"\\\\\\010\\255"'],
  [{ type: 'TLSA', usage: 3, selector: 1, matching: 1, association: octets }, '3 1 1 00ff'],
  [{ type: 'SRV', priority: 10, weight: 1, port: 993, target: 'mail.home.test' }, '10 1 993 mail.home.test.'],
  [{ type: 'CAA', critical: true, tag: 'issue', value: 'ca.test' }, '128 issue "ca.test"'],
  [{ type: 'other', typeNumber: 99, data: octets }, '\\# 2 00ff'],
])('%j is %s in a zone', (record, text) => {
  expect(zoneText(record)).toBe(text)
})
