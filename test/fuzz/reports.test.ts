import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readReport } from '../../src/modules/reports/reading/read-report.ts'
import { dmarcXml } from '../../src/modules/reports/sending/dmarc-xml.ts'
import { cpuMsOf } from '../support/cpu-time.ts'

const pieces = [
  '<feedback>',
  '</feedback>',
  '<record>',
  '</record>',
  '<row/>',
  '<report_metadata>',
  '<a b="c" d=\'e\'>',
  '</a>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?xml',
  '?>',
  '&amp;',
  '&#9999999;',
  '&#x0;',
  '&',
  '<!DOCTYPE',
  '<',
  '>',
  '"',
  '1',
  '{',
  '"policies":[{}]',
  'PK\u0003\u0004',
  '\u001f\u008b',
]

const document = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join('')),
  fc
    .json()
    .map((json) => `{"report-id":"a","date-range":{"end-datetime":"2026-01-01"},"policies":[${json}]}`),
)

test('whatever is attached is a report or is unreadable', async () => {
  await fc.assert(
    fc.asyncProperty(document, async (text) => {
      const { kind } = await readReport(Buffer.from(text, text.startsWith('\u001f') ? 'latin1' : 'utf8'))
      expect(['dmarc', 'tls', 'unreadable']).toContain(kind)
    }),
  )
})

test.each([
  ['open elements', '<a>'.repeat(1_000_000)],
  ['attributes', `<a ${'b="c" '.repeat(500_000)}`],
  ['a name', `<${'a'.repeat(5_000_000)}`],
  ['references', `<feedback>${'&amp;'.repeat(1_000_000)}`],
  ['ampersands', `<feedback>${'&'.repeat(5_000_000)}`],
  ['comments', '<!--'.repeat(1_000_000)],
  ['spaces in a tag', `<feedback${' '.repeat(5_000_000)}`],
  ['brackets', '['.repeat(1_000_000)],
  ['lists', `{"policies":${'['.repeat(1_000_000)}`],
])('a document full of %s costs next to nothing', async (_, text) => {
  const took = await cpuMsOf(async () =>
    expect((await readReport(Buffer.from(text))).kind).toBe('unreadable'),
  )
  expect(took).toBeLessThan(3000)
})

const name = fc.constantFrom('example.com', 'xn--mller-kva.example', '')
const word = fc.constantFrom('pass', 'fail', 'none', 'softfail')
const line = fc
  .string({ maxLength: 40 })
  .map((text) => text.replace(/[\p{C}\s]+/gu, ' ').trim())
  .filter((text) => text !== '')

const report = fc.record({
  org: line,
  email: fc.constant('a@b.test'),
  reportId: line,
  begin: fc.nat(),
  errors: fc.array(line, { maxLength: 5 }),
  rows: fc.array(
    fc.record({
      ip: fc.ipV4(),
      count: fc.nat(),
      disposition: word,
      dkim: fc.boolean(),
      spf: fc.boolean(),
      reason: fc.constantFrom('', 'local_policy'),
      comment: fc.constant(''),
      headerFrom: name,
      envelopeFrom: name,
      signatures: fc.array(fc.record({ domain: name, selector: fc.constantFrom('s', 'a.b'), result: word }), {
        maxLength: 5,
      }),
      spfDomain: name,
      spfResult: word,
    }),
    { maxLength: 20 },
  ),
})

test('what is written is read again as it was', async () => {
  await fc.assert(
    fc.asyncProperty(report, async (made) => {
      const policy = { p: 'reject', sp: 'none', np: '', adkim: 's', aspf: 'r', testing: 'n' }
      const whole = { ...made, domain: 'example.com', end: made.begin + 86_399, policy }
      expect(await readReport(Buffer.from(dmarcXml(whole, 'x')))).toEqual({ kind: 'dmarc', report: whole })
    }),
  )
})
