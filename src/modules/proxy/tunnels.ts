import { request as askHttp, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as askHttps } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ConnectionCount } from '../../platform/connection-count.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import type { Onward, WebHandler } from '../../ports/web.ts'
import { alarm } from './alarm.ts'
import { ignore } from './handshake.ts'

interface TunnelParts {
  readonly clock: Clock
  readonly log: Log
}

/** A browser's side, its octets that came with the question, and who answers for its session. */
export interface Ahead {
  readonly socket: Socket
  readonly head: Buffer
  readonly ip: string
  readonly web: WebHandler
}

const mostTunnels = 1000
const mostOfOne = 50
const answerMs = 30_000
/** Most applications send something every minute, so that nobody in between thinks it over. */
const silenceMs = 600_000
const lookMs = 15_000
/** RFC 6455 §4.2.2; whatever else the application says is between it and us. */
const agreed = /^sec-websocket-(?:accept|protocol|extensions)$/

/** WebSockets of applications beside us: once both sides have agreed, octets go to and fro until one leaves or the session ends. */
export class Tunnels {
  readonly #parts: TunnelParts
  readonly #open = new Set<Duplex>()
  readonly #perPerson = new ConnectionCount(mostOfOne)

  constructor(parts: TunnelParts) {
    this.#parts = parts
  }

  get open(): number {
    return this.#open.size
  }

  end(): void {
    for (const socket of this.#open) socket.destroy()
  }

  /** What the browser is told where there is no tunnel; undefined where it has one. */
  async lead(onward: Onward, ahead: Ahead): Promise<Response | undefined> {
    const { socket } = ahead
    const who = onward.whose?.address ?? ahead.ip
    if (socket.destroyed) return undefined
    if (this.#open.size >= mostTunnels || !this.#perPerson.tryEnter(who))
      return new Response('Too many connections, try again later\n', {
        status: 503,
        headers: { 'Retry-After': '60' },
      })
    this.#open.add(socket)
    socket.once('close', () => {
      this.#open.delete(socket)
      this.#perPerson.leave(who)
    })
    try {
      const answer = await this.#ask(onward, socket)
      if (answer.kind === 'refused') return new Response(null, { status: answer.status })
      this.#join(onward, ahead, answer)
      return undefined
    } catch (cause) {
      this.#parts.log.error('web.attached-app-away', cause, { target: onward.target })
      return new Response('The application does not answer, try again later\n', { status: 502 })
    }
  }

  #ask({ target, headers }: Onward, socket: Duplex): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ask = target.startsWith('https:') ? askHttps : askHttp
      const asking = ask(target, { headers: Object.fromEntries(headers), agent: false })
      const leave = () => asking.destroy()
      const silence = alarm(this.#parts.clock, answerMs, leave)
      const answered = () => {
        silence()
        socket.off('close', leave)
      }
      socket.once('close', leave)
      asking.once('upgrade', (message: IncomingMessage, far: Duplex, head: Buffer) => {
        answered()
        resolve({ kind: 'agreed', headers: message.headers, far, head })
      })
      asking.once('response', (message) => {
        answered()
        message.destroy()
        resolve({ kind: 'refused', status: refusalStatus(message.statusCode) })
      })
      asking.on('error', (cause) => {
        answered()
        reject(cause)
      })
      asking.end()
    })
  }

  #join(onward: Onward, { socket, head, web }: Ahead, answer: Agreed): void {
    const { far } = answer
    far.on('error', ignore)
    const fields = Object.entries(answer.headers)
      .filter(([name]) => agreed.test(name))
      .map(([name, value]) => `${name}: ${[value ?? ''].flat().join(', ')}\r\n`)
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${fields.join('')}\r\n`,
    )
    socket.unshift(head)
    far.unshift(answer.head)
    const part = () => {
      socket.destroy()
      far.destroy()
    }
    // Two pipelines and the front listen when it closes.
    socket.setMaxListeners(20).setTimeout(silenceMs, part)
    socket.once('close', part)
    far.once('close', part)
    Promise.all([pipeline(socket, far), pipeline(far, socket)]).then(part, part)
    this.#watch(onward, socket, web)
  }

  /** Looks whether its session is still there. */
  #watch(onward: Onward, socket: Duplex, web: WebHandler): void {
    const { whose } = onward
    if (whose === undefined) return
    const look = async () => {
      if (await web.isStill?.(whose)) this.#watch(onward, socket, web)
      else socket.destroy()
    }
    const rest = alarm(this.#parts.clock, lookMs, () => {
      socket.off('close', rest)
      // Who cannot be looked up for a moment may go on: so do pages.
      look().catch(() => this.#watch(onward, socket, web))
    })
    socket.once('close', rest)
  }
}

type Answer = Agreed | { readonly kind: 'refused'; readonly status: number }

interface Agreed {
  readonly kind: 'agreed'
  readonly headers: IncomingHttpHeaders
  readonly far: Duplex
  readonly head: Buffer
}

/** What is none of a refusal would say that all is well, or lead elsewhere. */
const refusalStatus = (status = 0): number => (status >= 400 && status < 600 ? status : 502)
