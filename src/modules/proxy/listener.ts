import { createServer, isIPv6, type Server, type Socket } from 'node:net'
import type { ListenerName } from '../../ports/connection.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import type { ListenerSettings } from './settings.ts'

interface ListenerParts {
  readonly settings: ListenerSettings
  readonly clock: Clock
  readonly log: Log
  readonly accept: (socket: Socket) => void
}

/** The system has no more to give: accepting on would spin. */
const exhausted = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])
const pauseMs = 1000
const keepAliveInitialDelay = 300_000
/** Their protocol ends a silent session no later than a keep-alive would; four system calls less for each connection. */
const watched: ReadonlySet<ListenerName> = new Set(['smtp', 'submission', 'submissions', 'lmtp'])

/** One listening address. Where the system runs out of descriptors it stops listening for a second at a time. */
export class Listener {
  readonly settings: ListenerSettings
  readonly #clock: Clock
  readonly #log: Log
  readonly #server: Server
  readonly #closed = new AbortController()
  #port: number

  constructor({ settings, clock, log, accept }: ListenerParts) {
    this.settings = settings
    this.#port = settings.port
    this.#clock = clock
    this.#log = log
    this.#server = createServer(
      // a client may send all it has to say, close its side, and still read the answers
      { allowHalfOpen: true, noDelay: true, keepAlive: !watched.has(settings.name), keepAliveInitialDelay },
      accept,
    )
  }

  /** The port that was bound. */
  get port(): number {
    return this.#port
  }

  async open(): Promise<void> {
    await this.#listen()
    this.#server.on('error', (cause: NodeJS.ErrnoException) => this.#onError(cause))
  }

  /** Takes no new connection; those that are open stay. */
  close(): void {
    this.#closed.abort()
    this.#server.close()
  }

  #listen(): Promise<void> {
    const { host } = this.settings
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host, port: this.#port, backlog: 1024, ipv6Only: isIPv6(host) }, () => {
        this.#server.off('error', reject)
        const address = this.#server.address()
        if (typeof address === 'object' && address !== null) this.#port = address.port
        resolve()
      })
    })
  }

  #onError(cause: NodeJS.ErrnoException): void {
    if (!this.#server.listening) return // an attempt to listen again: #pause sees it
    if (exhausted.has(cause.code ?? '')) void this.#pause(cause.code ?? '')
    else this.#log.error('listener.failed', cause, { listener: this.settings.name })
  }

  async #pause(code: string): Promise<void> {
    this.#server.close()
    this.#log.warn('listener.paused', {
      listener: this.settings.name,
      cause: code,
      todo: 'the system has no descriptors left: raise its limit of open files (ulimit -n, LimitNOFILE)',
    })
    while (!this.#server.listening && !this.#closed.signal.aborted) {
      await this.#clock.sleep(pauseMs, this.#closed.signal)
      if (this.#closed.signal.aborted) return
      await this.#listen().catch(() => undefined) // tried again after the next pause
    }
    this.#log.info('listener.resumed', { listener: this.settings.name })
  }
}
