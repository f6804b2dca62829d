import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket, type Server as TcpServer } from 'node:net'
import { writeMessage } from '../../../src/modules/resolver/wire/encode.ts'
import { readMessage } from '../../../src/modules/resolver/wire/message.ts'
import { rrType } from '../../../src/modules/resolver/wire/types.ts'
import { type Response, respond } from './authority.ts'
import type { Zone } from './zone.ts'

interface Asked {
  readonly ip: string
  readonly name: string
  readonly type: number
  readonly transport: 'udp' | 'tcp'
  readonly recursionDesired: boolean
}

/** Changes what an honest server would say; `silent` says nothing. */
export type Tamper = (response: Response, asked: Asked) => Response | 'silent'

export interface NameServer {
  readonly ip: string
  zones: readonly Zone[]
  tamper?: Tamper
}

export interface Fleet {
  readonly port: number
  readonly asked: Asked[]
  stop(): Promise<void>
}

/** Name servers on several loopback addresses and one port, as on the real internet. */
export async function startFleet(servers: readonly NameServer[]): Promise<Fleet> {
  for (let tries = 0; ; tries++) {
    const fleet = new LoopbackFleet()
    try {
      for (const server of servers) await fleet.add(server)
      return fleet
    } catch (cause) {
      await fleet.stop()
      if (tries > 20) throw cause
    }
  }
}

class LoopbackFleet implements Fleet {
  readonly asked: Asked[] = []
  readonly #tcp: TcpServer[] = []
  readonly #udp: UdpSocket[] = []
  readonly #open = new Set<Socket>()
  port = 0

  async add(server: NameServer): Promise<void> {
    const tcp = createServer((socket) => {
      let pieces = Buffer.alloc(0)
      this.#open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.#open.delete(socket))
      socket.on('data', (chunk: Buffer) => {
        pieces = Buffer.concat([pieces, chunk])
        while (pieces.length >= 2 && pieces.length >= 2 + pieces.readUInt16BE(0)) {
          const end = 2 + pieces.readUInt16BE(0)
          const answer = this.#answer(server, pieces.subarray(2, end), 'tcp')
          pieces = pieces.subarray(end)
          if (answer)
            socket.write(Buffer.concat([Uint8Array.of(answer.length >> 8, answer.length & 255), answer]))
        }
      })
    })
    this.#tcp.push(tcp)
    tcp.listen(this.port, server.ip)
    await once(tcp, 'listening')
    const address = tcp.address()
    this.port = typeof address === 'object' && address ? address.port : 0
    const udp = createSocket('udp4')
    this.#udp.push(udp)
    udp.on('message', (bytes, { port, address: from }) => {
      const answer = this.#answer(server, bytes, 'udp')
      if (answer) udp.send(answer, port, from)
    })
    udp.bind(this.port, server.ip)
    await once(udp, 'listening')
  }

  #answer(server: NameServer, bytes: Uint8Array, transport: 'udp' | 'tcp'): Buffer | undefined {
    const query = readMessage(bytes)
    const { question } = query
    if (!question) return undefined
    const asked = {
      ip: server.ip,
      name: question.name,
      type: question.type,
      transport,
      recursionDesired: query.recursionDesired,
    }
    this.asked.push(asked)
    const honest = respond(server.zones, question.name, question.type)
    const response = server.tamper ? server.tamper(honest, asked) : honest
    if (response === 'silent') return undefined
    const isPlain = query.edns?.dnssecOk !== true
    const shown = (section: Response['answer']) =>
      isPlain
        ? section.filter(
            ({ type }) => ![rrType.RRSIG, rrType.NSEC, rrType.NSEC3].some((each) => each === type),
          )
        : section
    const header = {
      id: query.id,
      isResponse: true,
      opcode: 0,
      authoritative: response.authoritative,
      truncated: false,
      recursionDesired: query.recursionDesired,
      recursionAvailable: false,
      authenticated: false,
      checkingDisabled: query.checkingDisabled,
      rcode: response.rcode,
      question,
      edns: { udpSize: 1232, dnssecOk: true },
    }
    const whole = writeMessage({
      ...header,
      answer: shown(response.answer),
      authority: shown(response.authority),
      additional: shown(response.additional),
    })
    const room = transport === 'udp' ? (query.edns?.udpSize ?? 512) : 65535
    return whole.length <= room ? whole : writeMessage({ ...header, truncated: true })
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    for (const socket of this.#udp) await new Promise<void>((resolve) => socket.close(() => resolve()))
    for (const server of this.#tcp) await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}
