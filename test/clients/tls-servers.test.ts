import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shownBy, type TlsCase, tlsCases, tlsOutcome } from '../support/tls-cases.ts'
import { requireDebian } from './support/debian.ts'
import { type FarServer, freePort, startExim, startPostfix } from './support/far-servers.ts'

// The table of policy, certificate and DNSSEC again, with other people's servers behind the MX record.

const folder = mkdtempSync(join(tmpdir(), 'homepost-tls-servers-'))
const started = new Map<string, Promise<FarServer>>()

beforeAll(async () => {
  // They run as users of their own.
  chmodSync(folder, 0o755)
  await requireDebian('postfix', 'openssl')
})
afterAll(async () => {
  for (const server of started.values()) await (await server).stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** One server for each certificate, all through. */
async function portOf(kind: 'postfix' | 'exim', { shows }: TlsCase): Promise<number> {
  const name = `${kind}-${(shows ?? 'none').replaceAll(' ', '-')}`
  const shown = shownBy({ shows })
  const start = async () => {
    if (kind === 'postfix') return await startPostfix(join(folder, name), await freePort(), shown ?? 'no TLS')
    return await startExim(join(folder, name), shown)
  }
  const server = started.get(name) ?? start()
  started.set(name, server)
  return (await server).port
}

describe('Postfix', () => {
  test.each(tlsCases)('%s', async (_, given, expected) => {
    expect(await tlsOutcome(given, await portOf('postfix', given))).toBe(expected)
  })
})

// It offers STARTTLS always.
describe('Exim', () => {
  test.each(tlsCases.filter(([, { shows }]) => shows !== undefined))('%s', async (_, given, expected) => {
    expect(await tlsOutcome(given, await portOf('exim', given))).toBe(expected)
  })
})
