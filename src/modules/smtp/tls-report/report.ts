import { gzipSync } from 'node:zlib'
import { fileLetter } from '../../../lib/mime/file-letter.ts'
import type { PolicyFound } from '../tls-policy/tls-need.ts'
import type { DayResults } from './results.ts'

export interface ReportedDay {
  readonly domain: string
  /** `2026-11-21`, UTC. */
  readonly day: string
  readonly results: readonly DayResults[]
  /** Who reports. */
  readonly hostname: string
  readonly contact: string
  readonly id: string
}

/** What TLS with a domain came to on one day. RFC 8460 §4.4. */
export function reportOf({ domain, day, results, hostname, contact, id }: ReportedDay): object {
  return {
    'organization-name': hostname,
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': contact,
    'report-id': id,
    policies: results.map(({ policy, successes, failures }) => ({
      policy: policyOf(policy, domain),
      summary: {
        'total-successful-session-count': successes,
        'total-failure-session-count': failures.reduce((sum, { count }) => sum + count, 0),
      },
      'failure-details': failures.map(({ type, host, ip, text, count }) => ({
        'result-type': type,
        'receiving-mx-hostname': host,
        ...(ip === undefined ? {} : { 'receiving-ip': ip }),
        'failed-session-count': count,
        // RFC 8460 §4.4: free text stands here; additional-information would be a URI.
        'failure-reason-code': text,
      })),
    })),
  }
}

function policyOf(policy: PolicyFound, domain: string): object {
  const named = { 'policy-type': policy.type, 'policy-domain': domain }
  switch (policy.type) {
    case 'no-policy-found':
      return named
    case 'tlsa':
      return { ...named, 'policy-string': policy.strings }
    case 'sts': {
      const { mode, maxAge, mx } = policy.policy
      const strings = [
        'version: STSv1',
        `mode: ${mode}`,
        ...mx.map((name) => `mx: ${name}`),
        `max_age: ${maxAge}`,
      ]
      return { ...named, 'policy-string': strings, 'mx-host': mx }
    }
  }
}

export const gzipped = (report: object): Buffer => gzipSync(JSON.stringify(report))

/** The message that carries it. RFC 8460 §5.3. */
export function reportMail(reported: ReportedDay, to: string, now: number): Buffer {
  const { domain, day, hostname, id, contact } = reported
  const start = Date.parse(`${day}T00:00:00Z`) / 1000
  return fileLetter({
    from: `TLS reports <${contact}>`,
    to,
    subject: `Report Domain: ${domain}\r\n Submitter: ${hostname}\r\n Report-ID: <${id}>`,
    now,
    id,
    fields: [`TLS-Report-Domain: ${domain}`, `TLS-Report-Submitter: ${hostname}`],
    type: 'multipart/report; report-type="tlsrpt"',
    text: [`What TLS with the mail servers of ${domain} came to on ${day} (RFC 8460).`],
    file: {
      name: `${hostname}!${domain}!${start}!${start + 86_399}.json.gz`,
      type: 'application/tlsrpt+gzip',
      octets: gzipped(reportOf(reported)),
    },
  })
}

/** Where a domain wants its reports: RFC 8460 §3. One record, or none counts. */
export function reportAddresses(texts: readonly string[]): readonly string[] {
  const records = texts.filter((text) => /^v=TLSRPTv1\s*;/.test(text))
  const [, rua = ''] = /;\s*rua\s*=\s*([^;]+)/.exec(records[0] ?? '') ?? []
  return records.length === 1 ? rua.split(',').map((each) => each.trim()) : []
}
