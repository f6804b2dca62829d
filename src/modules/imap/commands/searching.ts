import { decodeCharset } from '../../../lib/mime/charset.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import { runSearch } from '../search/run.ts'
import { tellArrivals } from '../selected/news.ts'
import type { Naming } from '../selected/resolve.ts'
import type { Session } from '../session/session.ts'
import type { SearchArguments } from '../wire/search-arguments.ts'
import { leavesOf, type SearchKey } from '../wire/search-key.ts'
import { textOf } from '../wire/text.ts'
import type { InMailbox } from './command.ts'
import { bad, no, type Reply } from './replies.ts'

/** Texts to look for in the octets of every message: each costs a pass over all of them. */
const mostTexts = 100

/** RFC 9051 §6.4.4: strings are of the named charset; of an unknown one the command is refused when it runs. */
export function textReader(charset: string | undefined): (octets: string) => string {
  if (charset === undefined || !isKnown(charset) || /^(?:utf-?8|us-ascii)$/i.test(charset)) return textOf
  return (octets) => decodeCharset(Buffer.from(octets, 'latin1'), charset)
}

function isKnown(charset: string): boolean {
  try {
    return new TextDecoder(charset).encoding !== ''
  } catch {
    return false
  }
}

/** Why this is not searched at all. */
export function refusal({ charset, key }: Pick<SearchArguments, 'charset' | 'key'>): Reply | undefined {
  if (charset !== undefined && !isKnown(charset))
    return no('BADCHARSET (UTF-8 US-ASCII)', 'This charset is not known here')
  const texts = leavesOf(key).filter(({ kind }) => kind === 'body' || kind === 'text')
  return texts.length > mostTexts
    ? no('LIMIT', `At most ${mostTexts} texts can be searched at once`)
    : undefined
}

/** RFC 9755 §3: whoever speaks UTF-8 has no other charset to name. */
export function charsetRefusal(
  session: Session,
  { charset }: Pick<SearchArguments, 'charset'>,
): Reply | undefined {
  return session.enabled.utf8 && charset !== undefined ? bad('UTF8=ACCEPT has a charset already') : undefined
}

/** RFC 7162 §3.1.5: who searches by modification sequence hears of them. */
export function asksModSeq(key: SearchKey): boolean {
  return leavesOf(key).some(({ kind }) => kind === 'modseq')
}

/** The uids that fit, ascending. A client that names uids sees what just came. */
export async function searchSelected(context: InMailbox, key: SearchKey, naming: Naming): Promise<Uid[]> {
  if (naming === 'uid') tellArrivals(context.session, context.selected)
  if (asksModSeq(key)) context.session.enabled.condstore = true
  return await runSearch(context, key)
}
