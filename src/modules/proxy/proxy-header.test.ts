import { expect, test } from 'vitest'
import { BadSyntax } from '../../lib/bad-syntax.ts'
import { parseProxyHeader } from './proxy-header.ts'

const line = (text: string) => Buffer.from(text, 'latin1')
const binary = (head: string, body: string, length = body.length / 2) =>
  Buffer.from(
    `0d0a0d0a000d0a515549540a${head}${length.toString(16).padStart(4, '0')}${body}`.replaceAll(' ', ''),
    'hex',
  )
const v4 = 'c0000201c0000209dc0401bb'
const v6 = `20010db8${'00'.repeat(11)}01${'00'.repeat(15)}01dc0401bb`

test.each([
  ['PROXY TCP4 192.0.2.1 192.0.2.9 56324 443\r\n', { ip: '192.0.2.1', port: 56324 }],
  ['PROXY TCP6 2001:DB8::1 ::1 0 65535\r\n', { ip: '2001:db8::1', port: 0 }],
  ['PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n', { ip: '192.0.2.1', port: 1 }],
  ['PROXY UNKNOWN\r\n', undefined],
  ['PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n', undefined],
])('reads the line %j', (text, source) => {
  expect(parseProxyHeader(line(`${text}EHLO x\r\n`))).toEqual({ source, length: text.length })
})

test.each([
  ['TCP over IPv4', binary('2111', v4), { ip: '192.0.2.1', port: 56324 }],
  ['TCP over IPv6', binary('2121', v6), { ip: '2001:db8::1', port: 56324 }],
  [
    'a mapped address',
    binary('2121', `${'00'.repeat(10)}ffffc0000201${'00'.repeat(16)}00010002`),
    { ip: '192.0.2.1', port: 1 },
  ],
  [
    'extensions',
    binary('2111', `${v4}030004deadbeef 040000`.replace(' ', '')),
    { ip: '192.0.2.1', port: 56324 },
  ],
  ['LOCAL', binary('2000', ''), undefined],
  ['LOCAL with whatever it carries', binary('2011', 'ff'), undefined],
  ['an unspecified family', binary('2100', 'ffff'), undefined],
  ['a UNIX socket', binary('2131', '00'.repeat(216)), undefined],
])('reads a binary header: %s', (_what, bytes, source) => {
  const header = Buffer.concat([bytes, line('rest')])
  expect(parseProxyHeader(header)).toEqual({ source, length: bytes.length })
})

test.each([
  ['', 'more'],
  ['P', 'more'],
  ['PROXY TCP4 192.0.2.1 ', 'more'],
  ['\r\n\r\n\0', 'more'],
])('asks for more after %j', (text, answer) => {
  expect(parseProxyHeader(line(text))).toBe(answer)
})

test.each([
  ['another protocol', line('EHLO x\r\n')],
  ['a TLS hello', line('\x16\x03\x01')],
  ['lower case', line('proxy TCP4 192.0.2.1 192.0.2.9 1 2\r\n')],
  ['two spaces', line('PROXY TCP4  192.0.2.1 192.0.2.9 1 2\r\n')],
  ['a wrong family', line('PROXY TCP4 ::1 ::1 1 2\r\n')],
  ['UDP', line('PROXY UDP4 192.0.2.1 192.0.2.9 1 2\r\n')],
  ['a name for an address', line('PROXY TCP4 localhost 192.0.2.9 1 2\r\n')],
  ['leading zeros', line('PROXY TCP4 192.0.02.1 192.0.2.9 1 2\r\n')],
  ['a port too large', line('PROXY TCP4 192.0.2.1 192.0.2.9 65536 2\r\n')],
  ['a missing port', line('PROXY TCP4 192.0.2.1 192.0.2.9 1\r\n')],
  ['a zone', line('PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n')],
  ['a bare line feed', line('PROXY UNKNOWN \n EHLO\r\n')],
  ['an endless line', line(`PROXY UNKNOWN ${'x'.repeat(200)}`)],
  ['a later version', binary('3111', v4)],
  ['an unknown command', binary('2211', v4)],
  ['datagrams', binary('2112', v4)],
  ['an unknown family', binary('2141', v4)],
  ['addresses cut short', binary('2111', 'c0000201')],
  ['an extension cut short', binary('2111', `${v4}03ffff00`)],
  ['a header beyond 4 KiB', binary('2111', '', 5000)],
])('refuses %s', (_what, bytes) => {
  expect(() => parseProxyHeader(bytes)).toThrow(BadSyntax)
})
