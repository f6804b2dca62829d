import type { Uid } from '../../../ports/mail-store.ts'
import type { InMailbox } from '../commands/command.ts'
import { strictTexts, type TextKey, wordsOf } from '../wire/fuzzy.ts'
import type { SearchKey } from '../wire/search-key.ts'
import { runSearch } from './run.ts'

/** Texts that are weighed: each of their words costs a look at every hit. */
const mostTexts = 8

/** How much of a score whole words make; the rest is for the text as it was written. */
const wordsShare = 0.6

/**
 * How well each message answers a fuzzy search: 100 where every text stands there as it was asked for, 1 where no word does but for its
 * ending. RFC 6203 §4.
 */
export async function relevancyOf(
  context: InMailbox,
  key: SearchKey,
  uids: readonly Uid[],
): Promise<ReadonlyMap<Uid, number>> {
  const texts = strictTexts(key).slice(0, mostTexts)
  const found = new Map<Uid, number>(uids.map((uid) => [uid, 0]))
  const among = [...uids].sort((a, b) => a - b)
  for (const text of texts) {
    const words = wordsOf(text.text)
    for (const word of words) {
      await credit(context, found, among, { ...text, text: word }, wordsShare / words.length)
    }
    const share = words.length > 0 ? 1 - wordsShare : 1
    await credit(context, found, among, text, share)
  }
  const most = Math.max(1, texts.length)
  return new Map(
    [...found].map(([uid, sum]) => [uid, texts.length === 0 ? 100 : 1 + Math.round((99 * sum) / most)]),
  )
}

async function credit(
  context: InMailbox,
  found: Map<Uid, number>,
  among: readonly Uid[],
  key: TextKey,
  share: number,
): Promise<void> {
  const ranges = among.map((uid) => ({ first: uid, last: uid }))
  const within = { kind: 'uids' as const, set: { kind: 'ranges' as const, ranges } }
  for (const uid of await runSearch(context, { kind: 'and', keys: [within, key] })) {
    found.set(uid, (found.get(uid) ?? 0) + share)
  }
}
