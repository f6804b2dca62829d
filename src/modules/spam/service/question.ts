import type { Address, DomainName } from '../../../lib/address.ts'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import type { Destination } from '../../../ports/addresses.ts'
import type { Arrival } from '../../../ports/intake.ts'
import type { Lesson } from '../../../ports/lessons.ts'
import type { AuthReport } from '../../../ports/mail-authentication.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import type { SenderSayings } from '../../../ports/sender-lists.ts'

/**
 * What one Homepost asks another: `POST /homepost/1/judge` or `/homepost/1/learn`. The body is a text in JSON, of as many octets as
 * `Homepost-Question` says, and behind it the octets that it speaks of. The number in the path changes with the meaning.
 */
export const paths = { judge: '/homepost/1/judge', learn: '/homepost/1/learn' } as const
export const lengthField = 'homepost-question'

/** Behind it: the whole message. */
export interface JudgeQuestion {
  readonly arrival: Omit<Arrival, 'message'>
  readonly report: AuthReport
  /** Whoever asks has the directory: what is his, and where mail for each address goes. */
  readonly ours: readonly DomainName[]
  readonly destinations: readonly (readonly [Address, Destination | TryLater])[]
  /** What is said of its sender. */
  readonly said: Awaited<ReturnType<SenderSayings['said']>>
}

/** Behind it: the messages, one after the other. */
export interface LearnQuestion {
  readonly lessons: readonly (Lesson & { readonly octets: number })[]
}

/** Envelope and report; a thousand recipients need a tenth of it. */
const longestQuestion = 4 * 1024 * 1024
/** More than any lesson has; the judge reads no further. */
const longestLesson = 4 * 1024 * 1024

export async function readJudgeQuestion(length: string | null, body: Octets): Promise<JudgeQuestion> {
  const question = (await readText(length, body)) as Partial<JudgeQuestion>
  if (
    !question.arrival ||
    !question.report ||
    !Array.isArray(question.destinations) ||
    !Array.isArray(question.ours) ||
    !Array.isArray(question.said)
  )
    throw new BadSyntax('no question about a message', 0)
  return question as JudgeQuestion
}

export async function readLearnQuestion(length: string | null, body: Octets): Promise<LearnQuestion> {
  const { lessons } = (await readText(length, body)) as Partial<LearnQuestion>
  const isLesson = (lesson: Partial<LearnQuestion['lessons'][number]> | null) =>
    Number.isSafeInteger(lesson?.octets) && Number(lesson?.octets) <= longestLesson
  if (!Array.isArray(lessons) || !lessons.every(isLesson)) throw new BadSyntax('no lessons', 0)
  return { lessons }
}

/** The text at the front of a body. */
async function readText(length: string | null, body: Octets): Promise<object> {
  const octets = /^\d{1,8}$/.test(length ?? '') ? Number(length) : 0
  if (octets < 2 || octets > longestQuestion) throw new BadSyntax('no question', 0)
  const text = Buffer.from(await body.take(octets)).toString()
  try {
    const question: unknown = JSON.parse(text)
    if (typeof question === 'object' && question !== null) return question
  } catch {
    throw new BadSyntax('the question is not JSON', 0)
  }
  throw new BadSyntax('the question is no object', 0)
}

/** A body that arrives in pieces. */
export class Octets {
  readonly #chunks: AsyncIterator<Uint8Array>
  #held: Uint8Array = new Uint8Array()

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** So many, and not fewer. */
  async take(count: number): Promise<Uint8Array> {
    const taken: Uint8Array[] = []
    let missing = count
    while (missing > 0) {
      const chunk = this.#held.length > 0 ? this.#held : await this.#next()
      if (chunk === undefined) throw new BadSyntax('the body is too short', count - missing)
      taken.push(chunk.subarray(0, missing))
      this.#held = chunk.subarray(missing)
      missing -= Math.min(missing, chunk.length)
    }
    return new Uint8Array(Buffer.concat(taken))
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.#held.length > 0) yield this.#held
    this.#held = new Uint8Array()
    for (let chunk = await this.#next(); chunk; chunk = await this.#next()) yield chunk
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#chunks.next()
    return done ? undefined : value
  }
}
