import type { Clock } from '../ports/runtime.ts'

/** Node fires a timer of more milliseconds than this at once. */
const longestTimer = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    let left = ms
    while (left > longestTimer && signal?.aborted !== true) {
      await wait(longestTimer, signal)
      left -= longestTimer
    }
    await wait(left, signal)
  },
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const awake = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', awake)
      resolve()
    }
    const timer = setTimeout(awake, ms)
    signal?.addEventListener('abort', awake, { once: true })
  })
}
