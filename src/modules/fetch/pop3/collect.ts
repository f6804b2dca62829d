import type { Standing } from '../bookmarks.ts'
import { troubleOf, troubles } from '../trouble.ts'
import type { Visit } from '../visit.ts'
import { Pop3Client } from './client.ts'

/** After so many it is written down which were taken. */
const notedAfter = 50

/** Takes what is new in a POP3 mailbox. */
export async function collectByPop3(visit: Visit): Promise<void> {
  const { job, place, signal } = visit.parts
  let client: Pop3Client | undefined
  try {
    client = await Pop3Client.open(place, job.tls, signal)
    await client.signIn(job.username, job.password)
    await collectAll(visit, client)
  } catch (cause) {
    visit.mayGoOn()
    throw troubleOf(cause, place) ?? cause
  } finally {
    client?.close()
  }
}

async function collectAll(visit: Visit, client: Pop3Client): Promise<void> {
  const { job, origin, place, bookmarks } = visit.parts
  const sizes = await client.sizes()
  const names = await client.names()
  // Without names each visit would bring everything again.
  if (names === undefined && job.keep) throw troubles.numberless(place)
  const known = await bookmarks.standings(origin, [...(names?.values() ?? [])])
  const news = new Map<string, Standing>()
  const gone: string[] = []
  try {
    for (const [number, size] of sizes) {
      const name = names?.get(number)
      const standing = name === undefined ? undefined : known.get(name)
      const goes =
        standing !== 'stays' && (await collectOne(visit, client, { number, size, name, standing }, news))
      if (goes && name !== undefined) gone.push(name)
      if (news.size >= notedAfter) await note(visit, news)
    }
  } finally {
    await note(visit, news)
  }
  await client.quit()
  // RFC 1939 §7: what is named like them from now on is another message.
  await bookmarks.forget(origin, gone)
}

/** Whether it goes there with the end of the visit. */
async function collectOne(
  visit: Visit,
  client: Pop3Client,
  item: Item,
  news: Map<string, Standing>,
): Promise<boolean> {
  const { job, place } = visit.parts
  visit.mayGoOn()
  const { name, number, standing } = item
  const { isTaken, isWhole } = standing === 'taken' ? before : await takeOne(visit, client, item)
  const goes = isTaken && !job.keep
  if (name !== undefined) news.set(name, goes ? 'taken' : 'stays')
  // It is longer than the server said, who is in the middle of it: nothing more can be asked.
  if (!isWhole) throw troubles.odd(place, 'POP3')
  if (goes) await client.delete(number)
  return goes
}

async function note({ parts: { origin, bookmarks } }: Visit, news: Map<string, Standing>): Promise<void> {
  await bookmarks.setStandings(origin, news)
  news.clear()
}

interface Item {
  readonly number: number
  readonly size: number
  readonly name: string | undefined
  readonly standing: Standing | undefined
}

interface Seen {
  readonly isTaken: boolean
  /** It was read to its end. */
  readonly isWhole: boolean
}

/** It could not be deleted there when it was taken. */
const before: Seen = { isTaken: true, isWhole: true }

async function takeOne(visit: Visit, client: Pop3Client, { number, size, name }: Item): Promise<Seen> {
  const { taker } = visit.parts
  if (size > taker.largest) {
    visit.note(taker.tooLarge(size))
    return { isTaken: false, isWhole: true }
  }
  const reading = { isWhole: false }
  const taken = await taker.take(
    { place: name, mailbox: 'INBOX', flags: [], receivedAt: undefined },
    wholly(client.retrieve(number), reading),
  )
  visit.note(taken)
  return { isTaken: taken.kind === 'taken', isWhole: reading.isWhole }
}

async function* wholly(
  octets: AsyncIterable<Uint8Array>,
  reading: { isWhole: boolean },
): AsyncIterable<Uint8Array> {
  yield* octets
  reading.isWhole = true
}
