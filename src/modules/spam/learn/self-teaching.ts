import type { Clock, Log } from '../../../ports/runtime.ts'
import type { Judgement } from '../../../ports/spam-judge.ts'
import type { SpamMemory } from '../memory/memory.ts'
import { isExperience } from '../verdict.ts'
import type { Tokens } from './tokens.ts'

interface Teaching {
  readonly memory: () => Pick<SpamMemory, 'teachItself'>
  readonly clock: Clock
  readonly log: Log
  readonly autolearn: boolean
}

/** A lesson is some thousand rows to write: mail goes first. */
const everyMs = 1_000

/** Teaches the filter what it is sure of itself, behind the reply and seldom; what comes meanwhile teaches nothing. */
export class SelfTeaching {
  readonly #parts: Teaching
  #next = 0

  constructor(parts: Teaching) {
    this.#parts = parts
  }

  note(tokens: Tokens, judgement: Judgement): void {
    const { memory, clock, log, autolearn } = this.#parts
    const spam = autolearn ? ownLesson(judgement) : undefined
    const now = clock.now()
    if (spam === undefined || now < this.#next) return
    this.#next = now + everyMs
    void memory()
      .teachItself(tokens, spam, now)
      .catch((cause) => log.error('spam.learning-failed', cause))
  }
}

/** From there everybody's standard threshold files it into Junk, where its owner can say that it is wrong. */
const asSpam = 13
/** Of which so many are by what nobody has taught. */
const proven = 8
/** Mailu's. */
const asHam = -0.5

/** Its reader has written to this sender, whose name is proven. */
const acquaintance = 'KNOWN_SENDER'
/** An answer is found by an identifier that everybody knows who saw the message answered, in the archive of a list too. */
const isFromOurMail = new Set(['REPLY', acquaintance])

/**
 * Whether the filter may teach itself that a message is spam (true) or wanted (false): only where signs that it was not taught say so, for
 * all who get it. Wanted is only what acquaintances send: proven names and harmless looks cost spammers nothing.
 */
export function ownLesson({
  action,
  forcedBy,
  score,
  reasons,
  personal = [],
}: Judgement): boolean | undefined {
  if (action === 'later' || forcedBy !== undefined) return undefined
  // What experience says of itself is no news to it.
  const signs = reasons.filter(({ name }) => isFromOurMail.has(name) || !isExperience(name))
  const points = signs.reduce((sum, sign) => sum + sign.score, 0)
  const scores = [score, ...personal.map((one) => one.score)]
  const isOurs = signs.some(({ name }) => isFromOurMail.has(name))
  const isKnown = signs.some(({ name }) => name === acquaintance)
  if (!isOurs && points >= proven && Math.min(...scores) >= asSpam) return true
  return isKnown && points <= asHam && Math.max(...scores) <= asHam ? false : undefined
}
