import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Service } from '../ports/runtime.ts'

/**
 * Gives back what starting took and nobody holds any more: V8 by itself keeps it until there is work. It takes some tens of
 * milliseconds, so its place is before the ports open; it makes an idle server 18 MiB smaller.
 */
export function tidyMemory(): Service {
  return {
    name: 'memory',
    async start() {
      setFlagsFromString('--expose-gc')
      const collect = runInNewContext('gc') as (how: object) => void
      setFlagsFromString('--no-expose-gc')
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    },
    drain: async () => undefined,
    stop: async () => undefined,
  }
}
