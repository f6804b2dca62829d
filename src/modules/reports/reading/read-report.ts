import { BadSyntax } from '../../../lib/bad-syntax.ts'
import type { DmarcReport } from '../dmarc-report.ts'
import type { TlsReport } from '../tls-report.ts'
import { readDmarcXml } from './dmarc-xml.ts'
import { readTlsJson } from './tls-json.ts'
import { unpack } from './unpack.ts'

export type ReadReport =
  | { readonly kind: 'dmarc'; readonly report: DmarcReport }
  | { readonly kind: 'tls'; readonly report: TlsReport }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Of a file as it was attached. */
export async function readReport(octets: Uint8Array): Promise<ReadReport> {
  const unpacked = await unpack(octets)
  if (unpacked.kind === 'refused') return { kind: 'unreadable', why: unpacked.why }
  try {
    return /^\ufeff?\s*\{/.test(unpacked.text.slice(0, 100))
      ? { kind: 'tls', report: readTlsJson(unpacked.text) }
      : { kind: 'dmarc', report: await readDmarcXml(unpacked.text) }
  } catch (cause) {
    if (!(cause instanceof BadSyntax)) throw cause
    return { kind: 'unreadable', why: cause.message }
  }
}
