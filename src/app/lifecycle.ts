import type { Clock, Log, Service } from '../ports/runtime.ts'

/** Why the process ends. 78 is the guard's (bin/pinned-node.cjs). */
export const exitCodes = { fine: 0, bug: 1, settings: 2, data: 3, port: 4 } as const
type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const drainMs = 30_000

/** The lives of all services, in the order of the object graph. */
export class Lifecycle {
  readonly #services: readonly Service[]
  readonly #log: Log
  readonly #clock: Clock
  readonly #started: Service[] = []
  #state: 'starting' | 'ready' | 'ending' = 'starting'

  constructor({ services, log, clock }: { services: readonly Service[]; log: Log; clock: Clock }) {
    this.#services = services
    this.#log = log
    this.#clock = clock
  }

  readonly ready = (): boolean => this.#state === 'ready'

  /** Starts one after the other. Where one fails, those before it are stopped and its error is thrown. */
  async start(): Promise<void> {
    try {
      for (const service of this.#services) {
        await service.start()
        this.#started.push(service)
      }
      if (this.#state === 'starting') this.#state = 'ready'
    } catch (cause) {
      this.#state = 'ending'
      await this.#stop()
      throw cause
    }
  }

  /** Drains the last started first, all within 30 s, then stops. A second call joins the first. */
  end(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }
  #ending: Promise<void> | undefined

  async #end(): Promise<void> {
    this.#state = 'ending'
    const enough = new AbortController()
    const late = this.#clock.sleep(drainMs, enough.signal).then(() => !enough.signal.aborted)
    const drained = this.#drain().then(() => false)
    if (await Promise.race([drained, late])) this.#log.warn('server.drain-cut-short', { after_ms: drainMs })
    enough.abort()
    await this.#stop()
  }

  async #drain(): Promise<void> {
    for (const service of this.#started.toReversed()) {
      await service.drain().catch((cause: unknown) => {
        this.#log.error('server.drain-failed', cause, { service: service.name })
      })
    }
  }

  async #stop(): Promise<void> {
    for (const service of this.#started.toReversed()) {
      await service.stop().catch((cause: unknown) => {
        this.#log.error('server.stop-failed', cause, { service: service.name })
      })
    }
    this.#started.length = 0
  }
}

const portTrouble = new Set(['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'])

/** Which of the promised codes an error at start is, and what to tell people. */
export function startFailure(cause: unknown): { readonly code: ExitCode; readonly text: string } {
  const text = cause instanceof Error ? cause.message : String(cause)
  const { code = '', syscall = '', name = '' } = cause as { code?: string; syscall?: string; name?: string }
  if (name === 'SettingsTrouble') return { code: exitCodes.settings, text }
  if (portTrouble.has(code) && /^(listen|bind)$/.test(syscall)) return { code: exitCodes.port, text }
  if (name === 'UnusableFile' || name === 'SqliteFailure') {
    return { code: exitCodes.data, text }
  }
  if (['EACCES', 'EEXIST', 'EPERM', 'ENOSPC', 'EROFS', 'ENOTDIR', 'ENOENT'].includes(code))
    return { code: exitCodes.data, text }
  return { code: exitCodes.bug, text }
}
