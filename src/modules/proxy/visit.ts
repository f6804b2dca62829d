import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { channelBindingOf } from '../../platform/channel-binding.ts'
import type { Connection, ListenerName, TlsFacts } from '../../ports/connection.ts'

/** One client that was let in. */
export interface Client {
  readonly id: string
  readonly ip: string
  readonly port: number
  readonly listener: ListenerName
}

export interface Secured {
  readonly stream: Duplex
  readonly tls: TlsFacts
}

interface VisitFacts {
  readonly client: Client
  readonly stream: Duplex
  readonly tls: TlsFacts | undefined
  /** Undefined where STARTTLS is not offered. */
  readonly upgrade: (() => Promise<Secured>) | undefined
}

/** The connection as a protocol sees it. */
export class Visit implements Connection {
  readonly stream: Duplex
  readonly tls: TlsFacts | undefined
  readonly #client: Client
  readonly #upgrade: (() => Promise<Secured>) | undefined

  constructor({ client, stream, tls, upgrade }: VisitFacts) {
    this.stream = stream
    this.tls = tls
    this.#client = client
    this.#upgrade = upgrade
  }

  get id(): string {
    return this.#client.id
  }
  get ip(): string {
    return this.#client.ip
  }
  get port(): number {
    return this.#client.port
  }
  get listener(): ListenerName {
    return this.#client.listener
  }
  get mayStartTls(): boolean {
    return this.#upgrade !== undefined
  }

  async startTls(): Promise<Connection> {
    if (this.#upgrade === undefined) throw new Error(`${this.listener}: STARTTLS is not offered here`)
    return new Visit({ client: this.#client, ...(await this.#upgrade()), upgrade: undefined })
  }

  channelBinding(type: string): Uint8Array | undefined {
    return channelBindingOf(this.stream, type)
  }
}

/** RFC 3207 §6, RFC 9051 §6.2.1: what was sent in clear behind the command must not be taken for the client's secured words. */
export function discardClearText(socket: Socket): void {
  socket.removeAllListeners('data').removeAllListeners('readable')
  while (socket.read() !== null) {
    // thrown away
  }
}
