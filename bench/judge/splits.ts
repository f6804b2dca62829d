import { createRandom, type Random } from '../load/random.ts'
import type { CorpusMessage } from './corpus.ts'

/** Who is taught in which order, and who is judged. */
export interface Split {
  readonly name: string
  readonly taught: readonly CorpusMessage[]
  readonly asked: readonly CorpusMessage[]
}

/** Halves at random, and two that are harder; those at random so many times. */
export function splitsOf(messages: readonly CorpusMessage[], times: number): Split[] {
  const seeds = Array.from({ length: times }, (_, at) => at + 1)
  return [
    ...seeds.map((seed) => halves(messages, seed)),
    byTime(messages),
    ...seeds.map((seed) => unseenSenders(messages, seed)),
  ]
}

function halves(messages: readonly CorpusMessage[], seed: number): Split {
  const random = createRandom(seed)
  return split('halves', messages, random, () => random.next() < 0.5)
}

/** The older half of each class is taught. */
function byTime(messages: readonly CorpusMessage[]): Split {
  const older = new Set<CorpusMessage>()
  for (const as of ['ham', 'spam'] as const) {
    const dated = messages
      .filter((one) => one.as === as && one.at > 0)
      .sort((one, other) => one.at - other.at)
    for (const one of dated.slice(0, dated.length / 2)) older.add(one)
  }
  const known = messages.filter(({ at }) => at > 0)
  return split('older, then newer', known, createRandom(1), (one) => older.has(one))
}

/** Who is judged has not been heard of. */
function unseenSenders(messages: readonly CorpusMessage[], seed: number): Split {
  const random = createRandom(seed)
  const isTaught = new Map<string, boolean>()
  for (const { sender } of messages) if (!isTaught.has(sender)) isTaught.set(sender, random.next() < 0.5)
  return split('senders unseen', messages, random, ({ sender }) => isTaught.get(sender) ?? false)
}

function split(
  name: string,
  messages: readonly CorpusMessage[],
  random: Random,
  isTaught: (message: CorpusMessage) => boolean,
): Split {
  const taught: CorpusMessage[] = []
  const asked: CorpusMessage[] = []
  for (const message of messages) (isTaught(message) ? taught : asked).push(message)
  return { name, taught: shuffled(taught, random), asked }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, order: random.next() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item)
}
