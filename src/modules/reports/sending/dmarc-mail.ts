import type { Address } from '../../../lib/address.ts'
import { encodePhrase } from '../../../lib/mime/encoded-word.ts'
import { fileLetter } from '../../../lib/mime/file-letter.ts'
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
  const day = new Date(begin * 1000).toISOString().slice(0, 10)
  return fileLetter({
    from: `${encodePhrase(org)} <${from}>`,
    to,
    subject: `Report Domain: ${domain}\r\n Submitter: ${submitter}\r\n Report-ID: <${reportId}>`,
    now,
    id: reportId,
    type: 'multipart/mixed',
    text: [
      `What arrived at ${submitter} in the name of ${domain} on ${day} (UTC),`,
      'for programs that read reports of DMARC (RFC 9990).',
    ],
    file: {
      name: `${submitter}!${domain}!${begin}!${end}.xml.gz`,
      type: 'application/gzip',
      octets: packed,
    },
  })
}
