import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createProcessGroup, type ProcessGroup } from '../measure/process-group.ts'

/** A server's processes over its restarts; `launch` starts them and resolves when all ports accept. */
export type Life = {
  readonly processes: () => ProcessGroup
  readonly startedInMs: () => number
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

export function createLife(
  name: string,
  options: { logFolder: string; patienceMs: number; launch: (processes: ProcessGroup) => Promise<void> },
): Life {
  let processes: ProcessGroup | undefined
  let startedInMs = 0
  let starts = 0
  const running = (): ProcessGroup => {
    if (processes === undefined) throw new Error(`${name} is not running`)
    return processes
  }
  const stop = async (): Promise<void> => {
    const ending = processes
    processes = undefined
    await ending?.end(options.patienceMs)
  }
  return {
    processes: running,
    startedInMs: () => startedInMs,
    stop,
    async start() {
      starts += 1
      const from = performance.now()
      processes = createProcessGroup(`${name}-${starts}`)
      try {
        await options.launch(processes)
      } catch (cause) {
        await stop()
        throw new Error(`${name} did not start. Its last words:\n${lastWords(options.logFolder)}`, { cause })
      }
      startedInMs = performance.now() - from
    },
  }
}

const lastWords = (folder: string): string =>
  readdirSync(folder)
    .map((file) => `${file}: ${readFileSync(join(folder, file), 'utf8').slice(-2000)}`)
    .join('\n')
