import type { MailClass, TokenCounts } from './token-counts.ts'
import type { Tokens } from './tokens.ts'

/** How strongly a token that was hardly ever seen counts as undecided. Robinson's s. */
const doubt = 0.03
/** Tokens nearer to undecided than this say nothing. */
const leastEvidence = 0.2
/** Neighbours repeat what the words say, so they count less. */
const weightOfPairs = 0.7

/**
 * How much a message looks like spam, above 0, or like ham, below: the log odds of all telling tokens, over the root of their
 * number, so that long messages are no surer than short ones. After Robinson, "A Statistical Approach to the Spam Problem".
 */
export function spamScore({ single, pairs }: Tokens, counts: TokenCounts): number {
  let sum = 0
  let square = 0
  const weigh = (tokens: Int32Array, weight: number) => {
    for (const token of tokens) {
      const probability = counts.probability(token, doubt)
      if (probability === undefined || Math.abs(probability - 0.5) < leastEvidence) continue
      sum += weight * Math.log(probability / (1 - probability))
      square += weight * weight
    }
  }
  weigh(single, 1)
  weigh(pairs, weightOfPairs)
  return square === 0 ? 0 : sum / Math.sqrt(square)
}

/** A message that is known this well teaches nothing more: what is learned all the same makes the classifier blind for the rest. */
const wellKnown = 10

export function isWellKnown(tokens: Tokens, as: MailClass, counts: TokenCounts): boolean {
  const score = spamScore(tokens, counts)
  return (as === 'spam' ? score : -score) >= wellKnown
}

/** Counts a message in, unless it is well known already. False where it was. */
export function learn(tokens: Tokens, as: MailClass, counts: TokenCounts): boolean {
  if (isWellKnown(tokens, as, counts)) return false
  counts.add(allOf(tokens), as, 1)
  return true
}

/** Takes back what `learn` counted. */
export function unlearn(tokens: Tokens, as: MailClass, counts: TokenCounts): void {
  counts.add(allOf(tokens), as, -1)
}

function* allOf({ single, pairs }: Tokens): Generator<number> {
  yield* single
  yield* pairs
}
