import type { Clock, Log, Service } from '../../ports/runtime.ts'

interface Parts {
  readonly clock: Clock
  readonly log: Log
}

interface Round {
  readonly name: string
  /** Between two; half as long to one and a half times that. */
  readonly everyMs: number
  readonly run: (signal: AbortSignal) => Promise<void>
}

/** Does something again and again, from the start on. */
export function rounds({ clock, log }: Parts, { name, everyMs, run }: Round): Service {
  const ending = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const go = async () => {
    while (!ending.signal.aborted) {
      await run(ending.signal).catch((cause: unknown) => log.error(`${name}.failed`, cause))
      await clock.sleep(everyMs * (0.5 + Math.random()), ending.signal)
    }
  }
  const end = async () => {
    ending.abort()
    await running
  }
  return {
    name,
    start: async () => {
      running = go()
    },
    drain: end,
    stop: end,
  }
}
