import type { Service } from '../../ports/runtime.ts'
import { type LettersParts, Sender } from './sender.ts'

const lookAgainMs = 60_000

/** Writes to people what is due in the directory: a welcome to who is new, and announcements. */
export function createLetterService(parts: LettersParts): Service {
  const { due, clock, log } = parts
  const sender = new Sender(parts)
  const ending = new AbortController()
  let wake = new AbortController()
  let unwatch: (() => void) | undefined
  let running: Promise<void> = Promise.resolve()

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      wake = new AbortController()
      await sender.send(ending.signal).catch((cause: unknown) => log.error('letters.wait', cause))
      await clock.sleep(lookAgainMs, AbortSignal.any([ending.signal, wake.signal]))
    }
  }
  const end = async () => {
    unwatch?.()
    ending.abort()
    await running
  }
  return {
    name: 'letters',
    start: async () => {
      unwatch = due.watch(() => wake.abort())
      running = run()
    },
    drain: end,
    stop: end,
  }
}
