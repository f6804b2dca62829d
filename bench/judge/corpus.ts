import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One message of the corpus, as each judge is shown it. */
export interface CorpusMessage {
  readonly id: number
  readonly as: 'ham' | 'spam'
  readonly octets: Buffer
  /** UTC milliseconds, of the last hop; 0 where nothing can be read. */
  readonly at: number
  /** Address in From, in lower case. */
  readonly sender: string
}

/** Fields by which the two classes were collected, and not written: a classifier that learns them learns nothing. */
const traces =
  /^(?:received|return-path|delivered-to|delivery-date|x-spam[^:]*|list-[^:]*|x-beenthere|x-mailman[^:]*|errors-to|sender|x-loop|precedence|date|x-egroups[^:]*|mailing-list|x-yahoo[^:]*|x-original-(?:date|to)|x-pyzor|envelope-to|x-(?:mailing)?list[^:]*|(?:x-)?status|x-keywords|x-uidl?|old-return-path|resent-[^:]*|replied|forwarded|x-mimetrack|x-authentication-warning):.*\r\n(?:[ \t].*\r\n)*/gim

/** The SpamAssassin public corpus, unpacked: folders `easy-ham-1` … `spam-2`, a file a message. */
export function readCorpus(folder: string): CorpusMessage[] {
  const found: CorpusMessage[] = []
  for (const part of readdirSync(folder).sort()) {
    const as = /spam-\d+$/.test(part) ? 'spam' : 'ham'
    for (const file of readdirSync(join(folder, part)).sort())
      found.push({ id: found.length, as, ...readOne(readFileSync(join(folder, part, file))) })
  }
  return found
}

function readOne(file: Buffer): Omit<CorpusMessage, 'id' | 'as'> {
  const text = file
    .toString('latin1')
    .replace(/^From .*\n/, '')
    .replace(/\r?\n/g, '\r\n')
  const body = text.indexOf('\r\n\r\n') + 2
  const header = text.slice(0, body)
  const stamp = /^received:[^;]*?;\s*([^\r]+)/im.exec(header)?.[1] ?? /^date:\s*([^\r]+)/im.exec(header)?.[1]
  const from = /^from:.*?([^\s<>"]+@[^\s<>"]+)/im.exec(header)?.[1] ?? ''
  return {
    octets: Buffer.from(header.replace(traces, '') + text.slice(body), 'latin1'),
    at: Date.parse(stamp?.replace(/\(.*/, '') ?? '') || 0,
    sender: from.toLowerCase(),
  }
}
