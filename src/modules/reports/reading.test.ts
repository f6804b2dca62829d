import { deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readReport } from './reading/read-report.ts'
import { dmarcXml } from './sending/dmarc-xml.ts'

/** A zip of one file. */
function zipOf(name: string, text: string): Buffer {
  const packed = deflateRawSync(text)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(8, 8)
  local.writeUInt32LE(packed.length, 18)
  local.writeUInt16LE(name.length, 26)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(8, 10)
  entry.writeUInt32LE(packed.length, 20)
  entry.writeUInt16LE(name.length, 28)
  const start = 30 + name.length + packed.length
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(start, 16)
  return Buffer.concat([local, Buffer.from(name), packed, entry, Buffer.from(name), end])
}

const record = (ip: string, extra = '') => `<record><row><source_ip>${ip}</source_ip><count>2</count>
  <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
  <identifiers><header_from>Example.com.</header_from></identifiers>
  <auth_results><dkim><domain>example.com</domain><result>pass</result></dkim>${extra}
  <spf><domain>else.example</domain><result>softfail</result></spf></auth_results></record>`

const feedback = (records: string, root = '<feedback>') => `<?xml version="1.0" encoding="UTF-8" ?>
<!-- a report -->
${root}<report_metadata><org_name>Mül &amp; ler&#33;</org_name><email>a@b.test</email>
<report_id>42</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata>
<policy_published><domain>example.com</domain><adkim>r</adkim><p>none</p><pct>100</pct></policy_published>
${records}</feedback>`

const whole = feedback(record('192.0.2.1'))
const read = async (octets: Buffer | string) => {
  const outcome = await readReport(Buffer.from(octets))
  return outcome.kind === 'unreadable' ? outcome.why : outcome
}

test.each([
  ['plain', Buffer.from(whole)],
  ['with a mark of its order', Buffer.from(`\ufeff${whole}`)],
  ['in gzip', gzipSync(whole)],
  ['in zip', zipOf('report.xml', whole)],
  [
    'in a namespace',
    Buffer.from(feedback(record('192.0.2.1'), '<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">')),
  ],
])('a report of DMARC is read: %s', async (_, octets) => {
  expect(await read(octets)).toMatchObject({
    kind: 'dmarc',
    report: {
      org: 'Mül & ler!',
      reportId: '42',
      domain: 'example.com',
      policy: { p: 'none', adkim: 'r', sp: '' },
      rows: [
        {
          ip: '192.0.2.1',
          count: 2,
          dkim: true,
          spf: false,
          headerFrom: 'example.com',
          signatures: [{ domain: 'example.com', selector: '', result: 'pass' }],
          spfDomain: 'else.example',
          spfResult: 'softfail',
        },
      ],
    },
  })
})

test('prefixes of names do not matter, nor does what an extension has', async () => {
  const text = feedback(record('192.0.2.1', '<x:odd xmlns:x="y"><x:deep/></x:odd>')).replace(
    /<(\/?)(\w+)/g,
    '<$1d:$2',
  )
  expect(await read(text)).toMatchObject({ report: { rows: [{ ip: '192.0.2.1', spfResult: 'softfail' }] } })
})

test('what is written is read', async () => {
  const outcome = await readReport(Buffer.from(whole))
  if (outcome.kind !== 'dmarc') throw new Error(outcome.kind)
  const again = await readReport(Buffer.from(dmarcXml(outcome.report, 'Homepost')))
  const { policy, ...report } = outcome.report
  expect(again).toMatchObject({ kind: 'dmarc', report: { ...report, policy: { p: policy.p } } })
})

test('of many rows the first are kept, and all are counted', async () => {
  const outcome = await readReport(Buffer.from(feedback(record('192.0.2.1').repeat(3000))))
  if (outcome.kind !== 'dmarc') throw new Error(outcome.kind)
  expect(outcome.report.rows).toHaveLength(1000)
  expect(outcome.report.rows.reduce((sum, { count }) => sum + count, 0)).toBe(6000)
})

