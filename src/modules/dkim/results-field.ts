import type { AuthChecks, BimiCheck } from '../../ports/mail-authentication.ts'
import type { CheckedSignature } from './signature/check.ts'

export interface ResultsFacts {
  /** Our name: the authserv-id. */
  readonly hostname: string
  readonly checks: AuthChecks
  readonly signatures: readonly CheckedSignature[]
  readonly ip: string
  /** MAIL FROM, or the name in HELO. */
  readonly sender: string
}

/** What was found, as Authentication-Results says it, without the field's name: lines joined by CRLF and a tab. RFC 8601 §2.2. */
export function resultsText({ hostname, checks, signatures, ip, sender }: ResultsFacts): string {
  const { spf, dmarc, arc, iprev, bimi } = checks
  const parts = [
    hostname,
    result('iprev', iprev.result, '', [['policy.iprev', ip]], iprev.name),
    result('spf', spf.result, spf.why, [[spf.identity === 'helo' ? 'smtp.helo' : 'smtp.mailfrom', sender]]),
    ...(signatures.length === 0 ? ['dkim=none'] : signatures.map(dkimResult)),
    result('dmarc', dmarc.result, dmarc.why, [
      ['header.from', dmarc.author],
      ['policy.dmarc', dmarc.policyDomain && dmarc.policy],
    ]),
    result(
      'arc',
      arc.result,
      arc.why,
      [],
      arc.sealers.length > 0 ? `sealed by ${arc.sealers.join(', ')}` : '',
    ),
    // Hardly anybody has one: that is not worth a line in every message.
    ...(bimi && bimi.result !== 'none' ? [bimiResult(bimi)] : []),
  ]
  return parts.join(';\r\n\t')
}

function dkimResult({
  result: outcome,
  why,
  domain,
  selector,
  identity,
  algorithm,
  signature,
}: CheckedSignature): string {
  const properties = [
    ['header.d', domain],
    ['header.i', identity],
    ['header.s', selector],
    ['header.a', algorithm],
    // RFC 6008: enough of it to tell signatures apart.
    ['header.b', signature.slice(0, 8)],
  ] as const
  return result('dkim', outcome, why, properties)
}

/** draft-brand-indicators-for-message-identification §7.7: nobody has looked at the certificate. */
function bimiResult({ result: outcome, domain, selector, indicator, evidence }: BimiCheck): string {
  return result('bimi', outcome, '', [
    ['header.d', domain],
    ['header.selector', selector],
    ['policy.authority', outcome === 'pass' ? 'none' : ''],
    ['policy.authority-uri', evidence],
    ['policy.indicator-uri', indicator],
  ])
}

function result(
  method: string,
  outcome: string,
  why: string,
  properties: readonly (readonly [string, string])[],
  comment = '',
): string {
  const remark = comment === '' ? [] : [`(${comment.replace(/[^\w ,.:-]/g, '?').slice(0, 200)})`]
  const reason = why === '' ? [] : [`reason=${quoted(why)}`]
  const said = properties.filter(([, text]) => text !== '').map(([name, text]) => `${name}=${value(text)}`)
  return inLines([`${method}=${outcome}`, ...remark, ...reason, ...said])
}

const lineLength = 76

function inLines(words: readonly string[]): string {
  return words.reduce((text, word) => {
    const line = text.length - text.lastIndexOf('\n')
    return `${text}${line + word.length > lineLength ? '\r\n\t' : ' '}${word}`
  })
}

const token = /^[!#$%&'*+\-.^_`|~\w]+$/
const address = /^[!#$%&'*+\-.^_`|~\w=/]+@[\w.-]+$/

/** What strangers wrote: printable ASCII, and no longer than a line. */
function value(text: string): string {
  const safe = text.replace(/[^!-~]/g, '?').slice(0, 300)
  return token.test(safe) || address.test(safe) ? safe : quoted(safe)
}

const quoted = (text: string) =>
  `"${text
    .replace(/[^ -~]/g, '?')
    .replace(/["\\]/g, '\\$&')
    .slice(0, 300)}"`
