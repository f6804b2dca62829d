import { inflateUpTo } from '../../../lib/documents/inflate.ts'
import { unzip, zipEntries } from '../../../lib/documents/zip.ts'
import { asBuffer } from '../../../lib/mime/octets.ts'
import { nextTurn } from '../../../platform/next-turn.ts'

/** Unpacked. The largest that big providers send are a few MB. */
const mostOctets = 10 * 1024 * 1024

type Unpacked =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: string }

/** The text of a report, however it is packed: by its first octets, since types and names are often wrong. */
export async function unpack(packed: Uint8Array): Promise<Unpacked> {
  const octets = await unpacked(asBuffer(packed))
  if (octets === undefined) return { kind: 'refused', why: 'cannot be unpacked' }
  if (octets.length > mostOctets) return { kind: 'refused', why: 'is too large when it is unpacked' }
  return { kind: 'text', text: await textOf(octets) }
}

const pieceOctets = 256 * 1024

/** Others have their turn in between: ten megabytes at once would keep them waiting. */
async function textOf(octets: Buffer): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for (let from = 0; from < octets.length; from += pieceOctets) {
    text += decoder.decode(octets.subarray(from, from + pieceOctets), { stream: true })
    await nextTurn()
  }
  return text + decoder.decode()
}

async function unpacked(packed: Buffer): Promise<Buffer | undefined> {
  if (packed[0] === 0x1f && packed[1] === 0x8b) return inflateUpTo(packed, 'gzip', mostOctets + 1)
  if (packed.toString('latin1', 0, 4) !== 'PK\u0003\u0004') return packed
  const entries = zipEntries(packed)
  const entry = entries.find(({ name }) => /\.(?:xml|json)$/i.test(name)) ?? entries[0]
  return entry && unzip(packed, entry, mostOctets + 1)
}
