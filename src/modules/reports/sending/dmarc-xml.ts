import type { DmarcReport, DmarcRow, ReportedPolicy } from '../dmarc-report.ts'

/** An aggregate report as RFC 9990 appendix A wants it. */
export function dmarcXml(report: DmarcReport, generator: string): string {
  const { org, email, reportId, begin, end, errors, domain, policy, rows } = report
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">',
    leaf('version', '1.0'),
    element('report_metadata', [
      leaf('org_name', org),
      leaf('email', email),
      leaf('report_id', reportId),
      element('date_range', [leaf('begin', begin), leaf('end', end)]),
      ...errors.map((error) => leaf('error', error)),
      leaf('generator', generator),
    ]),
    element('policy_published', [
      leaf('domain', domain),
      leaf('discovery_method', 'treewalk'),
      ...policyTags(policy),
    ]),
    ...rows.map(record),
    '</feedback>',
    '',
  ].join('\n')
}

const policyTags = (policy: ReportedPolicy) =>
  (['p', 'sp', 'np', 'adkim', 'aspf', 'testing'] as const)
    .filter((tag) => policy[tag] !== '')
    .map((tag) => leaf(tag, policy[tag]))

const passOrFail = (is: boolean) => (is ? 'pass' : 'fail')

function record(row: DmarcRow): string {
  const reason =
    row.reason === ''
      ? []
      : [
          element('reason', [
            leaf('type', row.reason),
            ...(row.comment === '' ? [] : [leaf('comment', row.comment)]),
          ]),
        ]
  return element('record', [
    element('row', [
      leaf('source_ip', row.ip),
      leaf('count', row.count),
      element('policy_evaluated', [
        leaf('disposition', row.disposition),
        leaf('dkim', passOrFail(row.dkim)),
        leaf('spf', passOrFail(row.spf)),
        ...reason,
      ]),
    ]),
    element('identifiers', [
      leaf('header_from', row.headerFrom),
      // Empty where the reverse-path is.
      leaf('envelope_from', row.envelopeFrom),
    ]),
    element('auth_results', [
      ...row.signatures.map(({ domain, selector, result }) =>
        element('dkim', [leaf('domain', domain), leaf('selector', selector), leaf('result', result)]),
      ),
      element('spf', [leaf('domain', row.spfDomain), leaf('scope', 'mfrom'), leaf('result', row.spfResult)]),
    ]),
  ])
}

const element = (name: string, inside: readonly string[]): string =>
  `<${name}>\n${inside.join('\n')}\n</${name}>`

const leaf = (name: string, text: string | number): string => `<${name}>${escaped(String(text))}</${name}>`

const special: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** XML has no place for control characters. */
const escaped = (text: string) =>
  text
    .replace(/[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>]/g, (one) => special[one] ?? '')
