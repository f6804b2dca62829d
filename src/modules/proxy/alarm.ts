import type { Clock } from '../../ports/runtime.ts'

/** Why a sleep ends; without a reason an error is made for each. */
const over = 'over'

/** Calls `late` after `ms`, unless what it returns is called first. */
export function alarm(clock: Clock, ms: number, late: () => void): () => void {
  const off = new AbortController()
  void clock.sleep(ms, off.signal).then(() => {
    if (!off.signal.aborted) late()
  })
  return () => off.abort(over)
}
