import { nextTurn } from '../../../platform/next-turn.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import { pick } from '../search/in-slices.ts'
import { ColumnReader } from '../search/sort-order.ts'
import { threadsOf } from '../search/thread.ts'
import { writeForest } from '../search/thread-forest.ts'
import type { Threadable } from '../search/thread-links.ts'
import { refusalOver, searchedCount } from '../selected/message-limit.ts'
import type { Naming } from '../selected/resolve.ts'
import type { Decoder } from '../wire/decoder.ts'
import { type ThreadArguments, threadArguments } from '../wire/search-arguments.ts'
import { type InMailbox, inMailbox } from './command.ts'
import { done, type Reply } from './replies.ts'
import { named } from './search-results.ts'
import { refusal, searchSelected, textReader } from './searching.ts'

/** RFC 5256 §3. */
export const thread = inMailbox({
  needs: [],
  hazards: { usesSequenceNumbers: true, shiftsSequence: 'never' },
  parse,
  run: (context, args) => threadThese(context, args, 'number'),
})

export const uidThread = inMailbox({
  needs: [],
  // Its keys may name messages by number.
  hazards: { usesSequenceNumbers: true },
  parse,
  run: (context, args) => threadThese(context, args, 'uid'),
})

function parse(d: Decoder): ThreadArguments {
  return threadArguments(d, textReader)
}

async function threadThese(context: InMailbox, args: ThreadArguments, naming: Naming): Promise<Reply> {
  const { session, selected } = context
  const refused = refusal(args) ?? refusalOver(session, searchedCount(session, selected, args.key))
  if (refused) return refused
  const found = await searchSelected(context, args.key, naming)
  const reader = new ColumnReader(context, found, 'messageIds')
  const { uids, threadable } = await readThreadable(reader, found)
  reader.done()
  const forest = await threadsOf(args.algorithm, threadable)
  const names = await named(context, uids, naming)
  const { out } = context.session
  out.text(names.length > 0 ? '* THREAD ' : '* THREAD')
  for (const piece of writeForest(forest, (message) => names[message] ?? 0)) {
    out.text(piece)
    await nextTurn()
  }
  out.text('\r\n')
  return done()
}

async function readThreadable(
  reader: ColumnReader,
  found: readonly Uid[],
): Promise<{ uids: readonly Uid[]; threadable: Threadable }> {
  const dates = await reader.dates()
  const subjects = await reader.ranked('baseSubject')
  const ranks = await subjects.ranks()
  const replies = await reader.numbers('isReply')
  const ids = await reader.messageIds()
  const positions = reader.columns.positionsOf(found)
  const all = reader.columns.uids
  const at = (message: number): number => positions[message] ?? 0
  return {
    uids: [...pick(all, positions)],
    threadable: {
      count: positions.length,
      dates: pick(dates, positions),
      idsOf: (message) => ids.at(at(message)),
      subjectOf: (message) => (subjects.isEmptyAt(at(message)) ? undefined : ranks[at(message)]),
      isReply: (message) => replies[at(message)] === 1,
    },
  }
}
