/** How long somebody who was deleted can be taken back, with all mail. */
export const undoDays = 14
const dayMs = 24 * 3600 * 1000

/** When he is gone for good. */
export const goneAt = (now: number): number => now + undoDays * dayMs
