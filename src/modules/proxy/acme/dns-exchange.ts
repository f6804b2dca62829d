import { connect } from 'node:net'

const patienceMs = 15_000

/** One question over TCP, and its answer; RFC 1035 §4.2.2: their lengths are two octets, so no more than that is held. Rejects where there is none. */
export function exchange(
  server: { readonly ip: string; readonly port: number },
  question: Buffer,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.ip, port: server.port })
    let held = Buffer.alloc(0)
    const fail = (cause: Error) => {
      socket.destroy()
      reject(cause)
    }
    socket.setTimeout(patienceMs, () => fail(new Error('no answer in time')))
    socket.on('error', fail).on('close', () => fail(new Error('the connection ended before an answer')))
    socket.on('connect', () => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(question.length, 0)
      socket.write(Buffer.concat([length, question]))
    })
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      if (held.length < 2) return
      const length = held.readUInt16BE(0)
      if (held.length < length + 2) return
      resolve(held.subarray(2, length + 2))
      socket.destroy()
    })
  })
}
