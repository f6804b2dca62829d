import type { MessagePart } from '../../lib/mime/message-index.ts'
import { ErrandThread } from '../../platform/errand-thread.ts'
import type { ByteRange, MessageRef } from '../../ports/message.ts'
import { headOctets, tailOctets } from './files/attached.ts'
import type { FileFacts } from './files/inspect.ts'
import { type EndsOfFile, type Looked, type LookingErrand, look, type Sight } from './looking.ts'
import { isForbidden } from './rules/file-names.ts'

/** What is looked at of a large message: the header and the first parts. */
export const octetsRead = 512 * 1024
/** Octets of text and of files, and parts, that take some milliseconds, however they are made up. */
const quickOctets = 64 * 1024
const quickFileOctets = 192 * 1024
const quickParts = 200
/** Of what nobody knows yet how it is made up. */
const quickLesson = 8 * 1024
/** The rest is looked at for nothing but forbidden names. */
const mostParts = 2000
const mostLargeFiles = 6

/** Looks at messages; what would keep everybody else waiting, on another thread. */
export class Looker {
  readonly #aside = new ErrandThread<LookingErrand, Looked | FileFacts[]>(
    new URL('./looking.worker.ts', import.meta.url),
    'spam-reader',
  )

  async look(sight: Sight): Promise<Looked> {
    if (isQuick(sight)) return look(sight)
    const { index } = sight
    const parts = index?.parts.filter(
      ({ name }, at) => at < mostParts || (name !== undefined && isForbidden(name)),
    )
    const fewer = index && { ...index, parts: parts ?? [] }
    return (await this.#aside.run({ kind: 'look', sight: { ...sight, index: fewer } })) as Looked
  }

  /** Files that lie behind what is looked at of a large message. */
  async lookBehind(
    message: MessageRef,
    read: (range: ByteRange) => Promise<Uint8Array>,
  ): Promise<FileFacts[]> {
    const parts = message.index.parts.filter((part) => part.bodyEnd > octetsRead && isFile(part))
    const files: EndsOfFile[] = []
    for (const { name, type, encoding, bodyStart, bodyEnd } of parts.slice(0, mostLargeFiles))
      files.push({
        part: { name, type, encoding },
        head: await read({ from: bodyStart, to: Math.min(bodyEnd, bodyStart + headOctets) }),
        tail: await read({ from: Math.max(bodyStart, bodyEnd - tailOctets), to: bodyEnd }),
      })
    return files.length === 0 ? [] : ((await this.#aside.run({ kind: 'ends', files })) as FileFacts[])
  }
}

const isFile = ({ type, disposition }: MessagePart): boolean =>
  !/^(?:multipart|message)\//.test(type) && (!type.startsWith('text/') || disposition === 'attachment')

function isQuick({ octets, index }: Sight): boolean {
  if (!index) return octets.length <= quickLesson
  if (index.parts.length > quickParts || index.headerBytes > quickOctets) return false
  return readable(index.parts) <= quickOctets && fileOctets(index.parts) <= quickFileOctets
}

/** Octets of what a person reads. Names of charsets that nobody has by heart take ten times as long to be read. */
function readable(parts: readonly MessagePart[]): number {
  let sum = 0
  for (const { type, charset, bodyStart, bodyEnd } of parts)
    if (type.startsWith('text/')) sum += (bodyEnd - bodyStart) * (isSlow(charset) ? 10 : 1)
  return sum
}

function fileOctets(parts: readonly MessagePart[]): number {
  return parts
    .filter(isFile)
    .reduce(
      (sum, { bodyStart, bodyEnd }) => sum + Math.min(bodyEnd, octetsRead) - Math.min(bodyStart, octetsRead),
      0,
    )
}

const isSlow = (charset: string | undefined): boolean =>
  charset !== undefined && !/^(?:utf-?8|us-ascii|iso-8859-\d+|windows-125\d)$/.test(charset)
