import { expect, test } from 'vitest'
import { parseDomain } from './address.ts'
import { parseRelayTarget, type RelayTarget } from './relay-target.ts'

/** As Postfix's transport table would have it. */
function said(target: RelayTarget | undefined): string | undefined {
  if (!target) return undefined
  const { protocol, byMx, port } = target
  const host = target.host.includes(':') ? `ipv6:${target.host}` : target.host
  const place = byMx || protocol === 'lmtp' ? host : `[${host}]`
  return `${protocol}:${place}${port === undefined ? '' : `:${port}`}`
}

test.each([
  ['', 'smtp:relay.example'],
  [':2525', 'smtp:relay.example:2525'],
  ['Host.Example', 'smtp:[host.example]'],
  ['host.example:26', 'smtp:[host.example]:26'],
  ['192.0.2.1', 'smtp:[192.0.2.1]'],
  ['mx:host.example', 'smtp:host.example'],
  ['mx:host.example:26', 'smtp:host.example:26'],
  ['lmtp:host.example', 'lmtp:host.example'],
  ['lmtp:host.example:24', 'lmtp:host.example:24'],
  ['müller.example', 'smtp:[xn--mller-kva.example]'],
  ['[2001:db8::1]', 'smtp:[ipv6:2001:db8::1]'],
  ['[2001:db8::1]:26', 'smtp:[ipv6:2001:db8::1]:26'],
  ['mx:[2001:db8::1]', undefined],
  ['[2001:db8::1', undefined],
  ['[2001:db8::1]x', undefined],
  ['[::zz]', undefined],
  ['host.example:smtp', undefined],
  ['host.example:0', undefined],
  ['host.example:65536', undefined],
  ['ho st', undefined],
  ['lmtp:', undefined],
  ['mx:', undefined],
  ['a:b:c', undefined],
])('%j leads to %s', (text, expected) => {
  const relay = parseDomain('relay.example')
  expect(relay && said(parseRelayTarget(text, relay))).toBe(expected)
})
