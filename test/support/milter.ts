import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What a filter says when it is told something: letters with what belongs to them. */
export type MilterPlay = (
  letter: string,
  content: Buffer,
) => readonly (readonly [string, (string | Buffer)?])[]

export interface ScriptedMilter {
  readonly port: number
  /** Everything it was told, `M<ann@example.org>`; NULs are blanks. */
  readonly told: readonly string[]
  stop(): Promise<void>
}

/** `O`, with which a filter takes all that is offered but leaves out these steps. */
export function takes(flags: number): readonly [string, Buffer] {
  const content = Buffer.alloc(12)
  content.writeUInt32BE(6)
  content.writeUInt32BE(0x1ff, 4)
  content.writeUInt32BE(flags, 8)
  return ['O', content]
}

/** A filter on loopback that does what the play says, right or wrong. Ends with the test. */
export async function scriptedMilter(play: MilterPlay): Promise<ScriptedMilter> {
  const told: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let held = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 4 && held.length >= 4 + held.readUInt32BE()) {
        const packet = held.subarray(4, 4 + held.readUInt32BE())
        held = held.subarray(4 + packet.length)
        told.push(packet.toString('latin1').replaceAll('\0', ' '))
        for (const [letter, content = ''] of play(packet.toString('latin1', 0, 1), packet.subarray(1)))
          socket.write(packed(letter, Buffer.from(content)))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  onTestFinished(stop)
  return { port: (server.address() as AddressInfo).port, told, stop }
}

function packed(letter: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length + 1)
  return Buffer.concat([length, Buffer.from(letter), content])
}