describe('what is hostile is refused', () => {
  test.each([
    ['<!DOCTYPE a [<!ENTITY b "c">]><feedback>&b;</feedback>', 'document types are not read'],
    [feedback('&lol;'), '&lol; is not known'],
    ['<feedback>'.repeat(40), 'elements stand too deep in each other'],
    [whole.slice(0, 300), 'the document is cut off'],
    [`${whole}<more/>`, 'a second document'],
    ['<html></html>', 'no report of DMARC'],
    ['<feedback></feedback>', 'a report without id, domain or time'],
    ['<feedback></feed>', 'an end without its beginning'],
    ['nothing', 'text outside the document'],
    ['{', 'no JSON'],
    ['{"report-id":"x"}', 'a report without id or time'],
    [gzipSync(Buffer.alloc(30_000_000, 32)), 'is too large when it is unpacked'],
    [zipOf('a.xml', ' '.repeat(30_000_000)), 'is too large when it is unpacked'],
    [gzipSync(whole).subarray(0, 100), 'the document is cut off'],
    ['PK\u0003\u0004', 'cannot be unpacked'],
  ])('%#', async (octets, why) => {
    expect(await read(octets)).toBe(why)
  })

  test('texts of strangers are one line of letters, and no longer than that', async () => {
    const text = whole.replace('Mül', `\u001b[31m${'x'.repeat(9000)}\n`)
    const outcome = await readReport(Buffer.from(text))
    if (outcome.kind !== 'dmarc') throw new Error(outcome.kind)
    expect(outcome.report.org).toMatch(/^\[31mx{196}$/)
  })
})

// RFC 8460 appendix B.
const tls = {
  'organization-name': 'Company-X',
  'date-range': { 'start-datetime': '2016-04-01T00:00:00Z', 'end-datetime': '2016-04-01T23:59:59Z' },
  'contact-info': 'sts-reporting@company-x.example',
  'report-id': '5065427c-23d3-47ca-b6e0-946ea0e8c4be',
  policies: [
    {
      policy: {
        'policy-type': 'sts',
        'policy-string': [
          'version: STSv1',
          'mode: testing',
          'mx: *.mail.company-y.example',
          'max_age: 86400',
        ],
        'policy-domain': 'company-y.example',
        'mx-host': '*.mail.company-y.example',
      },
      summary: { 'total-successful-session-count': 5326, 'total-failure-session-count': 303 },
      'failure-details': [
        {
          'result-type': 'certificate-expired',
          'sending-mta-ip': '2001:db8:abcd:0012::1',
          'receiving-mx-hostname': 'mx1.mail.company-y.example',
          'failed-session-count': 100,
        },
        {
          'result-type': 'validation-failure',
          'receiving-ip': '203.0.113.58',
          'receiving-mx-hostname': 'mx-backup.mail.company-y.example',
          'failed-session-count': 3,
          'failure-reason-code': 'X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED',
        },
      ],
    },
  ],
}

test('the example of RFC 8460 is read', async () => {
  expect(await read(gzipSync(JSON.stringify(tls)))).toEqual({
    kind: 'tls',
    report: {
      org: 'Company-X',
      reportId: '5065427c-23d3-47ca-b6e0-946ea0e8c4be',
      end: Date.UTC(2016, 3, 1, 23, 59, 59),
      policies: [
        {
          domain: 'company-y.example',
          type: 'sts',
          successes: 5326,
          failed: 303,
          failures: [
            { type: 'certificate-expired', host: 'mx1.mail.company-y.example', ip: '', count: 100, text: '' },
            {
              type: 'validation-failure',
              host: 'mx-backup.mail.company-y.example',
              ip: '203.0.113.58',
              count: 3,
              text: 'X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED',
            },
          ],
        },
      ],
    },
  })
})
