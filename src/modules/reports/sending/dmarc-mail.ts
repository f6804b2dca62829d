import type { Address } from '../../../lib/address.ts'
import { formatMessageDate } from '../../../lib/mime/date.ts'
import { encodePhrase } from '../../../lib/mime/encoded-word.ts'
import type { DmarcReport } from '../dmarc-report.ts'

interface Letter {
  readonly report: Pick<DmarcReport, 'domain' | 'begin' | 'end' | 'reportId' | 'org'>
  readonly packed: Uint8Array
  readonly from: Address
  readonly to: Address
  /** Our domain: who reports. */
  readonly submitter: string
  readonly now: number
}

/** The message that carries a report. RFC 9990 §3.5.2. */
export function dmarcMail({ report, packed, from, to, submitter, now }: Letter): Buffer {
  const { domain, begin, end, reportId, org } = report
  const boundary = `=_${reportId.replace(/[^a-z\d]/gi, '').slice(0, 40)}`
  const file = `${submitter}!${domain}!${begin}!${end}.xml.gz`
  const day = new Date(begin * 1000).toISOString().slice(0, 10)
  const body = Buffer.from(packed)
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\r\n')
  const lines = [
    `From: ${encodePhrase(org)} <${from}>`,
    `To: <${to}>`,
    `Subject: Report Domain: ${domain}\r\n Submitter: ${submitter}\r\n Report-ID: <${reportId}>`,
    `Date: ${formatMessageDate(now)}`,
    `Message-ID: <${reportId}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed;\r\n boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    `What arrived at ${submitter} in the name of ${domain} on ${day} (UTC),`,
    'for programs that read reports of DMARC (RFC 9990).',
    '',
    `--${boundary}`,
    'Content-Type: application/gzip',
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment;\r\n filename="${file}"`,
    '',
    body,
    `--${boundary}--`,
    '',
  ]
  return Buffer.from(lines.join('\r\n'))
}
