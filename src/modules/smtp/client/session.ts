import type { Socket } from 'node:net'
import type { Clock } from '../../../ports/runtime.ts'
import { type Capabilities, capabilitiesOf, noCapabilities } from './capabilities.ts'
import { connectFirst } from './connect.ts'
import { login, type RelayLogin } from './login.ts'
import { type Failure, failureOf, lostFailure, ourFailure } from './outcome.ts'
import type { Reply } from './reply.ts'
import type { ClientTimes } from './settings.ts'
import { type Heard, Talk } from './talk.ts'
import { secure, type TlsFacts, type TlsNeed, type TlsTrouble } from './tls.ts'

/** A server to send to, and what has to be true of the way there. */
export interface Entrance {
  /** A-labels: what TLS is told and a certificate is held against. */
  readonly host: string
  /** IP addresses in order of preference. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly protocol: 'smtp' | 'lmtp'
  readonly tls: TlsNeed
  /** TLS before the first word, as on port 465. RFC 8314 §3.3. */
  readonly implicitTls: boolean
  readonly login: RelayLogin | undefined
}

export interface ClientSettings {
  /** What we call ourselves. */
  readonly hostname: string
  readonly from: { readonly ipv4?: string | undefined; readonly ipv6?: string | undefined } | undefined
  readonly times: ClientTimes
  /** Certificates to believe instead of the system's, PEM. */
  readonly trust: readonly string[] | undefined
}

/** A server that has greeted us and is ready for messages. */
export interface Session {
  readonly talk: Talk
  readonly address: string
  readonly protocol: 'smtp' | 'lmtp'
  readonly can: Capabilities
  readonly tls: TlsFacts | undefined
}

export type Opened =
  | { readonly kind: 'ready'; readonly session: Session; readonly tlsFailure: TlsTrouble | undefined }
  /** Another host may be tried. `tlsFailure` is what a TLS report tells (RFC 8460). */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly tlsFailure: TlsTrouble | undefined }

/** Connects and greets. Where TLS is a wish and fails, it is tried again without. */
export async function openSession(to: Entrance, settings: ClientSettings, clock: Clock): Promise<Opened> {
  const opened = await new Opening(to, settings, clock).open()
  if (opened.kind === 'ready' || opened.tlsFailure === undefined || to.tls.kind !== 'may' || to.implicitTls)
    return opened
  const { tlsFailure } = opened
  const plain = await new Opening({ ...to, tls: { kind: 'none' } }, settings, clock).open()
  return { ...plain, tlsFailure }
}

/** Says good-bye, and does not wait long. RFC 5321 §4.1.1.10. */
export async function closeSession({ talk }: Session, times: ClientTimes): Promise<void> {
  if (!talk.lost && (await talk.write('QUIT\r\n', times.quit))) await talk.reply(times.quit)
  talk.end()
}

class Opening {
  readonly #to: Entrance
  readonly #settings: ClientSettings
  readonly #clock: Clock
  #tls: TlsFacts | undefined
  #address = ''

  constructor(to: Entrance, settings: ClientSettings, clock: Clock) {
    this.#to = to
    this.#settings = settings
    this.#clock = clock
  }

  async open(): Promise<Opened> {
    const { times, from } = this.#settings
    const { addresses, port } = this.#to
    const connected = await connectFirst({ addresses, port, from, limitMs: times.connect }, this.#clock)
    if (connected.kind === 'unreachable')
      return failed(ourFailure('network', 'connect', '4.4.1', `No connection: ${connected.text}`))
    this.#address = connected.address
    if (!this.#to.implicitTls) return this.#greet(new Talk(connected.socket, this.#clock))
    return this.#secured(connected.socket, (talk) => this.#greet(talk))
  }

  async #greet(talk: Talk): Promise<Opened> {
    const heard = await talk.reply(this.#settings.times.greeting)
    if (heard.kind === 'lost' || heard.reply.code !== 220) return this.#failHeard(talk, heard, 'connect')
    return this.#hello(talk)
  }

  async #hello(talk: Talk): Promise<Opened> {
    const said = await this.#sayHello(talk)
    if (said.kind === 'failed') return said
    if (this.#tls === undefined && this.#to.tls.kind !== 'none') {
      if (said.can.startTls) return this.#startTls(talk, said.can)
      if (this.#to.tls.kind !== 'may') {
        const trouble = {
          type: 'starttls-not-supported',
          text: 'The server does not offer STARTTLS',
        } as const
        talk.end()
        return tlsFailed(trouble)
      }
    }
    return this.#signIn(talk, said.can)
  }

  /** RFC 5321 §4.1.1.1; HELO where EHLO is not known, LHLO for LMTP (RFC 2033 §4.1). */
  async #sayHello(
    talk: Talk,
  ): Promise<{ kind: 'greeted'; can: Capabilities } | Extract<Opened, { kind: 'failed' }>> {
    const verb = this.#to.protocol === 'lmtp' ? 'LHLO' : 'EHLO'
    const heard = await this.#ask(talk, `${verb} ${this.#settings.hostname}`, this.#settings.times.hello)
    if (heard.kind === 'reply' && heard.reply.code === 250)
      return { kind: 'greeted', can: capabilitiesOf(heard.reply) }
    const mayTryHelo =
      verb === 'EHLO' && heard.kind === 'reply' && heard.reply.code >= 500 && this.#needsNothing
    if (!mayTryHelo) return this.#failHeard(talk, heard, verb)
    const again = await this.#ask(talk, `HELO ${this.#settings.hostname}`, this.#settings.times.hello)
    if (again.kind === 'reply' && again.reply.code === 250) return { kind: 'greeted', can: noCapabilities }
    return this.#failHeard(talk, again, 'HELO')
  }

