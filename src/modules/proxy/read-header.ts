import type { Socket } from 'node:net'
import type { Clock } from '../../ports/runtime.ts'
import { alarm } from './alarm.ts'
import { type ProxyHeader, parseProxyHeader } from './proxy-header.ts'

/**
 * Takes the PROXY header off the socket; what follows it stays for the protocol. Rejects when it is none (BadSyntax), does
 * not come in `ms`, or the socket ends. A header is at most 4 KiB and 16 octets long, so no more than one read beyond is held.
 */
export function readProxyHeader(socket: Socket, clock: Clock, ms: number): Promise<ProxyHeader['source']> {
  return new Promise((resolve, reject) => {
    let held: Buffer = Buffer.alloc(0)
    const settle = (act: () => void) => {
      silence()
      socket.off('readable', readSome).off('end', ended).off('close', ended)
      act()
    }
    const ended = () => settle(() => reject(new Error('the connection ended before its PROXY header')))
    const silence = alarm(clock, ms, () => settle(() => reject(new Error('no PROXY header came in time'))))
    const readSome = () => {
      const chunk: Buffer | null = socket.read()
      if (chunk === null) return
      held = Buffer.concat([held, chunk])
      try {
        const header = parseProxyHeader(held)
        if (header === 'more') return
        settle(() => {
          if (header.length < held.length) socket.unshift(held.subarray(header.length))
          resolve(header.source)
        })
      } catch (cause) {
        settle(() => reject(cause as Error))
      }
    }
    socket.on('readable', readSome).once('end', ended).once('close', ended)
  })
}
