import fc from 'fast-check'
import {
  Command,
  INETProtocol,
  IPv4Address,
  IPv4ProxyAddress,
  Peer,
  TransportProtocol,
  V1BinaryProxyProtocol,
  V2ProxyProtocol,
} from 'proxy-protocol-js'
import { expect, test } from 'vitest'
import { BadSyntax } from '../../src/lib/bad-syntax.ts'
import { parseProxyHeader } from '../../src/modules/proxy/proxy-header.ts'
import '../support/fuzz.ts'

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const octet = fc.constantFrom(0x00, 0x04, 0x0c, 0x10, 0x11, 0x20, 0x21, 0x31, 0xff)
const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
const nearlyBinary = fc
  .tuple(fc.array(octet, { maxLength: 4 }), anyBytes)
  .map(([head, tail]) => Buffer.concat([signature, Buffer.from(head), tail]))
const words = fc.constantFrom(
  'PROXY',
  'TCP4',
  'TCP6',
  'UNKNOWN',
  '1.2.3.4',
  '::1',
  '0',
  '65536',
  ' ',
  '\r',
  '\n',
  '\r\n',
)
const nearlyLine = fc
  .array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 40 })
  .map((parts) => Buffer.from(`PROXY ${parts.join('')}`, 'latin1'))

test('whatever comes, a PROXY header is read, is bad syntax, or is waited for within its bounds', () => {
  fc.assert(
    fc.property(fc.oneof(anyBytes, nearlyBinary, nearlyLine), (bytes) => {
      try {
        const header = parseProxyHeader(bytes)
        if (header === 'more') expect(bytes.length).toBeLessThan(16 + 4096)
        else expect(header.length).toBeLessThanOrEqual(bytes.length)
      } catch (cause) {
        expect(cause).toBeInstanceOf(BadSyntax)
      }
    }),
  )
})

test('a header that was read reads the same when it comes in pieces', () => {
  fc.assert(
    fc.property(
      fc.ipV4(),
      fc.integer({ min: 0, max: 65_535 }),
      fc.integer({ min: 0, max: 60 }),
      (ip, port, cut) => {
        const whole = Buffer.from(`PROXY TCP4 ${ip} 192.0.2.9 ${port} 25\r\n`)
        const part = whole.subarray(0, Math.min(cut, whole.length - 1))
        expect(parseProxyHeader(part)).toBe('more')
        expect(parseProxyHeader(whole)).toEqual({ source: { ip, port }, length: whole.length })
      },
    ),
  )
})

const octets = fc.tuple(...([0, 0, 0, 0] as const).map(() => fc.integer({ min: 0, max: 255 })))
const port = fc.integer({ min: 0, max: 65_535 })
type Four = [number, number, number, number]

test('what proxy-protocol-js writes is read as it was meant, in both versions', () => {
  fc.assert(
    fc.property(octets, port, anyBytes, (source, sourcePort, rest) => {
      const ip = source.join('.')
      const line = new V1BinaryProxyProtocol(
        INETProtocol.TCP4,
        new Peer(ip, sourcePort),
        new Peer('192.0.2.9', 25),
        rest,
      ).build()
      const binary = new V2ProxyProtocol(
        Command.PROXY,
        TransportProtocol.STREAM,
        new IPv4ProxyAddress(
          new IPv4Address(source as Four),
          sourcePort,
          new IPv4Address([192, 0, 2, 9]),
          25,
        ),
        rest,
      ).build()
      for (const bytes of [line, binary]) {
        const length = bytes.length - rest.length
        expect(parseProxyHeader(Buffer.from(bytes))).toEqual({ source: { ip, port: sourcePort }, length })
      }
    }),
  )
})
