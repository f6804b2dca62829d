/** The score at which Mailu's percents end. */
const fullScore = 15

/** A score as people set their threshold: whole points of fifteen. Mailu: the stars of X-Spam-Level. */
export function percentOfScore(score: number): number {
  return Math.round((100 * Math.min(fullScore, Math.max(0, Math.floor(score)))) / fullScore)
}
