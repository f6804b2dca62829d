import type { Uid } from '../../ports/mail-store.ts'

/** Ascending and each once, as the same array where it already is. */
export function ascending(uids: readonly Uid[]): readonly Uid[] {
  const sorted = uids.every((uid, index) => index === 0 || uid > (uids[index - 1] ?? 0))
  return sorted ? uids : [...new Set(uids)].sort((a, b) => a - b)
}
