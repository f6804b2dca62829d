import type { MessageIndex } from '../../lib/mime/message-index.ts'
import { ErrandThread } from '../../platform/errand-thread.ts'
import { type Looked, look, type Sight } from './looking.ts'

/** What is looked at of a large message: the header and the first parts. */
export const octetsRead = 512 * 1024
/** Octets of text, and parts, that take some milliseconds, however they are made up. */
const quickOctets = 64 * 1024
const quickParts = 200
/** The rest is looked at for nothing but names of files. */
const mostParts = 2000

/** Looks at messages; what would keep everybody else waiting, on another thread. */
export class Looker {
  readonly #aside = new ErrandThread<Sight, Looked>(
    new URL('./looking.worker.ts', import.meta.url),
    'spam-reader',
  )

  async look(sight: Sight): Promise<Looked> {
    if (isQuick(sight)) return look(sight)
    const { index } = sight
    const fewer = index && { ...index, parts: index.parts.slice(0, mostParts) }
    return this.#aside.run({ ...sight, index: fewer })
  }
}

function isQuick({ octets, index }: Sight): boolean {
  if (!index) return octets.length <= quickOctets
  return (
    index.parts.length <= quickParts && index.headerBytes <= quickOctets && readable(index) <= quickOctets
  )
}

/** Octets of what a person reads. Names of charsets that nobody has by heart take ten times as long to be read. */
function readable({ parts }: MessageIndex): number {
  let sum = 0
  for (const { type, charset, bodyStart, bodyEnd } of parts)
    if (type.startsWith('text/')) sum += (bodyEnd - bodyStart) * (isSlow(charset) ? 10 : 1)
  return sum
}

const isSlow = (charset: string | undefined): boolean =>
  charset !== undefined && !/^(?:utf-?8|us-ascii|iso-8859-\d+|windows-125\d)$/.test(charset)