  get #needsNothing(): boolean {
    return this.#tls === undefined && (this.#to.tls.kind === 'may' || this.#to.tls.kind === 'none')
  }

  /** RFC 3207 §4. */
  async #startTls(talk: Talk, can: Capabilities): Promise<Opened> {
    const heard = await this.#ask(talk, 'STARTTLS', this.#settings.times.tls)
    if (heard.kind === 'lost') return this.#failHeard(talk, heard, 'STARTTLS')
    if (heard.reply.code !== 220) {
      // It offered what it does not have; where that was a wish only, the same connection will do.
      if (this.#to.tls.kind === 'may') return this.#signIn(talk, can)
      talk.end()
      return tlsFailed({ type: 'starttls-not-supported', text: `STARTTLS was refused: ${heard.reply.text}` })
    }
    // What came behind the reply came in plain text, from whomever: none of it may count as said under TLS.
    if (talk.hasUnread) {
      talk.end()
      return tlsFailed({ type: 'validation-failure', text: 'The server spoke before TLS was there' })
    }
    talk.release()
    // RFC 3207 §4.2: all that was known is forgotten, and it is greeted again.
    return this.#secured(talk.stream as Socket, (safe) => this.#hello(safe))
  }

  async #secured(stream: Socket, goOn: (talk: Talk) => Promise<Opened>): Promise<Opened> {
    const { host, tls } = this.#to
    const { trust, times } = this.#settings
    const secured = await secure({ stream, host, need: tls, limitMs: times.tls, trust }, this.#clock)
    if (secured.kind === 'failed') {
      stream.destroy()
      return tlsFailed({ type: secured.failure, text: secured.text })
    }
    this.#tls = secured.facts
    return goOn(new Talk(secured.stream, this.#clock))
  }

  async #signIn(talk: Talk, can: Capabilities): Promise<Opened> {
    const { login: credentials, protocol } = this.#to
    if (credentials) {
      const failure = await login(talk, credentials, {
        mechanisms: can.auth,
        encrypted: this.#tls !== undefined,
        limitMs: this.#settings.times.hello,
      })
      if (failure) {
        talk.end()
        return failed(failure)
      }
    }
    const session = { talk, address: this.#address, protocol, can, tls: this.#tls }
    return { kind: 'ready', session, tlsFailure: undefined }
  }

  async #ask(talk: Talk, line: string, limitMs: number): Promise<Heard> {
    await talk.write(`${line}\r\n`, limitMs)
    return talk.reply(limitMs)
  }

  #failHeard(talk: Talk, heard: Heard, step: string): Extract<Opened, { kind: 'failed' }> {
    talk.end()
    return failed(heard.kind === 'lost' ? lostFailure(heard, step) : unwelcome(heard.reply, step))
  }
}

/** RFC 5321 §3.1: this host takes no mail from us now; another may, so it is not the last word. */
function unwelcome(reply: Reply, step: string): Failure {
  const { kind: _, ...failure } = failureOf(reply, step)
  return failure
}

function failed(failure: Failure): Extract<Opened, { kind: 'failed' }> {
  return { kind: 'failed', failure, tlsFailure: undefined }
}

function tlsFailed(tlsFailure: TlsTrouble): Extract<Opened, { kind: 'failed' }> {
  // RFC 3463 §3.8: 4.7.5 is a cryptographic failure. RFC 7672 §2.1: put off, not sent back.
  return { kind: 'failed', failure: ourFailure('tls', 'STARTTLS', '4.7.5', tlsFailure.text), tlsFailure }
}
