import { base64Lines } from './base64-lines.ts'
import { formatMessageDate } from './date.ts'

interface FileLetter {
  /** Display name, encoded where it has to be, and address. */
  readonly from: string
  readonly to: string
  /** With what is folded folded already. */
  readonly subject: string
  readonly now: number
  /** Of the message, and what its boundary is made of. */
  readonly id: string
  /** More fields of the header. */
  readonly fields?: readonly string[]
  /** The type of the whole, without its boundary. */
  readonly type: string
  /** For people: ASCII. */
  readonly text: readonly string[]
  readonly file: { readonly name: string; readonly type: string; readonly octets: Uint8Array }
}

/** A letter that one program writes to another: a few words and a file. */
export function fileLetter({
  from,
  to,
  subject,
  now,
  id,
  fields = [],
  type,
  text,
  file,
}: FileLetter): Buffer {
  const boundary = `=_${id.replace(/[^a-z\d]/gi, '').slice(0, 40)}`
  const lines = [
    `From: ${from}`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${formatMessageDate(now)}`,
    `Message-ID: <${id}>`,
    'Auto-Submitted: auto-generated',
    ...fields,
    'MIME-Version: 1.0',
    `Content-Type: ${type};\r\n boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    ...text,
    '',
    `--${boundary}`,
    `Content-Type: ${file.type}`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment;\r\n filename="${file.name}"`,
    '',
    base64Lines(file.octets),
    `--${boundary}--`,
    '',
  ]
  return Buffer.from(lines.join('\r\n'))
}
