import { expect, test } from 'vitest'
import type { Way } from '../../src/ports/outgoing-queue.ts'
import { playingTls, scriptedServer } from '../support/scripted-server.ts'
import { enforced, shownBy, type TlsCase, tlsCases, tlsOutcome } from '../support/tls-cases.ts'

test.each(tlsCases)('%s', async (_, given, expected) => {
  expect(await outcome(given)).toBe(expected)
})

// RFC 8460 §5.3: a report on encryption arrives where that fails, and stands in no report.
test.each<[string, TlsCase, string]>([
  [
    'DANE, wrong',
    { dns: 'secure', tlsa: '3 1 1 of another', shows: 'good' },
    'delivered, none; nothing told',
  ],
  ['MTA-STS, expired', { ...enforced, shows: 'expired' }, 'delivered, none; nothing told'],
  ['MTA-STS, and no TLS', { ...enforced, shows: undefined }, 'delivered, in plain text; nothing told'],
])('a report arrives anyhow: %s', async (_, given, expected) => {
  expect(await outcome(given, 'anyhow:far.test')).toBe(expected)
})

async function outcome(given: TlsCase, way: Way = 'far.test'): Promise<string> {
  const port = await scriptedServer(playingTls(shownBy(given), { lines: [], messages: [] }))
  return await tlsOutcome(given, port, way)
}
