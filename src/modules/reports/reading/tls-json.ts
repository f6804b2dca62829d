import { BadSyntax } from '../../../lib/bad-syntax.ts'
import type { ReportedTlsFailure, TlsPolicyResult, TlsReport } from '../tls-report.ts'
import { domainSaid, ipOf, lineOf, wordOf } from './said.ts'

const mostPolicies = 50
/** Read in one go, in some milliseconds. */
const mostLetters = 256 * 1024
const mostFailures = 100

/** Reads a report on encryption. RFC 8460 §4.4. Throws BadSyntax. */
export function readTlsJson(json: string): TlsReport {
  const report = objectOf(parsed(json))
  const policies = listOf(report['policies'], mostPolicies).map(policyOf)
  const reportId = textOf(report['report-id'])
  const end = Date.parse(textOf(objectOf(report['date-range'])['end-datetime']))
  if (reportId === '' || Number.isNaN(end)) throw new BadSyntax('a report without id or time', 0)
  return { org: textOf(report['organization-name']), reportId, end, policies }
}

function policyOf(said: unknown): TlsPolicyResult {
  const whole = objectOf(said)
  const policy = objectOf(whole['policy'])
  const summary = objectOf(whole['summary'])
  return {
    domain: domainSaid(textOf(policy['policy-domain'])),
    type: wordOf(textOf(policy['policy-type'])),
    successes: countOf(summary['total-successful-session-count']),
    failed: countOf(summary['total-failure-session-count']),
    failures: listOf(whole['failure-details'], mostFailures).map(failureOf),
  }
}

function failureOf(said: unknown): ReportedTlsFailure {
  const failure = objectOf(said)
  return {
    type: wordOf(textOf(failure['result-type'])),
    host: domainSaid(textOf(failure['receiving-mx-hostname'])),
    ip: ipOf(textOf(failure['receiving-ip'])),
    count: countOf(failure['failed-session-count']),
    // §4.4 has both names for it.
    text:
      textOf(failure['failure-reason-code']) ||
      textOf(failure['additional-information']) ||
      textOf(failure['additional-info-uri']),
  }
}

function parsed(json: string): unknown {
  if (json.length > mostLetters) throw new BadSyntax('too long', mostLetters)
  try {
    return JSON.parse(json.replace(/^\ufeff/, ''))
  } catch {
    throw new BadSyntax('no JSON', 0)
  }
}

type Fields = Readonly<Record<string, unknown>>

const objectOf = (said: unknown): Fields =>
  typeof said === 'object' && said !== null && !Array.isArray(said) ? (said as Fields) : {}
const listOf = (said: unknown, most: number): readonly unknown[] =>
  Array.isArray(said) ? said.slice(0, most) : []
const textOf = (said: unknown): string => (typeof said === 'string' ? lineOf(said) : '')
const countOf = (said: unknown): number =>
  typeof said === 'number' && Number.isSafeInteger(said) && said > 0 ? said : 0
